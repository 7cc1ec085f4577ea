"""Shuffled batches: every image once an epoch, in an order that seed and epoch alone decide."""

import gc
import threading

import numpy as np
import processes
import pytest

from helpers.datasets import generators

COUNT, BATCH = 23, 5
STEPS = 5  # of an epoch: four full batches and one of three


def numbered(dtype: type, count: int = COUNT) -> np.ndarray:
    """Images whose pixels say which image it is."""
    pixels = np.broadcast_to(np.arange(count)[:, None, None, None], (count, 4, 4, 1))
    return (pixels * 257).astype(np.uint16) if dtype == np.uint16 else (pixels / 255).astype(dtype)


@pytest.fixture(params=["float32", "uint16", "uint16 on disk"])
def images(request, tmp_path, monkeypatch):
    if request.param == "float32":
        return numbered(np.float32)
    if request.param == "uint16":
        return numbered(np.uint16)
    monkeypatch.setattr(generators, "IN_MEMORY", 0)
    np.save(tmp_path / "x.npy", numbered(np.uint16))
    return np.load(tmp_path / "x.npy", mmap_mode="r")


def take(batches, epochs):
    """The image numbers, epoch by epoch, checked against the labels."""
    seen, sizes = [], []
    for pixels, labels in batches.take(epochs * STEPS).as_numpy_iterator():
        numbers = np.rint(pixels[:, 0, 0, 0] * 255).astype(int)
        assert np.array_equal(numbers * 10, labels)  # labels stay with their images
        seen.append(numbers)
        sizes.append(len(numbers))
    return [np.concatenate(seen[i : i + STEPS]) for i in range(0, len(seen), STEPS)], sizes


LABELS = np.arange(COUNT) * 10


def test_each_epoch_visits_every_image_once_in_the_order_drawn(images):
    epochs, sizes = take(generators.stream(images, LABELS, BATCH, seed=3), 4)
    assert sizes == [5, 5, 5, 5, 3] * 4
    for epoch, order in enumerate(epochs):
        drawn = np.random.default_rng((3, epoch)).permutation(COUNT)
        assert np.array_equal(order, drawn)
    assert len({tuple(order) for order in epochs}) == 4


def test_beginning_with_an_epoch_equals_going_on(images):
    whole, _ = take(generators.stream(images, LABELS, BATCH, seed=1), 5)
    rest, _ = take(generators.stream(images, LABELS, BATCH, seed=1, first_epoch=3), 2)
    assert np.array_equal(whole[3:], rest)


def test_same_seed_same_batches_other_seed_others(images):
    first, _ = take(generators.stream(images, LABELS, BATCH, seed=1), 2)
    again, _ = take(generators.stream(images, LABELS, BATCH, seed=1), 2)
    other, _ = take(generators.stream(images, LABELS, BATCH, seed=2), 2)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_values_types_and_shapes(images):
    batches = generators.stream(images, LABELS.astype(np.float32), BATCH, seed=0)
    assert batches.element_spec[0].shape.as_list() == [None, 4, 4, 1]
    pixels, labels = next(batches.as_numpy_iterator())
    assert pixels.dtype == np.float32 and pixels.shape == (BATCH, 4, 4, 1)
    assert labels.dtype == np.float32
    numbers = np.random.default_rng((0, 0)).permutation(COUNT)[:BATCH]
    assert np.array_equal(pixels[:, 0, 0, 0], numbers.astype(np.float32) / np.float32(255))


def test_labels_of_several_columns():
    labels = np.eye(COUNT, dtype=np.float32)
    pixels, rows = next(
        generators.stream(numbered(np.float32), labels, BATCH, 0).as_numpy_iterator()
    )
    assert rows.argmax(1).tolist() == np.rint(pixels[:, 0, 0, 0] * 255).astype(int).tolist()


def test_large_sets_are_shuffled_whole():
    count = 20_000
    batches = generators.stream(np.zeros((count, 1, 1, 1), np.float32), np.arange(count), 1000, 0)
    labels = [batch for _, batch in batches.take(20).as_numpy_iterator()]
    assert np.array_equal(np.sort(np.concatenate(labels)), np.arange(count))
    assert labels[0].max() > 0.99 * count and labels[0].min() < 0.01 * count


def test_images_are_not_copied_into_the_graph():
    import tensorflow as tf

    images = np.zeros((500, 32, 32, 1), np.float32)  # two megabytes
    batches = generators.stream(images, np.zeros(500), BATCH, 0)
    graph = tf.raw_ops.DatasetToGraphV2(input_dataset=batches._variant_tensor)
    assert len(graph.numpy()) < 50_000


def test_batches_are_prepared_ahead():
    """TensorFlow prepares none beside a stateful operation, where operations are deterministic."""
    asked, ahead = [], threading.Event()

    class Rows(np.ndarray):
        def __getitem__(self, index):
            asked.append(index)
            if len(asked) >= 3:  # more than the first batches need
                ahead.set()
            return np.asarray(self)[index]

    labels = np.arange(400).view(Rows)
    images = np.zeros((400, 4, 4, 1), np.float32)
    iterator = generators.stream(images, labels, BATCH, 0).as_numpy_iterator()
    next(iterator)
    assert ahead.wait(processes.LIMIT)


def test_nothing_is_waited_for_at_the_end():
    """Where TensorFlow tunes a stream, its end waits for a clock that is asked ever less often."""
    assert not generators.stream(numbered(np.uint16), LABELS, BATCH, 0).options().autotune.enabled


def test_the_images_live_as_long_as_the_batches():
    batches = generators.stream(numbered(np.float32), LABELS.copy(), BATCH, 0)
    iterator = batches.as_numpy_iterator()
    next(iterator)
    del batches
    gc.collect()
    assert len([next(iterator) for _ in range(20)]) == 20


def test_only_the_rows_of_the_batch_are_read_from_disk(monkeypatch):
    monkeypatch.setattr(generators, "IN_MEMORY", 0)
    asked = []

    class Rows(np.ndarray):
        def __getitem__(self, index):
            asked.append(np.array(index))
            return np.asarray(self)[index]

    images = numbered(np.uint16).view(Rows)
    next(generators.stream(images, LABELS, BATCH, 0).as_numpy_iterator())
    assert asked and all(len(index) <= generators.AHEAD * BATCH for index in asked)


def test_a_model_can_be_fitted():
    import keras

    model = keras.Sequential(
        [keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    batches = generators.stream(numbered(np.uint16), LABELS / 230, BATCH, 0)
    history = model.fit(batches, steps_per_epoch=STEPS, epochs=3, shuffle=False, verbose=0)
    assert len(history.history["loss"]) == 3


def test_bad_arguments():
    with pytest.raises(ValueError, match="23 images but 22 labels"):
        generators.stream(numbered(np.float32), LABELS[1:], BATCH, 0)
    with pytest.raises(ValueError, match="at least 1"):
        generators.stream(numbered(np.float32), LABELS, 0, 0)
    with pytest.raises(ValueError, match="at least 1"):
        generators.stream(numbered(np.float32)[:0], LABELS[:0], BATCH, 0)
