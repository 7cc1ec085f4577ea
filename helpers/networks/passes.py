"""A network's logits, and the output of any of its layers, from one pass through it as it is.

Nothing is rebuilt: while the network is compiled, the layer notes what it gives, and the logits are
what the last operation squashes. So whatever the network is made of, these are its own.
"""

import weakref
from collections.abc import Callable, Hashable
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from helpers.networks.inference import batched
from helpers.networks.surgery import chosen, in_float32, leaves, noted
from helpers.runtime import keras, tf

# TensorFlow's operations: those that leave numbers as they are, those that turn logits into
# probabilities, those that add up, what logits may go through after that, and what gives weights.
SHAPING = {"Cast", "ExpandDims", "Identity", "Reshape", "Squeeze", "StopGradient"}
SQUASHING = {"LogSoftmax", "Sigmoid", "Softmax"}
SUMMING = {"BatchMatMulV2", "BiasAdd", "Conv2D", "Einsum", "MatMul", "Mean", "Sum"}
LINEAR = {"AddV2", "ConcatV2", "Mul", "Neg", "Pack", "RealDiv", "Sub"}
CONSTANT = {"Const", "ReadVariableOp"}

Function = Callable[..., Any]  # of arrays, see `inference.batched`

# What was compiled for a network, by key, as long as it exists.
_compiled: WeakKeyDictionary[keras.Model, dict[Hashable, Function]] = WeakKeyDictionary()


def forward(
    model: keras.Model, images: tf.Tensor, layers: list[keras.Layer], tape: tf.GradientTape
) -> tuple[tf.Tensor, tf.Tensor]:
    """One pass in inference and float32, to be called while a function is compiled.

    Args:
        model: a network from one image to one output.
        images: (N, H, W, C).
        layers: of which the one that the image goes through last is meant.
        tape: is told to watch the output of that layer.

    Returns:
        The output of the layer, (N, h, w, channels), and the logits, (N, outputs).

    Raises:
        ValueError: it is no such network, or the layer has no such output.
    """
    seen: list[tuple[str, tf.Tensor]] = []

    def note(layer: keras.Layer, output: tf.Tensor) -> None:
        if len(layers) == 1 or tuple(output.shape[1:3]) != (1, 1):  # a dense layer in disguise
            tape.watch(output)
            seen.append((layer.name, output))

    if not model.built:  # Keras goes through it once more to build it
        model(images, training=False)
    with noted(layers, note):
        logits = _logits(model, images)
    if not seen:
        names = ", ".join(layer.name for layer in layers)
        raise ValueError(f"{model.name}: the image does not go through {names}; name another layer")
    name, output = seen[-1]
    if len([one for one, _ in seen if one == name]) > 1:
        raise ValueError(
            f"{model.name}: the image goes through {name} more than once; name another layer"
        )
    if output.shape.rank != 4:
        raise ValueError(
            f"{model.name}: the output of {name} has the shape {tuple(output.shape)}, no feature "
            "maps; name a convolution, or another layer before the pooling"
        )
    return output, logits


def once(model: keras.Model, key: Hashable, make: Callable[[keras.Model], Function]) -> Function:
    """What `make` compiles of a network: made once, then found by its key.

    `make` is given something that passes for the network, and does not keep it in memory.
    """
    functions = _compiled.setdefault(model, {})
    key = (key, *map(id, leaves(model)))  # layers may be added and taken away
    if key not in functions:
        functions[key] = make(weakref.proxy(model))
    return functions[key]


def logits_of(model: keras.Model) -> Function:
    """A function from images to a network's logits, (N, outputs), in float32.

    It raises ValueError where the network has no logits that could be found.
    """

    def compiled(model: keras.Model) -> Function:
        return batched(lambda images: _logits(model, images))

    return once(model, "logits", compiled)


def places_of(model: keras.Model, images: np.ndarray, name: str | None) -> tuple[int, int]:
    """Height and width of a layer's output for images (N, H, W, C); see `forward`."""

    def output(batch: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            return forward(model, batch, chosen(model, name), tape)[0]

    spec = tf.TensorSpec((None, *images.shape[1:]), tf.float32)
    found = tf.function(output, autograph=False).get_concrete_function(spec).structured_outputs
    return found.shape[1], found.shape[2]


def is_passed_by(output: tf.Tensor, logits: tf.Tensor, images: tf.Tensor) -> bool:
    """Whether the images reach the logits by another way than through an output of a layer."""
    waiting, seen = [logits.op], set()
    while waiting:
        operation = waiting.pop()
        if operation is images.op:
            return True
        if operation.name not in seen:
            seen.add(operation.name)
            waiting += [one.op for one in operation.inputs if one is not output]
    return False


def junction(model: keras.Model, images: tf.Tensor) -> str | None:
    """The last layer of feature maps that the whole way to the logits leads through.

    To be called while a function is compiled; None where there is no such layer.
    """
    seen: list[tuple[str, tf.Tensor]] = []

    def note(layer: keras.Layer, output: tf.Tensor) -> None:
        if tf.is_tensor(output) and output.shape.rank == 4 and tuple(output.shape[1:3]) != (1, 1):
            seen.append((layer.name, output))

    with noted(leaves(model), note):
        logits = _logits(model, images)
    names = [name for name, _ in seen]
    for name, output in reversed(seen):
        if names.count(name) == 1 and not is_passed_by(output, logits, images):
            return name
    return None


def _logits(model: keras.Model, images: tf.Tensor) -> tf.Tensor:
    """What the output of a network squashes, or the output itself where nothing does."""
    inputs = getattr(model, "inputs", None) or [images]
    if len(inputs) > 1:
        raise ValueError(f"{model.name} has {len(inputs)} inputs; a heat map is of one image")
    with in_float32(model):
        output = model(images, training=False)
    if not tf.is_tensor(output):
        raise ValueError(
            f"{model.name} has {len(tf.nest.flatten(output))} outputs; make a keras.Model of its "
            "input and the one that is meant"
        )
    if output.shape.rank != 2:
        raise ValueError(
            f"{model.name} gives the shape {tuple(output.shape)}; it must be (N, classes)"
        )
    squashed, units = _unshaped(output), output.shape[1]
    kind = squashed.op.type
    if (kind == "Sigmoid" and units == 1) or (kind in SQUASHING - {"Sigmoid"} and units > 1):
        output = tf.reshape(squashed.op.inputs[0], tf.shape(output))
        output.set_shape((None, units))
    elif not _adds_up(squashed):
        raise ValueError(
            f"{model.name}: its logits cannot be found, since it gives {units} "
            f"output{'s' if units > 1 else ''} by {kind} ({squashed.op.name}); it must end in one "
            "sigmoid, in a softmax, or in logits"
        )
    return tf.cast(output, tf.float32)


def _unshaped(tensor: tf.Tensor) -> tf.Tensor:
    """The tensor whose numbers another one has, whatever its shape."""
    while tensor.op.type in SHAPING:
        tensor = tensor.op.inputs[0]
    return tensor


def _adds_up(tensor: tf.Tensor) -> bool:
    """Whether a tensor is a sum of weighted numbers, or made of nothing else by arithmetic."""
    operation = _unshaped(tensor).op
    if operation.type not in LINEAR:
        return operation.type in SUMMING
    parts = [part for part in map(_unshaped, operation.inputs) if part.op.type not in CONSTANT]
    return bool(parts) and all(map(_adds_up, parts))
