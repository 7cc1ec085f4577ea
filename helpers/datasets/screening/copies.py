"""Which pictures of a set are one picture: saved anew, resized, mirrored, turned, slightly cropped.

Equal files and equal pixels are put together first. Of what is left, pairs with like low
frequencies are compared, see `comparison`.
"""

import functools
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.cluster.hierarchy import DisjointSet

from helpers.cache import cached
from helpers.datasets import image_files
from helpers.datasets.errors import DatasetError
from helpers.datasets.pixels import DECODING, each
from helpers.datasets.screening.candidates import Candidates, candidates
from helpers.datasets.screening.comparison import LARGE, SIDE, Larger, are_copies

BATCH = 128  # pairs in memory at a time

PARTS = ("alignment", "candidates", "comparison", "copies", "spectra")
CODE = (  # what decides the answer
    *DECODING,
    *(f"datasets.screening.{n}" for n in PARTS),
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
    sources: list[Path] = []  # a file of each
    numbers: dict[bytes, int] = {}
    of_file: list[int] = []
    brightest: list[float] = []
    small = each(_small, files, "looking for copies")
    for file, (pixels, extent, brightness) in zip(files, small, strict=True):
        key = hashlib.sha256(pixels + extent).digest()
        of_file.append(numbers.setdefault(key, len(sources)))
        brightest.append(brightness)
        if of_file[-1] == len(sources):
            sources.append(file)
            pool += pixels
    pictures = np.frombuffer(pool, np.uint8).reshape(-1, SIDE, SIDE)

    @functools.lru_cache(maxsize=BATCH)
    def larger(number: int) -> np.ndarray | None:
        picture = image_files.read(sources[number])
        return (
            _spread(image_files.resize(picture, LARGE)) if min(picture.shape[:2]) >= LARGE else None
        )

    yield _united(pictures, larger)[of_file].astype("<f8")
    yield np.array(brightest, "<f8")


def _small(file: Path) -> tuple[bytes, bytes, float]:
    """The pixels of a small picture, spread; their extent; the brightest pixel of the large one."""
    picture = image_files.read(file)
    small = image_files.resize(picture, SIDE)
    extent = small.min().tobytes() + small.max().tobytes()
    return _spread(small).tobytes(), extent, float(picture.max())


def _spread(picture: np.ndarray) -> np.ndarray:
    """uint8 (H, W) over the full range, black where the picture is flat, of float (H, W, 1)."""
    low, high = picture.min(), picture.max()
    values = (picture[..., 0] - low) / (high - low if high > low else 1)
    return np.rint(values * 255).astype(np.uint8)


def _united(pictures: np.ndarray, larger: Larger) -> np.ndarray:
    """The cluster of each of these pictures, all different."""
    union = DisjointSet(range(len(pictures)))
    searched = np.arange(len(pictures))
    # A picture has few neighbours, so many copies may fall into several clusters at first; one
    # picture of each that grew is searched for again, until none grows.
    while len(searched) > 1:
        found = candidates(pictures[searched])
        pairs = replace(found, whole=searched[found.whole], part=searched[found.part])
        for at in range(0, len(pairs.whole), BATCH):
            _unite(union, pictures, larger, pairs.taken(slice(at, at + BATCH)))
        roots = np.array([union[i] for i in searched])
        names, counts = np.unique(roots, return_counts=True)
        searched = names[counts > 1]
    return np.unique([union[i] for i in range(len(pictures))], return_inverse=True)[1]


def _unite(union: DisjointSet, pictures: np.ndarray, larger: Larger, pairs: Candidates) -> None:
    """Join the pairs that are copies; where that is known by way of others, nothing is compared."""
    both = zip(pairs.whole, pairs.part, strict=True)
    pairs = pairs.taken(np.flatnonzero([not union.connected(*pair) for pair in both]))
    same = are_copies(pictures, larger, pairs)
    for whole, part in zip(pairs.whole[same], pairs.part[same], strict=True):
        union.merge(whole, part)
