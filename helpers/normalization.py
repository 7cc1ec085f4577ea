"""Keras's batch normalisation, computed by TensorFlow's fused operation: the same, only faster."""

from __future__ import annotations

from helpers.runtime import keras, tf

VECTOR = 16  # oneDNN's 16-bit kernels take so many channels at once; with a remainder it is slow


class BatchNormalization(keras.layers.BatchNormalization):
    """Batch normalisation (Ioffe and Szegedy, 2015) of images (N, H, W, C).

    Mean and variance as in Keras's own layer, in float32 whatever the precision. A model with it is
    saved as one with Keras's layer, and is opened as such without this module.
    """

    __module__ = "keras.layers"  # what a saved model says of its origin

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """Normalise by the batch's mean and variance in training, else by the moving ones."""
        learns = bool(training and self.trainable)
        unaligned = inputs.shape[-1] % VECTOR and inputs.dtype != tf.float32
        moving = [tf.convert_to_tensor(v) for v in (self.moving_mean, self.moving_variance)]
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=tf.cast(inputs, tf.float32) if unaligned else inputs,
            scale=tf.convert_to_tensor(self.gamma),
            offset=tf.convert_to_tensor(self.beta),
            mean=tf.zeros(0) if learns else moving[0],
            variance=tf.zeros(0) if learns else moving[1],
            epsilon=self.epsilon,
            is_training=learns,
        )
        if learns:
            count = tf.cast(tf.size(inputs) // inputs.shape[-1], tf.float32)
            variance *= (count - 1) / count  # Keras keeps the batch's, not the sample's
            self.moving_mean.assign(moving[0] * self.momentum + mean * (1 - self.momentum))
            self.moving_variance.assign(moving[1] * self.momentum + variance * (1 - self.momentum))
        return tf.cast(outputs, self.compute_dtype)
