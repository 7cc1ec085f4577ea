"""What copies mean for a set: pictures in two splits, under two classes, or there several times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from helpers.datasets.errors import shortened
from helpers.settings import quoted

if TYPE_CHECKING:
    from helpers.datasets.image_set import ImageSet

Row = tuple[str, str, Path]  # what is the matter, the picture or patient that it is about, the file
HOW = "as it is or saved anew, resized, mirrored, turned or cropped"


@dataclass(frozen=True)
class Finding:
    """One matter.

    Attributes:
        sentence: for a warning, with what would be right.
        words: the same for a line in a table.
        rows: every file that it is about, for the whole list.
    """

    sentence: str
    words: str
    rows: tuple[Row, ...]


def across(one: ImageSet, ours: np.ndarray, other: ImageSet, theirs: np.ndarray) -> Finding | None:
    """Say which pictures of the other split are in the one.

    Args:
        one: the earlier split, such as train.
        ours: int64 (N,), its `copies.clusters`, numbered over both splits.
        other: the later one.
        theirs: its clusters.

    Returns:
        How many pictures of the other split, and how many of them have another class in the one;
        None where there are none.
    """
    places = _by_number(ours)
    shared = {n: (places[n], of) for n, of in _by_number(theirs).items() if n in places}
    if not shared:
        return None
    count = sum(len(of) for _, of in shared.values())
    counted = f"{count} of {len(theirs)} {other.split} pictures {are(count)}"
    elsewhere = sum(
        int((one.labels[there] != other.labels[i]).any())
        for there, of in shared.values()
        for i in of
    )
    under = f", {elsewhere} of them under another class" if elsewhere else ""
    named = (
        f"{_name(other, of[0])}{f' and {len(of) - 1} more' if len(of) > 1 else ''} "
        f"{are(len(of))} {_name(one, _like(one, there, other, of[0]))}"
        for there, of in shared.values()
    )
    matter = f"in {one.split} and {other.split}"
    rows = [*_rows(matter, one, ours, shared), *_rows(matter, other, theirs, shared)]
    return Finding(
        f"{counted} also in {one.split}{under}, {HOW}, which makes every {other.split} metric "
        f"wrong; remove them from one of the two: {shortened(named)}",
        f"{counted} in {one.split}{under}",
        tuple(rows),
    )


def two_classes(one: ImageSet, numbers: np.ndarray) -> Finding | None:
    """Say which pictures of a split, with these clusters, lie under more than one class."""
    several = [of for of in _by_number(numbers).values() if len({*one.labels[of].tolist()}) > 1]
    if not several:
        return None
    counted = f"{len(several)} picture{'s' * (len(several) > 1)} of {one.split}"
    firsts = (
        [next(i for i in of if one.labels[i] == k) for k in {*one.labels[of]}] for of in several
    )
    named = (" is ".join(_name(one, i) for i in sorted(of)) for of in firsts)
    rows = _rows(f"two classes in {one.split}", one, numbers, {numbers[of[0]] for of in several})
    return Finding(
        f"{counted} {are(len(several))} there under two classes, {HOW}, so that one label is "
        f"wrong; keep the right one: {shortened(named)}",
        f"{counted} under two classes",
        tuple(rows),
    )


def repeated(one: ImageSet, numbers: np.ndarray) -> Finding | None:
    """Say how many pictures of a split differ, where one is several times in one class."""
    counts: dict[tuple[int, int], list[int]] = {}
    for i, of in enumerate(zip(numbers.tolist(), one.labels.tolist(), strict=True)):
        counts.setdefault(of, []).append(i)
    several = {of: files for of, files in counts.items() if len(files) > 1}
    if not several:
        return None
    distinct = f"only {len(counts)} of {len(numbers)} {one.split} pictures are different"
    named = (f"{_name(one, files[0])} {len(files)} times" for files in several.values())
    rows = _rows(f"repeated in {one.split}", one, numbers, {number for number, _ in several})
    return Finding(
        f"{distinct}, the others are there again in the same class, {HOW}, and count as often; "
        f"remove them: {shortened(named)}",
        distinct,
        tuple(rows),
    )


def _by_number(numbers: np.ndarray) -> dict[int, list[int]]:
    places: dict[int, list[int]] = {}
    for i, number in enumerate(numbers.tolist()):
        places.setdefault(number, []).append(i)
    return places


def _like(one: ImageSet, of: list[int], other: ImageSet, i: int) -> int:
    """Of some copies one that has the other picture's class, where there is one."""
    return next((k for k in of if one.labels[k] == other.labels[i]), of[0])


def _rows(
    matter: str, images: ImageSet, numbers: np.ndarray, wanted: Iterable[int]
) -> Iterable[Row]:
    chosen = np.flatnonzero(np.isin(numbers, list(wanted)))
    return ((matter, f"picture {numbers[i]}", images.files[i]) for i in chosen)


def relative(images: ImageSet, file: Path) -> str:
    """A file as messages name it: below the set's folder."""
    return quoted(file.relative_to(images.root))


def _name(images: ImageSet, i: int) -> str:
    return relative(images, images.files[i])


def are(count: int) -> str:
    """The verb for so many."""
    return "is" if count == 1 else "are"
