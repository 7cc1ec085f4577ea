"""A folder of images -> a checked list of files with their classes.

Two layouts are read. Folder per class: `train/<class>/`, `validation/<class>/`, any class names;
or the class folders alone, which are then split here. Flat: `train/` and `test/` hold the images,
and the class is a part of the file name, upper and lower case counting. Where there is a `test/`
and no `validation/`, it is the validation split. Folders called `masks` or `markers`, hidden
files, and what file managers leave behind are passed over.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from helpers.images import SUFFIXES, quoted

SPLITS = {"train": ("train",), "validation": ("validation", "val"), "test": ("test",)}
BESIDE = {"masks", "markers", "__macosx"}  # folders that belong to the images but hold none
LEFTOVERS = {"thumbs.db", "desktop.ini"}
VALIDATION_SHARE = 0.2  # of each class, where the class folders come without a split
SPLIT_SEED = 0  # not the seed of the training: the split is part of the data
LAYOUTS = (
    "it must hold train/<class>/ and validation/<class>/ (a folder per class), "
    "or train/ and test/ with the class in each file name, or folders <class>/ to be split"
)


class DatasetError(ValueError):
    """A folder that is no image set; says which, what is wrong, and what would be right."""


class DatasetWarning(UserWarning):
    """Something about an image set that changes what its figures mean."""


class Listing(NamedTuple):
    """The files of one split: by class, then by name."""

    files: tuple[Path, ...]
    labels: np.ndarray  # int64 (N,), index into classes
    classes: tuple[str, ...]  # sorted


def shortened(items: Iterable[str], between: str = ", ", most: int = 10) -> str:
    """The first ten, and how many more there are: for messages."""
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
    if splits:
        folder = _split_folder(root, split, splits)
        folders, files = _entries(folder)
        if folders:
            by_class = _folder_per_class(folder, folders, files)
        else:
            by_class = _flat(folder, files, classes or known)
    else:
        if not any(_images(_entries(folder)[1]) for folder in folders):
            seen = shortened([f"{folder.name}/" for folder in folders] + [f.name for f in files])
            raise DatasetError(
                f"{quoted(root)}: in neither layout; {LAYOUTS}; seen: {seen or 'nothing'}"
            )
        if split == "test":
            raise DatasetError(
                f"{quoted(root)}: class folders alone are split into train and validation; "
                "for a held-out split make train/, validation/ and test/"
            )
        folder = root
        by_class = _folder_per_class(root, folders, files)
    _check_classes(folder, by_class, classes)
    if not splits:
        by_class = {name: _drawn(folder, name, split, of) for name, of in by_class.items()}
    names = tuple(sorted(by_class))
    labels = np.repeat(np.arange(len(names)), [len(by_class[name]) for name in names])
    labels.setflags(write=False)
    return Listing(tuple(file for name in names for file in by_class[name]), labels, names)


def _entries(folder: Path) -> tuple[list[Path], list[Path]]:
    """The folders and the files in a folder, sorted by name, without what is passed over."""
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        raise DatasetError(
            f"{quoted(folder)}: no folder that can be read ({error.strerror or error}); {LAYOUTS}"
        ) from error
    folders: list[Path] = []
    files: list[Path] = []
    for entry in entries:
        if entry.name.startswith(".") or entry.name.lower() in LEFTOVERS | BESIDE:
            continue
        if entry.suffix.lower() not in SUFFIXES and entry.is_symlink() and not entry.exists():
            raise DatasetError(
                f"{quoted(entry)}: this link leads nowhere or to itself; "
                "make it lead to a folder of images, or remove it"
            )
        (folders if entry.is_dir() else files).append(entry)
    return folders, files


def _images(files: list[Path]) -> list[Path]:
    return [file for file in files if file.suffix.lower() in SUFFIXES]


def _images_only(folder: Path, folders: list[Path], files: list[Path]) -> list[Path]:
    """The images among the entries; a warning names everything else."""
    images = _images(files)
    others = [f"{entry.name!r}/" for entry in folders]
    others += [repr(file.name) for file in files if file.suffix.lower() not in SUFFIXES]
    if others:
        warnings.warn(
            f"{quoted(folder)}: not read, as no images that the lab reads "
            f"({' '.join(sorted(SUFFIXES))}): {shortened(others)}; remove them, or convert them",
            DatasetWarning,
            stacklevel=2,
        )
    return images


def _splits(root: Path, folders: list[Path]) -> dict[str, Path]:
    """Which splits there are; the names in upper or lower case."""
    found: dict[str, Path] = {}
    for folder in folders:
        for split, names in SPLITS.items():
            if folder.name.lower() in names:
                if split in found:
                    raise DatasetError(
                        f"{quoted(root)}: {found[split].name}/ and {folder.name}/ are the same "
                        "split; keep one of them"
                    )
                found[split] = folder
    return found


def _split_folder(root: Path, split: str, splits: dict[str, Path]) -> Path:
    if "validation" not in splits and "test" in splits:
        splits = {("validation" if name == "test" else name): at for name, at in splits.items()}
    if split not in splits:
        seen = ", ".join(f"{folder.name}/" for folder in splits.values())
        hint = "; without a validation/, test/ is the validation split" if split == "test" else ""
        raise DatasetError(f"{quoted(root)}: has no {split} split; seen: {seen}{hint}; {LAYOUTS}")
    return splits[split]


def _folder_per_class(
    folder: Path, folders: list[Path], files: list[Path]
) -> dict[str, list[Path]]:
    loose = [repr(file.name) for file in _images(files)]
    if loose:
        raise DatasetError(
            f"{quoted(folder)}: images lie beside the class folders, so their class is not known; "
            f"move them into one, or remove them: {shortened(loose)}"
        )
    return {at.name: _images_only(at, *_entries(at)) for at in folders}


def _flat(folder: Path, files: list[Path], names: Sequence[str]) -> dict[str, list[Path]]:
    """Classes by file name: the longest name wins where one holds another (normal, abnormal)."""
    images = _images_only(folder, [], files)
    if not images:
        raise DatasetError(
            f"{quoted(folder)}: holds neither images nor class folders; put images there, with "
            f"one of {', '.join(names)} in each file name, or a folder for each class"
        )
    pattern = re.compile("|".join(map(_as_pattern, sorted(names, key=len, reverse=True))))
    matches = {image: sorted(set(pattern.findall(image.stem))) for image in images}
    two = [f"{image.name!r} ({' and '.join(of)})" for image, of in matches.items() if len(of) > 1]
    if two:
        raise DatasetError(
            f"{quoted(folder)}: file names that fit two classes: {shortened(two)}; "
            "rename them so that each holds one class name"
        )
    none = [repr(image.name) for image, of in matches.items() if not of]
    if none:
        raise DatasetError(
            f"{quoted(folder)}: {len(none)} of {len(images)} file names hold none of the classes "
            f"{', '.join(names)} (upper and lower case count); rename them, or give the names with "
            f"classes=[...]; seen: {shortened(none)}"
        )
    by_class: dict[str, list[Path]] = {}
    for image, (name,) in matches.items():
        by_class.setdefault(name, []).append(image)
    return by_class


def _as_pattern(name: str) -> str:
    """A class name as a regular expression in which C1 is not found within C10."""
    before = r"(?<!\d)" if name[0].isdigit() else ""
    after = r"(?!\d)" if name[-1].isdigit() else ""
    return before + re.escape(name) + after


def _check_classes(
    folder: Path, by_class: dict[str, list[Path]], classes: Sequence[str] | None
) -> None:
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
    """The part of a class that belongs to a split, the same at every call and in name order.

    Files are drawn one by one: where several show one patient, split them by hand.
    """
    if len(files) < 2:
        raise DatasetError(
            f"{quoted(folder / name)}: holds one image, which cannot be split into train and "
            "validation; add more, or make those folders"
        )
    count = max(1, round(VALIDATION_SHARE * len(files)))
    chosen = set(np.random.default_rng(SPLIT_SEED).permutation(len(files))[:count])
    return [file for i, file in enumerate(files) if (i in chosen) == (split == "validation")]
