"""The ways in which folders tell the class of a picture: a folder each, file names, or a table."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.datasets import class_names, entries
from helpers.datasets.errors import DatasetError, shortened
from helpers.datasets.image_files import SUFFIXES
from helpers.datasets.splits import split_of
from helpers.datasets.table_labels import Said
from helpers.settings import quoted

LAYOUTS = (
    "it must hold train/<class>/ and validation/<class>/ (a folder per class), "
    "or train/ and test/ with the class in each file name, or folders <class>/ to be split, "
    "or images and a table of labels (file, class)"
)
# A class is a whole word of a file name, and not within a number, so that C10 does not hold C1.
BEFORE = r"(?<![^\W\d_])(?:(?<!\d)|(?!\d))"
AFTER = r"(?![^\W\d_])(?:(?<!\d)|(?!\d))"
NEGATED = re.compile(r"(?:^|[^a-z])(?:not?|non|without)[-_ ]*$", re.IGNORECASE)


@dataclass(frozen=True)
class Pictures:
    """Pictures with what is known of each, in one order."""

    files: tuple[Path, ...]
    names: tuple[str, ...]  # of the class
    groups: tuple[str | None, ...]  # patient or lesion

    def taken(self, places: Sequence[int]) -> "Pictures":
        """Those at the places given."""
        return Pictures(
            tuple(self.files[i] for i in places),
            tuple(self.names[i] for i in places),
            tuple(self.groups[i] for i in places),
        )


def read(folder: Path, names: Sequence[str]) -> tuple[Pictures, str]:
    """The pictures of one folder with their classes, and how these are told.

    Args:
        folder: of a split, or of all.
        names: of classes, to look for in file names where there are no folders.

    Raises:
        DatasetError: it is in no layout that is known.
    """
    folders, files = entries.entries(folder, LAYOUTS)
    if classes := [at for at in folders if not entries.is_mask_folder(at)]:
        return _folder_per_class(folder, classes, files), "a folder per class"
    return _flat(folder, files, names), "the class in each file name"


def by_table(
    base: Path, files: Mapping[str, Sequence[Path]], said: Said, trusted: bool
) -> dict[str, Pictures]:
    """The pictures of each split, as a table has them.

    Args:
        base: the folder of the set.
        files: by split as the folders have it, or all under ''.
        said: the row of each picture.
        trusted: whether the user named the table; else its classes must be those of class folders.

    Raises:
        DatasetError: a split in it is not known, or folders and table contradict each other.
    """
    if not trusted:
        _check_folders(base, files, said)
    parts: dict[str, list[Path]] = {}
    for part, of_part in files.items():
        for file in of_part:
            split = part or split_of(said[file].split) or ""
            if said[file].split and not split:
                raise DatasetError(
                    f"{quoted(base)}: the table says that {file.name!r} is of the split "
                    f"{said[file].split!r}, which is none of train, validation, test"
                )
            parts.setdefault(split, []).append(file)
    if "" in parts and len(parts) > 1:
        raise DatasetError(
            f"{quoted(base)}: the table gives some pictures a split and {len(parts['']):,} none, "
            f"such as {parts[''][0].name!r}; give all of them one, or none"
        )
    if "validation" not in parts and "test" in parts:
        parts["validation"] = parts.pop("test")
    return {
        part: Pictures(
            tuple(of),
            tuple(said[file].name for file in of),
            tuple(said[file].group or None for file in of),
        )
        for part, of in parts.items()
    }


def _check_folders(base: Path, files: Mapping[str, Sequence[Path]], said: Said) -> None:
    """Refuse a table that contradicts folders which may be classes: as many, and other ones."""
    pairs = set()
    for part, of_part in files.items():
        for file in of_part:
            inside = file.relative_to(base).parts[1 if part else 0 : -1]
            pairs.add((inside[0] if inside else "", said[file].name))
    folders, names = ({pair[k] for pair in pairs} for k in (0, 1))
    generic = any(class_names.GENERIC.fullmatch(name.lower()) for name in folders)
    if "" not in folders and not generic and len(folders) == len(names) < len(pairs):
        raise DatasetError(
            f"{quoted(base)}: its folders {shortened(sorted(folders))} and the classes of its "
            f"table of labels, {shortened(sorted(names))}, do not agree; say which is right: "
            "LAB_LABELS=none for the folders, or LAB_LABELS=<the table>"
        )


def _folder_per_class(folder: Path, folders: list[Path], files: list[Path]) -> Pictures:
    class_names.check([at.name for at in folders], quoted(folder))
    class_names.refuse_generic([at.name for at in folders], quoted(folder))
    by_class = {at: entries.entries(at) for at in folders}
    if not any(map(entries.is_image, [file for _, of in by_class.values() for file in of])):
        seen = shortened([f"{at.name}/" for at in folders] + [at.name for at in files])
        raise DatasetError(f"{quoted(folder)}: in no known layout; {LAYOUTS}; seen: {seen}")
    if loose := [repr(file.name) for file in files if entries.is_image(file)]:
        raise DatasetError(
            f"{quoted(folder)}: images lie beside the class folders, so their class is not known; "
            f"move them into one, or remove them: {shortened(loose)}"
        )
    pictures = [
        (file, at.name) for at, inside in by_class.items() for file in entries.pictures(at, *inside)
    ]
    if empty := [repr(at.name) for at in folders if at.name not in {name for _, name in pictures}]:
        deeper = [at for at in folders if repr(at.name) in empty and entries.below(at)]
        more = ", those that lie in folders within them too" if deeper else ""
        raise DatasetError(
            f"{quoted(folder)}: class folders without images: {shortened(empty)}; put images "
            f"({' '.join(sorted(SUFFIXES))}) there{more}, or remove them"
        )
    return _of(pictures)


def _flat(folder: Path, files: list[Path], names: Sequence[str]) -> Pictures:
    """Classes by file name; where one name holds another (normal, abnormal), the longer wins."""
    images = entries.pictures(folder, [], files)
    if not images:
        raise DatasetError(
            f"{quoted(folder)}: holds neither images nor class folders; put images there, with "
            f"one of {', '.join(names)} in each file name, or a folder for each class; {LAYOUTS}"
        )
    pattern = _pattern(names)
    matches = {image: _names_in(image.stem, pattern) for image in images}
    if two := [f"{image.name!r} ({' and '.join(of)})" for image, of in matches.items() if of[1:]]:
        raise DatasetError(
            f"{quoted(folder)}: file names that fit two classes: {shortened(two)}; "
            "rename them so that each holds one class name"
        )
    if none := [repr(image.name) for image, of in matches.items() if not of]:
        raise DatasetError(
            f"{quoted(folder)}: {len(none)} of {len(images)} file names hold none of the classes "
            f"{', '.join(names)} as a word (upper and lower case count); rename them, or give the "
            f"names with classes=[...] or LAB_CLASSES; seen: {shortened(none)}"
        )
    return _of([(image, of[0]) for image, of in matches.items()])


def _pattern(names: Sequence[str]) -> dict[re.Pattern[str], str]:
    """What finds each name, the longest first; between its words may be a space, '-' or '_'."""
    return {
        re.compile(BEFORE + re.sub(r"(\\ |\\-|_)+", "[-_ ]?", re.escape(name)) + AFTER): name
        for name in sorted(names, key=len, reverse=True)
    }


def _names_in(stem: str, pattern: Mapping[re.Pattern[str], str]) -> list[str]:
    """The names that a file name holds, but for those that a negation stands before."""
    found = []
    for one, name in pattern.items():
        for match in one.finditer(stem):
            if not NEGATED.search(stem[: match.start()]):
                found.append(name)
        stem = one.sub(lambda match: "\0" * len(match[0]), stem)  # a shorter one is not within it
    return sorted(set(found))


def _of(pictures: Sequence[tuple[Path, str]]) -> Pictures:
    files, names = zip(*pictures, strict=True)
    return Pictures(files, names, (None,) * len(files))
