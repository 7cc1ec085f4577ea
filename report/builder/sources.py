"""Which records and figures a report is made from: those made here, else those published."""

import functools
from pathlib import Path

from helpers import experiments, records, results, settings
from helpers.experiments import Experiment
from helpers.records import Run

PUBLISHED = settings.ROOT / "report" / "published"


@functools.cache
def runs(name: str, profile: str) -> tuple[Run, ...]:
    """All seeds of a run as a profile makes it: made here, else published; empty: not run."""
    row = experiments.get(name, profile)
    return made_here(row) or published(row)


def made_here(row: Experiment) -> tuple[Run, ...]:
    """The seeds that were trained on the images in use with the current settings."""
    from helpers import training  # noqa: PLC0415 - TensorFlow takes seconds

    return tuple(training.recorded_seeds(row))


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
    """Where the metrics of a run come from, for a table: whose record, on what, at which scale."""
    if not run.folder.is_relative_to(PUBLISHED):
        return results.source(run)
    whose = "demo" if run.info["data"]["demo"] else "real"
    return f"published: {whose} images, profile {run.experiment.profile}"


def exported(suffix: str) -> dict[str, Path]:
    """All figures (.svg) or tables (.csv) by name: those of notebooks run here, else published."""
    folders = (PUBLISHED / "figures", settings.current().figures)
    return {path.stem: path for folder in folders for path in sorted(folder.glob(f"*{suffix}"))}


def is_borrowed(path: Path) -> bool:
    """Whether what `exported` found is a published one, for want of one made here."""
    return path.parent != settings.current().figures
