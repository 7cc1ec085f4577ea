"""Heat maps: what in an image speaks for a class, by gradient and, as a check, by covering it."""

import warnings
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from helpers import runtime
from helpers.heatmaps import targets
from helpers.networks import LAST_CONVOLUTION, batch_size, batched, passes, surgery
from helpers.runtime import keras, tf


class HeatmapWarning(UserWarning):
    """A heat map shows less than it seems to."""


Weighing = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]  # feature maps, gradient -> weighed maps


def averaged(feature_maps: tf.Tensor, gradient: tf.Tensor) -> tf.Tensor:
    """Grad-CAM's weights: the mean of each feature map's gradient."""
    return feature_maps * tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)


def pixelwise(feature_maps: tf.Tensor, gradient: tf.Tensor) -> tf.Tensor:
    """HiResCAM's weights: the gradient itself."""
    return feature_maps * gradient


def grad_cam(
    model: keras.Model,
    images: np.ndarray,
    class_index: int | ArrayLike | None = None,
    layer: str | None = LAST_CONVOLUTION,
    normalize: bool = True,
) -> np.ndarray:
    """Grad-CAM (Selvaraju et al. 2017): feature maps weighted by their mean gradient.

    The gradient is that of the class's logit, before softmax or sigmoid, with respect to the
    layer's own output. The model stays as it is.

    Args:
        model: a Keras network on images, ending in one sigmoid, in a softmax, or in logits.
        images: float (N, H, W, C) in [0, 1].
        class_index: whose logit, for each image or for all; default the predicted class. For a
            single sigmoid, class 0 uses the negated logit.
        layer: name of a layer whose output is feature maps, found in a nested network too; None,
            or the default where no layer is called so: the last convolution.
        normalize: divide each map by its largest value.

    Returns:
        float32 (N, H, W), the positive part, resized bilinearly; zeros where there is none.

    Raises:
        ValueError: there is no such layer or class, or the model's logits cannot be found.

    Warns:
        HeatmapWarning: no layer was named, and the network has ways around its last convolution.
    """
    return _maps(model, images, class_index, layer, normalize, averaged)


def hires_cam(
    model: keras.Model,
    images: np.ndarray,
    class_index: int | ArrayLike | None = None,
    layer: str | None = LAST_CONVOLUTION,
    normalize: bool = True,
) -> np.ndarray:
    """HiResCAM (Draelos and Carin 2020): each pixel weighted by its own gradient.

    Grad-CAM takes the mean of the gradient over a feature map first, and with it can highlight
    places that the network did not use. Arguments and result are those of `grad_cam`.
    """
    return _maps(model, images, class_index, layer, normalize, pixelwise)


