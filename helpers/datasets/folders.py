"""A folder of images -> a checked list of files with their classes, by split.

Read are a folder per class, with or without folders for the splits; flat folders whose file names
hold the class; and any folders beside a table of labels. Where a set has no validation split, its
`test/` is one; where it has neither, one is drawn from what there is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from helpers.datasets import class_names, entries, groups, label_tables, layouts, table_labels
from helpers.datasets.class_names import Choice
from helpers.datasets.errors import DatasetError, shortened
from helpers.datasets.layouts import LAYOUTS, Pictures
from helpers.datasets.splits import SPLITS, in_validation, split_of
from helpers.settings import quoted

Alike = Callable[[Sequence[Path]], groups.Groups]  # the cluster of each picture's copies


@dataclass(frozen=True)
class Wanted:
    """What decides how a folder is read, beside what lies in it: see `Settings`."""

    known: Sequence[str] = ()  # class names to look for in the file names of a flat layout
    choice: Choice | None = None  # the classes wanted, and the names that each is made of
    of_all_sets: bool = False  # whether the choice may be of another set, which has these names
    table: str = ""  # the table of labels to be used, and its columns
    groups: str = ""  # a pattern that finds the patient in a path
    alike: Alike | None = None  # finds copies, so that a split that is drawn keeps them together


@dataclass(frozen=True)
class Listing:
    """The files of one split: by class, then by name."""

    files: tuple[Path, ...]
    labels: np.ndarray  # int64 (N,), index into classes
    classes: tuple[str, ...]  # sorted
    groups: tuple[str, ...] | None  # of each file its patient or lesion, where that is known
    layout: str  # how the folder was read, in a few words


def find(root: Path, splits: Sequence[str], wanted: Wanted) -> list[Listing]:
    """List the images of some splits below `root`.

    Raises:
        DatasetError: no such folder or split, no layout that is known, a class without images,
            images without a class or with two, fewer than two classes, classes other than those
            wanted, a table of labels or a pattern that does not fit.

    Warns:
        DatasetWarning: files or folders among the images, or rows of a table, are not used.
    """
    if unknown := [split for split in splits if split not in SPLITS]:
        raise DatasetError(f"no split is called {unknown[0]!r}; the splits are {', '.join(SPLITS)}")
    entries.entries(root, LAYOUTS)
    base = entries.inside(root)
    # A held-out test may be without classes, and is nobody's business until it is asked for.
    parts = {part: at for part, at in _parts(base).items() if part != "test" or "test" in splits}
    by_part, layout = _read(root, base, parts, wanted)
    choice = wanted.choice
    if choice and wanted.of_all_sets and not set(choice.names) & _names(by_part):
        choice = None
    if choice:
        by_part, left_out = _choose(root, by_part, choice)
        layout += f"; left out: {shortened(map(repr, left_out))}" if left_out else ""
    if wanted.groups:
        by_part = {part: _grouped(root, of, wanted.groups) for part, of in by_part.items()}
    if base != root:
        layout += f", in {base.relative_to(root).as_posix()}/"
    for part, of in by_part.items():
        _check_classes(parts.get(part, base), sorted(set(of.names)), choice)
    if "validation" not in by_part:
        by_part, how = _divided(root, by_part, wanted)
        layout += how
    for split in splits:
        if split not in by_part:
            hint = ""
            if split == "test":
                hint = "; without a validation/, test/ is the validation split; for a held-out one"
                hint += " make train/, validation/ and test/"
            raise DatasetError(
                f"{quoted(root)}: has no {split} split; seen: {_seen(parts)}{hint}; {LAYOUTS}"
            )
    return [_listing(by_part[split], layout) for split in splits]


def has(root: Path, split: str) -> bool:
    """Whether a set's folder holds a folder of a split, such as a held-out test."""
    return split in _parts(entries.inside(root))


def _parts(base: Path) -> dict[str, Path]:
    """The folder of each split that is there."""
    folders, _ = entries.entries(base, LAYOUTS)
    found: dict[str, Path] = {}
    others = []
    for folder in folders:
        split = split_of(folder.name)
        if split is None:
            others += [] if entries.is_mask_folder(folder) else [f"{folder.name}/"]
        elif split in found:
            raise DatasetError(
                f"{quoted(base)}: {found[split].name}/ and {folder.name}/ are the same "
                "split; keep one of them"
            )
        else:
            found[split] = folder
    if found and others:
        raise DatasetError(
            f"{quoted(base)}: {shortened(others)} beside {_seen(found)}: is it a split? Name it "
            f"as one of {', '.join(SPLITS)}, or move it away"
        )
    if "validation" not in found and "test" in found:
        found["validation"] = found.pop("test")
    return found


def _seen(parts: Mapping[str, Path]) -> str:
    return ", ".join(f"{at.name}/" for at in parts.values())


