"""What lies in a folder: images, other folders, and what is passed over."""

import warnings
from pathlib import Path

from helpers.datasets import mask_names
from helpers.datasets.class_names import GENERIC
from helpers.datasets.errors import DatasetError, DatasetWarning, shortened
from helpers.datasets.image_files import SUFFIXES
from helpers.datasets.splits import split_of
from helpers.settings import quoted

# Left behind by file managers and downloads. Files that begin with a dot are passed over too.
LEFTOVERS = {"__macosx", "thumbs.db", "desktop.ini", "ehthumbs.db"}
MARKERS = {"markers"}  # demo images' letters, as masks

DEEPEST = 6  # folders in each other: a link may lead back to a folder above


def is_image(file: Path) -> bool:
    """Whether the ending of a file's name is that of an image."""
    return file.suffix.lower() in SUFFIXES


def is_mask_folder(folder: Path) -> bool:
    """Whether a folder is called as one that holds masks, not pictures."""
    return folder.name.lower() in mask_names.FOLDERS or folder.name.lower() in MARKERS


def entries(folder: Path, layouts: str = "") -> tuple[list[Path], list[Path]]:
    """The folders and the files in a folder by name, without leftovers.

    Raises:
        DatasetError: it cannot be read, or holds a link that leads nowhere.
    """
    try:
        found = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        raise DatasetError(
            f"{quoted(folder)}: no folder that can be read ({error.strerror or error}); {layouts}"
        ) from error
    folders: list[Path] = []
    files: list[Path] = []
    for entry in found:
        name = entry.name.lower()
        if name.startswith(".") or name in LEFTOVERS or name.endswith(":zone.identifier"):
            continue
        if not is_image(entry) and entry.is_symlink() and not entry.exists():
            raise DatasetError(
                f"{quoted(entry)}: this link leads nowhere or to itself; "
                "make it lead to a folder of images, or remove it"
            )
        (folders if entry.is_dir() else files).append(entry)
    return folders, files


def without_masks(files: list[Path]) -> list[Path]:
    """Files without those that are the mask of another one, by name: X_mask.png beside X.png."""
    stems = {file.stem for file in files}
    return [file for file in files if mask_names.picture_of(file.stem) not in stems]


def pictures(folder: Path, folders: list[Path], files: list[Path]) -> list[Path]:
    """The images among the entries of a folder; a warning names everything else."""
    others = [f"{entry.name!r}/" for entry in folders if not is_mask_folder(entry)]
    others += [repr(file.name) for file in files if not is_image(file)]
    if others:
        warnings.warn(
            f"{quoted(folder)}: not read, as no images that the lab reads "
            f"({' '.join(sorted(SUFFIXES))}): {shortened(others)}; remove them, or convert them",
            DatasetWarning,
            stacklevel=2,
        )
    return without_masks([file for file in files if is_image(file)])


def below(folder: Path) -> list[Path]:
    """All images in a folder and its folders, masks left out, in the order of folders and names."""

    def images(at: Path, depth: int) -> list[Path]:
        folders, files = entries(at)
        deeper = [inner for inner in folders if depth and not is_mask_folder(inner)]
        return [file for file in files if is_image(file)] + [
            file for inner in deeper for file in images(inner, depth - 1)
        ]

    return without_masks(images(folder, DEEPEST))


def inside(folder: Path, depth: int = DEEPEST) -> Path:
    """The folder that holds the set: down through folders that hold one folder alone.

    A folder of masks beside it does not count. A folder of images stays where it is, as a class,
    unless it is called `images` or the like.
    """
    folders, files = entries(folder)
    pictures_in = [at for at in folders if not is_mask_folder(at)]
    if not depth or len(pictures_in) != 1 or any(map(is_image, files)):
        return folder
    only = pictures_in[0]
    generic = GENERIC.fullmatch(only.name.lower()) is not None
    holds_images = any(map(is_image, entries(only)[1]))
    if split_of(only.name) or (holds_images and not generic):
        return folder
    return inside(only, depth - 1)
