"""An array of images and their labels -> an endless stream of shuffled, augmented batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from helpers import settings
from helpers.augmentation import Augmentation, apply, epoch_maps

if TYPE_CHECKING:
    import tensorflow as tf

IN_MEMORY = 512 * 2**20  # bytes of uint16 pixels; beyond, batches are read from the memory map
PREFETCH = 4  # batches made ahead


def orders(count: int, batch_size: int, seed: int, first_epoch: int = 0) -> tf.data.Dataset:
    """An endless stream of (epoch, indices int64 (B,)): which images make up which batch.

    Epoch e visits 0 to count - 1 once each, in the order that
    `numpy.random.default_rng((seed, e)).permutation(count)` draws: the whole set is shuffled
    however large, and a stream that begins with epoch k goes on exactly as an unbroken one. The
    last batch of an epoch may be smaller.
    """
    from helpers.runtime import start, tf  # noqa: PLC0415 - seconds, and only streams need it

    start()
    if count < 1 or batch_size < 1:
        raise ValueError(f"{count} images in batches of {batch_size}: both must be at least 1")

    def draw(epoch: np.ndarray) -> np.ndarray:
        return np.random.default_rng((seed, int(epoch))).permutation(count).astype(np.int64)

    def batches(epoch: tf.Tensor) -> tf.data.Dataset:
        order = tf.ensure_shape(tf.numpy_function(draw, [epoch], tf.int64), [count])
        indices = tf.data.Dataset.from_tensor_slices(order).batch(batch_size)
        return indices.map(lambda batch: (epoch, batch))

    return tf.data.Dataset.counter(first_epoch).flat_map(batches)


def stream(
    images: np.ndarray,
    labels: np.ndarray,
    batch_size: int,
    seed: int,
    first_epoch: int = 0,
    augmentation: Augmentation | None = None,
) -> tf.data.Dataset:
    """An endless stream of shuffled batches for `model.fit(steps_per_epoch=ceil(N / B))`.

    Args:
        images: uint16 (N, H, W, C) as `ImageSet.pixels` gives it, copied into memory where it has
            at most `IN_MEMORY` bytes and otherwise read batch by batch; or float32 (N, H, W, C).
        labels: (N,) or (N, classes), of any type, which is kept.
        batch_size: images a batch.
        seed: with the epoch it decides the order, see `orders`.
        first_epoch: the epoch, from 0, to begin with.
        augmentation: how images are transformed at random; from the seed, and differently in
            every epoch. None: not at all.

    Returns:
        Batches of images float32 (B, H, W, C) in [0, 1] and their labels.
    """
    from helpers.runtime import start, tf  # noqa: PLC0415

    start()
    if len(images) != len(labels):
        raise ValueError(f"{len(images)} images but {len(labels)} labels; there must be as many")
    stored = images.dtype == np.uint16
    # Variables, since a dataset refers to them where it copies plain tensors into its graph,
    # which costs time and memory. On the CPU, since batches are made there.
    with tf.device("CPU"):
        in_memory = None
        if not stored or images.nbytes <= IN_MEMORY:
            in_memory = tf.Variable(images, trainable=False)
        all_labels = tf.Variable(labels, trainable=False)

    def rows(indices: np.ndarray) -> np.ndarray:
        return images[indices]

    def maps(epoch: np.ndarray, indices: np.ndarray) -> np.ndarray:
        assert augmentation is not None
        height, width = images.shape[1:3]
        return epoch_maps(augmentation, len(images), seed, int(epoch), height, width)[indices]

    def batch(epoch: tf.Tensor, indices: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        if in_memory is None:
            chosen = tf.numpy_function(rows, [indices], tf.uint16)
            chosen = tf.ensure_shape(chosen, [None, *images.shape[1:]])
        else:
            chosen = tf.gather(in_memory, indices)
        if stored:
            chosen = tf.cast(chosen, tf.float32) / 65535.0
        if augmentation is not None:
            drawn = tf.numpy_function(maps, [epoch, indices], tf.float32)
            chosen = apply(chosen, tf.ensure_shape(drawn, [None, 8]))
        return chosen, tf.gather(all_labels, indices)

    batches = orders(len(images), batch_size, seed, first_epoch)
    if augmentation is not None:  # the work is in the images; without it, in starting threads
        return batches.map(batch, num_parallel_calls=settings.current().threads).prefetch(PREFETCH)
    return batches.map(batch).prefetch(PREFETCH)
