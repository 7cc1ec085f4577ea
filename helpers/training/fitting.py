"""One run of an experiment: seed, build, fit, resume, record.

The way of a run: `job` says what decides its numbers, `building` makes the network, `trained` finds
its record or trains it, `checkpoints` writes the record as training goes on; `scheduling` makes
several side by side.
"""

import math
from collections.abc import Callable

from helpers import datasets, records, runtime
from helpers.experiments import Experiment
from helpers.records import Run
from helpers.runtime import keras, tf
from helpers.training.building import compiled
from helpers.training.checkpoints import Checkpoints, dropout_states
from helpers.training.job import Job, TrainingError, job_of
from helpers.training.lookup import warn_of_continuing


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
                try:
                    done = _train(job, start, told)
                except (MemoryError, tf.errors.ResourceExhaustedError) as error:
                    raise _out_of_memory(job) from error
    return job.described(done).until(experiment.epochs)


def _out_of_memory(job: Job) -> TrainingError:
    e = job.experiment
    return TrainingError(
        f"{e.name}, seed {job.seed}: the memory does not suffice for batches of {e.batch_size} "
        f"images of {e.size} x {e.size} pixels; close other programs, set fewer workers "
        "(LAB_WORKERS=1), or give it a smaller batch_size, size or base"
    )


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
        warn_of_continuing(start)
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
