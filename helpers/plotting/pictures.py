"""Figures of images: a set's examples, pictures side by side, an image and its histogram."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers import augmentation, decoding
from helpers.datasets import ImageSet
from helpers.plotting.style import COLOURS, MARKERS, STYLE, finished


def examples(images: ImageSet, size: int, title: str, count: int = 6) -> Figure:
    """The first images of each class as a network sees them, a row a class.

    Args:
        images: a split of a set.
        size: height and width in pixels that they are resized to.
        title: of the figure.
        count: images a class.
    """
    few = images.subset(count)
    pixels = decoding.unit_range(few.pixels(size))
    with mpl.rc_context(STYLE):
        rows = len(few.classes)
        figure, axes = plt.subplots(
            rows,
            count,
            figsize=(1.5 * count, 1.6 * rows + 0.5),
            layout="constrained",
            squeeze=False,
        )
        for ax in axes.flat:
            ax.set_axis_off()
        for label, name in enumerate(few.classes):
            for ax, image in zip(axes[label], pixels[few.labels == label], strict=False):
                ax.imshow(image[..., 0], cmap="gray", vmin=0, vmax=1)
            axes[label, 0].set_title(name, loc="left", fontsize=10)
        figure.suptitle(f"{title}\n{images.description}", fontsize=10)
    return finished(figure)


def panel(pictures: Mapping[str, np.ndarray], title: str, columns: int = 6) -> Figure:
    """Grey pictures side by side, each under its name, with their sizes in pixels.

    Args:
        pictures: for each name (H, W), values in [0, 1]; sizes may differ.
        title: of the figure.
        columns: pictures in a row.
    """
    rows = -(-len(pictures) // columns)
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(
            rows, columns, figsize=(1.6 * columns, 2.0 * rows + 0.5), layout="constrained"
        )
        for ax in np.ravel(axes):
            ax.set_axis_off()
        for ax, (name, picture) in zip(np.ravel(axes), pictures.items(), strict=False):
            ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
            height, width = picture.shape
            ax.set_title(f"{name}\n{height} x {width}", fontsize=8)
        figure.suptitle(title, fontsize=10)
    return finished(figure)


def transformed(image: np.ndarray, factor: float, angle: float, low: float, high: float) -> Figure:
    """An image rescaled, turned and stretched, beside its histogram with the bounds.

    Args:
        image: (H, W), values in [0, 1].
        factor: see `augmentation.rescale`.
        angle: see `augmentation.rotate`.
        low: see `augmentation.rescale_intensity`.
        high: the same.

    Raises:
        AugmentationError: a value with which the image cannot be transformed.
    """
    black, white = augmentation.intensity_bounds(image, low, high)
    picture = augmentation.rescale_intensity(image, low, high)
    picture = augmentation.rotate(augmentation.rescale(picture, factor), angle)
    with mpl.rc_context(STYLE):
        figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
        left.imshow(picture, cmap="gray", vmin=0, vmax=1)
        left.set_axis_off()
        left.set_title(f"{picture.shape[0]} x {picture.shape[1]} pixels", fontsize=10)
        right.hist(image.ravel(), bins=64, range=(0, 1), color="0.6")
        for bound, percentile, colour in ((black, low, COLOURS[0]), (white, high, COLOURS[1])):
            name = f"{percentile:g} % of the pixels are below {bound:.2f}"
            right.axvline(bound, color=colour, linewidth=2, label=name)
        right.set(xlabel="grey value before", ylabel="pixels", yscale="log")
        right.legend(loc="upper right", fontsize=8)
    return finished(figure)


def feature_maps(image: np.ndarray, maps: Mapping[str, np.ndarray], title: str) -> Figure:
    """An image, and below it a row of feature maps for each layer, each map by its own range.

    Args:
        image: (H, W, 3) or (H, W, 1), values in [0, 1].
        maps: for each layer (count, height, width).
        title: of the figure.
    """
    count = max(len(of_layer) for of_layer in maps.values())
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(
            1 + len(maps),
            count,
            figsize=(1.15 * count, 1.3 * (1 + len(maps)) + 0.6),
            layout="constrained",
            squeeze=False,
        )
        for ax in axes.flat:
            ax.set_axis_off()
        axes[0, 0].imshow(image, cmap="gray", vmin=0, vmax=1)
        axes[0, 0].set_title("image", loc="left", fontsize=9)
        for row, (name, of_layer) in zip(axes[1:], maps.items(), strict=True):
            for ax, values in zip(row, of_layer, strict=False):
                ax.imshow(values, cmap="viridis")
            height, width = of_layer.shape[1:]
            row[0].set_title(f"{name}, {height} x {width}", loc="left", fontsize=9)
        figure.suptitle(title, fontsize=10)
    return finished(figure)


def planes(points: Mapping[str, tuple[np.ndarray, ImageSet]], title: str) -> Figure:
    """Images as points of a plane, coloured by class, a panel a set.

    Args:
        points: for each panel's title coordinates (N, 2) and the images they stand for.
        title: of the figure.
    """
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(
            1, len(points), figsize=(4.5 * len(points), 4.2), layout="constrained", squeeze=False
        )
        for ax, (name, (at, images)) in zip(axes.flat, points.items(), strict=True):
            for label, class_name in enumerate(images.classes):
                chosen = at[images.labels == label]
                style = {"color": COLOURS[label % len(COLOURS)], "alpha": 0.7, "s": 18}
                marker = MARKERS[label % len(MARKERS)]
                ax.scatter(*chosen.T, marker=marker, label=class_name, **style)
            ax.set(xlabel="first component", ylabel="second component")
            ax.set_title(name, fontsize=9)
            ax.legend(fontsize=8)
        figure.suptitle(title, fontsize=10)
    return finished(figure)
