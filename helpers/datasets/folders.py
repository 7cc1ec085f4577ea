"""A folder of images -> a checked list of files with their classes.

Two layouts are read. Folder per class: `train/<class>/`, `validation/<class>/`, any class names;
or the class folders alone, which are then split here. Flat: `train/` and `test/` hold the images,
and the class is part of the file name; case matters. A `test/` without a `validation/` is the
validation split. Folders called `masks` or `markers`, hidden files, and what file managers leave
behind are ignored.
"""

import re
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from helpers.datasets.image_files import SUFFIXES
from helpers.settings import quoted

SPLITS = ("train", "validation", "test")
EDGE = r"(?:(?<!\d)|(?!\d))"  # of a class name: not within a number, so that C10 does not hold C1
IGNORED = {"masks", "markers", "__macosx", "thumbs.db", "desktop.ini"}
VALIDATION_SHARE = 0.2  # of each class, where the class folders come without a split
SPLIT_SEED = 0  # not the seed of the training: the split is part of the data
LAYOUTS = (
    "it must hold train/<class>/ and validation/<class>/ (a folder per class), "
    "or train/ and test/ with the class in each file name, or folders <class>/ to be split"
)

ByClass = dict[str, list[Path]]  # the images of each class


class DatasetError(ValueError):
    """A folder that is no image set; says which, what is wrong, and what would be right."""


class DatasetWarning(UserWarning):
    """Something about an image set that changes what its metrics mean."""


class Listing(NamedTuple):
    """The files of one split: by class, then by name."""

    files: tuple[Path, ...]
    labels: np.ndarray  # int64 (N,), index into classes
    classes: tuple[str, ...]  # sorted


def shortened(items: Iterable[str], between: str = ", ", most: int = 10) -> str:
    """The first ten items and the number of the others, for messages."""
    names = list(items)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return between.join(names[:most]) + more


def find(
    root: Path, split: str, known: Sequence[str], classes: Sequence[str] | None = None
) -> Listing:
    """List the images of one split below `root`.

    Args:
        root: the folder of the image set, in either layout.
        split: train, validation or test.
        known: class names to look for in the file names of a flat layout; those found are used.
        classes: the exact classes; where given, each must have images and no other may.

    Raises:
        DatasetError: no such folder or split, neither layout, a class without images, images
            without a class or with two, fewer than two classes, classes other than those given.

    Warns:
        DatasetWarning: files or folders among the images are not read, and which.
    """
    if split not in SPLITS:
        raise DatasetError(f"no split is called {split!r}; the splits are {', '.join(SPLITS)}")
    folders, files = _entries(root)
    splits = _splits(root, folders)
    if splits and split not in splits:
        seen = ", ".join(f"{at.name}/" for at in splits.values())
        hint = "; without a validation/, test/ is the validation split" if split == "test" else ""
        raise DatasetError(f"{quoted(root)}: has no {split} split; seen: {seen}{hint}; {LAYOUTS}")
    folder = splits.get(split, root)
    if splits:
        folders, files = _entries(folder)
    elif not any(_is_image(file) for at in folders for file in _entries(at)[1]):
        seen = shortened([f"{at.name}/" for at in folders] + [at.name for at in files]) or "nothing"
        raise DatasetError(f"{quoted(root)}: in neither layout; {LAYOUTS}; seen: {seen}")
    elif split == "test":
        raise DatasetError(
            f"{quoted(root)}: class folders alone are split into train and validation; "
            "for a held-out split make train/, validation/ and test/"
        )
    if folders:
        by_class = _folder_per_class(folder, folders, files)
    else:
        by_class = _flat(folder, files, classes or known)
    _check_classes(folder, by_class, classes)
    if not splits:
        by_class = {name: _drawn(folder, name, split, of) for name, of in by_class.items()}
    names = tuple(sorted(by_class))
    labels = np.repeat(np.arange(len(names)), [len(by_class[name]) for name in names])
    labels.setflags(write=False)
    return Listing(tuple(file for name in names for file in by_class[name]), labels, names)


def _entries(folder: Path) -> tuple[list[Path], list[Path]]:
    """The folders and the files in a folder, sorted by name, without those to ignore."""
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        raise DatasetError(
            f"{quoted(folder)}: no folder that can be read ({error.strerror or error}); {LAYOUTS}"
        ) from error
    folders: list[Path] = []
    files: list[Path] = []
    for entry in entries:
        if entry.name.startswith(".") or entry.name.lower() in IGNORED:
            continue
        if not _is_image(entry) and entry.is_symlink() and not entry.exists():
            raise DatasetError(
                f"{quoted(entry)}: this link leads nowhere or to itself; "
                "make it lead to a folder of images, or remove it"
            )
        (folders if entry.is_dir() else files).append(entry)
    return folders, files


