"""Multiplications against those written down by hand, and what reaches the layers."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers.networks import inspection, models


def test_multiplications_of_a_network_that_can_be_counted_by_hand():
    model = models.alexnet((8, 8, 1), base=2, dense=(5,), batch_norm=True, dropout=0.5)
    convolutions = 64 * 9 * (1 * 2) + 16 * 9 * (2 * 4) + 4 * 9 * (4 * 8 + 8 * 8 + 8 * 4)
    assert inspection.multiplications(model) == convolutions + 4 * 5 + 5 * 1


def test_multiplications_of_vgg16_are_those_that_are_published():
    model = models.vgg16((224, 224, 3), base=64, dense=(4096, 4096), classes=1000)
    assert inspection.multiplications(model) == pytest.approx(15.47e9, rel=1e-3)


def test_signal_is_the_spread_over_images_and_leaves_the_network_as_it_was():
    keras.utils.set_random_seed(0)
    model = models.alexnet((8, 8, 1), base=2, dense=(4,), batch_norm=True, dropout=0.5)
    before = model.get_weights()
    images = np.random.default_rng(0).random((6, 8, 8, 1)).astype(np.float32)
    found = inspection.signal(model, images)
    assert list(found) == [f"block{i}_relu" for i in range(1, 6)] + ["logits"]
    first = keras.layers.BatchNormalization()(model.get_layer("block1_conv")(images), training=True)
    first = np.maximum(np.asarray(first), 0)
    assert found["block1_relu"] == pytest.approx(np.sqrt(first.var(axis=0).mean()), rel=1e-4)
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.array_equal(old, new)
    assert inspection.signal(model, images) == found  # nothing is dropped at random
    same = inspection.signal(model, np.repeat(images[:1], 6, axis=0))
    assert same["logits"] == pytest.approx(0, abs=1e-6)


def test_batch_norm_carries_to_the_end_of_vgg16_what_is_lost_without():
    keras.utils.set_random_seed(0)
    images = np.random.default_rng(0).random((8, 32, 32, 1)).astype(np.float32)
    plain, norm = (
        inspection.signal(models.vgg16((32, 32, 1), base=4, batch_norm=on), images)
        for on in (False, True)
    )
    assert plain["block5_3_relu"] < plain["block1_1_relu"] / 30
    assert norm["block5_3_relu"] > norm["block1_1_relu"] / 3


def test_feature_maps_are_those_that_respond_most():
    keras.utils.set_random_seed(0)
    model = models.alexnet((8, 8, 1), base=4, dense=(4,))
    image = np.random.default_rng(0).random((1, 8, 8, 1)).astype(np.float32)
    found = inspection.feature_maps(model, image, ("block1_relu", "block3_relu"), count=3)
    assert {name: maps.shape for name, maps in found.items()} == {
        "block1_relu": (3, 8, 8),
        "block3_relu": (3, 2, 2),
    }
    whole = np.asarray(keras.Model(model.input, model.get_layer("block1_relu").output)(image))[0]
    means = np.sort(whole.mean(axis=(0, 1)))[::-1]
    np.testing.assert_allclose(found["block1_relu"].mean(axis=(1, 2)), means[:3], rtol=1e-5)


def test_the_receptive_field_of_vgg16_is_the_one_that_is_published():
    model = models.vgg16((64, 64, 1), base=1)
    assert inspection.receptive_field(model) == 196
    assert inspection.receptive_field(model, "block1_2_conv") == 5
    assert inspection.receptive_field(model, "block2_1_conv") == 10


def test_the_receptive_field_is_what_a_gradient_reaches():
    keras.utils.set_random_seed(0)
    model = models.alexnet((96, 96, 1), base=2, dense=())
    for layer in model.layers[:-2]:  # positive weights, so that no activation stops a gradient
        layer.set_weights([np.abs(weights) for weights in layer.get_weights()])
    part = keras.Model(model.input, model.get_layer("Last_ConvLayer").output)
    reached = np.zeros((96, 96), bool)
    for seed in range(8):  # a pool passes on the gradient of one of four pixels
        image = np.random.default_rng(seed).random((1, 96, 96, 1)).astype(np.float32)
        image = tf.Variable(image)
        with tf.GradientTape() as tape:
            middle = tf.reduce_sum(part(image)[0, 12, 12])
        reached |= tape.gradient(middle, image).numpy()[0, ..., 0] != 0
    rows = np.flatnonzero(reached.any(axis=1))
    assert rows[-1] - rows[0] + 1 == inspection.receptive_field(model) == 34
