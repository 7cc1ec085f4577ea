"""A network's layers: found by their names, and copied."""

import keras
import numpy as np
import pytest

from helpers.networks import models, surgery


def test_leaves_are_those_of_nested_networks_too_each_once():
    inside = [keras.layers.Conv2D(2, 1, name="inside"), keras.layers.Flatten()]
    base = keras.Sequential([keras.Input((4, 4, 1)), *inside, keras.layers.Dense(2, name="end")])
    top = keras.layers.Dense(2, name="top")
    nested = keras.Sequential([keras.Input((4, 4, 1)), base, top, top])
    assert [layer.name for layer in surgery.leaves(nested) if layer.weights] == [
        *("inside", "end", "top"),
    ]


def test_a_convolution_is_found_by_its_name_or_the_last_one():
    model = models.alexnet((16, 16, 1), base=2)
    assert surgery.convolution(model, "block2_conv") is model.get_layer("block2_conv")
    assert surgery.convolution(model, None) is model.get_layer("Last_ConvLayer")
    with pytest.raises(
        ValueError, match="no layer 'block9'; its convolutions: block1_conv, block2_"
    ):
        surgery.convolution(model, "block9")
    with pytest.raises(ValueError, match="no convolution; its convolutions: none"):
        surgery.convolution(models.dense_head((2, 2, 2)), None)


def test_a_copy_has_the_same_weights_and_none_of_the_layers():
    model = models.alexnet((16, 16, 1), base=2)
    copy = surgery.copied(model)
    assert not {id(x) for x in model.layers} & {id(x) for x in copy.layers}
    for one, other in zip(model.get_weights(), copy.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    copy.set_weights([0 * w for w in copy.get_weights()])
    assert any(w.any() for w in model.get_weights())