def _is_image(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES


def _images_only(folder: Path, folders: list[Path], files: list[Path]) -> list[Path]:
    """The images among the entries; a warning names everything else."""
    others = [f"{entry.name!r}/" for entry in folders]
    others += [repr(file.name) for file in files if not _is_image(file)]
    if others:
        warnings.warn(
            f"{quoted(folder)}: not read, as no images that the lab reads "
            f"({' '.join(sorted(SUFFIXES))}): {shortened(others)}; remove them, or convert them",
            DatasetWarning,
            stacklevel=2,
        )
    return [file for file in files if _is_image(file)]


def _splits(root: Path, folders: list[Path]) -> dict[str, Path]:
    """The folder of each split that is there, by its name in lower case."""
    found: dict[str, Path] = {}
    for folder in folders:
        split = "validation" if folder.name.lower() == "val" else folder.name.lower()
        if split in found:
            raise DatasetError(
                f"{quoted(root)}: {found[split].name}/ and {folder.name}/ are the same "
                "split; keep one of them"
            )
        if split in SPLITS:
            found[split] = folder
    if "validation" in found:
        return found
    return {("validation" if split == "test" else split): at for split, at in found.items()}


def _folder_per_class(folder: Path, folders: list[Path], files: list[Path]) -> ByClass:
    if loose := [repr(file.name) for file in files if _is_image(file)]:
        raise DatasetError(
            f"{quoted(folder)}: images lie beside the class folders, so their class is not known; "
            f"move them into one, or remove them: {shortened(loose)}"
        )
    return {at.name: _images_only(at, *_entries(at)) for at in folders}


def _flat(folder: Path, files: list[Path], names: Sequence[str]) -> ByClass:
    """Classes by file name; where one name holds another (normal, abnormal), the longer wins."""
    images = _images_only(folder, [], files)
    if not images:
        raise DatasetError(
            f"{quoted(folder)}: holds neither images nor class folders; put images there, with "
            f"one of {', '.join(names)} in each file name, or a folder for each class"
        )
    longest_first = sorted(names, key=len, reverse=True)
    pattern = re.compile("|".join(EDGE + re.escape(name) + EDGE for name in longest_first))
    matches = {image: sorted(set(pattern.findall(image.stem))) for image in images}
    two = [f"{image.name!r} ({' and '.join(of)})" for image, of in matches.items() if len(of) > 1]
    if two:
        raise DatasetError(
            f"{quoted(folder)}: file names that fit two classes: {shortened(two)}; "
            "rename them so that each holds one class name"
        )
    if none := [repr(image.name) for image, of in matches.items() if not of]:
        raise DatasetError(
            f"{quoted(folder)}: {len(none)} of {len(images)} file names hold none of the classes "
            f"{', '.join(names)} (upper and lower case count); rename them, or give the names with "
            f"classes=[...]; seen: {shortened(none)}"
        )
    by_class: ByClass = {}
    for image, (name,) in matches.items():
        by_class.setdefault(name, []).append(image)
    return by_class


def _check_classes(folder: Path, by_class: ByClass, classes: Sequence[str] | None) -> None:
    seen = ", ".join(map(repr, sorted(by_class)))
    if empty := [repr(name) for name, files in by_class.items() if not files]:
        raise DatasetError(
            f"{quoted(folder)}: class folders without images: {shortened(empty)}; put images "
            f"({' '.join(sorted(SUFFIXES))}) there, or remove them"
        )
    if classes is not None and set(classes) != set(by_class):
        given = ", ".join(map(repr, sorted(classes)))
        raise DatasetError(
            f"{quoted(folder)}: its classes are {seen}, but those given are {given}; "
            "give those that are there, or put the images of the others there"
        )
    if len(by_class) < 2:
        raise DatasetError(
            f"{quoted(folder)}: holds one class only, {seen}; "
            "two or more are needed, or there is nothing to tell apart"
        )


def _drawn(folder: Path, name: str, split: str, files: list[Path]) -> list[Path]:
    """The part of a class that belongs to a split, in name order and the same at every call.

    Files are drawn one by one: where several show the same patient, split them by hand.
    """
    if len(files) < 2:
        raise DatasetError(
            f"{quoted(folder / name)}: holds one image, which cannot be split into train and "
            "validation; add more, or make those folders"
        )
    count = max(1, round(VALIDATION_SHARE * len(files)))
    chosen = set(np.random.default_rng(SPLIT_SEED).permutation(len(files))[:count])
    return [file for i, file in enumerate(files) if (i in chosen) == (split == "validation")]
