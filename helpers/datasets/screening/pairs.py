"""Copies as pairs of files, to be looked at side by side, and how the two of a pair match."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from helpers.datasets import image_files
from helpers.datasets.image_set import ImageSet
from helpers.datasets.screening import spectra
from helpers.datasets.screening.copies import clusters

SIDE = 64  # pixels, enough to see which way a picture is turned


def pairs(splits: Sequence[ImageSet]) -> list[tuple[Path, Path]]:
    """Of each picture that there are several of the first file, with each of the others.

    Pairs across splits come first, and of these one of each picture. Demo images have none and
    are not searched.

    Args:
        splits: of one set.

    Raises:
        DatasetError: images cannot be used.
    """
    if splits[0].demo:
        return []
    files = [file for images in splits for file in images.files]
    digests = [digest for images in splits for digest in images.digests]
    split_of = [images.split for images in splits for _ in images.files]
    copies: dict[int, list[int]] = {}
    for i, number in enumerate(clusters(files, digests).tolist()):
        copies.setdefault(number, []).append(i)
    found = []
    for first, *others in copies.values():
        kinds = sorted((split_of[first] == split_of[other], other) for other in others)
        # By rank, so that a picture that is there a thousand times hides no other one.
        found += [(same, rank, first, other) for rank, (same, other) in enumerate(kinds)]
    return [(files[first], files[other]) for _, _, first, other in sorted(found)]


def match(one: Path, other: Path) -> str:
    """In a few words how two files that are copies match: 'mirrored'.

    Raises:
        ImageError: one of them cannot be read.
    """
    if image_files.content(one) == image_files.content(other):
        return "the same file"
    first, second = image_files.read(one), image_files.read(other)
    if np.array_equal(first, second):
        return "the same pixels"
    small = np.stack([image_files.resize(picture, SIDE)[..., 0] for picture in (first, second)])
    whole = spectra.spectra(small)[:, 0]  # the first window is all of a picture
    turn = int(spectra.best_turns(whole[:1], whole[1:])[0][0])
    if turn.bit_count() % 2:
        return "mirrored"
    return "turned" if turn else "saved anew, resized or cropped"
