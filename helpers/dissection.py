"""A network taken apart: one layer's output and the logits, as functions of images."""

from __future__ import annotations

from collections.abc import Callable

from helpers import runtime  # noqa: F401 - first: it keeps TensorFlow's import quiet

# isort: split
import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

BATCH = 32  # images at a time, so that memory stays bounded
SQUASHING = ("sigmoid", "softmax")
NOISY = (keras.layers.Dropout, keras.layers.SpatialDropout2D, keras.layers.BatchNormalization)
FOLLOWED = (
    "its logits cannot be found; the network must be a chain of layers where others are nested in "
    "it, and end in a sigmoid, a softmax, or logits"
)

Pieces = Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]  # images -> feature maps, logits


def convolutions(model: keras.Model) -> list[str]:
    """The names of a network's convolutions in order, those of nested networks too."""
    names = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            names += convolutions(layer)
        elif isinstance(layer, keras.layers.Conv2D):
            names.append(layer.name)
    return names


def forward(model: keras.Model, name: str | None) -> Pieces:
    """A function from images to the output of the layer `name` and the logits.

    A network with others nested in it is followed as a chain of its layers; whether that is what
    it is, `check` tells.

    Raises:
        ValueError: it is plain that it is none.
    """
    copy = keras.models.clone_model(model)  # whose layers stand in no other network
    copy.set_weights(model.get_weights())
    return _forward(copy, name, last=True)


def _forward(model: keras.Model, name: str | None, last: bool) -> Pieces:
    """The same for a part; the `last` one ends the whole, and what squashes in it is left out."""
    nests = any(isinstance(layer, keras.Model) for layer in model.layers)
    if nests or isinstance(model, keras.Sequential):
        steps = [x for x in model.layers if not isinstance(x, keras.layers.InputLayer)]
        if any(isinstance(x.input, list | tuple) for x in steps):
            raise ValueError(f"{model.name}: {FOLLOWED}")
        ends = [last and step is steps[-1] for step in steps]
        parts = [
            _forward(step, name, end) if isinstance(step, keras.Model) else _step(step, name, end)
            for step, end in zip(steps, ends, strict=True)
        ]

        def chain(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            found = None
            for part in parts:
                tapped, x = part(x)
                found = tapped if tapped is not None else found
            return found, x

        return chain
    end = model.layers[-1]
    before, after = (end.input, _step(end, None, True)) if last else (model.output, None)
    tapped = model.get_layer(name).output if name in convolutions(model) else before
    flat = keras.Model(model.input, [tapped, before])

    def run(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        found, x = flat(x, training=False)
        return (None if tapped is before else found), (x if after is None else after(x)[1])

    return run


def _step(layer: keras.Layer, name: str | None, last: bool) -> Pieces:
    """One layer as such a function; the last one without what squashes its logits."""
    squashes = getattr(getattr(layer, "activation", None), "__name__", "") in SQUASHING
    squashes = squashes or isinstance(layer, keras.layers.Softmax)

    def run(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        if not (last and squashes):
            x = layer(x, training=False) if isinstance(layer, NOISY) else layer(x)
        elif isinstance(layer, keras.layers.Dense):
            x = tf.cast(x, layer.kernel.dtype) @ tf.convert_to_tensor(layer.kernel)
            x = x if layer.bias is None else x + tf.convert_to_tensor(layer.bias)
        return (x if layer.name == name else None), x

    return run


def logits_of(model: keras.Model) -> Callable[[tf.Tensor], tf.Tensor]:
    """A function from images to the logits alone."""
    pieces = forward(model, None)
    return lambda images: pieces(images)[1]


def compiled(function: Callable[[tf.Tensor], tf.Tensor]) -> Callable[[np.ndarray], np.ndarray]:
    """The function over all images, batch by batch, as float32."""
    traced = tf.function(function, reduce_retracing=True)

    def run(images: np.ndarray) -> np.ndarray:
        starts = range(0, len(images), BATCH)
        parts = [tf.cast(traced(images[i : i + BATCH]), tf.float32).numpy() for i in starts]
        return np.concatenate(parts)

    return run


def check(model: keras.Model, images: np.ndarray, logits: np.ndarray) -> None:
    """Whether these are the model's logits: what it answers must follow from them."""
    answer = np.asarray(model(images[:1], training=False), np.float32)
    first = tf.constant(logits[:1])
    candidates = [first, tf.sigmoid(first) if first.shape[1] == 1 else tf.nn.softmax(first)]
    if not any(np.allclose(answer, x, atol=0.02) for x in candidates):  # of a bfloat16
        raise ValueError(f"{model.name}: {FOLLOWED}")


def classes_of(logits: np.ndarray, class_index: int | ArrayLike | None) -> np.ndarray:
    """The class of each image, int (N,): the one asked for, or the predicted one."""
    outputs = logits.shape[1]
    if class_index is None:
        return (logits[:, 0] > 0).astype(int) if outputs == 1 else logits.argmax(axis=1)
    chosen = np.broadcast_to(np.asarray(class_index), len(logits))
    if not np.issubdtype(chosen.dtype, np.integer) or not (chosen >= 0).all():
        raise ValueError(f"class_index is {class_index!r}; it must be 0 or more, a whole number")
    if chosen.max(initial=0) >= max(2, outputs):
        raise ValueError(
            f"class_index reaches {chosen.max()}; the network tells {max(2, outputs)} classes apart"
        )
    return chosen


def sides(outputs: int, chosen: np.ndarray) -> np.ndarray:
    """What the logits are multiplied with to give that of the class, float32 (N, outputs)."""
    if outputs == 1:
        return np.where(chosen == 1, 1, -1)[:, np.newaxis].astype(np.float32)
    return np.eye(outputs, dtype=np.float32)[chosen]


def of_class(logits: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Each image's logit of its class, (N,)."""
    return (logits * sides(logits.shape[1], chosen)).sum(axis=1)
