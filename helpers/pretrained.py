"""The ImageNet VGG16 without its top: the network, its features, and its joining to a head.

Weights are checked, never silently random (`helpers.weights`). Images are RGB in [0, 1]; what
scaling they get before the first convolution is part of the features and of a joined network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from helpers import runtime  # first: it keeps TensorFlow's import quiet

# isort: split
import keras
import numpy as np
import tensorflow as tf

from helpers import decoding, progress, weights
from helpers.datasets import ImageSet
from helpers.keeping import kept

SCALINGS = ("unit", "imagenet")  # the course's [0, 1]; what VGG16 was trained on
MEANS = (103.939, 116.779, 123.68)  # of blue, green and red in ImageNet, of 255
BATCH = 32  # images at once; in 16-bit precision a batch of 8 goes at half the speed
LAST = "block5_pool"
READ_BY = {"dense_head": LAST, "thawed": "block4_pool"}  # the features that a network reads


def imagenet_vgg16(input_shape: tuple[int, int, int] = (224, 224, 3)) -> keras.Model:
    """Keras's VGG16 without top, with the checked ImageNet weights (Simonyan and Zisserman, 2015).

    Args:
        input_shape: height, width and 3 channels; 32 pixels a side or more.

    Returns:
        From images, scaled as `scaling` does, to features (height // 32, width // 32, 512).

    Raises:
        weights.WeightsError: the weights cannot be had.
    """
    base = _vgg16(input_shape)
    base.set_weights(weights.imagenet())
    return base


def random_vgg16(input_shape: tuple[int, int, int] = (224, 224, 3), seed: int = 0) -> keras.Model:
    """The same network untrained, to see what the training on ImageNet is worth.

    Weights are drawn as He et al. (2015) propose, so that the features keep the size of the
    images' differences through thirteen convolutions; biases are zero.
    """
    base = _vgg16(input_shape)
    rng = np.random.default_rng(seed)
    drawn = [
        rng.normal(0, np.sqrt(2 / np.prod(w.shape[:-1])), w.shape) if w.ndim > 1 else 0 * w
        for w in base.get_weights()
    ]
    base.set_weights(drawn)
    return base


BASES = {"imagenet": imagenet_vgg16, "random": random_vgg16}


def scaling(name: str) -> keras.layers.Layer:
    """What is done to RGB images in [0, 1] before the first convolution.

    `unit` leaves them. `imagenet` makes BGR in 0 to 255 of them, less the means of ImageNet, as
    `keras.applications.vgg16.preprocess_input` does.

    Raises:
        ValueError: there is no such scaling.
    """
    if name not in SCALINGS:
        raise ValueError(f"no scaling {name!r}; the scalings are {', '.join(SCALINGS)}")
    if name == "unit":
        return keras.layers.Identity(name="unit")
    # A convolution of one pixel, since that is an ordinary layer which saves and loads.
    layer = keras.layers.Conv2D(3, 1, dtype="float32", trainable=False, name="imagenet")
    layer.build((None, None, None, 3))
    layer.set_weights([255 * np.eye(3)[::-1].reshape(1, 1, 3, 3), -np.array(MEANS)])
    return layer


def features(
    images: ImageSet,
    size: int = 224,
    base: str = "imagenet",
    scaled: str = "unit",
    layer: str = LAST,
    precision: str | None = None,
) -> np.ndarray:
    """What the frozen network makes of each image: once, and then read from disk.

    Args:
        images: a split of a set.
        size: height and width that they are resized to.
        base: imagenet or random.
        scaled: see `scaling`.
        layer: whose output is taken, the pool of a block: block1_pool to block5_pool.
        precision: float32, mixed_bfloat16 or mixed_float16; default what `runtime` chooses.

    Returns:
        float32 (N, height, width, channels) of that layer, (N, 7, 7, 512) by default; a read-only
        memory map, or an array in memory where nothing can be kept.

    Raises:
        DatasetError: one or more images cannot be used.
        weights.WeightsError: the weights cannot be had.
    """
    precision = precision or runtime.precision()
    shape = feature_shape(size, layer)
    made_with = [images.fingerprint, size, base, scaled, layer, precision, decoding.DECODING]
    if base == "imagenet":
        made_with.append(weights.CHECKSUM)
    name = hashlib.sha256(repr(made_with).encode()).hexdigest()[:16]

    def rows() -> Iterator[np.ndarray]:
        pixels = images.pixels(size, channels=3)
        extract = extractor(size, base, scaled, layer, precision)
        with progress.bar(len(pixels), f"features of {images.name}", "image") as bar:
            for start in range(0, len(pixels), BATCH):
                batch = decoding.unit_range(pixels[start : start + BATCH])
                yield from extract(batch)
                bar.update(len(batch))

    return kept(f"features_{name}", (len(images.files), *shape), np.dtype("<f4"), rows, "features")


def extractor(
    size: int, base: str, scaled: str, layer: str, precision: str
) -> Callable[[np.ndarray], np.ndarray]:
    """The frozen network as a function of a batch; arguments are those of `features`.

    It takes float32 (N, size, size, 3) in [0, 1] and gives float32 (N, height, width, channels).
    """
    runtime.start()
    with runtime.policy(precision):
        whole = BASES[base]((size, size, 3))
        part = keras.Model(whole.input, whole.get_layer(layer).output, name="vgg16")
        network = joined(part, None, scaled)
    infer = tf.function(
        lambda batch: tf.cast(network(batch, training=False), tf.float32),
        input_signature=[tf.TensorSpec((None, size, size, 3), tf.float32)],
    )
    return lambda batch: infer(batch).numpy()


def feature_shape(size: int, layer: str = LAST) -> tuple[int, int, int]:
    """Height, width and channels of the features of `layer`, 'block1_pool' to 'block5_pool'."""
    block = int(layer.removeprefix("block").removesuffix("_pool"))
    side = size // 2**block
    return side, side, 64 * 2 ** min(block - 1, 3)


def joined(base: keras.Model, head: keras.Model | None, scaled: str = "unit") -> keras.Model:
    """Scaling, base and head as one network from images to what the head says.

    Args:
        base: `imagenet_vgg16` or a part of it.
        head: a network on its features; None for the features themselves.
        scaled: see `scaling`.
    """
    inputs = keras.Input(base.input_shape[1:], name="image")
    outputs = base(scaling(scaled)(inputs))
    return keras.Model(inputs, outputs if head is None else head(outputs), name="joined")


def thawed(head: keras.Model, size: int) -> keras.Model:
    """The last block of ImageNet's VGG16 and a head, to be trained together on `block4_pool`.

    The layers keep their names; those of the head are its own, with its weights.
    """
    base = imagenet_vgg16((size, size, 3))
    first = base.layers.index(base.get_layer("block4_pool"))
    inputs = keras.Input(base.layers[first].output.shape[1:], name="features")
    x = inputs
    for layer in [*base.layers[first + 1 :], *head.layers[1:]]:
        x = layer(x)
    return keras.Model(inputs, x, name="thawed")


def _vgg16(input_shape: tuple[int, int, int]) -> keras.Model:
    runtime.start()
    return keras.applications.VGG16(include_top=False, weights=None, input_shape=input_shape)
