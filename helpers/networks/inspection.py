"""A network inspected: its multiplications, its feature maps, and what reaches its layers."""

from collections.abc import Sequence

import numpy as np

from helpers import runtime
from helpers.networks import surgery
from helpers.networks.models import LAST_CONVOLUTION
from helpers.runtime import keras


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
    end, field, step = surgery.convolution(model, name), 1, 1
    for layer in surgery.leaves(model):
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
        model: a network of `networks.models`; its moving statistics are left as they are.
        images: float32 (N, H, W, C), a batch as in training.

    Returns:
        For each activation of a convolution and for `logits` the standard deviation over the
        images, its square averaged over the layer's units. Batch normalisation takes the mean
        and variance of these images, as in training; nothing is dropped.
    """
    runtime.start()
    copy = surgery.copied(model)
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
