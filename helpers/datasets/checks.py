"""Whether the splits of a set can be trusted together: load them, and warn of what speaks against.

What is found between them is `screening`'s; here it becomes warnings.
"""

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from helpers.datasets import screening
from helpers.datasets.errors import DatasetError, DatasetWarning
from helpers.datasets.image_set import Classes, ImageSet, has_test, is_demo, list_pair, load
from helpers.datasets.screening import kinds
from helpers.datasets.screening.copies import screened
from helpers.datasets.screening.pairs import pairs
from helpers.datasets.screening.simple import file_kinds
from helpers.settings import quoted

UNBALANCED = 1.5  # largest class over smallest: above it, accuracy alone misleads


def load_pair(name: str, classes: Classes | None = None) -> tuple[ImageSet, ImageSet]:
    """Train and validation of a set, checked; the rest is as in `list_pair`.

    A held-out test split, where there is one, is compared with both.

    Raises:
        DatasetError: also where images of any split cannot be used.

    Warns:
        DatasetWarning: the same picture or patient is in two splits, a picture is there several
            times or under two classes, the classes are unbalanced or differ by their files alone,
            or pictures are nearly black. A warning for each of these.
    """
    train, validation = sets = list_pair(name, classes)
    sentences = [*_unknown_positive(train), *_unbalanced(sets)]
    if not train.demo:
        test, why_not = held_out(name, classes)
        if why_not:
            sentences.append(f"test/ is not compared with train and validation: {why_not}")
        splits = [train, validation, *test]
        sentences = [*screening.findings(*splits).sentences, *sentences, *_files(splits)]
    for sentence in sentences:
        warnings.warn(f"{quoted(train.root)}: {sentence}", DatasetWarning, stacklevel=2)
    return sets


def findings(name: str, classes: Classes | None = None) -> str:
    """What the splits of a set share, as `load_pair` found it, in one line for a table.

    Returns:
        Such as '12 of 76 validation pictures are in train'; '' where nothing was found.

    Raises:
        DatasetError: as `load_pair`.
    """
    return "" if is_demo(name) else found(*list_pair(name, classes), classes).line


def found(
    train: ImageSet, validation: ImageSet, classes: Classes | None = None
) -> screening.Findings:
    """The same in full, of splits that are listed already."""
    return screening.findings(train, validation, *held_out(train.name, classes)[0])


def duplicates(one: ImageSet, other: ImageSet) -> list[tuple[Path, Path]]:
    """Files of the one with a copy of each in the other, see `screening.pairs`."""
    new = {*other.files}
    return [pair for pair in pairs((one, other)) if pair[0] not in new and pair[1] in new]


def held_out(name: str, classes: Classes | None = None) -> tuple[list[ImageSet], str]:
    """The test split beside the one to validate on, where there is one that can be read.

    Returns:
        That split or none, and why it cannot be read, such as for want of classes; else ''.
    """
    try:
        return ([load(name, "test", classes)] if has_test(name) else []), ""
    except DatasetError as error:
        return [], str(error)


def _unknown_positive(train: ImageSet) -> Iterator[str]:
    if len(train.classes) == 2 and train.positive is None:
        first, second = train.classes
        yield (
            f"whether {first!r} or {second!r} means disease is not said by their names, so neither "
            "is called positive, and tables give the recall of each; to settle it: "
            f"LAB_POSITIVE={second!r}, or {first!r}"
        )


def _unbalanced(sets: tuple[ImageSet, ImageSet]) -> Iterator[str]:
    counts = [one.counts().values() for one in sets]
    if any(max(numbers) > UNBALANCED * min(numbers) for numbers in counts):
        yield (
            "the classes are unbalanced, so judge by how well each is found, not by accuracy "
            f"alone: {'; '.join(one.sizes for one in sets)}"
        )


def _files(splits: list[ImageSet]) -> Iterator[str]:
    """What is said of the files and the brightness of train, by which a network would learn."""
    train = splits[0]
    described = np.fromiter(file_kinds(train), object)
    # All splits, since their pictures were looked at together, and are not looked at again.
    files = [file for one in splits for file in one.files]
    digests = [digest for one in splits for digest in one.digests]
    brightest = screened(files, digests).brightest[: len(train.files)]
    of_class = {name: train.labels == label for label, name in enumerate(train.classes)}
    yield from kinds.dark({name: brightest[of] for name, of in of_class.items()})
    yield from kinds.differences({name: list(described[of]) for name, of in of_class.items()})
