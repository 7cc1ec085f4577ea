from itertools import chain

import keras
import pytest

from helpers import runtime
from helpers.networks import models


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


def convolution(batch_norm=False, spatial_dropout=False, pool=False):
    parts = ["Conv2D"]
    parts += ["BatchNormalization"] * batch_norm
    parts += ["Activation"]
    parts += ["SpatialDropout2D"] * spatial_dropout
    return parts + ["MaxPooling2D"] * pool


@pytest.mark.parametrize(
    ("build", "parameters"),
    [
        (lambda: models.alexnet((128, 128, 1)), 286_193),
        (lambda: models.alexnet((128, 128, 1), dropout=0.4), 286_193),
        (lambda: models.alexnet((128, 128, 1), batch_norm=True), 286_609),
        (lambda: models.alexnet((128, 128, 1), base=32, spatial_dropout=0.1), 1_366_913),
        (
            lambda: models.alexnet((256, 256, 1), base=64, dense=(128, 64), batch_norm=True),
            18_043_777,
        ),
        (lambda: models.vgg16((256, 256, 1), batch_norm=True), 16_836_033),
        (lambda: models.vgg16((128, 128, 1), base=8, classes=2), 304_474),
        (lambda: models.dense_head((7, 7, 512)), 3_211_521),
    ],
)
def test_parameters_are_the_assignments(build, parameters):
    assert build().count_params() == parameters


def test_alexnet_order_of_layers():
    plain = kinds(models.alexnet((64, 64, 1)))
    blocks = [convolution(pool=pool) for pool in (True, True, False, False, True)]
    dense = ["Dense", "Activation"] * 2
    top = ["Dense", "Activation"]
    assert plain == ["InputLayer", *chain.from_iterable(blocks), "Flatten", *dense, *top]
    everything = models.alexnet(
        (64, 64, 1), dropout=0.4, batch_norm=True, spatial_dropout=0.1, classes=3
    )
    blocks = [convolution(True, True, pool) for pool in (True, True, False, False, True)]
    dense = ["Dense", "Activation", "Dropout"] * 2
    assert kinds(everything) == [
        "InputLayer",
        *chain.from_iterable(blocks),
        "Flatten",
        *dense,
        *top,
    ]


def test_vgg16_order_of_layers():
    blocks = [
        convolution(batch_norm=True, pool=j == count - 1)
        for count in (2, 2, 3, 3, 3)
        for j in range(count)
    ]
    built = kinds(models.vgg16((64, 64, 1), base=2, batch_norm=True, dropout=0.4))
    dense = ["Dense", "Activation", "Dropout"] * 3
    assert built == [
        "InputLayer",
        *chain.from_iterable(blocks),
        "Flatten",
        *dense,
        "Dense",
        "Activation",
    ]


@pytest.mark.parametrize("network", [models.alexnet, models.vgg16])
def test_momentum_is_that_of_every_batch_norm_and_keras_own_by_default(network):
    def momenta(**more):
        model = network((32, 32, 1), base=2, batch_norm=True, **more)
        return {layer.momentum for layer in model.layers if "batch_norm" in layer.name}

    assert momenta(momentum=0.9) == {0.9}
    assert momenta() == {keras.layers.BatchNormalization().momentum}


def test_filters_and_windows():
    convolutions = [
        layer for layer in models.alexnet((64, 64, 1), base=8).layers if "Conv2D" in str(layer)
    ]
    assert [layer.filters for layer in convolutions] == [8, 16, 32, 32, 16]
    assert {layer.kernel_size for layer in convolutions} == {(3, 3)}
    assert {layer.padding for layer in convolutions} == {"same"}
    assert {layer.activation.__name__ for layer in convolutions} == {"linear"}


def test_every_activation_but_the_last_is_a_relu():
    for model in (models.alexnet((16, 16, 1)), models.vgg16((32, 32, 1), base=2)):
        kinds_of = [layer.activation.__name__ for layer in model.layers if "relu" in layer.name]
        assert set(kinds_of) == {"relu"}
        assert len(kinds_of) == kinds(model).count("Activation") - 1


def test_the_last_layers_input_is_the_logits_and_the_last_convolution_has_its_name():
    for classes, activation in ((1, "sigmoid"), (2, "softmax")):
        model = models.vgg16((32, 32, 1), base=2, classes=classes)
        assert model.layers[-1].activation.__name__ == activation
        assert model.layers[-2].name == "logits"
        assert model.layers[-2].activation.__name__ == "linear"
        assert model.layers[-2].units == classes
        last = [layer.name for layer in model.layers if "Conv2D" in str(layer)][-1]
        assert last == models.LAST_CONVOLUTION == "Last_ConvLayer"


def test_probabilities_are_float32_in_mixed_precision():
    with runtime.policy("mixed_bfloat16"):
        model = models.alexnet((16, 16, 1), base=2)
    assert (model.layers[1].compute_dtype, model.output.dtype) == ("bfloat16", "float32")
    assert model.get_layer("logits").compute_dtype == "float32"
    assert models.alexnet((16, 16, 1), base=2).layers[1].compute_dtype == "float32"


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_in_bfloat16_narrow_layers_with_batch_norm_are_float32(precision):
    def dtypes(**network):
        with runtime.policy(precision):
            model = models.alexnet((16, 16, 1), base=8, spatial_dropout=0.1, **network)
        first = [layer for layer in model.layers if layer.name.startswith("block1_")]
        others = [layer for layer in model.layers[len(first) + 1 :] if "block" in layer.name]
        return [{layer.compute_dtype for layer in some} for some in (first, others)]

    usual = precision.removeprefix("mixed_")
    narrow = "float32" if precision == "mixed_bfloat16" else usual
    assert dtypes() == [{usual}, {usual}]
    assert dtypes(batch_norm=True) == [{narrow}, {usual}]


def test_an_image_too_small_for_the_pools_is_named():
    with pytest.raises(ValueError, match="16 x 16 pixels is too small; its 5 pools need 32 x 32"):
        models.vgg16((16, 16, 1))


def test_a_global_pool_takes_the_place_of_flatten_alone():
    flat, pooled = (models.alexnet((64, 64, 1), global_pool=g) for g in (False, True))
    changed = [(a, b) for a, b in zip(kinds(flat), kinds(pooled), strict=True) if a != b]
    assert changed == [("Flatten", "GlobalAveragePooling2D")]
    assert pooled.get_layer("global_pool").output.shape == (None, 16)
