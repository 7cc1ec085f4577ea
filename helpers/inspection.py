"""What a network costs, what reaches its layers, and what their feature maps look like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from helpers import runtime  # first: it keeps TensorFlow's import quiet

# isort: split
import keras
import numpy as np
import pandas as pd

from helpers import dissection, training
from helpers.comparisons import Runs, as_list
from helpers.experiments import Experiment
from helpers.models import LAST_CONVOLUTION


def multiplications(model: keras.Model) -> int:
    """Multiplications of convolutions and dense layers for one image, forward.

    A training step makes about three times as many: the gradients with respect to a layer's
    weights and to its input take one more each. What the other layers do is little beside it.
    """
    total = 0
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            _, height, width, _ = layer.output.shape
            total += height * width * int(np.prod(layer.kernel.shape))
        elif isinstance(layer, keras.layers.Dense):
            total += int(np.prod(layer.kernel.shape))
    return total


def receptive_field(model: keras.Model, name: str | None = LAST_CONVOLUTION) -> int:
    """How many pixels of a line the output of a convolution at one place depends on.

    Args:
        model: a chain of layers.
        name: of the convolution; None: the last one.
    """
    end, field, step = dissection.convolution(model, name), 1, 1
    for layer in dissection.leaves(model):
        if isinstance(layer, keras.layers.Conv2D):
            side, stride = layer.kernel_size[0], layer.strides[0]
        elif isinstance(layer, keras.layers.MaxPooling2D):
            side, stride = layer.pool_size[0], layer.strides[0]
        else:
            continue
        field += (side - 1) * step
        step *= stride
        if layer is end:
            break
    return field


def milliseconds(row: Experiment) -> float | None:
    """The median epoch's time, validation and saving included, by training image.

    None where there is no record with these settings and images.
    """
    run = training.recorded(row)
    if run is None:
        return None
    return 1000 * float(np.median(run.epoch_seconds)) / len(run.training_labels)


def costs(rows: Mapping[str, Experiment]) -> pd.DataFrame:
    """What networks cost by counting, and by the clock where they were trained on this machine.

    For the time see `milliseconds`; 'not run' where there is no record.
    """
    table = []
    for name, row in rows.items():
        model, time = training.build(row), milliseconds(row)
        table.append(
            {
                "run": name,
                "parameters": f"{model.count_params():,}",
                "million multiplications an image": f"{multiplications(model) / 1e6:,.1f}",
                "milliseconds a training image": "not run" if time is None else f"{time:.2f}",
            }
        )
    return pd.DataFrame(table).set_index("run")


def efforts(rows: Mapping[str, Runs]) -> pd.DataFrame:
    """What runs cost to their best epoch: epochs, seconds by the clock, trained parameters.

    Over several seeds epochs and seconds are their means. What was computed before the first
    epoch, the features of a frozen network, is not in the seconds.
    """
    table = []
    for name, runs in rows.items():
        listed = list(as_list(runs)) if runs else []
        if not listed:
            table.append(
                {"run": name, "epochs": "not run", "seconds": "", "trained parameters": ""}
            )
            continue
        model = training.build(listed[0].experiment)
        trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
        table.append(
            {
                "run": name,
                "epochs": f"{np.mean([run.best_epoch for run in listed]):.0f}",
                "seconds": f"{np.mean([run.seconds_to_best for run in listed]):.1f}",
                "trained parameters": f"{trained:,}",
            }
        )
    return pd.DataFrame(table).set_index("run")


def feature_maps(
    model: keras.Model, image: np.ndarray, layers: Sequence[str], count: int = 8
) -> dict[str, np.ndarray]:
    """The feature maps of one image that respond most, of each of these layers.

    Args:
        model: a network on images.
        image: float32 (1, H, W, C) in [0, 1].
        layers: their names.
        count: maps of each layer, from the largest mean on.

    Returns:
        For each layer float32 (count, height, width), as large as the layer has them.
    """
    outputs = [model.get_layer(name).output for name in layers]
    found = {}
    for name, values in zip(layers, keras.Model(model.input, outputs)(image), strict=True):
        maps = np.moveaxis(np.asarray(values, np.float32)[0], -1, 0)
        found[name] = maps[np.argsort(-maps.mean(axis=(1, 2)), kind="stable")[:count]]
    return found


def signal(model: keras.Model, images: np.ndarray) -> dict[str, float]:
    """How much of the differences between images reaches each convolution's activation.

    Args:
        model: a network of `helpers.models`; its moving statistics are left as they are.
        images: float32 (N, H, W, C), a batch as in training.

    Returns:
        For each activation of a convolution and for `logits` the standard deviation over the
        images, its square averaged over the layer's units. Batch normalisation takes the mean
        and variance of these images, as in training; nothing is dropped.
    """
    runtime.start()
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    for layer in copy.layers:
        if isinstance(layer, keras.layers.Dropout | keras.layers.SpatialDropout2D):
            layer.rate = 0.0
    names = [layer.name for layer in copy.layers if layer.name.endswith("_relu")]
    names = [name for name in names if name.startswith("block")] + ["logits"]
    outputs = [copy.get_layer(name).output for name in names]
    values = keras.Model(copy.input, outputs)(images, training=True)
    return {
        name: float(np.sqrt(np.var(np.asarray(value, np.float64), axis=0).mean()))
        for name, value in zip(names, values, strict=True)
    }
