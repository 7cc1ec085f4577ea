"""One run of an experiment: seed, build, fit, resume, record.

The way of a run: `job` says what decides its numbers, `building` makes the network, `trained` finds
its record or trains it, `checkpoints` writes the record as training goes on; `scheduling` makes
several side by side.
"""

import math
import warnings
from collections.abc import Callable

from helpers import datasets, environment, records, runtime
from helpers.experiments import Experiment, seeds_of
from helpers.records import Run
from helpers.runtime import keras
from helpers.training.building import compiled
from helpers.training.checkpoints import Checkpoints, dropout_states
from helpers.training.job import Job, job_of


def trained(
    experiment: Experiment, seed: int, told: Callable[[int], object] = lambda _: None
) -> Run:
    """Train an experiment in this process and record it, or read its record; see `training.run`.

    Args:
        experiment: a row of the table, or a changed copy of one.
        seed: of initial weights, order of images and dropout.
        told: is called with the number of epochs that there are to begin with, and after each.
    """
    job = job_of(experiment, seed)
    done = records.read(job.record, warn=False)
    if done is None or done.epochs < experiment.epochs:
        with records.locked(job.record):
            done = records.read(job.record)  # by now another process may have trained it
            if done is None or done.epochs < experiment.epochs:
                start = done or records.longest(job.identity, job.seed, experiment.epochs)
                done = _train(job, start, told)
    return done.until(experiment.epochs)


def recorded(experiment: Experiment, seed: int | None = None) -> Run | None:
    """What `run` would give, where it needs no training; else None.

    Raises:
        datasets.DatasetError: there is something wrong with the images.

    Warns:
        records.RecordWarning: it was made with other versions of packages.
    """
    done = records.read(job_of(experiment, seed).record, warn=False)
    if done is None or done.epochs < experiment.epochs:
        return None
    done = done.until(experiment.epochs)
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


def _train(job: Job, start: Run | None, told: Callable[[int], object]) -> Run:
    """Train from `start` (None: from the first epoch) to the last epoch, recording on the way."""
    experiment = job.experiment
    runtime.start(job.threads)
    datasets.load_pair(experiment.data)  # for its warnings
    steps = math.ceil(len(job.labels) / experiment.batch_size)
    with runtime.policy(job.precision):
        model = compiled(experiment, steps, classes=len(job.train.classes), seed=job.seed)
        best = keras.models.clone_model(model)
    images = job.inputs(job.train)
    if experiment.starts_from is not None and start is None:
        for layer in trained(experiment.starts_from, job.seed).model("best").layers:
            model.get_layer(layer.name).set_weights(layer.get_weights())
    if start is not None:
        _warn_of_continuing(job, start)
        # Not load_model: from a file SpatialDropout2D comes back in another precision.
        model.load_weights(start.folder / "last.keras")
        best.load_weights(start.folder / "best.keras")
        for state, saved in zip(dropout_states(model), start.info["dropout"], strict=True):
            state.assign(saved)
    first = start.epochs if start else 0
    told(first)
    model.fit(
        datasets.stream(
            images,
            job.labels,
            experiment.batch_size,
            job.seed,
            first_epoch=first,
            augmentation=datasets.Augmentation() if experiment.augmented else None,
        ),
        shuffle=False,  # the stream is shuffled, from the seed
        steps_per_epoch=steps,
        initial_epoch=first,
        epochs=experiment.epochs,
        verbose=0,
        callbacks=[Checkpoints(job, start, best, told)],
    )
    done = records.read(job.record)
    if done is None or done.epochs < experiment.epochs:
        raise records.RecordError(f"{job.record}: the record just written cannot be read back")
    return done


def _warn_of_continuing(job: Job, start: Run) -> None:
    """Say it where a run goes on with other versions or on another kind of machine."""
    hardware = start.made[-1]["hardware"]
    before, here = [hardware["processor"], *hardware["gpus"]], runtime.kind()
    others = [other_versions(start)] + [" and ".join(before)] * (before != here)
    if made := ", on ".join(filter(None, others)):
        warnings.warn(
            f"{job.experiment.name}, seed {job.seed} goes on from epoch {start.epochs}, which was "
            f"made {'on' if not others[0] else 'with'} {made}: its numbers will not be those of "
            "an unbroken run, and tables say so",
            records.RecordWarning,
            stacklevel=2,
        )
