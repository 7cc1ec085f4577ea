"""Every figure of the lab, and how it is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers import augmentation, decoding, settings
from helpers.comparisons import Comparison, Runs, as_list
from helpers.datasets import ImageSet
from helpers.results import provenance
from helpers.runs import Run

# Okabe and Ito (2008): told apart by the colour-blind; these three also differ in grey.
COLOURS = ("#0072B2", "#E69F00", "#000000")
MARKERS = ("o", "s", "^")
STYLE: Any = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "figure.dpi": 100,
    "savefig.dpi": 150,
    "svg.hashsalt": "helpers",  # otherwise an SVG's identifiers are drawn at random
}


def learning_curves(rows: Mapping[str, Runs], title: str) -> Figure:
    """Loss and accuracy by epoch: training dashed, validation solid, best epoch marked.

    Over several seeds the line is their mean and the band reaches from the least to the greatest;
    a marker is set for each seed's best epoch. Epochs are counted from 1.

    Args:
        rows: for each label of the legend a run, or its seeds; three at most.
        title: of the figure.

    Raises:
        ValueError: there are none, or more than can be told apart.
    """
    if not 1 <= len(rows) <= len(COLOURS):
        raise ValueError(f"{len(rows)} runs in one figure; it can show 1 to {len(COLOURS)}")
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
        for ax, metric in zip(axes, ("loss", "accuracy"), strict=True):
            for (_, runs), colour, marker in zip(rows.items(), COLOURS, MARKERS, strict=False):
                _curve(ax, as_list(runs), metric, colour, marker)
            ax.set(xlabel="epoch", ylabel=metric)
            ax.xaxis.get_major_locator().set_params(integer=True)
            ax.set_xlim(left=0.5)  # there is no epoch 0
        axes[0].set_ylim(bottom=0)
        handles = [
            Line2D([], [], color=colour, marker=marker, label=label)
            for label, colour, marker in zip(rows, COLOURS, MARKERS, strict=False)
        ]
        handles += [
            Line2D([], [], color="0.4", linestyle="--", label="training"),
            Line2D([], [], color="0.4", label="validation (marker: best epoch)"),
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False)
        figure.suptitle(f"{title}\n{_provenance(rows)}", fontsize=10)
    return _finished(figure)


def _curve(ax: Axes, runs: Sequence[Run], metric: str, colour: str, marker: str) -> None:
    for prefix, line in (("", "--"), ("val_", "-")):
        values = np.stack([run.history[prefix + metric] for run in runs])
        epochs = np.arange(1, values.shape[1] + 1)
        ax.plot(epochs, values.mean(axis=0), line, color=colour, linewidth=1.6)
        if len(runs) > 1:
            ax.fill_between(
                epochs, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.15, lw=0
            )
    for run in runs:
        best = run.best_epoch
        ax.plot(
            best,
            run.history[f"val_{metric}"][best - 1],
            marker,
            color=colour,
            markeredgecolor="white",
            markersize=8,
            zorder=5,
        )


def differences(rows: Sequence[Comparison], title: str) -> Figure:
    """Differences in validation accuracy with their 95 % intervals, and the line of no difference.

    A filled marker is a difference whose interval leaves zero out, an open one cannot be told
    from chance.

    Args:
        rows: one line each, from the top.
        title: of the figure.
    """
    with mpl.rc_context(STYLE):
        figure, ax = plt.subplots(figsize=(9, 1.4 + 0.45 * len(rows)), layout="constrained")
        for y, row in enumerate(rows):
            d = row.difference
            ax.plot([100 * d.low, 100 * d.high], [y, y], color=COLOURS[0], linewidth=2)
            fill = COLOURS[0] if row.decided else "white"
            ax.plot(
                100 * d.value,
                y,
                "o",
                color=COLOURS[0],
                markerfacecolor=fill,
                markersize=8,
                zorder=5,
            )
        ax.axvline(0, color="black", linewidth=1)
        ax.set_yticks(range(len(rows)), [f"{row.b}\nminus {row.a}, {row.at}" for row in rows])
        ax.tick_params(axis="y", labelsize=8)
        ax.set_ylim(len(rows) - 0.4, -0.6)
        ax.grid(axis="y", visible=False)
        ax.set_xlabel("difference in validation accuracy, points, with 95 % interval")
        seeds = max((len(row.accuracy_a) for row in rows), default=1)
        figure.suptitle(title + (f", {seeds} seeds" if seeds > 1 else ""), fontsize=10)
    return _finished(figure)


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
    return _finished(figure)


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
    return _finished(figure)


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
    return _finished(figure)


def _finished(figure: Figure) -> Figure:
    with mpl.rc_context(STYLE):
        figure.draw_without_rendering()
    figure.set_layout_engine("none")  # else it would be laid out a little otherwise at every save
    plt.close(figure)  # else a notebook shows it twice
    return figure


def save_figure(figure: Figure, name: str) -> tuple[Path, Path]:
    """Write a figure as `<name>.png` and `<name>.svg` into the folder of figures.

    The same figure gives the same bytes: neither file holds a date or a version.

    Returns:
        The two paths.

    Raises:
        OSError: the folder cannot be written.
    """
    folder = settings.current().figures
    folder.mkdir(parents=True, exist_ok=True)
    png, svg = folder / f"{name}.png", folder / f"{name}.svg"
    with mpl.rc_context(STYLE):
        figure.savefig(png, metadata={"Software": None})
        figure.savefig(svg, metadata={"Date": None, "Creator": None})
    return png, svg


def _provenance(rows: Mapping[str, Runs]) -> str:
    first = as_list(next(iter(rows.values())))
    seeds = f", {len(first)} seeds" if len(first) > 1 else ""
    return provenance(first[0]) + seeds
