"""What a set's splits share, and what lies twice within one, in sentences and as a table.

A picture, or a patient, in train and in validation makes validation measure memory.
"""

from __future__ import annotations

import csv
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from helpers import settings
from helpers.cache import FileError, fingerprint, replaced
from helpers.datasets.errors import shortened
from helpers.datasets.screening import copy_findings, patients, stems
from helpers.datasets.screening.copies import clusters
from helpers.datasets.screening.copy_findings import Finding, Row, are, relative
from helpers.settings import quoted

if TYPE_CHECKING:
    from helpers.datasets.image_set import ImageSet

_kept: dict[tuple[object, ...], Findings] = {}  # by what they depend on


@dataclass(frozen=True)
class Findings:
    """What was found between and within the splits of a set.

    Attributes:
        sentences: one for each matter, always in the same order; each says what would be right.
        line: the same in a few words: '12 of 76 validation pictures are in train'; '' for nothing.
        table: the file that lists everything; None for nothing, or where it cannot be written.
    """

    sentences: tuple[str, ...] = ()
    line: str = ""
    table: Path | None = None


def findings(train: ImageSet, validation: ImageSet, test: ImageSet | None = None) -> Findings:
    """Look for the same picture, file name and patient in the splits of one set.

    What is found is kept in memory, and the copies on disk as well. Demo images, which are drawn
    one by one, are not searched.

    Raises:
        DatasetError: images cannot be used; those of all splits are named in one message.
    """
    if train.demo:
        return Findings()
    sets = [one for one in (train, validation, test) if one is not None]
    build = settings.current().build
    key = (build, *map(_identity, sets))
    if key not in _kept:
        _kept[key] = _found(sets, build)
    return _kept[key]


def _identity(images: ImageSet) -> tuple[object, ...]:
    """What of a split its findings depend on."""
    return images.root, images.files, images.labels.tobytes(), images.digests, images.groups


def _found(sets: list[ImageSet], build: Path) -> Findings:
    files = [file for one in sets for file in one.files]
    numbers = clusters(files, [digest for one in sets for digest in one.digests])
    of_split = np.split(numbers, np.cumsum([len(one.files) for one in sets])[:-1])
    named = list(zip(sets, of_split, strict=True))
    found: list[Finding | None] = []
    for (one, ours), (other, theirs) in itertools.combinations(named, 2):
        found.append(copy_findings.across(one, ours, other, theirs))
    for one, ours in named:
        found += [copy_findings.two_classes(one, ours), copy_findings.repeated(one, ours)]
    number_of = dict(zip(files, numbers.tolist(), strict=True))
    for one, other in itertools.combinations(sets, 2):
        pairs = stems.shared(one, other)
        pairs = [pair for pair in pairs if number_of[pair[0]] != number_of[pair[1]]]
        found += [_same_names(one, other, pairs), _same_patients(one, other)]
    there = [one for one in found if one]
    if not there:
        return Findings()
    table, where = _written(sets, [row for one in there for row in one.rows], build)
    sentences = tuple(f"{one.sentence}; {where}" for one in there)
    return Findings(sentences, "; ".join(one.words for one in there), table)


def _same_names(one: ImageSet, other: ImageSet, pairs: list[tuple[Path, Path]]) -> Finding | None:
    if not pairs:
        return None
    counted = f"{len(pairs)} file name{'s' * (len(pairs) > 1)} {are(len(pairs))}"
    both = f"in {one.split} and in {other.split}"
    named = (f"{relative(other, b)} and {relative(one, a)}" for a, b in pairs)
    rows = [(f"same name {both}", a.stem, file) for a, b in pairs for file in (a, b)]
    return Finding(
        f"{counted} {both} and no plain counter{'s' * (len(pairs) > 1)}, so these may be one "
        "picture or one patient; look at them, and keep them in one split or rename them: "
        f"{shortened(named)}",
        f"{counted} {both}",
        tuple(rows),
    )


def _same_patients(one: ImageSet, other: ImageSet) -> Finding | None:
    shared, pattern = patients.known(one, other), ""
    if not shared:
        shared, pattern = patients.guessed(one, other)
    if not shared:
        return None
    counted = f"{len(shared)} patient{'s' * (len(shared) > 1)} or lesion{'s' * (len(shared) > 1)}"
    both = f"in {one.split} and in {other.split}"
    named = (
        f"{patient!r} ({relative(one, ours[0])}, {relative(other, theirs[0])})"
        for patient, (ours, theirs) in shared.items()
    )
    matter = f"same patient{', by its name,' * bool(pattern)} {both}"
    rows = [(matter, who, file) for who, of in shared.items() for file in (*of[0], *of[1])]
    if not pattern:
        return Finding(
            f"{counted} {are(len(shared))} {both}, so {other.split} measures in part how well "
            f"patients are remembered; keep each in one split: {shortened(named)}",
            f"{counted} {are(len(shared))} {both}",
            tuple(rows),
        )
    return Finding(
        f"by their file names {counted} may be {both}; this is a guess, and nothing is made of it: "
        f"{shortened(named)}; if it is right, keep each in one split, or give class folders "
        f"without splits and LAB_GROUPS='{pattern}' to have them split by patient; if not, "
        f"LAB_GROUPS='{patients.EACH}' says that each picture is of another",
        f"{counted} may be {both}",
        tuple(rows),
    )


def _written(sets: list[ImageSet], rows: list[Row], build: Path) -> tuple[Path | None, str]:
    """Write the table; its path, or None, and where to find it, in words."""
    key = fingerprint([one.fingerprint for one in sets])
    table = build / "screening" / f"{sets[0].name}_{key}.csv"
    place = {file: one for one in sets for file in one.files}
    try:
        with (
            replaced(table, "LAB_BUILD") as part,
            part.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file,
        ):
            writer = csv.writer(file)
            writer.writerow(["matter", "picture or patient", "split", "file"])
            for matter, which, image in rows:
                split = place[image]
                writer.writerow(
                    [matter, which, split.split, image.relative_to(split.root).as_posix()]
                )
    except FileError as error:
        return None, f"the whole list is not kept: {error}"
    return table, f"the whole list is in {quoted(table)}"
