"""Which pictures of a set are one picture: saved anew, resized, mirrored, turned, slightly cropped.

Equal files and equal pixels are put together first. Of what is left, pairs with like low
frequencies are laid over each other, and are copies where their fine detail agrees.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.cluster.hierarchy import DisjointSet

from helpers.cache import cached
from helpers.datasets import image_files
from helpers.datasets.errors import DatasetError
from helpers.datasets.pixels import DECODING, each
from helpers.datasets.screening import spectra
from helpers.datasets.screening.alignment import agreement, aligned
from helpers.datasets.screening.candidates import Candidates, candidates

SIDE = 64  # pixels; in smaller pictures two chests, or two slices of a head, look the same
# Measured on skin, knees, scans of 64 pixels and chest films of 28: copies agree by 0.94 and more,
# different pictures by less than 0.92. JPEG of quality 50 leaves less of a picture of 28 pixels,
# 0.8, but then the low frequencies are as good as equal, which those of no others are.
AGREEMENT = 0.93
EQUAL_LIKENESS, EQUAL_AGREEMENT = 0.997, 0.7
ROUGH_AGREEMENT = 0.6  # at half the size, where most pairs are ruled out at a quarter of the work
BATCH = 128  # pairs in memory at a time

CODE = (  # what decides the answer
    *DECODING,
    *(f"datasets.screening.{n}" for n in ("alignment", "candidates", "copies", "spectra")),
)


class Screened(NamedTuple):
    """What was found of each picture of some files, in their order."""

    clusters: np.ndarray  # int64 (N,): copies of each other have one number
    brightest: np.ndarray  # float64 (N,): the brightest pixel, 1 for white


def screened(files: Sequence[Path], digests: Sequence[str]) -> Screened:
    """Decode each picture once and look for copies.

    Args:
        files: the images, of all splits that are to be compared.
        digests: SHA-256 of each. By them the answer is kept on disk, and found the next time.

    Raises:
        DatasetError: one or more images cannot be used; all that cannot are counted.
    """
    different, first, of_digest = np.unique(digests, return_index=True, return_inverse=True)
    shape = (2, len(different))

    def rows() -> Iterator[np.ndarray]:
        try:
            yield from _screened([files[i] for i in first])
        except DatasetError:
            for _ in each(image_files.read, files, "decoding"):  # also names copies of the broken
                pass
            raise

    found = cached("copies", CODE, [different.tolist()], shape, "<f8", rows)[:, of_digest]
    return Screened(found[0].astype(np.int64), found[1])


def clusters(files: Sequence[Path], digests: Sequence[str]) -> np.ndarray:
    """The clusters of `screened`, int64 (N,): copies of each other have one number."""
    return screened(files, digests).clusters


def alike(files: Sequence[Path]) -> list[str | None]:
    """The same for files that are not hashed yet: a name for each that has copies, else None."""
    contents = each(image_files.content, files, "reading")
    numbers = clusters(files, [hashlib.sha256(data).hexdigest() for data in contents])
    several = np.bincount(numbers)[numbers] > 1
    return [f"copies {n}" if more else None for n, more in zip(numbers, several, strict=True)]


def _screened(files: Sequence[Path]) -> Iterator[np.ndarray]:
    """The rows of `Screened`, of files that all differ."""
    pool = bytearray()  # of different pictures; a list of arrays would be copied to be stacked
    numbers: dict[bytes, int] = {}
    of_file: list[int] = []
    brightest: list[float] = []
    for picture, brightness in each(_small, files, "looking for copies"):
        known = len(numbers)
        of_file.append(numbers.setdefault(hashlib.sha256(picture).digest(), known))
        brightest.append(brightness)
        if len(numbers) > known:
            pool += picture[: SIDE * SIDE]
    pictures = np.frombuffer(pool, np.uint8).reshape(-1, SIDE, SIDE)
    yield _united(pictures)[of_file].astype("<f8")
    yield np.array(brightest, "<f8")


def _small(file: Path) -> tuple[bytes, float]:
    """SIDE * SIDE bytes spread over the full range, then that range; and the brightest pixel."""
    picture = image_files.read(file)
    small = image_files.resize(picture, SIDE)
    low, high = small.min(), small.max()
    spread = np.rint((small - low) / (high - low if high > low else 1) * 255).astype(np.uint8)
    return spread.tobytes() + low.tobytes() + high.tobytes(), float(picture.max())


def _united(pictures: np.ndarray) -> np.ndarray:
    """The cluster of each of these pictures, all different."""
    union = DisjointSet(range(len(pictures)))
    searched = np.arange(len(pictures))
    # A picture has few neighbours, so many copies may fall into several clusters at first; one
    # picture of each that grew is searched for again, until none grows.
    while len(searched) > 1:
        _unite(union, pictures, searched, candidates(pictures[searched]))
        roots = np.array([union[i] for i in searched])
        names, counts = np.unique(roots, return_counts=True)
        searched = names[counts > 1]
    return np.unique([union[i] for i in range(len(pictures))], return_inverse=True)[1]


def _unite(union: DisjointSet, pictures: np.ndarray, searched: np.ndarray, of: Candidates) -> None:
    """Join the pairs that are copies; where that is known by way of others, nothing is compared."""
    for at in range(0, len(of.whole), BATCH):
        pairs = [
            i
            for i in range(at, min(at + BATCH, len(of.whole)))
            if not union.connected(searched[of.whole[i]], searched[of.part[i]])
        ]
        whole = _unit(pictures[searched[of.whole[pairs]]])
        parts = zip(pictures[searched[of.part[pairs]]], of.turn[pairs], strict=True)
        part = _unit(np.array([spectra.turned(*one) for one in parts]).reshape(whole.shape))
        small, smaller = _halved(whole), _halved(part)
        windows = aligned(small, smaller, of.window[pairs], steps=6)
        left = np.flatnonzero(agreement(small, smaller, windows) > ROUGH_AGREEMENT)
        chosen = np.array(pairs, np.int64)[left]
        whole, part = whole[left], part[left]
        found = agreement(whole, part, aligned(whole, part, windows[left], steps=3))
        in_place = (of.window[chosen] == spectra.WINDOWS[0]).all(1)
        equal = in_place & (of.likeness[chosen] > EQUAL_LIKENESS) & (found > EQUAL_AGREEMENT)
        for i in chosen[equal | (found > AGREEMENT)]:
            union.merge(searched[of.whole[i]], searched[of.part[i]])


def _unit(pictures: np.ndarray) -> np.ndarray:
    return pictures.astype(np.float32) / np.float32(255)


def _halved(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), SIDE // 2, 2, SIDE // 2, 2).mean((2, 4))
