"""A network taken apart: its layers as one graph, the output of any of them, and the logits."""

import inspect
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from helpers.networks.inference import BATCH, batched
from helpers.runtime import keras, tf

SQUASHING = {"sigmoid", "softmax"}
SHAPING = {"Activation", "Dropout", "Flatten", "Identity", "Reshape"}  # leave logits as they are
FOLLOWED = (
    "its logits cannot be found; it must be a graph of Keras layers from one image to one output, "
    "others nested in it or not, that ends in a sigmoid, a softmax, or logits"
)
Compiled = Callable[..., Any]  # arrays -> arrays, see `inference.batched`


@dataclass
class Graph:
    """A copy of a network as one graph of single layers, as they are in inference."""

    image: keras.KerasTensor
    outputs: dict[str, keras.KerasTensor]  # of each layer, by its name
    layers: dict[int, keras.Layer]  # copies of the network's `leaves`, by number
    logits: keras.KerasTensor  # the output without the output activation
    linear: tuple[keras.Layer, keras.Layer] | None  # the last layer, and it without its activation
    compiled: dict[Hashable, Compiled] = field(default_factory=dict)
    checked: bool = False  # whether the logits are known to be the network's

    def up_to(self, name: str) -> keras.Model:
        """From images to the output of the layer of this name, and the logits."""
        return keras.Model(self.image, [self.outputs[name], self.logits])


_graphs: WeakKeyDictionary[keras.Model, Graph] = WeakKeyDictionary()  # as long as a network exists


def leaves(model: keras.Model) -> list[keras.Layer]:
    """A network's layers in order, those of networks nested in it one by one."""
    found: dict[keras.Layer, None] = {}
    for layer in model.layers:
        found |= dict.fromkeys(leaves(layer) if isinstance(layer, keras.Model) else [layer])
    return list(found)


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


def copied(model: keras.Model) -> keras.Model:
    """The same network with the same weights, of layers that stand in no other."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy


def graph_of(model: keras.Model) -> Graph:
    """The graph of a network, with the weights that it has now: it may have been trained since.

    Raises:
        ValueError: it is no graph of layers from one image to one output.
    """
    graph = _graphs.get(model)
    if graph is None:
        try:
            graph = _graphs[model] = _traced(model)
        except (AttributeError, NotImplementedError, TypeError, ValueError) as error:
            raise ValueError(f"{model.name}: {FOLLOWED}") from error
    for number, layer in enumerate(leaves(model)):
        weights, copy = layer.get_weights(), graph.layers.get(number)
        if copy and not all(map(np.array_equal, copy.get_weights(), weights)):
            copy.set_weights(weights)
            graph.checked = False
    if graph.linear and not graph.checked:
        squashing, linear = graph.linear
        linear.set_weights(squashing.get_weights())
    return graph


def _traced(model: keras.Model) -> Graph:
    """The network's layers, copied and called one after the other, as in inference."""
    numbers = {id(layer): number for number, layer in enumerate(leaves(model))}
    copies: dict[int, keras.Layer] = {}
    outputs: dict[str, keras.KerasTensor] = {}

    def call(operation: Any, *arguments: Any, **named: Any) -> Any:
        if isinstance(operation, keras.Sequential):
            (x,) = arguments
            for layer in operation.layers:
                x = call(layer, x)
            return x
        if isinstance(operation, keras.Model):  # Keras's own way through a graph, as it clones one
            return operation._run_through_graph(*arguments, call_fn=call)
        own = operation
        if isinstance(operation, keras.Layer):
            number = numbers[id(operation)]
            if number not in copies:
                name = {"name": f"{number}_{operation.name}"}
                copies[number] = type(operation).from_config(operation.get_config() | name)
            own = copies[number]
            if "training" in inspect.signature(own.call).parameters:
                named["training"] = False
        outputs[operation.name] = own(*arguments, **named)
        return outputs[operation.name]

    (given,) = model.inputs
    image = keras.Input(given.shape[1:], dtype=given.dtype)
    output = call(model, image)
    return Graph(image, outputs, copies, *_before_squashing(output))


def _before_squashing(
    output: keras.KerasTensor,
) -> tuple[keras.KerasTensor, tuple[keras.Layer, keras.Layer] | None]:
    """The logits of an output, and its last layer beside the same without its activation."""
    tensor, after = output, []
    while True:
        operation, node, _ = tensor._keras_history
        inputs = operation._inbound_nodes[node].input_tensors
        activation = getattr(getattr(operation, "activation", None), "__name__", "linear")
        if SQUASHING & {activation, type(operation).__name__.lower()}:
            break
        if type(operation).__name__ not in SHAPING or activation != "linear" or len(inputs) != 1:
            return output, None
        after.append(operation)
        (tensor,) = inputs
    (logits,), linear = inputs, None
    if getattr(operation, "weights", None):
        other = {"activation": "linear", "dtype": "float32", "name": "linear"}
        linear = type(operation).from_config(operation.get_config() | other)
        logits = linear(logits)
    for shaping in reversed(after):
        logits = shaping(logits)
    return logits, linear and (operation, linear)


def once(model: keras.Model, key: Hashable, make: Callable[[Graph], Compiled]) -> Compiled:
    """What `make` compiles from the graph of a network: made once, then found by its key."""
    graph = graph_of(model)
    if key not in graph.compiled:
        graph.compiled[key] = make(graph)
    return graph.compiled[key]


def logits_of(model: keras.Model) -> Compiled:
    """A function from images to a network's logits: its output without the output activation."""
    return once(model, "logits", lambda graph: batched(keras.Model(graph.image, graph.logits)))


def check(model: keras.Model, images: np.ndarray, logits: np.ndarray) -> None:
    """Whether these are the model's logits: what it answers must follow from them.

    Checked once for the same weights. The model is compiled for it: in 16 bits a layer on its own
    rounds where a compiled chain does not, which was seen to move answers by 0.06. What is left is
    judged by its mean.

    Raises:
        ValueError: they are not.
    """
    graph = graph_of(model)
    if graph.checked:
        return
    few = images[:BATCH]
    answers = batched(lambda x: model(x, training=False))(few)
    first = tf.constant(logits[: len(few)])
    candidates = [first, tf.sigmoid(first) if first.shape[1] == 1 else tf.nn.softmax(first)]
    if not any(np.abs(answers - x).mean() < 0.02 for x in candidates):
        raise ValueError(f"{model.name}: {FOLLOWED}")
    graph.checked = True
