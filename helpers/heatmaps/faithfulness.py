"""Whether a heat map speaks of the network: pixels taken away and given back, weights mixed up."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage
from scipy.special import expit, softmax

from helpers.heatmaps import targets
from helpers.networks import LAST_CONVOLUTION, passes, surgery
from helpers.runtime import keras

STEPS = 8
BLUR = 1 / 12  # of an image's side: the deviation of what insertion begins with


def deletion(
    model: keras.Model,
    images: np.ndarray,
    maps: np.ndarray,
    class_index: int | ArrayLike | None = None,
    steps: int = STEPS,
) -> np.ndarray:
    """The class's probability while pixels are covered, the map's highest first.

    Petsiuk et al. (2018). Covered pixels get the image's mean. The faster the curve falls, the
    smaller its `evidence.area`, the more the map's pixels mattered.

    Args:
        model: as for `gradcam.grad_cam`.
        images: float (N, H, W, C) in [0, 1].
        maps: float (N, H, W); pixels of one value go in random order.
        class_index: as for `gradcam.grad_cam`.
        steps: in which all pixels go.

    Returns:
        float64 (N, steps + 1), from the whole image to none of it.
    """
    covered = np.broadcast_to(images.mean(axis=(1, 2), keepdims=True), images.shape)
    return _exchanged(model, images, (images, covered), maps, class_index, steps)


def insertion(
    model: keras.Model,
    images: np.ndarray,
    maps: np.ndarray,
    class_index: int | ArrayLike | None = None,
    steps: int = STEPS,
) -> np.ndarray:
    """The same while pixels are given to a blurred image: the larger the area, the better.

    Blurred, since pixels on an even ground would bring edges that the image does not have.
    Arguments and result are those of `deletion`; the class is that of the whole image.
    """
    blur = BLUR * images.shape[1]
    blurred = ndimage.gaussian_filter(images, (0, blur, blur, 0), mode="nearest")
    return _exchanged(model, images, (blurred, images), maps, class_index, steps)


def mixed(model: keras.Model) -> Iterator[tuple[str, keras.Model]]:
    """The network with its weights mixed up, layer by layer from the output down.

    Adebayo et al. (2018): a map that stays what it was shows the image and not the network. The
    values of every weight are permuted, which leaves their mean and spread.

    Yields:
        The layer that was mixed up last, a block of several as one; and the network, which the
        next step changes.
    """
    rng = np.random.default_rng(0)
    copy = surgery.copied(model)
    last = part = ""
    for layer in reversed(surgery.leaves(copy)):
        if layer.name.startswith("block"):
            part = layer.name.split("_")[0]
        elif layer.name != LAST_CONVOLUTION:  # which belongs to the block of its activation
            part = layer.name
        if not layer.weights:
            continue
        if last and part != last:
            yield last, copy
        values = layer.get_weights()
        layer.set_weights([rng.permutation(w.ravel()).reshape(w.shape) for w in values])
        last = part
    if last:
        yield last, copy


def _exchanged(
    model: keras.Model,
    images: np.ndarray,
    ends: tuple[np.ndarray, np.ndarray],
    maps: np.ndarray,
    class_index: int | ArrayLike | None,
    steps: int,
) -> np.ndarray:
    """The class's probability on the way from one end to the other, the highest pixels first."""
    logits = passes.logits_of(model)
    whole = logits(images)
    chosen = targets.classes_of(whole, class_index)
    place, pixels = places(maps)[..., np.newaxis], maps[0].size
    curves = [
        probability(logits(np.where(place < pixels * k / steps, ends[1], ends[0])), chosen)
        for k in range(steps + 1)
    ]
    return np.stack(curves, axis=1)


def places(maps: np.ndarray) -> np.ndarray:
    """Each pixel's place in its map's order, int (N, H, W): 0 for the highest; ties by chance."""
    flat = maps.reshape(len(maps), -1)
    by_chance = np.random.default_rng(0).random(flat.shape)
    order = np.lexsort((by_chance, -flat), axis=1)
    return np.argsort(order, axis=1).reshape(maps.shape)


def probability(logits: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Of each image's class, float64 (N,).

    Args:
        logits: (N, outputs).
        chosen: class of each image, int (N,).
    """
    logits = logits.astype(np.float64)
    if logits.shape[1] == 1:
        return expit(targets.of_class(logits, chosen))
    return softmax(logits, axis=1)[np.arange(len(chosen)), chosen]
