"""The image sets of the lab: where they are, which classes they have, whether they are sound.

A set is a checked list of files; it gives its images as an array, and `stream` makes shuffled
batches of that.
"""

from __future__ import annotations

import functools
import hashlib
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from helpers import demo, images, settings
from helpers.decoding import decoded, each, unit_range
from helpers.folders import DatasetError, DatasetWarning, find, quoted, shortened
from helpers.streams import stream  # noqa: F401 - used as datasets.stream

KNOWN = {
    "skin": ("Mel", "Nev"),
    "bone": ("AFF", "NFF"),
    "xray": tuple(f"C{number}" for number in range(1, 10)),
}
POSITIVE = {"skin": "Mel", "bone": "AFF"}
HEALTHY = ("healthy", "normal", "negative", "benign", "control")  # how their words begin
UNBALANCED = 1.5  # largest class over smallest, from which on accuracy alone misleads
THUMBNAIL = 32  # pixels a side of what is compared to find the same picture twice


@dataclass(frozen=True, eq=False)
class ImageSet:
    """One split of one image set, its files listed and checked but not decoded.

    Attributes:
        name: skin, bone or xray, or one of `demo.DRILL`.
        split: train, validation or test.
        root: the folder that holds the set.
        demo: True where demo images stand in for a student's own.
        files: by class, then by name.
        labels: int64 (N,), index into `classes`.
        classes: sorted by name.
        positive: of two classes the one whose detection is called sensitivity; None of more.
        digests: SHA-256 of each file.
        fingerprint: 16 hex digits over class and content of every image, in order; the same
            images in the other layout have the same one.
    """

    name: str
    split: str
    root: Path
    demo: bool
    files: tuple[Path, ...] = field(repr=False)
    labels: np.ndarray = field(repr=False)
    classes: tuple[str, ...]
    positive: str | None
    digests: tuple[str, ...] = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """What identifies these images in this order, by content."""
        whole = hashlib.sha256()
        for label, digest in zip(self.labels, self.digests, strict=True):
            name = self.classes[label].encode("utf-8", "surrogateescape")
            whole.update(len(name).to_bytes(4, "big") + name + bytes.fromhex(digest))
        return whole.hexdigest()[:16]

    def counts(self) -> dict[str, int]:
        """The number of images of each class."""
        numbers = np.bincount(self.labels, minlength=len(self.classes))
        return {name: int(number) for name, number in zip(self.classes, numbers, strict=True)}

    @property
    def description(self) -> str:
        """One line for a table or a figure: 'skin, demo images: train 200 Mel + 200 Nev'."""
        return f"{self.name}, {'demo' if self.demo else 'own'} images: {self._sizes}"

    @property
    def _sizes(self) -> str:
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
            count = min(per_class, len(of_class))
            chosen += of_class[
                np.linspace(0, len(of_class) - 1, count).round().astype(int)
            ].tolist()
        labels = self.labels[chosen]
        labels.setflags(write=False)
        return replace(
            self,
            files=tuple(self.files[i] for i in chosen),
            labels=labels,
            digests=tuple(self.digests[i] for i in chosen),
        )

    def pixels(self, size: int, channels: int = 1) -> np.ndarray:
        """The images decoded and resized: once, and then kept on disk and mapped from there.

        Returns:
            uint16 (N, size, size, channels), 65535 for white; for `stream` and `unit_range`.

        Raises:
            DatasetError: one or more images cannot be used.

        Warns:
            DatasetWarning: they cannot be kept, and why; they are then held in memory.
        """
        return decoded(self.files, self.fingerprint, size, channels)

    def arrays(self, size: int, channels: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """`pixels` as float32 (N, size, size, channels) in [0, 1], in memory, and the labels."""
        return unit_range(self.pixels(size, channels)), self.labels


def load(name: str, split: str, classes: Sequence[str] | None = None) -> ImageSet:
    """List one split of a set: of the student's folder, or else of demo images made here.

    Args:
        name: skin, bone or xray, or one of `demo.DRILL`.
        split: train, validation or test.
        classes: the class names, where they are not those of the course (flat layout) or the
            folders are to be checked against them.

    Raises:
        DatasetError: see `folders.find`; or files cannot be read, or demo images not written.

    Warns:
        DatasetWarning: files among the images are not read.
    """
    return _listed(name, split, classes)


def load_pair(name: str, classes: Sequence[str] | None = None) -> tuple[ImageSet, ImageSet]:
    """Train and validation of a set, checked against each other; otherwise as `load`.

    Raises:
        DatasetError: besides those of `load`, the two have different classes.

    Warns:
        DatasetWarning: besides those of `load`, the same picture is in both, or the classes are
            unbalanced.
    """
    train, validation = _listed(name, "train", classes), _listed(name, "validation", classes)
    if train.classes != validation.classes:
        raise DatasetError(
            f"{quoted(train.root)}: the classes of train are {', '.join(train.classes)}, those of "
            f"validation {', '.join(validation.classes)}; both must have the same"
        )
    _warn_if_unbalanced(train, validation)
    if pairs := duplicates(train, validation):
        names = [
            f"{str(one.relative_to(train.root))!r} = {str(other.relative_to(train.root))!r}"
            for one, other in pairs
        ]
        warnings.warn(
            f"{quoted(train.root)}: the same picture is in train and in validation, {len(pairs)} "
            "times, which makes every validation figure wrong; remove one of each pair: "
            f"{shortened(names)}",
            DatasetWarning,
            stacklevel=2,
        )
    return train, validation


def duplicates(one: ImageSet, other: ImageSet) -> list[tuple[Path, Path]]:
    """All pairs of files, one of each set, whose decoded pixels are equal, be they saved anew."""
    thumbnails: dict[bytes, list[int]] = {}
    for i, thumbnail in enumerate(one.pixels(THUMBNAIL)):
        thumbnails.setdefault(thumbnail.tobytes(), []).append(i)
    return [
        (one.files[i], other.files[k])
        for k, thumbnail in enumerate(other.pixels(THUMBNAIL))
        for i in thumbnails.get(thumbnail.tobytes(), [])
        if one.digests[i] == other.digests[k]
        or np.array_equal(images.read(one.files[i]), images.read(other.files[k]))
    ]


def _listed(name: str, split: str, classes: Sequence[str] | None) -> ImageSet:
    try:
        root = None if name in demo.DRILL else settings.current().folder(name)
    except settings.SettingsError as error:
        raise DatasetError(f"{error}; make it, or give the folder of the images") from error
    drawn = root is None
    root = demo.folder(name) if root is None else root
    subject = demo.subject(name)
    files, labels, names = find(root, split, KNOWN[subject], classes)
    digests = _digests(files, tuple(map(_state, files)))
    positive = _positive(subject, names)
    return ImageSet(name, split, root, drawn, files, labels, names, positive, digests)


@functools.lru_cache(maxsize=64)
def _digests(files: tuple[Path, ...], _: tuple[tuple[int, ...], ...]) -> tuple[str, ...]:
    """SHA-256 of each file; read once, as long as the files are in the same state."""
    return tuple(
        each(lambda file: hashlib.sha256(images.content(file)).hexdigest(), files, "reading")
    )


def _state(file: Path) -> tuple[int, ...]:
    """What changes with a file's content; nothing of one that `images.content` will not read."""
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _positive(name: str, classes: tuple[str, ...]) -> str | None:
    """The class a clinician would call positive; see POSITIVE and HEALTHY."""
    if len(classes) != 2:
        return None
    if POSITIVE.get(name) in classes:
        return POSITIVE[name]
    words = {one: re.findall("[a-z]+", one.lower()) for one in classes}
    ill = [one for one in classes if not any(word.startswith(HEALTHY) for word in words[one])]
    return ill[0] if len(ill) == 1 else classes[-1]


def _warn_if_unbalanced(*sets: ImageSet) -> None:
    counts = [one.counts().values() for one in sets]
    if any(max(numbers) > UNBALANCED * min(numbers) for numbers in counts):
        warnings.warn(
            f"{quoted(sets[0].root)}: the classes are unbalanced, so judge by sensitivity and "
            f"specificity, not by accuracy alone: {'; '.join(one._sizes for one in sets)}",
            DatasetWarning,
            stacklevel=3,
        )
