"""The single transforms of Task 3, and the random augmentation of Tasks 4, 5 and 8.

A single transform is scikit-image's, on one image. The random augmentation joins rotation, shift
and flip into one map from output to input pixels, so that an image is interpolated once. It draws
what Keras's legacy ImageDataGenerator draws, and the same parameters give the same image.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from skimage import exposure, transform

if TYPE_CHECKING:
    import tensorflow as tf


class AugmentationError(ValueError):
    """A parameter with which an image cannot be transformed."""


def rescale(image: np.ndarray, factor: float) -> np.ndarray:
    """Change the number of pixels: 0.2 keeps a fifth of them along each side.

    Args:
        image: (H, W), values in [0, 1].
        factor: new height and width over the old ones, above 0; the result has at least one pixel.

    Returns:
        float64 (H * factor, W * factor), smoothed before it shrinks, values in [0, 1].
    """
    if not 0 < factor < np.inf:
        raise AugmentationError(
            f"the scale factor is {factor}; it must be above 0, and 1 changes nothing"
        )
    height, width = (max(1, round(side * factor)) for side in image.shape)
    return transform.resize(image, (height, width), anti_aliasing=factor < 1)


def rotate(image: np.ndarray, angle: float) -> np.ndarray:
    """Turn an image about its centre.

    Args:
        image: (H, W), values in [0, 1].
        angle: in degrees, counter-clockwise.

    Returns:
        float64 (H, W); corners that nothing turned into are filled from the nearest edge.
    """
    if not np.isfinite(angle):
        raise AugmentationError(f"the angle is {angle}; it must be a number of degrees")
    return transform.rotate(image, angle, mode="edge")


def flip_horizontally(image: np.ndarray) -> np.ndarray:
    """Mirror left and right: (H, W) to (H, W)."""
    return image[:, ::-1]


def flip_vertically(image: np.ndarray) -> np.ndarray:
    """Mirror top and bottom: (H, W) to (H, W)."""
    return image[::-1]


def intensity_bounds(image: np.ndarray, low: float, high: float) -> tuple[float, float]:
    """The grey values of two percentiles of an image (H, W), `low` below `high`."""
    if not 0 <= low < high <= 100:
        raise AugmentationError(
            f"the percentile bounds are {low} and {high}; they must lie between 0 and 100, the low "
            "one below the high one"
        )
    black, white = np.percentile(image, [low, high])
    return float(black), float(white)


def rescale_intensity(image: np.ndarray, low: float, high: float) -> np.ndarray:
    """Stretch the grey values between two percentiles over the whole range; the rest is cut off.

    Args:
        image: (H, W), values in [0, 1].
        low: percentile from 0 to 100 that becomes black.
        high: percentile, above `low`, that becomes white.

    Returns:
        float64 (H, W), values in [0, 1].
    """
    black, white = intensity_bounds(image, low, high)
    if black == white:
        raise AugmentationError(
            f"the percentiles {low} and {high} of this image are the same grey value, {black:.3f}; "
            "take bounds that lie further apart"
        )
    return exposure.rescale_intensity(image, in_range=(black, white), out_range=(0.0, 1.0))


@dataclass(frozen=True)
class Augmentation:
    """How far images are turned, shifted and flipped at random.

    Attributes:
        rotation: the greatest angle in degrees, either way.
        shift: the greatest shift, either way, as a share of the side: (height, width).
        flip: whether half of the images are mirrored left and right.
    """

    rotation: float = 10.0
    shift: tuple[float, float] = (0.1, 0.1)
    flip: bool = True

    def draw(self, count: int, seed: int, epoch: int) -> np.ndarray:
        """Parameters of every image in one epoch, the same for the same seed and epoch.

        Returns:
            float64 (count, 4): angle in degrees, shift down and right as a share of the side (what
            was there comes to the image's own place), and 1 where it is mirrored.
        """
        rng = np.random.default_rng((seed, epoch, 1))  # independent of the order of the images
        moved = [rng.uniform(-most, most, count) for most in (self.rotation, *self.shift)]
        return np.column_stack([*moved, (rng.random(count) < 0.5) * self.flip])


def pixel_maps(parameters: np.ndarray, height: int, width: int) -> np.ndarray:
    """The maps from output to input pixels, as TensorFlow's projective transform takes them.

    Args:
        parameters: float64 (N, 4) as `Augmentation.draw` gives them.
        height: of the images, in pixels.
        width: the same.

    Returns:
        float32 (N, 8): x' = a x + b y + c and y' = d x + e y + f as a, b, c, d, e, f, 0, 0.
    """
    angle, down, right, flip = parameters.T
    cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    middle_y, middle_x = (height - 1) / 2, (width - 1) / 2
    down, right = down * height - middle_y, right * width - middle_x
    # Of an output pixel: mirrored, then shifted, then turned about the middle.
    side = np.where(flip > 0, -1.0, 1.0)
    start = np.where(flip > 0, width - 1.0, 0.0) + right
    first = [cos * side, -sin, cos * start - sin * down + middle_x]
    second = [sin * side, cos, cos * down + sin * start + middle_y]
    return np.column_stack([*first, *second, np.zeros((len(cos), 2))]).astype(np.float32)


def apply(images: tf.Tensor | np.ndarray, maps: tf.Tensor | np.ndarray) -> tf.Tensor:
    """Transform a batch (N, H, W, C), float32, by `pixel_maps` (N, 8): bilinear, nearest edge."""
    from helpers.runtime import start, tf  # noqa: PLC0415 - seconds, and 3a's transforms need none

    start()
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=maps,
        output_shape=tf.shape(images)[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="NEAREST",
    )


def variants(image: np.ndarray, how: Augmentation, count: int, seed: int) -> np.ndarray:
    """Random variants of one image (H, W), float32 (count, H, W)."""
    parameters = how.draw(count, seed, epoch=0)
    copies = np.repeat(image[np.newaxis, :, :, np.newaxis], count, axis=0).astype(np.float32)
    return apply(copies, pixel_maps(parameters, *image.shape)).numpy()[..., 0]