def _read(
    root: Path, base: Path, parts: Mapping[str, Path], wanted: Wanted
) -> tuple[dict[str, Pictures], str]:
    """The pictures of each part, or of the part '' where there are no splits; and the layout."""
    folders = parts or {"": base}
    if tables := label_tables.tables_of(dict.fromkeys((root, base)), wanted.table):
        files = {part: entries.below(at) for part, at in folders.items()}
        said = table_labels.labelled(base, tables, [file for of in files.values() for file in of])
        if said:
            return layouts.by_table(base, files, said, trusted=bool(wanted.table)), "by " + (
                " and ".join(table.said for table in tables)
            )
    names = wanted.choice.names if wanted.choice else list(wanted.known)
    if wanted.of_all_sets:
        names = [*names, *wanted.known]
    read = {part: layouts.read(entries.inside(at), names) for part, at in folders.items()}
    kinds = dict.fromkeys(kind for _, kind in read.values())
    return {part: pictures for part, (pictures, _) in read.items()}, " and ".join(kinds)


def _names(by_part: Mapping[str, Pictures]) -> set[str]:
    return {name for of in by_part.values() for name in of.names}


def _choose(
    root: Path, by_part: Mapping[str, Pictures], choice: Choice
) -> tuple[dict[str, Pictures], list[str]]:
    """The pictures of the classes that are wanted, under their names; and which are left out."""
    there = sorted(_names(by_part))
    missing = [name for name in choice.names if name not in there]
    others = [name for name in there if choice.target(name) is None]
    if missing or (choice.exact and others):
        hint = ""
        if choice.exact and not missing:
            some = "; ".join(f"{name}={name}" for name in choice.names)
            hint = f"; to leave the others out, say so: classes '{some}'"
        raise DatasetError(
            f"{quoted(root)}: its classes are {', '.join(map(repr, there))}, but those given are "
            f"{', '.join(map(repr, sorted(choice.names)))}; give those that are there, or put the "
            f"images of the others there{hint}"
        )
    chosen = {}
    for part, of in by_part.items():
        kept = of.taken([i for i, name in enumerate(of.names) if choice.target(name) is not None])
        chosen[part] = replace(kept, names=tuple(str(choice.target(name)) for name in kept.names))
    return chosen, others


def _grouped(root: Path, of: Pictures, pattern: str) -> Pictures:
    """Pictures with their groups by the pattern, where it fits them."""
    names = groups.by_pattern(root, of.files, pattern)
    return replace(of, groups=tuple(names)) if any(names) else of


def _divided(
    root: Path, by_part: Mapping[str, Pictures], wanted: Wanted
) -> tuple[dict[str, Pictures], str]:
    """A set without a validation split with one that is drawn, and how, in a few words."""
    parts = dict(by_part)
    whole = parts.pop("", None) or parts.pop("train", None)
    if whole is None:
        raise DatasetError(
            f"{quoted(root)}: has no train split; seen: {', '.join(parts)}; {LAYOUTS}"
        )
    if one := [name for name in sorted(set(whole.names)) if whole.names.count(name) < 2]:
        raise DatasetError(
            f"{quoted(root / one[0])}: holds one image, which cannot be split into train and "
            "validation; add more, or make those folders"
        )
    together = list(whole.groups)
    if wanted.alike:
        together = groups.joined(whole.groups, wanted.alike(whole.files))
    order = {name: k for k, name in enumerate(sorted(set(whole.names)))}
    labels = np.array([order[name] for name in whole.names], np.int64)
    try:
        held_out = in_validation(labels, together if any(together) else None)
    except ValueError as error:
        raise DatasetError(
            f"{quoted(root)}: cannot be split into train and validation, since {error}; make "
            "folders of these names"
        ) from error
    parts["train"] = whole.taken(np.flatnonzero(~held_out).tolist())
    parts["validation"] = whole.taken(np.flatnonzero(held_out).tolist())
    by = ", each patient and its copies on one side" if any(together) else ""
    return parts, f"; {held_out.sum()} of {len(labels)} drawn to validate on{by}"


def _listing(of: Pictures, layout: str) -> Listing:
    """Pictures as a split: by class, and within a class as they come."""
    classes = tuple(sorted(set(of.names)))
    of = of.taken(sorted(range(len(of.files)), key=lambda i: of.names[i]))  # a stable order
    labels = np.array([classes.index(name) for name in of.names], np.int64)
    labels.setflags(write=False)
    known = None
    if any(of.groups):
        known = tuple(group or str(at) for group, at in zip(of.groups, of.files, strict=True))
    return Listing(of.files, labels, classes, known, layout)


def _check_classes(folder: Path, classes: Sequence[str], choice: Choice | None) -> None:
    class_names.check(classes, quoted(folder))
    seen = ", ".join(map(repr, classes))
    if choice and set(classes) != set(choice.sources):
        raise DatasetError(
            f"{quoted(folder)}: its classes are {seen}, but those given are "
            f"{', '.join(map(repr, sorted(choice.sources)))}; give those that are there, or put "
            "the images of the others there"
        )
    if len(classes) < 2:
        raise DatasetError(
            f"{quoted(folder)}: holds one class only, {seen}; two or more are needed, or there is "
            "nothing to tell apart"
        )
