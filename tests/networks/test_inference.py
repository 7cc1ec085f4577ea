"""Networks applied batch by batch: the same numbers as at once, in bounded memory."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from runs import BASE

from helpers import datasets, settings, training
from helpers.networks import inference, predictor

RNG = np.random.default_rng(0)


def test_prediction_in_batches_of_either_kind_of_pixels_is_the_networks_own(lab):
    model = training.build(BASE)
    train, _ = datasets.load_pair("skin")
    images, _ = train.arrays(BASE.size)
    whole = model(images, training=False).numpy()[:, 0]
    predict = predictor(model)
    assert predict(images).shape == (16,)
    np.testing.assert_allclose(predict(images), whole, atol=1e-6)
    np.testing.assert_allclose(predict(train.pixels(BASE.size)), whole, atol=1e-6)


def test_a_softmax_has_a_column_a_class_and_weights_are_followed(lab):
    model = training.build(BASE, classes=3)
    images = RNG.random((5, 16, 16, 1)).astype(np.float32)
    predict = predictor(model)
    before = predict(images)
    assert before.shape == (5, 3) and before.dtype == np.float32
    model.set_weights([2 * w for w in model.get_weights()])
    np.testing.assert_allclose(predict(images), model(images, training=False), atol=1e-6)
    assert not np.allclose(predict(images), before)


def test_small_images_are_taken_by_numbers_and_large_ones_32_at_a_time():
    assert inference.batch_size(np.zeros((1, 16, 16, 1))) == 4096
    assert inference.batch_size(np.zeros((7, 1024, 1024, 3))) == 32


@pytest.fixture
def seven_at_a_time(monkeypatch):
    monkeypatch.setattr(inference, "BATCH", 7)
    monkeypatch.setattr(inference, "NUMBERS", 1)


def test_batches_come_one_by_one_and_the_last_is_smaller(seven_at_a_time, monkeypatch):
    monkeypatch.setattr(settings, "usable_cores", lambda: 1)
    images = RNG.random((16, 4, 4, 1)).astype(np.float32)
    begun = []
    run = inference.batches(lambda x: tf.reduce_sum(x, axis=(1, 2, 3)))

    class Rows(np.ndarray):
        def __getitem__(self, index):
            begun.append(index)
            return np.asarray(self)[index]

    rest = run(images.view(Rows))
    np.testing.assert_allclose(next(rest), images[:7].sum(axis=(1, 2, 3)), rtol=1e-5)
    assert begun[-1] == slice(0, 7)  # no batch is read before it is asked for
    assert [len(batch) for batch in rest] == [7, 2]


def test_several_arrays_go_in_and_come_out_together(seven_at_a_time):
    images = RNG.integers(0, 65536, (16, 4, 4, 1)).astype(np.uint16)
    numbers = np.arange(16)
    one, several = inference.batched(lambda x, n: (n, {"mean": tf.reduce_mean(x, axis=(1, 2, 3))}))(
        images, numbers
    )
    np.testing.assert_array_equal(one, numbers)
    expected = (images / 65535).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(several["mean"], expected, rtol=1e-5)
    assert one.dtype == several["mean"].dtype == np.float32


def test_it_is_compiled_once_for_any_number_of_images(seven_at_a_time):
    compiled = []
    run = inference.batched(lambda x: compiled.append(x.shape) or 2 * x)
    for count in (16, 7, 3):
        run(np.zeros((count, 4, 4, 1), np.float32))
        run(np.zeros((count, 4, 4, 1), np.uint16))
    assert [tuple(shape) for shape in compiled] == [(None, 4, 4, 1)]
    run(np.zeros((2, 5, 5, 1), np.float32))
    assert len(compiled) == 2


def test_sixteen_bits_come_out_as_float32():
    with_half = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, dtype="float16")])
    assert inference.batched(with_half)(np.ones((3, 2), np.float32)).dtype == np.float32
