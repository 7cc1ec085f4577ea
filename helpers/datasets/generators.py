"""An array of images and their labels -> an endless stream of shuffled, augmented batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from helpers import settings
from helpers.datasets.augmentation import Augmentation, apply, pixel_maps

if TYPE_CHECKING:
    import tensorflow as tf

IN_MEMORY = 512 * 2**20  # bytes of pixels or features; more are read from the memory map
AHEAD = 4  # batches prepared at once, and batches kept ready


def stream(
    images: np.ndarray,
    labels: np.ndarray,
    batch_size: int,
    seed: int,
    first_epoch: int = 0,
    augmentation: Augmentation | None = None,
) -> tf.data.Dataset:
    """An endless stream of shuffled batches for `model.fit(steps_per_epoch=ceil(N / B))`.

    Epoch e visits each image once, in the order that
    `numpy.random.default_rng((seed, e)).permutation(N)` draws: sets of any size are shuffled whole,
    and a stream that begins with epoch k continues exactly as an unbroken one. The last batch of
    an epoch may be smaller.

    Args:
        images: uint16 (N, H, W, C) as `ImageSet.pixels` gives it, copied into memory if it has at
            most `IN_MEMORY` bytes and otherwise read batch by batch; or float32.
        labels: (N,) or (N, classes), of any type, which is kept.
        batch_size: images per batch.
        seed: decides, with the epoch, the order and the augmentation.
        first_epoch: the epoch, from 0, to begin with.
        augmentation: how images are transformed at random, anew in every epoch; None: not at all.

    Returns:
        Batches of images float32 (B, H, W, C) in [0, 1] and their labels.
    """
    from helpers.runtime import start, tf  # noqa: PLC0415 - seconds, and only streams need it

    start()
    count, (height, width) = len(images), images.shape[1:3]
    if count != len(labels):
        raise ValueError(f"{count} images but {len(labels)} labels; there must be as many")
    if count < 1 or batch_size < 1:
        raise ValueError(f"{count} images in batches of {batch_size}: both must be at least 1")
    if images.nbytes <= IN_MEMORY:
        images = np.array(images)

    def drawn(epoch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        order = np.random.default_rng((seed, int(epoch))).permutation(count)
        if augmentation is None:
            return order, np.zeros((count, 0), np.float32)
        maps = pixel_maps(augmentation.draw(count, seed, int(epoch)), height, width)
        return order, maps[order]

    def rows(indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return images[indices], labels[indices]

    # Declared stateless, as they are: beside a stateful operation, TensorFlow prepares no batches
    # ahead when it is to be deterministic.
    def epoch_of(epoch: tf.Tensor) -> tf.data.Dataset:
        order, maps = tf.numpy_function(drawn, [epoch], (tf.int64, tf.float32), stateful=False)
        order, maps = tf.ensure_shape(order, [count]), tf.ensure_shape(maps, [count, None])
        return tf.data.Dataset.from_tensor_slices((order, maps)).batch(AHEAD * batch_size)

    def read(indices: tf.Tensor, maps: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        types = (images.dtype, labels.dtype)
        chosen, their = tf.numpy_function(rows, [indices], types, stateful=False)
        chosen = tf.ensure_shape(chosen, [None, *images.shape[1:]])
        if images.dtype == np.uint16:
            chosen = tf.cast(chosen, tf.float32) / 65535.0
        if augmentation is not None:
            chosen = apply(chosen, tf.ensure_shape(maps, [None, 8]))
        return chosen, tf.ensure_shape(their, [None, *labels.shape[1:]])

    # Each operation takes some time, so several batches are read at once and then cut apart.
    full, rest = divmod(count, batch_size)
    sizes = [batch_size] * full + [rest] * (rest > 0)
    several = tf.data.Dataset.counter(first_epoch).flat_map(epoch_of)
    several = several.map(read, num_parallel_calls=settings.usable_cores())
    options = tf.data.Options()
    options.autotune.enabled = False  # waiting for its thread at the end may take seconds
    return several.rebatch(sizes).prefetch(AHEAD).with_options(options)
