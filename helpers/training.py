"""One function runs an experiment: seed, build, fit, resume, record."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

from helpers import runtime  # first: it keeps TensorFlow's import quiet

# isort: split
import keras
import numpy as np

from helpers import datasets, fused, models, pretrained, progress, records, settings, streams
from helpers.augmentation import Augmentation
from helpers.checkpoints import Checkpoints, Job, TrainingError, dropout_states
from helpers.datasets import ImageSet
from helpers.experiments import Experiment
from helpers.runs import Run

__all__ = [
    "TrainingError", "build", "compiled", "images_of", "recorded", "recorded_seeds", "run",
    "run_seeds",
]  # fmt: skip


def build(
    experiment: Experiment, channels: int = 1, classes: int = 2, seed: int | None = None
) -> keras.Model:
    """The network of an experiment, not compiled.

    Args:
        experiment: a row of the table, or a changed copy of one.
        channels: of an image.
        classes: to tell apart.
        seed: of its weights, which are then those that `run` begins with; None: any weights.

    Raises:
        TrainingError: the lab has no such network.
    """
    if seed is not None:
        keras.utils.set_random_seed(seed)
    if experiment.labels not in (None, "shuffled"):
        raise TrainingError(
            f"{experiment.name}: labels is {experiment.labels!r}; it can be None or 'shuffled'"
        )
    outputs = classes if experiment.softmax or classes > 2 else 1
    if experiment.network in pretrained.READ_BY:
        if experiment.features is None or experiment.augmented or len(experiment.dense) != 1:
            raise TrainingError(
                f"{experiment.name}: the network {experiment.network!r} is trained on features, "
                "which cannot be augmented, and has one dense layer; set features, take "
                "augmented=False, and give one number of units in dense"
            )
        head = models.dense_head(
            pretrained.feature_shape(experiment.size),
            units=experiment.dense[0],
            dropout=experiment.dropout,
            classes=outputs,
        )
        return (
            head if experiment.network == "dense_head" else pretrained.thawed(head, experiment.size)
        )
    networks: dict[str, Callable[..., keras.Model]] = {
        "alexnet": models.alexnet,
        "alexnet_global_pool": functools.partial(models.alexnet, global_pool=True),
        "vgg16": models.vgg16,
    }
    if experiment.network not in networks:
        raise TrainingError(
            f"{experiment.name}: there is no network {experiment.network!r}; "
            f"there are {', '.join([*networks, *pretrained.READ_BY])}"
        )
    if experiment.features is not None:
        raise TrainingError(
            f"{experiment.name}: the network {experiment.network!r} is trained on images; features "
            f"are for {', '.join(pretrained.READ_BY)}"
        )
    return networks[experiment.network](
        (experiment.size, experiment.size, channels),
        base=experiment.base,
        dense=experiment.dense,
        dropout=experiment.dropout,
        batch_norm=experiment.batch_norm,
        spatial_dropout=experiment.spatial_dropout,
        classes=outputs,
    )


def compiled(
    experiment: Experiment, steps: int, classes: int = 2, seed: int | None = None
) -> keras.Model:
    """The network of an experiment, ready to be trained.

    Args:
        experiment: a row of the table, or a changed copy of one.
        steps: of an epoch.
        classes: as for `build`.
        seed: as for `build`.
    """
    model = build(experiment, classes=classes, seed=seed)
    one_output = model.output_shape[-1] == 1
    model.compile(
        fused.Adam(experiment.learning_rate),
        loss="binary_crossentropy" if one_output else "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=_steps_per_call(experiment, steps),
        jit_compile=False,
    )
    # With all its variables made before, TensorFlow traces a training step once and not twice.
    model.optimizer.build(model.trainable_variables)
    model.compute_metrics(None, np.zeros(1), np.zeros((1, model.output_shape[-1])))
    model.reset_metrics()
    return model


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
    job = _job(experiment, seed)
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
    done = records.read(_job(experiment, seed).record, warn=False)
    return done.until(experiment.epochs) if done and done.epochs >= experiment.epochs else None


def recorded_seeds(experiment: Experiment) -> list[Run]:
    """What `run_seeds` would give, as far as it needs no training."""
    found = [recorded(experiment, seed) for seed in settings.current().all_seeds]
    return [run for run in found if run is not None]


def images_of(experiment: Experiment) -> tuple[ImageSet, ImageSet]:
    """The images that a run is trained on, and those it is validated on.

    Raises:
        datasets.DatasetError: there is something wrong with them.
    """
    train, validation = datasets.load_pair(experiment.data)
    return train.subset(experiment.images), validation.subset(experiment.validation_images)


def _job(experiment: Experiment, seed: int | None) -> Job:
    """The experiment with a seed (None: the settings'), on the images and machine at hand."""
    current = settings.current()
    train, validation = images_of(experiment)
    seed = current.seed if seed is None else seed
    return Job(experiment, seed, train, validation, runtime.precision(), current.threads)


def run_seeds(experiment: Experiment) -> list[Run]:
    """The experiment once for each seed of the settings."""
    return [run(experiment, seed) for seed in settings.current().all_seeds]


def _train(job: Job, start: Run | None) -> Run:
    """Train from `start` (None: from the first epoch) to the last epoch, recording on the way."""
    experiment = job.experiment
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
            streams.stream(
                images,
                job.labels,
                experiment.batch_size,
                job.seed,
                first_epoch=first,
                augmentation=Augmentation() if experiment.augmented else None,
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


def _steps_per_call(experiment: Experiment, steps: int) -> int:
    """How many training steps TensorFlow makes before Python is asked again.

    The more, the less is lost between two of them; but a call cannot be interrupted, so large
    networks get few. It must divide the steps of an epoch: the stream of batches is endless, and
    a call that begins in an epoch ends in it.
    """
    work = experiment.batch_size * experiment.size**2 * experiment.base
    most = max(1, 150_000_000 // work)
    return max(n for n in range(1, min(most, steps) + 1) if steps % n == 0)
