"""The fused batch normalisation against Keras's own layer."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import normalization, runtime


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
def test_it_computes_what_keras_computes(channels, precision, tolerance):
    images = np.random.default_rng(0).normal(2, 3, (4, 6, 6, channels)).astype(np.float32)
    ours = passes(normalization.BatchNormalization, images, precision)
    theirs = passes(keras.layers.BatchNormalization, images, precision)
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, rtol=tolerance, atol=tolerance * np.abs(their).max())


def test_a_frozen_layer_keeps_its_statistics():
    layer = normalization.BatchNormalization()
    layer.build((None, 4, 4, 2))
    layer.trainable = False
    images = np.random.default_rng(0).normal(2, 3, (4, 4, 4, 2)).astype(np.float32)
    outputs = layer(images, training=True)
    np.testing.assert_allclose(outputs, images / np.sqrt(1 + layer.epsilon), rtol=1e-5)
    assert np.asarray(layer.moving_mean).tolist() == [0, 0]


def test_a_saved_model_opens_as_keras_own(tmp_path):
    inputs = keras.Input((4, 4, 2))
    model = keras.Model(inputs, normalization.BatchNormalization()(inputs))
    images = np.random.default_rng(0).normal(2, 3, (4, 4, 4, 2)).astype(np.float32)
    model(images, training=True)
    model.save(tmp_path / "model.keras")
    opened = keras.models.load_model(tmp_path / "model.keras")
    assert type(opened.layers[1]) is keras.layers.BatchNormalization
    np.testing.assert_allclose(opened(images), model(images), rtol=1e-5, atol=1e-6)
    assert type(keras.models.clone_model(model).layers[1]) is normalization.BatchNormalization
