"""What `report.md` may ask for: tables, and the sentences of `Sentences`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers import claims, experiments, results
from helpers.comparisons import Comparison
from helpers.reporting import shelf
from helpers.reporting.disguise import Markdown
from helpers.reporting.lookup import NOT_RUN
from helpers.reporting.sentences import Sentences
from helpers.runs import Run


class Content(Sentences):
    """The placeholders of a report: every public method, `profile` and `not_run`.

    A run is named as in `EXPERIMENTS`, a task as `1` or `1a`. Methods take a profile for runs of
    another one than the report's. What was not run says so, and nothing fails for it.

    Attributes:
        tables: those that were asked for, with their captions, in order.
    """

    def __init__(self, profile: str | None = None) -> None:
        super().__init__(profile)
        self.tables: list[tuple[pd.DataFrame, str]] = []

    def placeholders(self) -> dict[str, object]:
        """By name what the text may ask for."""
        names = [name for name in dir(self) if not name.startswith("_")]
        asked = {
            name: getattr(self, name) for name in names if name not in ("placeholders", "tables")
        }
        return asked | {"not_run": NOT_RUN}

    def runs(self, task: str, profile: str | None = None) -> Markdown:
        """The settings of a task's runs, and where the figures of each come from."""
        rows = self._rows(task, profile)
        table = experiments.table(rows).map(_setting)
        found = [self._seeds(name, profile) for name in rows]
        table["seeds"] = [str(len(seeds)) if seeds else "" for seeds in found]
        table["record"] = [shelf.origin(seeds[0]) if seeds else NOT_RUN for seeds in found]
        return self._table(table, f"Task {task}: the runs")

    def measured(self, task: str, profile: str | None = None) -> Markdown:
        """The figures of a task's runs, a table for each set of images."""
        rows = self._rows(task, profile)
        found = {name: self._seeds(name, profile) for name in rows}
        groups: dict[str, list[str]] = {}
        for name, row in rows.items():
            groups.setdefault(row.data, []).append(name)
        text = ""
        for data, names in groups.items():
            table = self._tabulated({name: found[name] for name in names})
            of_data = f" on {data}" if len(groups) > 1 else ""
            text += self._table(
                table, f"Task {task}: figures{of_data}, {self._spread_words(found)}"
            )
        return Markdown(text)

    def readings(self, task: str, profile: str | None = None) -> Markdown:
        """What the curve of each run shows, and by which numbers."""
        found = {name: self._seeds(name, profile) for name in self._rows(task, profile)}
        table = results.readings({name: seeds for name, seeds in found.items() if seeds})
        missing = {name: NOT_RUN for name, seeds in found.items() if not seeds}
        table = _with_missing(table, missing, ["run", "seed"], "curve")
        return self._table(table, f"Task {task}: what each curve shows")

    def compared(self, *pairs: tuple[str, str], profile: str | None = None) -> Markdown:
        """Pairs of runs on the same images, at the best and at the last epoch."""
        rows: list[Comparison] = []
        missing = {}
        for a, b in pairs:
            for at in results.EPOCHS:
                row = self._comparison(a, b, at, profile)
                if isinstance(row, Comparison):
                    rows.append(row)
            if isinstance(row, str):
                missing[f"{b} minus {a}"] = row
        table = results.comparisons(rows) if rows else pd.DataFrame()
        caption = "Differences in validation accuracy with 95 % intervals and exact McNemar p"
        return self._table(_with_missing(table, missing, ["compared"], "verdict"), caption)

    def reported(self, profile: str | None = None) -> Markdown:
        """The originally reported figures of the whole lab beside the measured ones."""
        names = list(dict.fromkeys(results.reported()["run"]))
        found = {name: self._seeds(name, profile) for name in names}
        table = results.against_reported(found, shelf.origin)
        return self._table(table, "The originally reported figures beside the measured ones")

    def claims(self, profile: str | None = None) -> Markdown:
        """The thirteen claims of the original report, each with its verdict."""
        return self._table(
            claims.table(self._claimed(profile)), "What the original report claimed, and what holds"
        )

    def images(self, profile: str | None = None) -> Markdown:
        """The images of all runs: counts, and fingerprints of their content."""
        rows = {}
        for run in self._all(profile):
            data, identity = run.info["data"], run.info["identity"]
            rows[run.experiment.data, identity["train"], identity["validation"]] = {
                "set": run.experiment.data,
                "images": "demo" if data["demo"] else "real",
                **{split: results.counts(run, split) for split in ("train", "validation")},
                "fingerprints": f"{identity['train']} {identity['validation']}",
            }
        columns = ["set", "images", "train", "validation", "fingerprints"]
        table = pd.DataFrame(list(rows.values()), columns=columns)
        return self._table(table.set_index("set"), "The images")

    def versions(self, profile: str | None = None) -> Markdown:
        """Software, hardware and precision of all runs."""
        values: dict[str, dict[str, None]] = {}
        for run in self._all(profile):
            info = run.info
            hardware = {
                "processor": f"{info['hardware']['processor']}, {info['hardware']['cores']} cores",
                "GPU": ", ".join(info["hardware"]["gpus"]) or "none",
            }
            how = {key: str(info["identity"][key]) for key in ("precision", "threads")}
            for key, value in (hardware | how | info["versions"]).items():
                values.setdefault(key, {})[value] = None
        rows = [{"what": key, "value": "; ".join(seen)} for key, seen in values.items()]
        table = pd.DataFrame(rows, columns=["what", "value"]).set_index("what")
        return self._table(table, "What the runs were made with")

    def seconds(self, profile: str | None = None) -> Markdown:
        """What each run took."""
        rows = []
        for name in experiments.EXPERIMENTS:
            seeds = self._seeds(name, profile)
            row = {"run": name, "epochs": NOT_RUN}
            if seeds:
                times = np.concatenate([run.epoch_seconds for run in seeds])
                row |= {"epochs": str(seeds[0].epochs), "seeds": str(len(seeds))}
                row["seconds an epoch"] = f"{np.median(times):.2f}"
                row["seconds in all"] = f"{times.sum():,.0f}"
            rows.append(row)
        table = pd.DataFrame(rows).fillna("").set_index("run")
        return self._table(table, "What each run took, by the clock")

    def exported(self, name: str, caption: str) -> Markdown:
        """A table that a notebook exported, see `results.save_table`."""
        path = shelf.exported(name, ".csv")
        if path is None:
            raise ValueError(
                f"no table {name} was exported; run the notebook that makes it. "
                f"There are {', '.join(shelf.names('.csv'))}"
            )
        if shelf.is_borrowed(path):
            caption += " (Published table.)"
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        return self._table(table.set_index(table.columns[0]), caption)

    def _tabulated(self, found: dict[str, list[Run]]) -> pd.DataFrame:
        there = {name: seeds for name, seeds in found.items() if seeds}
        table = results.tabulate(there) if there else pd.DataFrame()
        missing = {name: NOT_RUN for name in found if name not in there}
        return _with_missing(table, missing, ["run", "at"], "epoch")

    def _spread_words(self, found: dict[str, list[Run]]) -> str:
        most = max((len(seeds) for seeds in found.values()), default=0)
        return f"mean and spread over {most} seeds" if most > 1 else "with 95 % intervals"

    def _table(self, table: pd.DataFrame, caption: str) -> Markdown:
        """A place for a table in the Markdown; `documents.read` puts it there."""
        self.tables.append((table, caption))
        return Markdown(f"\n\n::: {{.lab-table number={len(self.tables) - 1}}}\n:::\n\n")


def _with_missing(
    table: pd.DataFrame, missing: Mapping[str, str], heads: list[str], column: str
) -> pd.DataFrame:
    """The table with a row for each that is missing, and why in the column named."""
    flat = table.reset_index().astype(object) if len(table) else pd.DataFrame()
    rows = pd.DataFrame({heads[0]: name, column: why} for name, why in missing.items())
    columns = list(dict.fromkeys([*heads, *flat.columns, column]))
    joined = pd.concat([flat, rows]).reindex(columns=columns)
    return joined.astype(object).fillna("").set_index(heads)


def _setting(value: object) -> object:
    """A setting as a reader would write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value
