"""Pixels taken away and given back, and weights mixed up, on a network calculated by hand."""

import keras
import numpy as np
import pytest
from scipy.special import expit

from helpers import evidence
from helpers.heatmaps import faithfulness, gradcam
from helpers.networks import models


@pytest.fixture(scope="module")
def one_pixel():
    """One sigmoid that sees a single pixel, in row 1 and column 2: logit 4 times it, minus 2."""
    inputs = keras.Input((12, 12, 1))
    x = keras.layers.Flatten()(inputs)
    x = keras.layers.Dense(1, name="top")(x)
    model = keras.Model(inputs, keras.layers.Activation("sigmoid")(x))
    weights = np.zeros((144, 1))
    weights[14] = 4
    model.get_layer("top").set_weights([weights, np.array([-2.0])])
    return model


IMAGES = np.zeros((2, 12, 12, 1), np.float32)
IMAGES[:, 1, 2] = 1
MEAN = 1 / 144
FIRST, LAST = np.zeros((2, 2, 12, 12), np.float32)
FIRST[:, 1, 2], LAST[:, 1, 2] = 1, -1  # maps that have the pixel highest, and lowest


def test_deletion_falls_when_the_pixel_that_counts_goes(one_pixel):
    whole, gone = expit(2.0), expit(4 * MEAN - 2)
    first = faithfulness.deletion(one_pixel, IMAGES, FIRST, steps=16)
    np.testing.assert_allclose(first, [[whole] + [gone] * 16] * 2, atol=1e-5)
    last = faithfulness.deletion(one_pixel, IMAGES, LAST, steps=16)
    np.testing.assert_allclose(last, [[whole] * 16 + [gone]] * 2, atol=1e-5)
    assert (evidence.area(first) < evidence.area(last)).all()


def test_insertion_rises_when_the_pixel_that_counts_comes(one_pixel):
    first = faithfulness.insertion(one_pixel, IMAGES, FIRST, steps=16)
    last = faithfulness.insertion(one_pixel, IMAGES, LAST, steps=16)
    np.testing.assert_allclose(first[:, 1:], expit(2.0), atol=1e-5)
    np.testing.assert_allclose(last[:, -1], expit(2.0), atol=1e-5)
    assert (last[:, :-1] < 0.5).all() and (first[:, 0] < 0.5).all()
    assert (evidence.area(first) > evidence.area(last)).all()


@pytest.mark.parametrize("exchange", [faithfulness.deletion, faithfulness.insertion])
def test_the_class_asked_for_is_the_one_followed(one_pixel, exchange):
    other = exchange(one_pixel, IMAGES, FIRST, class_index=0, steps=4)
    this = exchange(one_pixel, IMAGES, FIRST, class_index=1, steps=4)
    np.testing.assert_allclose(other, 1 - this, atol=1e-6)


def test_pixels_of_one_value_go_in_no_order_of_place(one_pixel):
    flat = np.zeros((400, 12, 12))
    curves = faithfulness.deletion(one_pixel, np.repeat(IMAGES, 200, 0), flat, steps=16)
    falls = np.argmax(curves < 0.5, axis=1)
    assert 6 < falls.mean() < 11 and falls.std() > 3


def test_mixing_goes_down_from_the_output_and_leaves_the_network():
    keras.utils.set_random_seed(0)
    model = models.vgg16((32, 32, 1), base=2, dense=(8,), batch_norm=True, classes=2)
    before = model.get_weights()
    changed = {}
    for down_to, other in faithfulness.mixed(model):
        layers = zip(model.layers, other.layers, strict=True)
        changed[down_to] = {
            one.name.split("_")[0]
            for one, two in layers
            for a, b in zip(one.get_weights(), two.get_weights(), strict=True)
            if not np.array_equal(a, b)
        }
        for one, two in zip(model.layers, other.layers, strict=True):
            for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
                np.testing.assert_allclose(np.sort(a.ravel()), np.sort(b.ravel()), atol=1e-6)
    names = ["logits", "dense1", "block5", "block4", "block3", "block2", "block1"]
    assert list(changed) == names
    assert changed["logits"] == {"logits"}
    assert changed["block1"] == {*names, "Last"}
    assert changed["block4"] == {"logits", "dense1", "block5", "block4", "Last"}
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_map_follows_the_weights():
    keras.utils.set_random_seed(0)
    model = models.alexnet((32, 32, 1), base=4, dense=(8,), classes=2)
    images = np.random.default_rng(0).random((4, 32, 32, 1)).astype(np.float32)
    whole = gradcam.hires_cam(model, images, class_index=1)
    last = [
        gradcam.hires_cam(other, images, class_index=1) for _, other in faithfulness.mixed(model)
    ]
    assert all(not np.allclose(whole, maps) for maps in last)
