"""A network taken apart: its logits, whatever its shape, and the check that they are its own."""

import keras
import numpy as np
import pytest
from scipy.special import expit, softmax

from helpers.heatmaps import gradcam
from helpers.networks import inference, models, surgery

IMAGES = np.random.default_rng(0).random((3, 4, 4, 1)).astype(np.float32)


def ended(outputs, *end):
    """A network of a convolution, a dense layer, and what else is given."""
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Conv2D(2, 1, name="Last_ConvLayer"), keras.layers.Flatten()]
    model = keras.Sequential([keras.Input((4, 4, 1)), *layers, *(end or [keras.layers.Dense(2)])])
    assert model.output_shape == (None, outputs)
    return model


activation, dense, reshape = keras.layers.Activation, keras.layers.Dense, keras.layers.Reshape


@pytest.mark.parametrize(
    ("end", "squash"),
    [
        (lambda: ended(1, dense(1, activation="sigmoid")), expit),
        (lambda: ended(1, dense(1), activation("sigmoid")), expit),
        (lambda: ended(2, dense(2, activation="softmax")), softmax),
        (lambda: ended(2, dense(2), activation("softmax")), softmax),
        (lambda: ended(2, dense(2), keras.layers.Softmax()), softmax),
        (
            lambda: ended(3, reshape((1, 32)), dense(3, activation="softmax"), reshape((3,))),
            softmax,
        ),
        (lambda: ended(2, dense(2)), None),
        (lambda: ended(1, dense(1)), None),
    ],
)
def test_logits_are_what_comes_before_the_output_activation(end, squash):
    model = end()
    logits = surgery.logits_of(model)(IMAGES)
    layer = next(x for x in model.layers if isinstance(x, keras.layers.Dense))
    before = np.asarray(keras.Model(model.inputs[0], layer.input)(IMAGES))
    kernel, bias = layer.get_weights()
    by_hand = (before @ kernel + bias).reshape(len(IMAGES), -1)
    np.testing.assert_allclose(logits, by_hand, rtol=1e-4, atol=1e-6)
    answers = np.asarray(model(IMAGES))
    if squash is not None:
        assert not np.allclose(answers, logits)
        logits = squash(logits, axis=1) if squash is softmax else squash(logits)
    np.testing.assert_allclose(answers, logits, rtol=1e-4, atol=1e-6)


def test_in_inference_nothing_is_dropped_and_moving_statistics_are_used():
    keras.utils.set_random_seed(0)
    model = models.alexnet((8, 8, 1), base=2, dense=(4,), dropout=0.9, batch_norm=True)
    images = np.random.default_rng(0).random((4, 8, 8, 1)).astype(np.float32)
    logits = surgery.logits_of(model)
    np.testing.assert_allclose(expit(logits(images)), model(images, training=False), atol=1e-5)
    np.testing.assert_array_equal(logits(images), logits(images))


def no_graphs():
    inputs, other = keras.Input((4, 4, 1)), keras.Input((4, 4, 1))
    flat = keras.layers.Flatten()(inputs)

    class Written(keras.Model):
        def __init__(self):
            super().__init__()
            self.flat, self.top = keras.layers.Flatten(), keras.layers.Dense(2)

        def call(self, x):
            return self.top(self.flat(x))

    written = Written()
    written(IMAGES)
    added = keras.layers.Flatten()(keras.layers.Add()([inputs, other]))
    return {
        "two images": keras.Model([inputs, other], dense(2, activation="softmax")(added)),
        "two outputs": keras.Model(inputs, [dense(2)(flat), dense(2)(flat)]),
        "two sigmoids": keras.Model(inputs, dense(2, activation="sigmoid")(flat)),
        "its own class": written,
    }


@pytest.mark.parametrize("kind", ["two images", "two outputs", "two sigmoids", "its own class"])
def test_what_has_no_logits_that_can_be_found_is_refused(kind):
    model = no_graphs()[kind]
    with pytest.raises(ValueError, match=f"{model.name}: its logits cannot be found; it must be"):
        surgery.check(model, IMAGES, surgery.logits_of(model)(IMAGES))


def test_logits_that_are_not_the_networks_are_refused():
    model = ended(2, dense(2, activation="softmax"))
    logits = surgery.logits_of(model)(IMAGES)
    with pytest.raises(ValueError, match="its logits cannot be found"):
        surgery.check(model, IMAGES, logits[:, ::-1])
    surgery.check(model, IMAGES, logits)


def test_a_network_is_checked_once_for_all_methods_and_again_when_its_weights_changed(monkeypatch):
    answered = []

    def counted(function):
        run = inference.batched(function)
        is_logits = isinstance(function, keras.Model)

        def call(*arrays):
            answered.extend([] if is_logits else [arrays])
            return run(*arrays)

        return call

    monkeypatch.setattr(surgery, "batched", counted)
    model = ended(2, dense(2, activation="softmax"))

    def every_method():
        for method in (gradcam.grad_cam, gradcam.hires_cam, gradcam.occlusion):
            method(model, IMAGES)
        return len(answered)

    assert every_method() == 1
    assert every_method() == 1
    model.set_weights([2 * w for w in model.get_weights()])
    assert every_method() == 2
    assert every_method() == 2
    assert len(answered[0][0]) == len(IMAGES)  # the network was asked for these images


def test_what_is_compiled_is_made_once_and_follows_the_weights(monkeypatch):
    made = []
    model = ended(2, dense(2, activation="softmax"))
    batched = inference.batched
    monkeypatch.setattr(surgery, "batched", lambda f: made.append(f) or batched(f))
    before = surgery.logits_of(model)(IMAGES)
    model.layers[-1].set_weights([2 * w for w in model.layers[-1].get_weights()])
    np.testing.assert_allclose(surgery.logits_of(model)(IMAGES), 2 * before, rtol=1e-4, atol=1e-6)
    assert len(made) == 1


def test_leaves_are_those_of_nested_networks_too_each_once():
    base = ended(2)
    top = keras.layers.Dense(2, name="top")
    nested = keras.Sequential([keras.Input((4, 4, 1)), base, top, top])
    assert [layer.name for layer in surgery.leaves(nested) if layer.weights] == [
        *("Last_ConvLayer", base.layers[-1].name, "top"),
    ]


def test_a_convolution_is_found_by_its_name_or_the_last_one():
    model = models.alexnet((16, 16, 1), base=2)
    assert surgery.convolution(model, "block2_conv") is model.get_layer("block2_conv")
    assert surgery.convolution(model, None) is model.get_layer("Last_ConvLayer")
    with pytest.raises(ValueError, match="no convolution 'dense1'; it has block1_conv, block2_"):
        surgery.convolution(model, "dense1")
    with pytest.raises(ValueError, match="no convolution None; it has none"):
        surgery.convolution(models.dense_head((2, 2, 2)), None)


def test_a_copy_has_the_same_weights_and_none_of_the_layers():
    model = models.alexnet((16, 16, 1), base=2)
    copy = surgery.copied(model)
    assert not {id(x) for x in model.layers} & {id(x) for x in copy.layers}
    for one, other in zip(model.get_weights(), copy.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    copy.set_weights([0 * w for w in copy.get_weights()])
    assert any(w.any() for w in model.get_weights())
