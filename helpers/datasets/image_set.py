"""The image sets of the lab: where they are, which classes they have, what identifies them.

A set is a list of files, identified by their content; it gives its images as an array, from which
`stream` makes shuffled batches.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from helpers import settings
from helpers.datasets import class_names, demo, folders, image_files, label_tables, phantoms
from helpers.datasets.errors import DatasetError
from helpers.datasets.pixels import decoded, each, unit_range
from helpers.datasets.positive import chosen_positive, positive_of
from helpers.datasets.screening import copies
from helpers.settings import quoted

KNOWN = phantoms.CLASSES  # those of the course, which demo images have too
Classes = Sequence[str] | Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, eq=False)
class ImageSet:
    """One split of one image set, its files listed and hashed but not decoded."""

    name: str  # skin, bone or xray
    split: str  # train, validation or test
    root: Path  # the folder that holds the set
    demo: bool  # True where demo images stand in for a student's own
    files: tuple[Path, ...] = field(repr=False)  # by class, then by name
    labels: np.ndarray = field(repr=False)  # int64 (N,), index into `classes`
    classes: tuple[str, ...]  # sorted by name
    positive: str | None  # of two classes the one whose detection is called sensitivity, if known
    groups: tuple[str, ...] | None = field(repr=False)  # patient or lesion of each, if known
    layout: str  # how the folder was read, in a few words
    digests: tuple[str, ...] = field(repr=False)  # SHA-256 of each file

    @property
    def fingerprint(self) -> str:
        """16 hex digits over class and content of every image, in order, for either layout."""
        whole = hashlib.sha256()
        for label, digest in zip(self.labels, self.digests, strict=True):
            name = self.classes[label].encode("utf-8", "surrogateescape")
            whole.update(len(name).to_bytes(4, "big") + name + bytes.fromhex(digest))
        return whole.hexdigest()[:16]

    def counts(self) -> dict[str, int]:
        """The number of images of each class."""
        numbers = np.bincount(self.labels, minlength=len(self.classes))
        return dict(zip(self.classes, numbers.tolist(), strict=True))

    @property
    def description(self) -> str:
        """One line for a table or a figure: 'skin, demo images: train 200 Mel + 200 Nev'."""
        return f"{self.name}, {'demo' if self.demo else 'own'} images: {self.sizes}"

    @property
    def sizes(self) -> str:
        """The split and its classes: 'train 200 Mel + 200 Nev'."""
        return f"{self.split} " + " + ".join(f"{n} {name}" for name, n in self.counts().items())

    def subset(self, per_class: int | None) -> ImageSet:
        """At most so many images of each class, evenly spaced in the order of names; None: all."""
        if per_class is None:
            return self
        if per_class < 1:
            raise ValueError(f"per_class is {per_class!r}; it must be at least 1")
        chosen: list[int] = []
        for label in range(len(self.classes)):
            of_class = np.flatnonzero(self.labels == label)
            places = np.linspace(0, len(of_class) - 1, min(per_class, len(of_class)))
            chosen.extend(of_class[places.round().astype(int)])
        labels = self.labels[chosen]
        labels.setflags(write=False)
        files = tuple(self.files[i] for i in chosen)
        digests = tuple(self.digests[i] for i in chosen)
        groups = self.groups and tuple(self.groups[i] for i in chosen)
        return replace(self, files=files, labels=labels, digests=digests, groups=groups)

    def pixels(self, size: int, channels: int = 1) -> np.ndarray:
        """The images, decoded and resized once, then kept on disk and mapped from there.

        Returns:
            uint16 (N, size, size, channels), 65535 for white; for `stream` and `unit_range`.

        Raises:
            DatasetError: one or more images cannot be used.

        Warns:
            CacheWarning: they cannot be kept, and why; they are then held in memory.
        """
        return decoded(self.files, self.fingerprint, size, channels)

    def arrays(self, size: int, channels: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """`pixels` as float32 (N, size, size, channels) in [0, 1], in memory, and the labels."""
        return unit_range(self.pixels(size, channels)), self.labels


def load(name: str, split: str, classes: Classes | None = None) -> ImageSet:
    """List one split of a set: the student's own images, or else demo images made here.

    Args:
        name: skin, bone or xray.
        split: train, validation or test.
        classes: those wanted, where they are not all that there are or not those of the course;
            see `class_names.parsed`. None: those of the settings.

    Raises:
        DatasetError: see `folders.find`; or files cannot be read, or demo images not written.

    Warns:
        DatasetWarning: files among the images, or rows of a table of labels, are not used.
    """
    return _listed(name, (split,), classes)[0]


def has_test(name: str) -> bool:
    """Whether a set has a held-out test split beside the one to validate on."""
    return folders.has(_root(name)[0], "test")


def list_pair(name: str, classes: Classes | None = None) -> tuple[ImageSet, ImageSet]:
    """Train and validation of a set, neither decoded nor checked against each other.

    Arguments and errors are those of `load`.

    Raises:
        DatasetError: also where the two have different classes.
    """
    train, validation = _listed(name, ("train", "validation"), classes)
    if train.classes != validation.classes:
        raise DatasetError(
            f"{quoted(train.root)}: the classes of train are {', '.join(train.classes)}, those of "
            f"validation {', '.join(validation.classes)}; both must have the same"
        )
    return train, validation


def _listed(name: str, splits: Sequence[str], classes: Classes | None) -> list[ImageSet]:
    root, is_demo = _root(name)
    wanted = folders.Wanted(KNOWN[name], class_names.parsed(classes))
    if not is_demo:
        wanted = _settled(wanted, root)
    positive = positive_of if is_demo else functools.partial(chosen_positive, name)
    listed = folders.find(root, splits, wanted)
    digests = iter(_digests_of([file for found in listed for file in found.files]))
    return [
        ImageSet(
            name=name,
            split=split,
            root=root,
            demo=is_demo,
            files=found.files,
            labels=found.labels,
            classes=found.classes,
            positive=positive(found.classes),
            groups=found.groups,
            layout=found.layout,
            digests=tuple(itertools.islice(digests, len(found.files))),
        )
        for split, found in zip(splits, listed, strict=True)
    ]


def is_demo(name: str) -> bool:
    """Whether demo images stand in for a set of one's own."""
    return _root(name)[1]


