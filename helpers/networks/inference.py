"""The one way in which networks are applied: compiled, batch by batch, in bounded memory.

Training gives each operation the threads that its row says, mostly one; here as many batches as
there are cores are computed at once. The numbers are the same.
"""

import math
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from helpers import settings
from helpers.datasets import unit_range
from helpers.runtime import keras, tf

BATCH = 32  # images at a time; of small ones as many as hold
NUMBERS = 1 << 20  # so many numbers


def batch_size(images: np.ndarray) -> int:
    """How many images of this shape, (N, ...), are taken at a time."""
    return max(BATCH, NUMBERS // math.prod(images.shape[1:]))


def batches(function: Callable[..., Any]) -> Callable[..., Iterator[Any]]:
    """A function of tensors, compiled, as one that works through arrays batch by batch.

    Args:
        function: from images, and other tensors of as many rows, to a tensor or several.

    Returns:
        From images, float32 or uint16 as `ImageSet.pixels` gives them, and other arrays of as many
        rows, to the float32 arrays of each batch in turn.
    """
    traced: dict[Hashable, Callable[..., Any]] = {}  # once for any number of images

    def run(images: np.ndarray, *others: np.ndarray) -> Iterator[Any]:
        size, cores = batch_size(images), settings.usable_cores()

        def rows(start: int, stop: int) -> list[np.ndarray]:
            return [unit_range(images[start:stop]), *(x[start:stop] for x in others)]

        kind = tuple((x.shape[1:], x.dtype.name) for x in rows(0, 0))
        if kind not in traced:  # before there are threads, which Keras does not expect
            signature = [tf.TensorSpec((None, *shape), of) for shape, of in kind]
            traced[kind] = tf.function(function, signature, autograph=False).get_concrete_function()

        def batch(start: int) -> Any:
            outputs = traced[kind](*map(tf.constant, rows(start, start + size)))
            return tf.nest.map_structure(lambda x: tf.cast(x, tf.float32).numpy(), outputs)

        starts = range(0, len(images), size)
        with ThreadPoolExecutor(cores) as pool:
            for i in range(0, len(starts), cores):
                yield from pool.map(batch, starts[i : i + cores])

    return run


def batched(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same with the arrays of all batches joined."""
    run = batches(function)

    def joined(images: np.ndarray, *others: np.ndarray) -> Any:
        return tf.nest.map_structure(lambda *x: np.concatenate(x), *run(images, *others))

    return joined


def predictor(model: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """A function from images, or features, to the probabilities that the network gives them.

    It follows the network's weights when they change. It takes (N, H, W, C), as `batches` does, and
    gives float32 (N,) of a sigmoid or (N, classes) of a softmax.
    """
    infer = batched(lambda images: model(images, training=False))

    def predict(images: np.ndarray) -> np.ndarray:
        outputs = infer(images)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    return predict
