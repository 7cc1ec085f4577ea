"""A network taken apart: one layer's output and the logits, as functions of images."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from typing import Any
from weakref import WeakKeyDictionary

from helpers import runtime  # noqa: F401 - first: it keeps TensorFlow's import quiet

# isort: split
import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

BATCH = 32  # images at a time, so that memory stays bounded; of small ones as many as hold
NUMBERS = 1 << 19  # so many numbers
SQUASHING = ("sigmoid", "softmax")
NOISY = (keras.layers.Dropout, keras.layers.SpatialDropout2D, keras.layers.BatchNormalization)
FOLLOWED = (
    "its logits cannot be found; the network must be a chain of layers where others are nested in "
    "it, and end in a sigmoid, a softmax, or logits"
)

Pieces = Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]  # images -> feature maps, logits
Compiled = Callable[..., Any]  # arrays -> arrays, see `compiled`

# Of each network that was taken apart, as long as it is there: its copy, under None, and what was
# compiled of that.
_made: WeakKeyDictionary[keras.Model, dict[Hashable, Any]] = WeakKeyDictionary()


def leaves(model: keras.Model) -> list[keras.Layer]:
    """A network's layers in order, those of networks nested in it one by one."""
    layers: list[keras.Layer] = []
    for layer in model.layers:
        layers += leaves(layer) if isinstance(layer, keras.Model) else [layer]
    return layers


def convolution(model: keras.Model, name: str | None) -> keras.layers.Conv2D:
    """The convolution of this name, found in nested networks too; None: the last one.

    Raises:
        ValueError: there is none; the message lists those there are.
    """
    found = {x.name: x for x in leaves(model) if isinstance(x, keras.layers.Conv2D)}
    if name is None and found:
        name = list(found)[-1]
    if name not in found:
        raise ValueError(
            f"{model.name} has no convolution {name!r}; it has {', '.join(found) or 'none'}"
        )
    return found[name]


def forward(model: keras.Model, name: str | None) -> Pieces:
    """A function from images to the output of the layer `name` and the logits.

    It follows the network's weights when they change. A network with others nested in it is
    followed as a chain of its layers; whether that is what it is, `check` tells.

    Args:
        model: a network whose layers stand in no other, see `copied`.
        name: of a convolution, or None.

    Raises:
        ValueError: it is plain that it is no chain.
    """
    return _forward(model, name, last=True)


def copied(model: keras.Model) -> keras.Model:
    """The same network with the same weights, of layers that stand in no other."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy


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
    here = name in [x.name for x in model.layers]
    tapped = model.get_layer(name).output if here else before
    flat = keras.Model(model.input, [tapped, before])

    def run(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        found, x = flat(x, training=False)
        return (found if here else None), (x if after is None else after(x)[1])

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


def once(model: keras.Model, key: Hashable, make: Callable[[keras.Model], Compiled]) -> Compiled:
    """What `make` compiles of a copy of the network, by a key: the first time, and then again.

    The copy is given the network's weights each time: it may have been trained on since.
    """
    made = _made.setdefault(model, {})
    if None not in made:
        made[None] = copied(model)
    else:
        made[None].set_weights(model.get_weights())
    if key not in made:
        made[key] = make(made[None])
    return made[key]


def logits_of(model: keras.Model) -> Compiled:
    """A network's logits, before what squashes them."""

    def make(own: keras.Model) -> Compiled:
        pieces = forward(own, None)
        return compiled(lambda images: pieces(images)[1])

    return once(model, "logits", make)


def at_once(images: np.ndarray) -> int:
    """How many images of this shape (N, H, W, C) make a batch."""
    return max(BATCH, NUMBERS // math.prod(images.shape[1:]))


def answers_of(model: keras.Model) -> Compiled:
    """What a network answers."""
    return once(model, "answers", lambda own: compiled(lambda images: own(images, training=False)))


def compiled(function: Callable[..., Any]) -> Compiled:
    """The function of images, and of other arrays of as many rows, batch by batch.

    What it gives, a tensor or several, comes back as float32 arrays of all rows.
    """
    traced: dict[Hashable, Callable[..., Any]] = {}  # once for any number of images

    def run(*arrays: np.ndarray) -> Any:
        kind = tuple((x.shape[1:], x.dtype) for x in arrays)
        if kind not in traced:
            signature = [tf.TensorSpec((None, *shape), tf.as_dtype(dtype)) for shape, dtype in kind]
            traced[kind] = tf.function(function, signature, autograph=False)
        batch = at_once(arrays[0])
        starts = range(0, len(arrays[0]), batch)
        parts = [traced[kind](*[x[i : i + batch] for x in arrays]) for i in starts]
        return tf.nest.map_structure(
            lambda *of_batches: tf.cast(tf.concat(of_batches, axis=0), tf.float32).numpy(), *parts
        )

    return run


def check(model: keras.Model, images: np.ndarray, logits: np.ndarray) -> None:
    """Whether these are the model's logits: what it answers must follow from them.

    The model is compiled for it too: in 16 bits a layer on its own rounds where a compiled chain
    does not, which was seen to move answers by 0.06. What is left is judged by its mean.
    """
    few = images[:BATCH]
    answers = answers_of(model)(few)
    first = tf.constant(logits[: len(few)])
    candidates = [first, tf.sigmoid(first) if first.shape[1] == 1 else tf.nn.softmax(first)]
    if not any(np.abs(answers - x).mean() < 0.02 for x in candidates):
        raise ValueError(f"{model.name}: {FOLLOWED}")


def classes_of(logits: np.ndarray, class_index: int | ArrayLike | None) -> np.ndarray:
    """The class of each image, int (N,): the one asked for, or the predicted one."""
    chosen = asked(class_index, logits.shape[1], len(logits))
    return np.where(chosen < 0, predicted(logits), chosen)


def asked(class_index: int | ArrayLike | None, outputs: int, count: int) -> np.ndarray:
    """The class asked for of each image, int64 (count,); -1 where the predicted one is meant.

    Raises:
        ValueError: there is no such class, or it is no whole number.
    """
    if class_index is None:
        return np.full(count, -1)
    chosen = np.broadcast_to(np.asarray(class_index), count)
    if not np.issubdtype(chosen.dtype, np.integer) or not (chosen >= 0).all():
        raise ValueError(f"class_index is {class_index!r}; it must be 0 or more, a whole number")
    if chosen.max(initial=0) >= max(2, outputs):
        raise ValueError(
            f"class_index reaches {chosen.max()}; the network tells {max(2, outputs)} classes apart"
        )
    return chosen.astype(np.int64)


def predicted(logits: tf.Tensor) -> tf.Tensor:
    """The predicted class of each image, int64 (N,)."""
    if logits.shape[1] == 1:
        return tf.cast(logits[:, 0] > 0, tf.int64)
    return tf.argmax(logits, axis=1)


def sides(outputs: int, chosen: tf.Tensor) -> tf.Tensor:
    """What the logits are multiplied with to give that of the class, float32 (N, outputs)."""
    if outputs == 1:
        return 2 * tf.cast(chosen, tf.float32)[:, tf.newaxis] - 1
    return tf.one_hot(chosen, outputs)


def of_class(logits: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Each image's logit of its class, (N,)."""
    return (logits * sides(logits.shape[1], chosen).numpy()).sum(axis=1)
