"""Heat maps: what in an image speaks for a class, by gradient and, as a check, by covering it."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from helpers import runtime
from helpers.heatmaps import targets
from helpers.networks import LAST_CONVOLUTION, batch_size, batched, convolution, surgery
from helpers.runtime import keras, tf

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
        layer: name of a convolution, found in a nested network too; None: the last one.
        normalize: divide each map by its largest value.

    Returns:
        float32 (N, H, W), the positive part, resized bilinearly; zeros where there is none.

    Raises:
        ValueError: there is no such layer or class, or the model's shape does not allow it.
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
        ValueError: there is no such class, the model's shape does not allow it, or the stride is
            larger than the patch.
    """
    images = _checked(images)
    height, width = images.shape[1:3]
    patch = patch or max(1, min(height, width) // 8)
    stride = stride or max(1, patch // 2)
    if stride > patch:
        raise ValueError(
            f"stride is {stride} and patch {patch}; the stride must be at most the patch, or some "
            "pixels are never covered"
        )
    logits = surgery.logits_of(model)
    before = logits(images)
    surgery.check(model, images, before)
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
    asked = targets.asked(class_index, model.output_shape[-1], len(images))
    maps, logits = raw_maps(model, images, asked, layer, weigh)
    surgery.check(model, images, logits)
    return _finished(maps, normalize)


def raw_maps(
    model: keras.Model,
    images: np.ndarray,
    asked: np.ndarray,
    layer: str | None = LAST_CONVOLUTION,
    weigh: Weighing = averaged,
) -> tuple[np.ndarray, np.ndarray]:
    """Maps that are not normalised, and the logits, which are not checked.

    Args:
        model: as for `grad_cam`.
        images: float32 (N, H, W, C) in [0, 1].
        asked: see `targets.asked`.
        layer: as for `grad_cam`.
        weigh: how feature maps are weighted by their gradient.
    """
    name = convolution(model, layer).name

    def compiled(graph: surgery.Graph) -> surgery.Compiled:
        network = graph.up_to(name)

        def one_batch(batch: tf.Tensor, asked: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            with tf.GradientTape() as tape:
                feature_maps, logits = network(batch)
                logits = tf.cast(logits, tf.float32)
                chosen = tf.where(asked < 0, targets.predicted(logits), asked)
                of_class = tf.reduce_sum(targets.of_class(logits, chosen))
            gradient = tape.gradient(of_class, feature_maps)
            weighed = weigh(tf.cast(feature_maps, tf.float32), tf.cast(gradient, tf.float32))
            small = tf.nn.relu(tf.reduce_sum(weighed, axis=-1, keepdims=True))
            return tf.image.resize(small, tf.shape(batch)[1:3])[..., 0], logits

        return batched(one_batch)

    return surgery.once(model, (name, weigh), compiled)(images, asked)


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
