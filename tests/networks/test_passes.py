"""The logits of a network, whatever it ends in, and what is compiled for it."""

import keras
import numpy as np
import pytest
from scipy.special import expit, softmax

from helpers.networks import inference, models, passes

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
    logits = passes.logits_of(model)(IMAGES)
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
    logits = passes.logits_of(model)
    np.testing.assert_allclose(expit(logits(images)), model(images, training=False), atol=1e-5)
    np.testing.assert_array_equal(logits(images), logits(images))


def test_an_output_that_is_calculated_from_logits_is_logits_too():
    keras.utils.set_random_seed(0)
    image = keras.Input((4, 4, 1))
    flat = keras.layers.Flatten()(image)
    model = keras.Model(image, (dense(2)(flat) + dense(2)(flat)) / 2.0)
    answers = np.asarray(model(IMAGES))
    np.testing.assert_allclose(passes.logits_of(model)(IMAGES), answers, rtol=1e-5, atol=1e-6)
    model = keras.Model(image, dense(2, activation="softmax")(flat) + dense(2)(flat) * 0.0)
    with pytest.raises(ValueError, match=r"by AddV2 .*; it must end in one sigmoid"):
        passes.logits_of(model)(IMAGES)


def test_what_is_compiled_is_made_once_and_follows_the_weights(monkeypatch):
    made = []
    model = ended(2, dense(2, activation="softmax"))
    batched = inference.batched
    monkeypatch.setattr(passes, "batched", lambda f: made.append(f) or batched(f))
    before = passes.logits_of(model)(IMAGES)
    model.layers[-1].set_weights([2 * w for w in model.layers[-1].get_weights()])
    np.testing.assert_allclose(passes.logits_of(model)(IMAGES), 2 * before, rtol=1e-4, atol=1e-6)
    assert len(made) == 1
