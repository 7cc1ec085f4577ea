"""Tables of labels: which picture is of which class and, where it says so, split and patient.

Read are CSV, TSV and PH2's text table that lie in a set's folder, with columns named as HAM10000,
ISIC, PH2 and most others name them; or any, with the columns that are named in `labels` of the
settings: 'table.csv, file=image, class=grade, group=patient, split=set'.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.datasets import entries
from helpers.datasets.errors import DatasetError
from helpers.datasets.splits import FILLERS, split_of
from helpers.settings import quoted

SUFFIXES = (".csv", ".tsv", ".txt")
NONE = "none"  # as `labels` of the settings: read no table
# Names of columns in lower case, without what is no letter; the first that is there is taken.
COLUMNS = {
    "file": "imageid imagename isicid image filename file filepath path imagepath imageindex imgid "
    "imgname img imagefile picture name id",
    "class": "dx label labels class category diagnosis clinicaldiagnosis diagnosis3 diagnosis1 "
    "target benignmalignant findinglabels finding grade",
    "split": "split set subset partition phase",
    "group": "patientid patient lesionid lesion subjectid subject caseid case pid studyid",
}
# PH2 writes the diagnosis as a number.
CODES = {"clinicaldiagnosis": {"0": "common nevus", "1": "atypical nevus", "2": "melanoma"}}


@dataclass(frozen=True)
class Row:
    """What a table says of one picture; empty where it does not say."""

    file: str  # as written: a name or a path, with or without its ending
    name: str  # of the class
    split: str
    group: str


@dataclass(frozen=True)
class LabelTable:
    """One table, with its columns found."""

    path: Path
    columns: Mapping[str, str]  # what for: the column's name
    rows: tuple[Row, ...]
    doubts: tuple[str, ...]  # what else could have been meant

    @property
    def said(self) -> str:
        """How it was read: "labels.csv (file from 'image', class from 'dx')"."""
        used = ", ".join(f"{what} from {name!r}" for what, name in self.columns.items())
        return f"{self.path.name} ({used})"


def tables_of(folders: Iterable[Path], given: str = "") -> list[LabelTable]:
    """The tables of labels, or of patients alone, in the folders of a set.

    Args:
        folders: where to look.
        given: `labels` of the settings: the name of a table in one of them, and its columns.

    Raises:
        DatasetError: the table given is not there, cannot be read, or has no such columns.
    """
    if given.strip().lower() == NONE:
        return []
    name, *pairs = (part.strip() for part in given.split(","))
    if not name:
        files = [file for folder in folders for file in sorted(folder.iterdir()) if file.is_file()]
        found = [_read(at, {}) for at in files if at.suffix.lower() in SUFFIXES]
        return [table for table in found if table is not None]
    wanted = {}
    for pair in pairs:
        what, _, column = (part.strip() for part in pair.partition("="))
        if what not in COLUMNS or not column:
            raise DatasetError(
                f"LAB_LABELS: {pair!r} is not understood; write 'table.csv, file=..., class=...' "
                f"with {', '.join(COLUMNS)} and the columns' names"
            )
        wanted[what] = column
    places = [folder / name for folder in folders if (folder / name).is_file()]
    if not places:
        where = " or ".join(map(quoted, folders))
        raise DatasetError(f"LAB_LABELS: there is no {name!r} in {where}")
    table = _read(places[0], wanted, must=True)
    return [table] if table else []


def is_in(root: Path, given: str) -> bool:
    """Whether the table that the settings give is in a set's folder."""
    name = given.partition(",")[0].strip()
    return bool(name) and any((at / name).is_file() for at in {root, entries.inside(root)})


