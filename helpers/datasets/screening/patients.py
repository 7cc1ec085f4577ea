"""Patients, or lesions, with pictures in two splits: as they are known, or as names suggest."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helpers.datasets.image_set import ImageSet

# Patterns for LAB_GROUPS, which is searched for in paths such as train/Mel/person012_03.png; what
# is in brackets is the patient.
WORD = re.compile(
    r"(?<![a-z])(patient|person|subject|subj|sub|pat|case|lesion)(?=[-_ ]?\d+[^/]*$)", re.IGNORECASE
)
PERSON = r"(?i).*?({words}[-_ ]?\d+)[^/]*$"  # person012_03.png, by the words that there are
SIDE = r"(?i)(?:.*/)?([^/]*\d)[-_ ]?(?:l|r|left|right)\.[^/.]+$"  # 9003175L.png, 10_left.jpeg
VIEW = r"(?i)(?:.*/)?([^/]*\d[^/]*?)[-_ ](?:[a-z]|\d{1,2})\.[^/.]+$"  # 0017_b.png
DATE = re.compile(r"\d{4}[-_]\d\d")  # 2019-03 of 2019-03-12.png is no patient
REST = r"|(.+)"  # each of the other files is a patient of its own
EACH = r"(.+)"

# A number with something behind it may have other reasons; it is taken for a patient where most
# names are so, for many numbers with few pictures each.
LEAST_SHARE, LEAST_PATIENTS, MOST_PICTURES = 0.5, 5, 20

Shared = dict[str, tuple[list[Path], list[Path]]]  # patient: the pictures in either split


def known(one: ImageSet, other: ImageSet) -> Shared:
    """The patients or lesions with pictures in both splits, by `ImageSet.groups`."""
    if one.groups is None or other.groups is None:
        return {}
    return _in_both(_by_patient(one, one.groups), _by_patient(other, other.groups))


def guessed(one: ImageSet, other: ImageSet) -> tuple[Shared, str]:
    """Those that file names suggest, where `ImageSet.groups` does not know.

    Names that both splits have are left out: they come of counting, or are found by `stems`.

    Returns:
        The patients, and a pattern for LAB_GROUPS by which they would be known; none and '' where
        names suggest nothing.
    """
    if one.groups is not None or other.groups is not None:
        return {}, ""
    for pattern in (*_by_word(one, other), SIDE, VIEW):
        names = [_matched(images, pattern) for images in (one, other)]
        every = names[0] + names[1]
        counts = Counter(name for name in every if name is not None)
        many = len(counts) >= LEAST_PATIENTS and counts.total() >= LEAST_SHARE * len(every)
        if pattern in (SIDE, VIEW) and not (many and median(counts.values()) <= MOST_PICTURES):
            continue
        both = _in_both(_by_patient(one, names[0]), _by_patient(other, names[1]))
        both = {
            patient: of
            for patient, of in both.items()
            if not {file.stem for file in of[0]} & {file.stem for file in of[1]}
        }
        if both:
            return both, pattern + (REST if None in every else "")
    return {}, ""


def _by_word(*splits: ImageSet) -> list[str]:
    """The pattern of the words for a patient that the file names hold, where there are any."""
    names = (file.name for images in splits for file in images.files)
    words = sorted({found[1].lower() for name in names if (found := WORD.search(name))})
    either = words[0] if len(words) == 1 else f"(?:{'|'.join(words)})"
    return [PERSON.format(words=either)] if words else []


def _matched(images: ImageSet, pattern: str) -> list[str | None]:
    """The patient of each file by a pattern; a class such as C1 in C1_01.png is none."""
    classes = {name.lower() for name in images.classes}
    found = (re.search(pattern, at.relative_to(images.root).as_posix()) for at in images.files)
    names = [of[1] if of else None for of in found]
    return [None if n and (n.lower() in classes or DATE.fullmatch(n)) else n for n in names]


def _by_patient(
    images: ImageSet, patients: tuple[str, ...] | list[str | None]
) -> dict[str, list[Path]]:
    pictures: dict[str, list[Path]] = {}
    for file, patient in zip(images.files, patients, strict=True):
        if patient is not None:
            pictures.setdefault(patient, []).append(file)
    return pictures


def _in_both(one: dict[str, list[Path]], other: dict[str, list[Path]]) -> Shared:
    return {
        patient: (one[patient], other[patient]) for patient in sorted(one.keys() & other.keys())
    }
