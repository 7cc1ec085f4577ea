"""File names that stand in two splits and are no plain counters, so that they may mean one thing.

`0.png` or `Mel_0001.png` in both of two folders says nothing: each was counted on its own. But
`scan_48213.png` in both is hardly chance.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from helpers.datasets.image_set import ImageSet

NUMBERED = re.compile(r"(.*\D|)(\d{1,9})(\D*)", re.DOTALL)  # the last number; a longer one is an id
LETTERS = 2  # so few in place of a number count as well: a, b, c
LEAST_CHANCE = 0.001  # that counters, each with gaps, have so many numbers in common
WITHIN = 4  # medians: a number beyond it is not of the same count as the others
LONG_COUNT = 5  # numbers that make a counter of C1_scan_1, where the rest of a name has digits too

Stem = tuple[str, str]  # its class, and the file's name without the ending


def shared(one: ImageSet, other: ImageSet) -> list[tuple[Path, Path]]:
    """Files of one class with one name, in either split, where that name is no plain counter.

    Numbers after equal text are plain counters where two splits that were numbered on their own,
    from 0 or 1 and perhaps with gaps, would have as many of them in common.

    Returns:
        Pairs of files, one of each split, by class and name.
    """
    first, second = _stems(one), _stems(other)
    telling = (first.keys() & second.keys()) - _counters(list(first), list(second))
    return [(first[stem], second[stem]) for stem in sorted(telling)]


def _stems(images: ImageSet) -> dict[Stem, Path]:
    names = (images.classes[label] for label in images.labels)
    return {(name, file.stem): file for name, file in zip(names, images.files, strict=True)}


def _counters(first: list[Stem], second: list[Stem]) -> set[Stem]:
    """Of the stems those that are no sign of anything, where they are in both."""
    from scipy.stats import hypergeom  # noqa: PLC0415 - slow to load

    plain = {stem for stem in first if stem[1].isalpha() and len(stem[1]) <= LETTERS}
    series, others = _series(first), _series(second)
    for text in series.keys() & others.keys():
        ours, theirs = series[text], others[text]
        within = WITHIN * (1 + max(np.median(list(ours)), np.median(list(theirs))))
        a, b = ({n for n in numbers if n < within} for numbers in (ours, theirs))
        if re.search(r"\d", "".join(text[1:])) and min(len(a), len(b)) < LONG_COUNT:
            continue
        common = a & b
        if common and hypergeom.sf(len(common) - 1, max(a | b) + 1, len(a), len(b)) > LEAST_CHANCE:
            plain |= {ours[number] for number in common}
    return plain


def _series(stems: list[Stem]) -> dict[tuple[str, str, str], dict[int, Stem]]:
    """By class and by the text around it the numbers of some stems."""
    series: dict[tuple[str, str, str], dict[int, Stem]] = {}
    for name, stem in stems:
        # In C10_0001, the class would make its number part of the text.
        rest = re.sub(rf"{re.escape(name)}(?=[-_ .])", "", stem, count=1)
        if found := NUMBERED.fullmatch(rest):
            series.setdefault((name, found[1], found[3]), {})[int(found[2])] = (name, stem)
    return series
