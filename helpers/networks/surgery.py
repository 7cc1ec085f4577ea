"""A network's layers: found, copied, and told to note what they give or to compute in float32."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from helpers.networks.models import LAST_CONVOLUTION
from helpers.runtime import keras, tf

CONVOLUTIONS = (
    keras.layers.Conv2D,
    keras.layers.Conv2DTranspose,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv2D,
)


def leaves(model: keras.Model) -> list[keras.Layer]:
    """A network's layers in order, those of networks nested in it one by one."""
    found: dict[keras.Layer, None] = {}
    for layer in model.layers:
        found |= dict.fromkeys(leaves(layer) if isinstance(layer, keras.Model) else [layer])
    return list(found)


def copied(model: keras.Model) -> keras.Model:
    """The same network with the same weights, of layers that stand in no other."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy


def chosen(model: keras.Model, name: str | None) -> list[keras.Layer]:
    """The layers that a name may mean: the one of this name, or all convolutions.

    Args:
        model: a network, others nested in it or not.
        name: None means the last convolution that the image goes through, and so does
            `LAST_CONVOLUTION` where no layer is called that.

    Raises:
        ValueError: there is none, or there are two; the message lists the convolutions.
    """
    layers = leaves(model)
    convolutions = [layer for layer in layers if isinstance(layer, CONVOLUTIONS)]
    named = [layer for layer in layers if layer.name == name]
    if len(named) > 1:
        raise ValueError(f"{model.name} has {len(named)} layers of the name {name}; rename one")
    if named or (name in (None, LAST_CONVOLUTION) and convolutions):
        return named or convolutions
    have = ", ".join(layer.name for layer in convolutions) or "none"
    raise ValueError(
        f"{model.name} has no {'convolution' if name is None else f'layer {name!r}'}; "
        f"its convolutions: {have}"
    )


def convolution(model: keras.Model, name: str | None) -> keras.Layer:
    """The layer of this name, or the last convolution in order; see `chosen`."""
    return chosen(model, name)[-1]


@contextlib.contextmanager
def noted(
    layers: list[keras.Layer], note: Callable[[keras.Layer, tf.Tensor], None]
) -> Iterator[None]:
    """Tell `note` of what these layers give within a `with`."""

    def noting(layer: keras.Layer) -> Callable[..., tf.Tensor]:
        call = layer.call

        def noted(*arguments: Any, **named: Any) -> tf.Tensor:
            output = call(*arguments, **named)
            note(layer, output)
            return output

        return noted

    for layer in layers:
        object.__setattr__(layer, "call", noting(layer))
    try:
        yield
    finally:
        for layer in layers:
            object.__delattr__(layer, "call")


class _Wide(keras.DTypePolicy):
    """Computes in float32, whatever the type in which weights are kept."""

    def __init__(self, policy: keras.DTypePolicy) -> None:
        super().__init__("float32")
        self._variable_dtype = policy.variable_dtype


@contextlib.contextmanager
def in_float32(model: keras.Model) -> Iterator[None]:
    """Let all layers compute in float32 within a `with`.

    In 16 bits gradients vanish, and the falls that occlusion looks for are rounding.
    """
    halved = [
        (layer, layer.dtype_policy)
        for layer in model._flatten_layers()
        if layer.compute_dtype in ("float16", "bfloat16")
    ]
    for layer, policy in halved:
        layer.dtype_policy = _Wide(policy)
    try:
        yield
    finally:
        for layer, policy in halved:
            layer.dtype_policy = policy