def _read(path: Path, wanted: Mapping[str, str], must: bool = False) -> LabelTable | None:
    """The table in a file, or None where it is not one of labels or patients and need not be."""
    import pandas as pd  # noqa: PLC0415 - slow to load, and few sets have a table

    how: dict[str, Any] = {"dtype": str, "keep_default_na": False, "skipinitialspace": True}
    try:
        head = path.read_text("utf-8-sig", "replace")[:100_000]
        separator = r"\s*\|\|\s*" if "||" in head else None
        if not must and not any(mark in head.splitlines()[0] for mark in (",", ";", "\t", "||")):
            return None  # one column
        frame = pd.read_csv(path, sep=separator, engine="python", encoding="utf-8-sig", **how)
    except (OSError, ValueError, IndexError) as error:  # pandas's parser errors are ValueErrors
        if must or path.suffix.lower() == ".csv":
            raise DatasetError(
                f"{quoted(path)}: cannot be read as a table ({error}); save it as CSV in UTF-8, or "
                f"move it away"
            ) from error
        return None
    frame.columns = [str(name).strip() for name in frame.columns]
    columns, doubts = _columns(path, list(frame.columns), wanted)
    if "file" not in columns:
        if must:
            raise _unknown(path, "file", frame.columns)
        return None
    rest = [name for name in frame.columns if name not in columns.values()]
    if "class" in columns:
        names = frame[columns["class"]].str.strip()
        codes = CODES.get(_plain(columns["class"]), {})
        names = names.map(lambda value: codes.get(value, value))
    elif hot := [name for name in rest if set(frame[name].str.strip()) <= {"0", "1", "0.0", "1.0"}]:
        marks = frame[hot].astype(float)
        if len(hot) < 2 or not (marks.sum(axis=1) == 1).all():
            if must:
                raise _unknown(path, "class", frame.columns)
            return None
        names = marks.idxmax(axis=1)
        columns["class"] = f"{hot[0]} to {hot[-1]}"
    elif "group" in columns:
        names = pd.Series("", index=frame.index)
    else:
        if must:
            raise _unknown(path, "class", frame.columns)
        return None
    cells = {
        what: frame[columns[what]].str.strip() if what in columns else [""] * len(frame)
        for what in ("file", "split", "group")
    }
    rows = zip(cells["file"], names, cells["split"], cells["group"], strict=True)
    return LabelTable(path, columns, tuple(Row(*row) for row in rows if row[0]), tuple(doubts))


def _unknown(path: Path, what: str, columns: Sequence[str]) -> DatasetError:
    return DatasetError(
        f"{quoted(path)}: which column holds the {what} is not known; its columns are "
        f"{', '.join(map(repr, columns))}; say it: LAB_LABELS='{path.name}, {what}=...'"
    )


def _plain(column: str) -> str:
    return re.sub(r"[^a-z0-9]", "", column.lower())


def _columns(
    path: Path, names: Sequence[str], wanted: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Which column is for what, and where two could be meant."""
    columns: dict[str, str] = {}
    doubts = []
    for what, known in COLUMNS.items():
        if what in wanted:
            if wanted[what] not in names:
                raise _unknown(path, what, names)
            columns[what] = wanted[what]
            continue
        rank = known.split()
        fits = sorted((n for n in names if _plain(n) in rank), key=lambda n: rank.index(_plain(n)))
        fits = [name for name in fits if name not in columns.values()]
        if fits:
            columns[what] = fits[0]
        if what in ("class", "group") and len(fits) > 1:
            doubts.append(
                f"{quoted(path)}: the {what} is read from {fits[0]!r}, but "
                f"{' and '.join(map(repr, fits[1:]))} could be meant too; say which: "
                f"LAB_LABELS='{path.name}, {what}={fits[0]}'"
            )
    return columns, doubts


def split_of_table(path: Path) -> str | None:
    """The split that a table is of by its name: 'train_labels.csv'."""
    plain = re.sub(r"(labels?|metadata|ground[-_ ]?truth|annotations?)", "", path.stem.lower())
    return split_of(re.sub(rf"({FILLERS})$", "", plain).strip("-_ .") or plain)
