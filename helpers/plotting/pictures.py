"""Figures of images: a set's examples, pictures side by side, an image and its histogram."""

from collections.abc import Mapping
from itertools import cycle

import numpy as np
from matplotlib.figure import Figure

from helpers.datasets import ImageSet, augmentation, unit_range
from helpers.plotting.style import COLOURS, GREY, MARKERS, canvas


def examples(images: ImageSet, size: int, title: str, count: int = 6) -> Figure:
    """The first images of each class as a network sees them, one row per class.

    Args:
        images: a split of a set.
        size: height and width in pixels that they are resized to.
        title: of the figure.
        count: images of each class.
    """
    few = images.subset(count)
    pixels = unit_range(few.pixels(size))
    rows, title = len(few.classes), f"{title}\n{images.description}"
    extent = (1.5 * count, 1.6 * rows + 0.5)
    with canvas(rows, count, extent, title, frames=False) as (figure, axes):
        for label, name in enumerate(few.classes):
            for ax, image in zip(axes[label], pixels[few.labels == label], strict=False):
                ax.imshow(image[..., 0], **GREY)
            axes[label, 0].set_title(name, loc="left", fontsize=10)
    return figure


def panel(pictures: Mapping[str, np.ndarray], title: str, columns: int = 6) -> Figure:
    """Grey pictures side by side, each under its name and its size in pixels.

    Args:
        pictures: for each name (H, W), values in [0, 1]; sizes may differ.
        title: of the figure.
        columns: pictures in a row.
    """
    rows = -(-len(pictures) // columns)
    extent = (1.6 * columns, 2.0 * rows + 0.5)
    with canvas(rows, columns, extent, title, frames=False) as (figure, axes):
        for ax, (name, picture) in zip(axes.flat, pictures.items(), strict=False):
            ax.imshow(picture, **GREY)
            height, width = picture.shape
            ax.set_title(f"{name}\n{height} x {width}", fontsize=8)
    return figure


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
    with canvas(1, 2, (9, 4), None) as (figure, ((left, right),)):
        left.imshow(picture, **GREY)
        left.set_axis_off()
        left.set_title(f"{picture.shape[0]} x {picture.shape[1]} pixels", fontsize=10)
        right.hist(image.ravel(), bins=64, range=(0, 1), color="0.6")
        for bound, percentile, colour in ((black, low, COLOURS[0]), (white, high, COLOURS[1])):
            name = f"{percentile:g} % of the pixels are below {bound:.2f}"
            right.axvline(bound, color=colour, linewidth=2, label=name)
        right.set(xlabel="grey value before", ylabel="pixels", yscale="log")
        right.legend(loc="upper right", fontsize=8)
    return figure


def feature_maps(image: np.ndarray, maps: Mapping[str, np.ndarray], title: str) -> Figure:
    """An image, and below it a row of feature maps for each layer, each map by its own range.

    Args:
        image: (H, W, 3) or (H, W, 1), values in [0, 1].
        maps: for each layer (count, height, width).
        title: of the figure.
    """
    rows, columns = 1 + len(maps), max(len(of_layer) for of_layer in maps.values())
    extent = (1.15 * columns, 1.3 * rows + 0.6)
    with canvas(rows, columns, extent, title, frames=False) as (figure, axes):
        axes[0, 0].imshow(image, **GREY)
        axes[0, 0].set_title("image", loc="left", fontsize=9)
        for row, (name, of_layer) in zip(axes[1:], maps.items(), strict=True):
            for ax, values in zip(row, of_layer, strict=False):
                ax.imshow(values, cmap="viridis")
            height, width = of_layer.shape[1:]
            row[0].set_title(f"{name}, {height} x {width}", loc="left", fontsize=9)
    return figure


def planes(points: Mapping[str, tuple[np.ndarray, ImageSet]], title: str) -> Figure:
    """Images as points of a plane, coloured by class, one panel per set.

    Args:
        points: for each panel's title coordinates (N, 2) and the images they stand for.
        title: of the figure.
    """
    with canvas(1, len(points), (4.5 * len(points), 4.2), title) as (figure, (axes,)):
        for ax, (name, (at, images)) in zip(axes, points.items(), strict=True):
            looks = zip(images.classes, cycle(COLOURS), cycle(MARKERS), strict=False)
            for label, (of_class, colour, marker) in enumerate(looks):
                x, y = at[images.labels == label].T
                ax.scatter(x, y, s=18, color=colour, marker=marker, alpha=0.7, label=of_class)
            ax.set(xlabel="first component", ylabel="second component")
            ax.set_title(name, fontsize=9)
            ax.legend(fontsize=8)
    return figure
