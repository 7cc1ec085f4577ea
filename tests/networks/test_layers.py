"""The fused layers and optimizer against Keras's own."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import runtime
from helpers.networks import layers

PRECISIONS = ["float32", "mixed_bfloat16", "mixed_float16"]


def passes(layer_class, images, precision):
    """Output, gradients and moving statistics of a layer after a step, then its inference."""
    with runtime.policy(precision):
        inputs = keras.Input(images.shape[1:])
        layer = layer_class()
        model = keras.Model(inputs, layer(inputs))
    layer.gamma.assign(np.linspace(0.5, 2, images.shape[-1]))
    layer.beta.assign(np.linspace(-1, 1, images.shape[-1]))
    batch = tf.cast(images, layer.compute_dtype)
    with tf.GradientTape() as tape:
        tape.watch(batch)
        outputs = model(batch, training=True)
        loss = tf.reduce_sum(tf.cast(outputs, tf.float32) ** 3)
    gradients = tape.gradient(loss, [batch, layer.gamma.value, layer.beta.value])
    assert outputs.dtype == layer.compute_dtype
    values = [outputs, *gradients, layer.moving_mean, layer.moving_variance, model(batch)]
    return [np.asarray(tf.cast(value, tf.float32)) for value in values]


@pytest.mark.parametrize("channels", [3, 16])  # 3: what oneDNN has no bfloat16 kernel for
@pytest.mark.parametrize(
    ("precision", "tolerance"),
    [("float32", 2e-6), ("mixed_bfloat16", 1e-2), ("mixed_float16", 1e-3)],
)
def test_batch_normalisation_computes_what_keras_computes(channels, precision, tolerance):
    images = np.random.default_rng(0).normal(2, 3, (4, 6, 6, channels)).astype(np.float32)
    ours = passes(layers.BatchNormalization, images, precision)
    theirs = passes(keras.layers.BatchNormalization, images, precision)
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, rtol=tolerance, atol=tolerance * np.abs(their).max())


def test_a_frozen_layer_keeps_its_statistics():
    layer = layers.BatchNormalization()
    layer.build((None, 4, 4, 2))
    layer.trainable = False
    images = np.random.default_rng(0).normal(2, 3, (4, 4, 4, 2)).astype(np.float32)
    outputs = layer(images, training=True)
    np.testing.assert_allclose(outputs, images / np.sqrt(1 + layer.epsilon), rtol=1e-5)
    assert np.asarray(layer.moving_mean).tolist() == [0, 0]


@pytest.mark.parametrize("precision", PRECISIONS)
def test_spatial_dropout_drops_what_keras_drops(precision):
    images = np.random.default_rng(0).normal(2, 3, (8, 6, 6, 32)).astype(np.float32)

    def dropped(layer_class):
        with runtime.policy(precision):
            layer = layer_class(0.3, seed=7)
        batch = tf.cast(images, layer.compute_dtype)
        with tf.GradientTape() as tape:
            tape.watch(batch)
            outputs = layer(batch, training=True)
        assert np.array_equal(layer(batch), batch)  # when nothing is learnt, nothing is dropped
        return outputs.numpy(), tape.gradient(outputs, batch).numpy()

    ours, theirs = dropped(layers.SpatialDropout2D), dropped(keras.layers.SpatialDropout2D)
    assert 0.1 < (ours[0] == 0).mean() < 0.5
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(our, their)


def test_adam_steps_as_keras_steps():
    """Nearly: Keras subtracts beta from 1 before it rounds to float32, the operation after."""
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=(5, 3)), rng.normal(size=(20, 5, 3))
    gradients *= 10.0 ** rng.integers(-6, 1, (5, 3))  # so small that epsilon matters, and not
    start, gradients = start.astype(np.float32), gradients.astype(np.float32)

    def stepped(optimizer):
        variable = keras.Variable(start)
        for gradient in gradients:
            optimizer.apply([tf.constant(gradient)], [variable])
        return [np.asarray(v) for v in (variable, *optimizer.variables)]

    ours, theirs = stepped(layers.Adam(0.01)), stepped(keras.optimizers.Adam(0.01))
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-5, atol=1e-9)
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, rtol=1e-4)
    one, two = float(np.float32(0.9)), float(np.float32(0.999))
    value, first, second = start.astype(np.float64), 0.0, 0.0
    for t, gradient in enumerate(gradients.astype(np.float64), start=1):
        first, second = first + (gradient - first) * (1 - one), second * two
        second = second + gradient**2 * (1 - two)
        rate = 0.01 * np.sqrt(1 - two**t) / (1 - one**t)
        value = value - rate * first / (np.sqrt(second) + 1e-7)
    for our, exact in zip((ours[0], *ours[-2:]), (value, first, second), strict=True):
        np.testing.assert_allclose(our, exact, rtol=1e-5)


@pytest.mark.parametrize("precision", PRECISIONS)  # with float16 its loss is scaled
def test_a_network_of_them_learns_is_saved_and_opens_as_keras_own(tmp_path, precision):
    keras.utils.set_random_seed(0)
    with runtime.policy(precision):
        inputs = keras.Input((4, 4, 2))
        x = layers.SpatialDropout2D(0.1)(layers.BatchNormalization()(inputs))
        outputs = keras.layers.Dense(1, dtype="float32")(keras.layers.Flatten()(x))
        model = keras.Model(inputs, outputs)
        model.compile(layers.Adam(0.01), "mse")
    images = np.random.default_rng(0).normal(2, 3, (64, 4, 4, 2)).astype(np.float32)
    losses = model.fit(images, images.mean((1, 2, 3)), epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2
    model.save(tmp_path / "model.keras")
    with runtime.policy(precision):
        opened = keras.models.load_model(tmp_path / "model.keras")
    kinds = [type(layer) for layer in opened.layers[1:3]]
    assert kinds == [keras.layers.BatchNormalization, keras.layers.SpatialDropout2D]
    optimizer = getattr(opened.optimizer, "inner_optimizer", opened.optimizer)
    assert type(optimizer) is keras.optimizers.Adam
    np.testing.assert_allclose(
        opened.predict(images, verbose=0), model(images), rtol=2e-2, atol=2e-2
    )
    again = keras.models.clone_model(model)
    assert [type(layer) for layer in again.layers] == [type(layer) for layer in model.layers]
