"""The networks of the lab, as uncompiled Keras models.

Every activation is a layer of its own: the input of the last layer is the logits, and a
convolution's output is its own, before batch normalisation and activation. In mixed precision too
some compute in float32: the last ones, `logits` and `output`, so that probabilities are not rounded
to the eight bits of a bfloat16, and narrow ones with batch normalisation, which are faster so.
"""

from collections.abc import Sequence

from helpers import runtime
from helpers.networks.layers import BatchNormalization, SpatialDropout2D
from helpers.runtime import keras

layers = keras.layers
LAST_CONVOLUTION = "Last_ConvLayer"  # where Grad-CAM looks, in the networks that end in softmax
MOMENTUM = 0.99  # Keras's own, of batch normalisation's moving averages
VECTOR = 16  # channels that oneDNN's bfloat16 kernels take at once; a remainder makes some slow


def alexnet(
    input_shape: tuple[int, int, int],
    base: int = 8,
    dense: Sequence[int] = (64, 64),
    dropout: float = 0.0,
    batch_norm: bool = False,
    spatial_dropout: float = 0.0,
    classes: int = 1,
    momentum: float = MOMENTUM,
    global_pool: bool = False,
) -> keras.Model:
    """The lab's AlexNet: five convolutions, pools after the first, the second and the fifth.

    The name is the course's; the filters are 3 x 3 and far fewer than in Krizhevsky et al.
    (2012), whose order of convolutions and pools it keeps.

    Args:
        input_shape: height, width and channels of an image, pixels and values in [0, 1].
        base: filters of the first convolution; the others have 2, 4, 4 and 2 times as many.
        dense: units of the dense layers before the output.
        dropout: share of units dropped after each of these (0: no such layer).
        batch_norm: batch normalisation between each convolution and its activation.
        spatial_dropout: share of feature maps dropped after each activation of a
            convolution, before the pool (0: no such layer).
        classes: units of the output; 1 is a sigmoid, more are a softmax.
        momentum: share that the moving averages of batch normalisation keep at each step.
        global_pool: the dense layers get the mean of each feature map (Lin et al. 2014) and not
            the flattened maps: how much there is of each feature, and not where.

    Raises:
        ValueError: the image is too small for the pools, or a number is out of its range.
    """
    blocks = [[base], [2 * base], [4 * base], [4 * base], [2 * base]]
    pooled = (True, True, False, False, True)
    inputs, x = _convolutions(
        "alexnet", input_shape, blocks, pooled, batch_norm, spatial_dropout, momentum
    )
    flat = layers.GlobalAveragePooling2D(name="global_pool") if global_pool else _flatten()
    return keras.Model(inputs, _top(flat(x), dense, dropout, classes), name="alexnet")


def vgg16(
    input_shape: tuple[int, int, int],
    base: int = 64,
    dense: Sequence[int] = (64, 64, 64),
    dropout: float = 0.0,
    batch_norm: bool = False,
    spatial_dropout: float = 0.0,
    classes: int = 1,
    momentum: float = MOMENTUM,
) -> keras.Model:
    """VGG16 (Simonyan and Zisserman, 2015): thirteen convolutions in five blocks.

    Takes what `alexnet` takes. The blocks have 2, 2, 3, 3 and 3 convolutions of 1, 2, 4, 8 and
    8 times `base` filters, each block ends in a pool.

    Raises:
        ValueError: the image is too small for the pools, or a number is out of its range.
    """
    blocks = [[base] * 2, [2 * base] * 2, [4 * base] * 3, [8 * base] * 3, [8 * base] * 3]
    pooled = (True,) * 5
    inputs, x = _convolutions(
        "vgg16", input_shape, blocks, pooled, batch_norm, spatial_dropout, momentum
    )
    return keras.Model(inputs, _top(_flatten()(x), dense, dropout, classes), name="vgg16")


def dense_head(
    input_shape: Sequence[int], units: int = 128, dropout: float = 0.5, classes: int = 1
) -> keras.Model:
    """The small network trained on the stored features of a frozen base.

    Args:
        input_shape: shape of one image's features, (7, 7, 512) for VGG16 at 224 x 224.
        units: units of the hidden layer.
        dropout: share of them dropped in training.
        classes: units of the output; 1 is a sigmoid, more are a softmax.
    """
    runtime.start()
    inputs = keras.Input(tuple(input_shape), name="features")
    top = _top(_flatten()(inputs), (units,), dropout, classes)
    return keras.Model(inputs, top, name="dense_head")


def _convolutions(
    name: str,
    input_shape: tuple[int, int, int],
    blocks: Sequence[Sequence[int]],
    pooled: Sequence[bool],
    batch_norm: bool,
    spatial_dropout: float,
    momentum: float,
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Blocks of convolutions, `blocks[i]` their filters: the image, and what they make of it."""
    smallest = 2 ** sum(pooled)
    if min(input_shape[:2]) < smallest:
        raise ValueError(
            f"{name}: an image of {input_shape[0]} x {input_shape[1]} pixels is too small; "
            f"its {sum(pooled)} pools need {smallest} x {smallest} or more"
        )
    runtime.start()
    inputs = keras.Input(input_shape, name="image")
    x = inputs
    for i, filters_of_block in enumerate(blocks, start=1):
        for j, filters in enumerate(filters_of_block, start=1):
            last = i == len(blocks) and j == len(filters_of_block)
            part = f"block{i}" if len(filters_of_block) == 1 else f"block{i}_{j}"
            dtype = _dtype(filters, batch_norm)
            name = LAST_CONVOLUTION if last else f"{part}_conv"
            x = layers.Conv2D(filters, 3, padding="same", dtype=dtype, name=name)(x)
            if batch_norm:
                name = f"{part}_batch_norm"
                x = BatchNormalization(momentum=momentum, dtype=dtype, name=name)(x)
            x = layers.Activation("relu", dtype=dtype, name=f"{part}_relu")(x)
            if spatial_dropout:
                name = f"{part}_spatial_dropout"
                x = SpatialDropout2D(spatial_dropout, dtype=dtype, name=name)(x)
        if pooled[i - 1]:
            x = layers.MaxPooling2D(2, dtype=dtype, name=f"block{i}_pool")(x)
    return inputs, x


def _dtype(filters: int, batch_norm: bool) -> str | None:
    """Of a convolution and what follows it up to the next: None is that of the policy."""
    bfloat16 = keras.config.dtype_policy().compute_dtype == "bfloat16"
    return "float32" if bfloat16 and batch_norm and filters % VECTOR else None


def _flatten() -> keras.layers.Layer:
    return layers.Flatten(name="flatten")


def _top(
    x: keras.KerasTensor, dense: Sequence[int], dropout: float, classes: int
) -> keras.KerasTensor:
    for i, units in enumerate(dense, start=1):
        x = layers.Dense(units, name=f"dense{i}")(x)
        x = layers.Activation("relu", name=f"dense{i}_relu")(x)
        if dropout:
            x = layers.Dropout(dropout, name=f"dense{i}_dropout")(x)
    x = layers.Dense(classes, dtype="float32", name="logits")(x)
    activation = "sigmoid" if classes == 1 else "softmax"
    return layers.Activation(activation, dtype="float32", name="output")(x)
