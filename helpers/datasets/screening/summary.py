"""What there is to say of an image set before it is handed out, as text for a terminal."""

import textwrap
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from helpers.datasets.checks import found, held_out, load_pair
from helpers.datasets.errors import DatasetWarning, shortened
from helpers.datasets.image_files import read
from helpers.datasets.image_set import ImageSet
from helpers.datasets.screening.pairs import match, pairs
from helpers.datasets.screening.simple import (
    PLACES,
    Predictor,
    file_kinds,
    mean_borders,
    predictors,
)
from helpers.settings import quoted

WIDTH = 79  # columns of the text
LABEL = 11  # of them those before what is said


@dataclass(frozen=True)
class Check:
    """An image set as it was read, and what was found.

    `str(check)` is the whole of it, in lines of at most 79 columns where no name is longer.

    Attributes:
        splits: train, validation and, where there is one, test.
        warned: what loading them warned of: copies, patients, files that were not read.
        predictors: how well each simple thing predicts the class.
        copies: pairs of files that show one picture, see `pairs.pairs`.
        borders: the mean border of each class, see `simple.mean_borders`; empty where corners and
            edges do not predict the class.
    """

    splits: tuple[ImageSet, ...]
    warned: tuple[str, ...]
    predictors: tuple[Predictor, ...]
    copies: tuple[tuple[Path, Path], ...] = field(repr=False)
    borders: Mapping[str, np.ndarray] = field(repr=False)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Everything that speaks against the set, a sentence each."""
        return (*self.warned, *(str(one) for one in self.predictors if one.found))

    def side_by_side(self, most: int) -> list[tuple[np.ndarray, np.ndarray, str, str]]:
        """The first copies: both pictures, and for each a name and how it matches.

        Raises:
            ImageError: one of them cannot be read.
        """
        root = self.splits[0].root
        shown = []
        for one, other in self.copies[:most]:
            first, second = (file.relative_to(root).as_posix() for file in (one, other))
            second += f"\n{match(one, other)}"
            shown.append((read(one, 3), read(other, 3), first, second))
        return shown

    def __str__(self) -> str:
        train = self.splits[0]
        facts = [
            ("read as", f"{train.name}, {'demo' if train.demo else 'own'} images"),
            ("layout", train.layout),
            ("positive", _positive(train)),
            *((split.split, _counts(split)) for split in self.splits),
            ("sizes", _sizes(self.splits)),
            ("files", _files(self.splits)),
            ("groups", _groups(self.splits)),
        ]
        lines = [quoted(train.root)]
        lines += [line for label, text in facts for line in _wrapped(text, f"  {label}")]
        lines += ["", "Is the class predicted, in validation, by something simple alone?"]
        lines += [f"  {one.kind:<14}{one.figure}{'  <' * one.found}" for one in self.predictors]
        if not self.doubts:
            return "\n".join([*lines, "", "Nothing was found that speaks against these images."])
        lines += ["", f"To be looked at, {len(self.doubts)} in all:"]
        for number, doubt in enumerate(self.doubts, 1):
            lines += _wrapped(doubt, f"{number:3}.", 5)
        return "\n".join(lines)


def check(name: str) -> Check:
    """Read an image set as a notebook would, and look for what makes its metrics wrong.

    Args:
        name: skin, bone or xray.

    Raises:
        DatasetError: it cannot be read.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DatasetWarning)
        train, validation = load_pair(name)
        test, _ = held_out(name)  # `load_pair` says why where it cannot be read
    for other in caught:
        if not issubclass(other.category, DatasetWarning):
            warnings.warn_explicit(other.message, other.category, other.filename, other.lineno)
    ours = [str(one.message) for one in caught if issubclass(one.category, DatasetWarning)]
    found = predictors(train, validation)
    at_border = any(one.found and one.kind in PLACES for one in found)
    return Check(
        splits=(train, validation, *test),
        warned=tuple(dict.fromkeys(ours)),
        predictors=tuple(found),
        copies=tuple(pairs((train, validation, *test))),
        borders=mean_borders(train) if at_border else {},
    )


def summary(train: ImageSet, validation: ImageSet) -> str:
    """A set in a few lines, for the first cell of a notebook; `check` says more, and takes longer.

    Args:
        train: as `load_pair` gives it.
        validation: the same.

    Raises:
        DatasetError: images cannot be used.
    """
    lines = [
        f"{train.name}, {'demo' if train.demo else 'own'} images: {train.layout}",
        f"{train.sizes}; {validation.sizes}",
        f"positive class: {_positive(train)}",
    ]
    if not train.demo:
        lines.append(f"found: {found(train, validation).line or 'nothing'}")
    return "\n".join(lines)


def _positive(images: ImageSet) -> str:
    if images.positive is not None:
        return images.positive
    if len(images.classes) > 2:
        return f"none, since there are {len(images.classes)} classes"
    return "the names of the classes do not say; give it: LAB_POSITIVE=<class>"


def _counts(images: ImageSet) -> str:
    return f"{len(images.files)}: {images.sizes.partition(' ')[2]}"


def _sizes(splits: Sequence[ImageSet]) -> str:
    """The range of the images' sizes."""
    kinds = [kind for images in splits for kind in file_kinds(images)]
    low, high = (
        f"{of(kind.width for kind in kinds)} x {of(kind.height for kind in kinds)}"
        for of in (min, max)
    )
    return f"{low} pixels, all" if low == high else f"{low} to {high} pixels, width x height"


def _files(splits: Sequence[ImageSet]) -> str:
    """How many files there are of each kind."""
    kinds = Counter(
        f"{kind.format} ({kind.bits} bits, {'grey' if kind.channels == 1 else 'colour'})"
        for images in splits
        for kind in file_kinds(images)
    )
    return shortened(f"{count} {kind}" for kind, count in kinds.most_common())


def _groups(splits: Sequence[ImageSet]) -> str:
    groups = {group for images in splits for group in images.groups or ()}
    if groups:
        return f"{len(groups)} patients or lesions are known"
    return "which pictures are of one patient is not known; see LAB_GROUPS"


def _wrapped(text: str, label: str, column: int = 2 + LABEL) -> list[str]:
    """A text in lines that begin at a column, the first of them with a label."""
    # Names and paths are not broken, so that they can be copied.
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"{label:<{column}}",
        subsequent_indent=" " * column,
        break_long_words=False,
        break_on_hyphens=False,
    )