def occlusion(
    model: keras.Model,
    images: np.ndarray,
    class_index: int | ArrayLike | None = None,
    patch: int | None = None,
    stride: int | None = None,
    normalize: bool = True,
) -> np.ndarray:
    """Occlusion sensitivity (Zeiler and Fergus 2014): the logit's fall where a place is covered.

    Needs no gradient, and so checks those that do.

    Args:
        model: as for `grad_cam`.
        images: float (N, H, W, C) in [0, 1].
        class_index: as for `grad_cam`.
        patch: side in pixels of the square that is covered with the image's mean; default an
            eighth of the image.
        stride: pixels from one square to the next, default half a square.
        normalize: divide each map by its largest value.

    Returns:
        float32 (N, H, W): at each pixel the mean fall over the squares that cover it; its positive
        part. Zeros where there is none.

    Raises:
        ValueError: there is no such class, the model's logits cannot be found, the stride is
            larger than the patch, or one of both is below 1.
    """
    images = _checked(images)
    height, width = images.shape[1:3]
    patch = max(1, min(height, width) // 8) if patch is None else patch
    stride = max(1, patch // 2) if stride is None else stride
    if not 1 <= stride <= patch:
        raise ValueError(
            f"stride is {stride} and patch {patch}; the stride must be from 1 to the patch, "
            "or some pixels are never covered"
        )
    logits = passes.logits_of(model)
    before = logits(images)
    chosen = targets.classes_of(before, class_index)
    whole = targets.of_class(before, chosen).numpy()
    falls, covered = np.zeros(images.shape[:3]), np.zeros((height, width))
    fill = images.mean(axis=(1, 2), keepdims=True)
    places = [
        np.s_[:, top : top + patch, left : left + patch]
        for top in _starts(height, patch, stride)
        for left in _starts(width, patch, stride)
    ]
    together = max(1, batch_size(images) // len(images))
    for start in range(0, len(places), together):
        few = places[start : start + together]
        hidden = np.stack([images] * len(few))
        for copy, place in zip(hidden, few, strict=True):
            copy[place] = fill
        after = logits(hidden.reshape(-1, *images.shape[1:]))
        after = targets.of_class(after, np.tile(chosen, len(few))).numpy()
        for place, rest in zip(few, np.split(after, len(few)), strict=True):
            falls[place] += (whole - rest)[:, None, None]
            covered[place[1:]] += 1
    return _finished(falls / covered, normalize)


def _maps(
    model: keras.Model,
    images: np.ndarray,
    class_index: int | ArrayLike | None,
    layer: str | None,
    normalize: bool,
    weigh: Weighing,
) -> np.ndarray:
    images = _checked(images)
    asked = targets.asked(class_index, len(images))
    maps, logits = raw_maps(model, images, asked, layer, weigh)
    targets.check(asked, logits)
    return _finished(maps, normalize)


def raw_maps(
    model: keras.Model,
    images: np.ndarray,
    asked: np.ndarray,
    layer: str | None = LAST_CONVOLUTION,
    weigh: Weighing = averaged,
) -> tuple[np.ndarray, np.ndarray]:
    """Maps that are not normalised, and the logits.

    Args:
        model: as for `grad_cam`.
        images: float32 (N, H, W, C) in [0, 1].
        asked: see `targets.asked`.
        layer: as for `grad_cam`.
        weigh: how feature maps are weighted by their gradient.
    """

    def compiled(model: keras.Model) -> passes.Function:
        def one_batch(batch: tf.Tensor, asked: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            with tf.GradientTape() as tape:
                meant = surgery.chosen(model, layer)
                feature_maps, logits = passes.forward(model, batch, meant, tape)
                if meant[0].name != layer:
                    _warn_of_other_ways(model, batch, feature_maps, logits)
                chosen = tf.where(asked < 0, targets.predicted(logits), asked)
                of_class = tf.reduce_sum(targets.of_class(logits, chosen))
            gradient = tape.gradient(of_class, feature_maps)
            if gradient is None:
                raise ValueError(f"{model.name}: no gradient leads from its logits to the layer")
            small = tf.reduce_sum(weigh(feature_maps, gradient), axis=-1, keepdims=True)
            return tf.image.resize(tf.nn.relu(small), tf.shape(batch)[1:3])[..., 0], logits

        return batched(one_batch)

    return passes.once(model, (layer, weigh), compiled)(images, asked)


def _warn_of_other_ways(
    model: keras.Model, images: tf.Tensor, feature_maps: tf.Tensor, logits: tf.Tensor
) -> None:
    """Say so where the last convolution, which nobody named, shows a part of the network alone."""
    if not passes.is_passed_by(feature_maps, logits, images):
        return
    where = passes.junction(model, images)
    advice = f"layer={where!r}, which all of it goes through" if where else "a layer"
    warnings.warn(
        f"{model.name}: the image also reaches the answer past its last convolution, whose map "
        f"shows a part of the network alone; name {advice}",
        HeatmapWarning,
        stacklevel=2,
    )


def _starts(side: int, patch: int, stride: int) -> Sequence[int]:
    """Where squares begin, so that they cover the whole side and none leaves it."""
    return sorted({*range(0, max(1, side - patch + 1), stride), max(0, side - patch)})


def _finished(maps: np.ndarray, normalize: bool) -> np.ndarray:
    maps = np.maximum(maps, 0).astype(np.float32)
    if normalize:
        largest = maps.max(axis=(1, 2), keepdims=True)
        maps = np.divide(maps, largest, out=np.zeros_like(maps), where=largest > 0)
    return maps


def _checked(images: np.ndarray) -> np.ndarray:
    runtime.start()
    images = np.asarray(images, np.float32)
    if images.ndim != 4 or images.size == 0:
        raise ValueError(f"the images have the shape {images.shape}; they must be (N, H, W, C)")
    return images
