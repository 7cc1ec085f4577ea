"""Parts of Keras in fewer passes over memory: within rounding the same numbers, only faster.

A model with them is saved as one with Keras's own, and is opened as such without this module.
"""

from helpers.runtime import keras, tf


class BatchNormalization(keras.layers.BatchNormalization):
    """Batch normalisation (Ioffe and Szegedy, 2015) of images (N, H, W, C), by one operation.

    Mean and variance as in Keras's own layer, in float32 whatever the precision.
    """

    __module__ = "keras.layers"  # what a saved model says of its origin

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """Normalise by the batch's mean and variance in training, else by the moving ones."""
        learns = bool(training and self.trainable)
        moving = [tf.convert_to_tensor(v) for v in (self.moving_mean, self.moving_variance)]
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
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
        return outputs


class SpatialDropout2D(keras.layers.SpatialDropout2D):
    """Dropout of whole feature maps (Tompson et al., 2014): images (N, H, W, C) by one product."""

    __module__ = "keras.layers"

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """In training, each map times 0 or 1 / (1 - rate); the same maps as Keras's own drops."""
        if not training:
            return inputs
        ones = tf.ones((tf.shape(inputs)[0], 1, 1, inputs.shape[-1]), inputs.dtype)
        return inputs * super().call(ones, training=True)


class Adam(keras.optimizers.Adam):
    """Adam (Kingma and Ba, 2015), a variable updated by one operation and not by a dozen.

    Keras rounds 1 - beta to float32, the operation beta: the moments differ by that rounding.
    """

    __module__ = "keras.optimizers"

    def update_step(
        self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: tf.Tensor
    ) -> None:
        """Move a variable (of float32, as all are in the lab) and its two moments by a step."""
        index = self._get_variable_index(variable)
        step = tf.cast(self.iterations + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=self.beta_1**step,
            beta2_power=self.beta_2**step,
            lr=learning_rate,
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )
