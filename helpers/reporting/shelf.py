"""Which records and figures a report is made from: those made here, else those published."""

from __future__ import annotations

import functools
from pathlib import Path

from helpers import experiments, records, results, settings
from helpers.experiments import Experiment
from helpers.runs import Run

PUBLISHED = settings.ROOT / "report" / "published"


@functools.cache
def runs(name: str, profile: str) -> tuple[Run, ...]:
    """All seeds of a run as a profile makes it: made here, else published; empty: not run.

    Made here is what was trained on the images in use with the settings in force.
    """
    from helpers import training  # noqa: PLC0415 - TensorFlow takes seconds

    row = experiments.select(name, profile)[name]
    return tuple(training.recorded_seeds(row)) or published(row)


def published(row: Experiment) -> tuple[Run, ...]:
    """The published seeds of a run with these settings, without networks.

    Raises:
        records.RecordError: one of them is damaged.
    """
    folder = records_of(row.profile) / row.name
    found = [records.numbers(path) for path in sorted(folder.glob("seed*"))]
    return tuple(
        run.until(row.epochs)
        for run in found
        if run.epochs >= row.epochs and run.experiment.identity() == row.identity()
    )


def records_of(profile: str) -> Path:
    """Where the published records of a profile are: `<run>/seed<k>` in it."""
    return PUBLISHED / "records" / profile


def origin(run: Run) -> str:
    """Where the figures of a run come from, for a table: whose record, on what, at which scale."""
    if not run.folder.is_relative_to(PUBLISHED):
        return results.source(run)
    whose = "demo" if run.info["data"]["demo"] else "real"
    return f"published: {whose} images, profile {run.experiment.profile}"


def exported(name: str, suffix: str) -> Path | None:
    """A figure (.svg) or table (.csv) that a notebook exported here, else the published one."""
    for folder in _folders():
        if (folder / f"{name}{suffix}").is_file():
            return folder / f"{name}{suffix}"
    return None


def is_borrowed(path: Path) -> bool:
    """Whether what `exported` found is a published one, for want of one made here."""
    return path.parent != settings.current().figures


def names(suffix: str) -> list[str]:
    """The names of all figures, or of all tables, that there are."""
    return sorted({path.stem for folder in _folders() for path in folder.glob(f"*{suffix}")})


def _folders() -> tuple[Path, Path]:
    return settings.current().figures, PUBLISHED / "figures"
