"""One function runs an experiment: seed, build, fit, resume, record.

The way of a run: `job` says what decides its numbers, `building` makes the network, `run` finds its
record or trains it, `checkpoints` writes the record as training goes on.
"""

import math

from helpers import datasets, progress, records, runtime, settings
from helpers.experiments import Experiment
from helpers.records import Run
from helpers.runtime import keras
from helpers.training.building import compiled
from helpers.training.checkpoints import Checkpoints, dropout_states
from helpers.training.job import Job, job_of


def run(experiment: Experiment, seed: int | None = None) -> Run:
    """Train an experiment and record it, or read the record where it was trained before.

    The same experiment, seed, images, precision, threads and machine give the same numbers to
    the last bit, also where the training was interrupted and goes on from its record.

    Args:
        experiment: a row of the table, or a changed copy of one.
        seed: of initial weights, order of images and dropout; default the settings' seed.

    Raises:
        TrainingError: the loss became NaN or infinite, or the experiment asks for what the lab
            does not have.
        records.RecordError: the record cannot be written.
        datasets.DatasetError: there is something wrong with the images.
    """
    job = job_of(experiment, seed)
    done = records.read(job.record, warn=False)
    if done is None or done.epochs < experiment.epochs:
        with records.locked(job.record):
            done = records.read(job.record)  # by now another process may have trained it
            if done is None or done.epochs < experiment.epochs:
                start = done or records.longest(job.identity, job.seed, experiment.epochs)
                done = _train(job, start)
    return done.until(experiment.epochs)


def recorded(experiment: Experiment, seed: int | None = None) -> Run | None:
    """What `run` would give, where it needs no training; else None.

    Raises:
        datasets.DatasetError: there is something wrong with the images.
    """
    done = records.read(job_of(experiment, seed).record, warn=False)
    return done.until(experiment.epochs) if done and done.epochs >= experiment.epochs else None


def recorded_seeds(experiment: Experiment) -> list[Run]:
    """What `run_seeds` would give, as far as it needs no training."""
    found = [recorded(experiment, seed) for seed in settings.current().all_seeds]
    return [run for run in found if run is not None]


def run_seeds(experiment: Experiment) -> list[Run]:
    """The experiment once for each seed of the settings."""
    return [run(experiment, seed) for seed in settings.current().all_seeds]


def _train(job: Job, start: Run | None) -> Run:
    """Train from `start` (None: from the first epoch) to the last epoch, recording on the way."""
    experiment = job.experiment
    datasets.load_pair(experiment.data)  # for its warnings
    steps = math.ceil(len(job.labels) / experiment.batch_size)
    with runtime.policy(job.precision):
        model = compiled(experiment, steps, classes=len(job.train.classes), seed=job.seed)
        best = keras.models.clone_model(model)
    images = job.inputs(job.train)
    if experiment.starts_from is not None and start is None:
        for layer in run(experiment.starts_from, job.seed).model("best").layers:
            model.get_layer(layer.name).set_weights(layer.get_weights())
    if start is not None:
        # Not load_model: from a file SpatialDropout2D comes back in another precision.
        model.load_weights(start.folder / "last.keras")
        best.load_weights(start.folder / "best.keras")
        for state, saved in zip(dropout_states(model), start.info["dropout"], strict=True):
            state.assign(saved)
    first = start.epochs if start else 0
    with progress.bar(experiment.epochs, f"{experiment.name}, seed {job.seed}", "epoch") as bar:
        bar.update(first)
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
            callbacks=[Checkpoints(job, start, best, bar)],
        )
    done = records.read(job.record)
    if done is None or done.epochs < experiment.epochs:
        raise records.RecordError(f"{job.record}: the record just written cannot be read back")
    return done
