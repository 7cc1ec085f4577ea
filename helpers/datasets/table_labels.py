"""The rows of a table of labels matched to the pictures of a folder."""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from helpers.datasets.errors import DatasetError, DatasetWarning, shortened
from helpers.datasets.image_files import SUFFIXES
from helpers.datasets.label_tables import LabelTable, Row, split_of_table
from helpers.settings import quoted

Said = dict[Path, Row]  # of each picture


def labelled(root: Path, tables: Sequence[LabelTable], files: Sequence[Path]) -> Said:
    """What the tables of a set say of its pictures.

    Args:
        root: the set's folder.
        tables: those found there: one with classes, or one of each split (train.csv, test.csv), and
            perhaps one of patients alone.
        files: the pictures.

    Returns:
        A row for each picture that has one; empty where no table is about these pictures.

    Raises:
        DatasetError: two tables give classes, rows contradict each other or fit several pictures,
            or some of the pictures have no row or no class.

    Warns:
        DatasetWarning: rows without a picture, rows that stand twice, a table of other pictures,
            another column that could have been meant.
    """
    with_classes = [table for table in tables if any(row.name for row in table.rows)]
    said: Said = {}
    used = []
    for table in with_classes:
        rows = _rows_of(root, table, files)
        if not rows:
            _warn(
                f"{quoted(table.path)}: none of its {len(table.rows)} rows names a picture that is "
                "here, so it is not used; write its files as they are called, or move it away"
            )
            continue
        used.append(table)
        if both := sorted(set(rows) & set(said)):
            raise DatasetError(
                f"{quoted(root)}: {' and '.join(at.path.name for at in used)} both label pictures, "
                f"such as {both[0].name!r}; move one away, or say which: "
                f"LAB_LABELS={used[0].path.name}"
            )
        said |= rows
    if not said:
        return {}
    missing = [file for file in files if file not in said or not said[file].name]
    if missing:
        raise DatasetError(
            f"{quoted(used[0].path)}: {len(missing)} of {len(files)} pictures have no class in it: "
            f"{shortened(str(file.relative_to(root)) for file in missing)}; add rows (file, "
            "class), or move those pictures away"
        )
    for table in used:
        for doubt in table.doubts:
            _warn(doubt)
    for table in tables:
        if table not in with_classes and (rows := _rows_of(root, table, files)):
            said = {
                file: replace(row, group=row.group or (rows[file].group if file in rows else ""))
                for file, row in said.items()
            }
    return said


def _rows_of(root: Path, table: LabelTable, files: Sequence[Path]) -> Said:
    """The rows of one table by the picture that each is of."""
    by_stem: dict[str, list[Path]] = {}
    for file in files:
        by_stem.setdefault(file.stem, []).append(file)
    split = split_of_table(table.path)
    said: Said = {}
    superfluous, twice = [], []
    for row in table.rows:
        named = _without_suffix(row.file)
        fits = [file for file in by_stem.get(named.name, []) if _ends_with(root, file, named)]
        if split and len(fits) > 1:  # train.csv is about train/
            fits = [file for file in fits if split in file.relative_to(root).as_posix().lower()]
        if len(fits) > 1:
            raise DatasetError(
                f"{quoted(table.path)}: the row of {row.file!r} fits several pictures: "
                f"{shortened(str(file.relative_to(root)) for file in fits)}; give the folder too"
            )
        if not fits:
            superfluous.append(row.file)
            continue
        of = replace(row, split=row.split or split or "")
        if (before := said.setdefault(fits[0], of)) != of:
            raise DatasetError(
                f"{quoted(table.path)}: two rows of {row.file!r} contradict each other: "
                f"{_cells(before)} and {_cells(of)}; keep the right one"
            )
        if before is not of:
            twice.append(row.file)
    if said and superfluous:
        _warn(
            f"{quoted(table.path)}: {len(superfluous)} of {len(table.rows)} rows are of pictures "
            f"that are not there: {shortened(superfluous)}; add the pictures, or remove the rows"
        )
    if said and twice:
        _warn(
            f"{quoted(table.path)}: {len(twice)} rows stand there twice: {shortened(twice)}; the "
            "second says the same as the first and is not used"
        )
    return said


def _cells(row: Row) -> str:
    return " ".join(filter(None, (repr(row.name), row.split, row.group)))


def _without_suffix(written: str) -> PurePosixPath:
    """A file as a table names it, without the ending of an image."""
    path = PurePosixPath(written.replace("\\", "/"))
    return path.with_suffix("") if path.suffix.lower() in SUFFIXES else path


def _ends_with(root: Path, file: Path, named: PurePosixPath) -> bool:
    """Whether a picture's path ends as a table has it; a leading folder may be that of the set."""
    folders = [part for part in named.parts[:-1] if part not in (".", "/")]
    above = [root.name, *file.relative_to(root).parts[:-1]]
    return not folders or above[-len(folders) :] == folders or folders[-len(above) :] == above


def _warn(message: str) -> None:
    warnings.warn(message, DatasetWarning, stacklevel=2)
