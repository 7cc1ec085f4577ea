"""The ImageNet VGG16 without its top: the network, its features, and its joining to a head.

Weights are checked, never silently random (see `imagenet_weights`). Images are RGB in [0, 1]; what
scaling they get before the first convolution is part of the features and of a joined network.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from helpers import environment, runtime, settings
from helpers.cache import cached
from helpers.datasets import DECODING, ImageSet
from helpers.networks import imagenet_weights
from helpers.networks.inference import batches
from helpers.runtime import keras

SCALINGS = ("unit", "imagenet")  # the course's [0, 1]; what VGG16 was trained on
MEANS = (103.939, 116.779, 123.68)  # of blue, green and red in ImageNet, of 255
LAST = "block5_pool"
FEATURES = (*DECODING, "networks.pretrained", "networks.inference")  # the code that makes them
READ_BY = {"dense_head": LAST, "thawed": "block4_pool"}  # the features that a network reads


def imagenet_vgg16(input_shape: tuple[int, int, int] = (224, 224, 3)) -> keras.Model:
    """Keras's VGG16 without top, with the checked ImageNet weights (Simonyan and Zisserman, 2015).

    Args:
        input_shape: height, width and 3 channels; 32 pixels a side or more.

    Returns:
        From images, scaled as `scaling` does, to features (height // 32, width // 32, 512).

    Raises:
        WeightsError: the weights cannot be had.
    """
    base = _vgg16(input_shape)
    base.set_weights(imagenet_weights.imagenet())
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
    """What the frozen network makes of each image: computed once, then read from the cache.

    Args:
        images: a split of a set.
        size: height and width that they are resized to.
        base: imagenet or random.
        scaled: see `scaling`.
        layer: whose output is taken, the pool of a block: block1_pool to block5_pool.
        precision: float32, mixed_bfloat16 or mixed_float16; default what `runtime` chooses.

    Returns:
        float32 (N, height, width, channels) of that layer, (N, 7, 7, 512) by default; see
        `cache.cached`.

    Raises:
        DatasetError: one or more images cannot be used.
        WeightsError: the weights cannot be had.
    """
    precision = precision or runtime.precision()
    made_from = _made_from(images, size, base, scaled, layer, precision)

    def rows() -> Iterator[np.ndarray]:
        begun = time.monotonic()
        pixels = images.pixels(size, channels=3)
        what, silent = f"features of {images.name}", not settings.current().progress
        with tqdm(total=len(pixels), desc=what, unit="image", leave=False, disable=silent) as bar:
            for batch in extractor(size, base, scaled, layer, precision)(pixels):
                yield from batch
                bar.update(len(batch))
        _seconds(made_from, lambda: iter([np.array(time.monotonic() - begun)]))

    shape = (len(images.files), *feature_shape(size, layer))
    return cached("features", FEATURES, made_from, shape, "<f4", rows)


def features_seconds(
    images: ImageSet,
    size: int = 224,
    base: str = "imagenet",
    scaled: str = "unit",
    layer: str = LAST,
    precision: str | None = None,
) -> float | None:
    """How many seconds by the clock `features` took, when it computed these; None: not known."""
    precision = precision or runtime.precision()

    def unknown() -> Iterator[np.ndarray]:
        raise LookupError

    try:
        return _seconds(_made_from(images, size, base, scaled, layer, precision), unknown)
    except LookupError:
        return None


def _seconds(made_from: list[object], measured: Callable[[], Iterator[np.ndarray]]) -> float:
    return float(cached("seconds", FEATURES, made_from, (1,), "<f8", measured)[0])


def _made_from(
    images: ImageSet, size: int, base: str, scaled: str, layer: str, precision: str
) -> list[object]:
    made_from = [images.fingerprint, size, base, scaled, layer, precision]
    weights = [imagenet_weights.CHECKSUM] if base == "imagenet" else []
    return [*made_from, environment.machine(runtime.hardware()), *weights]


def extractor(
    size: int,
    base: str = "imagenet",
    scaled: str = "unit",
    layer: str = LAST,
    precision: str | None = None,
) -> Callable[..., Iterator[Any]]:
    """The frozen network as a function of images; arguments are those of `features`.

    It takes (N, size, size, 3) and gives float32 (B, height, width, channels), batch by batch, see
    `inference.batches`.
    """
    runtime.start()
    with runtime.policy(precision or runtime.precision()):
        whole = BASES[base]((size, size, 3))
        part = keras.Model(whole.input, whole.get_layer(layer).output, name="vgg16")
        network = joined(part, None, scaled)
    return batches(lambda images: network(images, training=False))


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


def with_last_block(head: keras.Model, size: int) -> keras.Model:
    """The last block of ImageNet's VGG16 and a head, to be fine-tuned together on `block4_pool`.

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