def _root(name: str) -> tuple[Path, bool]:
    """The folder of a set, and whether it holds demo images."""
    try:
        own = settings.current().folder(name)
    except settings.SettingsError as error:
        raise DatasetError(str(error)) from error
    return own or demo.folder(name), own is None


def _settled(wanted: folders.Wanted, root: Path) -> folders.Wanted:
    """How one's own images are read, by the settings, which are those of all sets."""
    now = settings.current()
    table = now.labels
    others = [at for at in map(now.folder, settings.SETS) if at and at != root]
    if not label_tables.is_in(root, table) and any(label_tables.is_in(at, table) for at in others):
        table = ""  # it is another set's
    wanted = replace(wanted, table=table, groups=now.groups, alike=copies.alike)
    if wanted.choice or not now.classes:
        return wanted
    return replace(wanted, choice=class_names.parsed(now.classes), of_all_sets=True)


def _digests_of(files: list[Path]) -> tuple[str, ...]:
    """SHA-256 of each file; where one cannot be read, all that cannot be used are named at once."""
    try:
        return _digests(tuple(files), tuple(map(_state, files)))
    except DatasetError:
        for _ in each(image_files.read, files, "reading"):  # damaged ones are broken as well
            pass
        raise


@functools.lru_cache(maxsize=64)
def _digests(files: tuple[Path, ...], _: tuple[tuple[int, ...], ...]) -> tuple[str, ...]:
    """SHA-256 of each file; read again only where the state of a file has changed."""
    return tuple(
        each(lambda file: hashlib.sha256(image_files.content(file)).hexdigest(), files, "reading")
    )


def _state(file: Path) -> tuple[int, ...]:
    """What changes with a file's content; empty where there is no such file."""
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
