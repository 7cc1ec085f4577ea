"""Rows of the table by name or task, as a profile runs them; and a table of them to read."""

from typing import Any

import pandas as pd

from helpers import settings
from helpers.experiments.experiment import Experiment
from helpers.experiments.profiles import DOSES, at_profile, seeds_of
from helpers.experiments.rows import EVERY_DOSE, EXPERIMENTS


def get(name: str, profile: str | None = None) -> Experiment:
    """The run of this name, as `profile` runs it.

    Args:
        name: a key of `EXPERIMENTS`, such as 'task1a_plain'.
        profile: smoke, quick or full; default the current one.

    Raises:
        ValueError: there is no such run or profile.
    """
    if name not in EXPERIMENTS:
        raise ValueError(f"no run is called {name!r}; the runs are {', '.join(EXPERIMENTS)}")
    return at_profile(EXPERIMENTS[name], profile)


def select(which: str | None = None, profile: str | None = None) -> dict[str, Experiment]:
    """Runs by name, as `profile` runs them.

    Args:
        which: a task ('1' or 'task1'), a sub-task ('1a') or a run ('task1a_plain'); None: all.
        profile: as for `get`.

    Raises:
        ValueError: there is no such task, run or profile.
    """
    if which in EXPERIMENTS:
        return {which: get(which, profile)}
    of_task = (which or "").removeprefix("task")
    lab = settings.current()
    most = lab.doses or DOSES.get(profile or lab.profile, settings.DOSES)
    # The dose that says nothing, and the highest.
    doses = (None, EVERY_DOSE[0], *EVERY_DOSE[1 - most :])
    names = [
        name
        for name, row in EXPERIMENTS.items()
        if (which is None or of_task in (row.task, row.task.rstrip("abcd"))) and row.dose in doses
    ]
    if not names:
        tasks = ", ".join(dict.fromkeys(row.task for row in EXPERIMENTS.values()))
        raise ValueError(f"no run or task is called {which!r}; the tasks are {tasks}")
    return {name: get(name, profile) for name in names}


def table(rows: dict[str, Experiment]) -> pd.DataFrame:
    """The runs as a table: one row each, a column for each setting that a reader compares.

    Networks on features have settings of their own, which are shown where there are no others. With
    how many seeds they are run is said of the current profile's runs alone.
    """
    columns = ["network", "data", "size", "base", "dense", "dropout", "batch_norm"]
    columns += ["spatial_dropout", "augmented", "learning_rate", "epochs"]
    if all(row.features for row in rows.values()):
        columns = ["network", "data", "size", "features", "scaled", "dense", "dropout"]
        columns += ["learning_rate", "epochs"]
    if any(row.batch_norm and row.momentum for row in rows.values()):
        columns.insert(columns.index("batch_norm") + 1, "momentum")
    columns += [c for c in ("sign", "dose", "labels") if any(getattr(r, c) for r in rows.values())]
    table = pd.DataFrame(
        [[_shown(row, column) for column in columns] for row in rows.values()],
        index=pd.Index(rows, name="run"),
        columns=[column.replace("_", " ") for column in columns],
    ).astype(object)
    if all(row.profile == settings.current().profile for row in rows.values()):
        table["seeds"] = [len(seeds_of(row)) for row in rows.values()]
    return table.fillna("")


def _shown(row: Experiment, column: str) -> Any:
    """A setting of a row; without batch normalisation there is no momentum."""
    return None if column == "momentum" and not row.batch_norm else getattr(row, column)
