"""Runs that were made before: their records found, and what is to be said of them."""

import warnings

from helpers import environment, records, runtime
from helpers.experiments import Experiment, seeds_of
from helpers.records import Run
from helpers.training.job import job_of


def recorded(experiment: Experiment, seed: int | None = None) -> Run | None:
    """What `run` would give, where it needs no training; else None.

    Raises:
        datasets.DatasetError: there is something wrong with the images.

    Warns:
        records.RecordWarning: it was made with other versions of packages.
    """
    job = job_of(experiment, seed)
    done = records.read(job.record, warn=False)
    if done is None or done.epochs < experiment.epochs:
        return None
    done = job.described(done).until(experiment.epochs)
    if others := other_versions(done):
        warnings.warn(
            f"Records that were made with {others} are read; numbers made now would differ from "
            "them. To have all of one kind, set LAB_RESULTS to a new folder",
            records.RecordWarning,
            stacklevel=2,
        )
    return done


def recorded_seeds(experiment: Experiment) -> list[Run]:
    """What `run_all` would give for this one, as far as it needs no training."""
    found = [recorded(experiment, seed) for seed in seeds_of(experiment)]
    return [run for run in found if run is not None]


def other_versions(run: Run) -> str:
    """The packages that made a run and are installed in another version: 'keras 3.15.0'."""
    here = environment.versions()
    made = {
        f"{package} {version}": None
        for part in run.made
        for package, version in part["versions"].items()
        if package != "python" and version != here.get(package)
    }
    return ", ".join(f"{other} (here {here.get(other.split()[0], 'none')})" for other in made)


def warn_of_continuing(start: Run) -> None:
    """Say it where a run goes on with other versions, or on another kind of machine.

    Warns:
        records.RecordWarning: its numbers will not be those of an unbroken run.
    """
    made_on = environment.machine(start.made[-1]["hardware"])
    versions = other_versions(start)
    elsewhere = made_on != environment.machine(runtime.hardware())
    if versions or elsewhere:
        parts = [f"with {versions}"] * bool(versions) + [f"on {made_on}"] * elsewhere
        warnings.warn(
            f"{start.experiment.name}, seed {start.seed} goes on from epoch {start.epochs}, which "
            f"was made {' and '.join(parts)}: its numbers will not be those of an unbroken run, "
            "and tables say so",
            records.RecordWarning,
            stacklevel=2,
        )
