"""The network of an experiment: built, and compiled for training."""

import functools
from collections.abc import Callable

import numpy as np

from helpers import datasets, networks
from helpers.experiments import Experiment
from helpers.runtime import keras
from helpers.training.job import TrainingError

ON_IMAGES: dict[str, Callable[..., keras.Model]] = {
    "alexnet": networks.alexnet,
    "alexnet_global_pool": functools.partial(networks.alexnet, global_pool=True),
    "vgg16": networks.vgg16,
}


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
    if experiment.labels not in (None, "shuffled"):
        raise TrainingError(
            f"{experiment.name}: labels is {experiment.labels!r}; it can be None or 'shuffled'"
        )
    if experiment.sign is not None:
        try:
            datasets.signs.check(experiment.sign, experiment.dose)
        except ValueError as error:
            raise TrainingError(f"{experiment.name}: {error}") from error
        if experiment.features is not None:
            raise TrainingError(
                f"{experiment.name}: a sign is drawn into images, not into features; set features "
                "or a sign, not both"
            )
    outputs = classes if experiment.softmax or classes > 2 else 1
    if experiment.network in networks.READ_BY:
        if experiment.features is None or experiment.augmented or len(experiment.dense) != 1:
            raise TrainingError(
                f"{experiment.name}: the network {experiment.network!r} is trained on features, "
                "which cannot be augmented, and has one dense layer; set features, take "
                "augmented=False, and give one number of units in dense"
            )
        head = networks.dense_head(
            networks.feature_shape(experiment.size),
            units=experiment.dense[0],
            dropout=experiment.dropout,
            classes=outputs,
        )
        _draw(head, seed)
        if experiment.network == "dense_head":
            return head
        return networks.with_last_block(head, experiment.size)
    if experiment.network not in ON_IMAGES:
        raise TrainingError(
            f"{experiment.name}: there is no network {experiment.network!r}; "
            f"there are {', '.join([*ON_IMAGES, *networks.READ_BY])}"
        )
    if experiment.features is not None:
        raise TrainingError(
            f"{experiment.name}: the network {experiment.network!r} is trained on images; features "
            f"are for {', '.join(networks.READ_BY)}"
        )
    model = ON_IMAGES[experiment.network](
        (experiment.size, experiment.size, channels),
        base=experiment.base,
        dense=experiment.dense,
        dropout=experiment.dropout,
        batch_norm=experiment.batch_norm,
        spatial_dropout=experiment.spatial_dropout,
        classes=outputs,
        momentum=networks.MOMENTUM if experiment.momentum is None else experiment.momentum,
    )
    _draw(model, seed)
    return model


def _draw(model: keras.Model, seed: int | None) -> None:
    """Draw all that is random in a network anew, from the seed alone; None: leave it.

    Keras draws from Python's generator, which is one for all threads of a process: what else runs
    beside may take a number from it, and then another network comes of the same seed. Networks that
    differ in dropout or batch normalisation alone begin with the same weights.
    """
    if seed is None:
        return
    weights, dropouts = (np.random.default_rng([seed, what]) for what in range(2))
    for layer in model.layers:
        if hasattr(layer, "kernel_initializer"):
            known = layer.kernel_initializer.get_config() | {"seed": int(weights.integers(2**31))}
            initializer = type(layer.kernel_initializer).from_config(known)
            layer.kernel.assign(initializer(layer.kernel.shape, layer.kernel.dtype))
        elif hasattr(layer, "seed_generator"):
            layer.seed_generator.state.assign([int(dropouts.integers(2**31)), 0])


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
        networks.Adam(experiment.learning_rate),
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


def _steps_per_call(experiment: Experiment, steps: int) -> int:
    """How many training steps TensorFlow makes before Python is asked again.

    The more, the less is lost between two of them; but a call cannot be interrupted, so large
    networks get few. It must divide the steps of an epoch: the stream of batches is endless, and
    a call that begins in an epoch ends in it.
    """
    work = experiment.batch_size * experiment.size**2 * experiment.base
    most = max(1, 150_000_000 // work)
    return max(n for n in range(1, min(most, steps) + 1) if steps % n == 0)
