"""Trains with TensorFlow: `lab` as the lab does it, `plain` as the assignment is usually written.

Plain is Keras in float32 with its own layers and Adam, `ImageDataGenerator`, one step a call.
"""

from __future__ import annotations

import functools
import resource
import sys
import time
from collections.abc import Callable

import numpy as np
from rows import BATCH, LOOKED_AT, MATRIX, ROWS, TRAINED, serve, timed

from helpers import datasets, experiments, heatmaps, networks, runtime, settings, training
from helpers.experiments import Experiment
from helpers.runtime import keras, tf

WHOSE = sys.argv[1]
SIZE = 224  # of VGG16's images


def pictures(experiment: Experiment, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise, for which a network works as long as for a lesion: uint16 (N, H, W, 1), labels."""
    shape = (count, experiment.size, experiment.size, 1)
    pixels = np.random.default_rng(0).integers(0, 65536, shape, dtype=np.uint16)
    return pixels, np.arange(count) % 2


class Clock(keras.callbacks.Callback):
    """The seconds of the last epoch, without what `fit` does before and after it.

    After a stream that it tunes, as plain Keras's, TensorFlow may wait a second or two: much beside
    a burst, and nothing beside a training.
    """

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        """Start it."""
        self.begun = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """Read it."""
        self.seconds = time.perf_counter() - self.begun


def fitted(model: keras.Model, data: object, **how: object) -> Callable[[], float]:
    """A burst of training, an epoch that is timed."""
    clock = Clock()

    def burst() -> float:
        model.fit(data, verbose=0, callbacks=[clock], **how)
        return clock.seconds

    return burst


def lab(experiment: Experiment, count: int) -> Callable[[], float]:
    """A burst of training as `training.run` does it."""
    images, labels = pictures(experiment, count)
    with runtime.policy(runtime.precision()):
        model = training.compiled(experiment, count // BATCH, seed=0)
    stream = datasets.stream(images, labels, BATCH, seed=0, first_epoch=0)
    return fitted(model, stream, shuffle=False, steps_per_epoch=count // BATCH)


def plain(experiment: Experiment, count: int) -> Callable[[], float]:
    """The same network by Keras's own layers and its legacy generator."""
    images, labels = pictures(experiment, count)
    model = keras.models.clone_model(training.build(experiment), clone_function=_own)
    loss = "sparse_categorical_crossentropy" if experiment.softmax else "binary_crossentropy"
    model.compile(keras.optimizers.Adam(experiment.learning_rate), loss, metrics=["accuracy"])
    generator = tf.keras.preprocessing.image.ImageDataGenerator(rescale=1 / 65535)
    flow = generator.flow(images.astype(np.float32), labels, BATCH, seed=0)
    return fitted(model, flow)


def _own(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Keras's own for a layer of the lab."""
    return getattr(keras.layers, type(layer).__name__).from_config(layer.get_config())


def features(count: int) -> Callable[[], object]:
    """The features of the frozen VGG16."""
    pixels = np.random.default_rng(0).random((count, SIZE, SIZE, 3), dtype=np.float32)
    if WHOSE == "plain":
        return functools.partial(networks.imagenet_vgg16().predict, pixels, BATCH, verbose=0)
    extract = networks.extractor(SIZE)
    return lambda: list(extract(pixels))


def heat_maps(count: int) -> Callable[[], object]:
    """Grad-CAM of every image, one call on a network that was looked at before."""
    experiment = experiments.EXPERIMENTS[LOOKED_AT]
    with runtime.policy(runtime.precision()):
        model = training.build(experiment, seed=0)
    shape = (count, experiment.size, experiment.size, 1)
    images = np.random.default_rng(0).random(shape, dtype=np.float32)
    return functools.partial(heatmaps.grad_cam, model, images)


@functools.cache
def burst(name: str) -> Callable[[], float]:
    """Built, and run once so that nothing is compiled while the clock runs."""
    count = ROWS[name].images
    if name in TRAINED:  # on images as they are: augmented_stream.py measures the other stream
        made = {"lab": lab, "plain": plain}[WHOSE](experiments.EXPERIMENTS[name], count)
    else:
        made = timed({"features": features, "gradcam": heat_maps}[name](count))
    made()
    return made


def flops(name: str) -> float:
    """Of one image: an addition and a multiplication each; in training forward and twice back."""
    if name in TRAINED:
        return 6 * networks.multiplications(training.build(experiments.EXPERIMENTS[name]))
    if name == "features":
        return 2 * networks.multiplications(networks.imagenet_vgg16())
    model = training.build(experiments.EXPERIMENTS[LOOKED_AT])
    return 2 * networks.multiplications(model)  # the way back ends at the last convolution


def limit(dtype: str) -> str:
    """GFLOP/s of a product of two large matrices, at its best."""
    a = tf.cast(tf.random.stateless_normal((MATRIX, MATRIX), (0, 0)), dtype)
    product = tf.function(lambda: tf.matmul(a, a)[0, 0])
    product()
    times = []
    for _ in range(10):
        begun = time.perf_counter()
        product().numpy()
        times.append(time.perf_counter() - begun)
    return str(2 * MATRIX**3 / min(times) / 1e9)


def answer(asked: str) -> str:
    """To `flops NAME`, `limit DTYPE`, `precision`, `peak`, or the name of a row."""
    what, _, of = asked.partition(" ")
    if what == "precision":
        return runtime.precision()
    if what == "peak":  # of this process's memory so far, in MB; Linux counts in KB
        return str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    if what == "limit":
        return limit(of)
    if what == "flops":
        return str(flops(of))
    return str(ROWS[asked].images / burst(asked)())


if __name__ == "__main__":
    runtime.start(settings.usable_cores())
    serve(answer)
