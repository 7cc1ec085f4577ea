"""Figures of heat maps: laid over their images, and what becomes of answers and maps under test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers import evidence, faithfulness
from helpers.plotting.style import COLOURS, STYLE, finished

WARNING_COLOUR = "#B00020"


def heat_maps(
    images: np.ndarray,
    maps: Mapping[str, np.ndarray],
    names: Sequence[str],
    title: str,
    masks: np.ndarray | None = None,
    warning: str | None = None,
) -> Figure:
    """Images, a column each, and below them the same under each of their maps.

    Args:
        images: float (N, H, W, 1 or 3) in [0, 1].
        maps: by the name of a row float (N, H, W) in [0, 1]: yellow is 1, black 0.
        names: of the images.
        title: of the figure.
        masks: bool (N, H, W), whose outline is drawn; None for none.
        warning: said in the figure itself, in red.
    """
    count = len(images)
    shape = (1 + len(maps), count)
    with mpl.rc_context(STYLE | {"axes.grid": False}):
        size = (1.45 * count + 1.1, 1.45 * shape[0] + 0.8 + 0.35 * bool(warning))
        figure, axes = plt.subplots(*shape, figsize=size, layout="constrained", squeeze=False)
        for column, image, name in zip(axes.T, images, names, strict=True):
            column[0].set_title(name, fontsize=8)
            for ax in column:
                ax.imshow(image, cmap="gray", vmin=0, vmax=1)
                ax.set(xticks=[], yticks=[])
                ax.spines[:].set_visible(False)
        axes[0, 0].set_ylabel("image", fontsize=9)
        for row, (method, of_images) in zip(axes[1:], maps.items(), strict=True):
            row[0].set_ylabel(method, fontsize=9)
            for i, (ax, values) in enumerate(zip(row, of_images, strict=True)):
                picture = ax.imshow(values, cmap="inferno", vmin=0, vmax=1, alpha=0.6)
                if masks is not None and masks[i].any():
                    ax.contour(masks[i], [0.5], colors="white", linewidths=0.8)
        colours = mpl.cm.ScalarMappable(norm=picture.norm, cmap=picture.cmap)
        bar = figure.colorbar(colours, ax=axes[1:], shrink=0.8, aspect=30)
        bar.set_label("share of the map's largest value", fontsize=8)
        figure.suptitle(title, fontsize=10)
        if warning:
            figure.supxlabel(warning, color=WARNING_COLOUR, fontsize=10, fontweight="bold")
    return finished(figure)


def exchanges(curves: Mapping[str, Mapping[str, np.ndarray]], title: str) -> Figure:
    """How sure the network remains while pixels are exchanged, the map's highest first.

    Args:
        curves: for each panel's title, by method, what `faithfulness.deletion` or `insertion`
            gave, (N, steps + 1).
        title: of the figure.
    """
    lines = {"random": ("0.5", ":"), "edges": ("0.5", "--")}
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(
            1, len(curves), figsize=(9, 3.8), layout="constrained", squeeze=False, sharey=True
        )
        for ax, (name, by_method) in zip(axes.flat, curves.items(), strict=True):
            ours = iter(COLOURS)
            for method, values in by_method.items():
                colour, line = lines.get(method) or (next(ours), "-")
                share = np.linspace(0, 100, values.shape[1])
                area = evidence.mean(faithfulness.area(values)).value
                ax.plot(
                    share, values.mean(axis=0), line, color=colour, label=f"{method}: {area:.2f}"
                )
            ax.set(xlabel="pixels exchanged, %", ylim=(0, 1.02))
            ax.set_title(name, fontsize=9)
            ax.legend(title="mean area", fontsize=8, title_fontsize=8)
        axes[0, 0].set_ylabel("mean probability of the class")
        figure.suptitle(title, fontsize=10)
    return finished(figure)


def agreements(rows: Mapping[str, np.ndarray], title: str) -> Figure:
    """Rank correlations of maps with those of another network, each with its 95 % interval.

    Args:
        rows: one line each, from the top: (N,), a value an image.
        title: of the figure.
    """
    with mpl.rc_context(STYLE):
        figure, ax = plt.subplots(figsize=(9, 1.3 + 0.32 * len(rows)), layout="constrained")
        for y, values in enumerate(rows.values()):
            mean = evidence.mean(values)
            ax.plot([mean.low, mean.high], [y, y], color=COLOURS[0], linewidth=2)
            ax.plot(mean.value, y, "o", color=COLOURS[0], markersize=7, zorder=5)
        ax.axvline(0, color="black", linewidth=1)
        ax.set_yticks(range(len(rows)), list(rows))
        ax.set(ylim=(len(rows) - 0.4, -0.6), xlim=(-1, 1))
        ax.grid(axis="y", visible=False)
        ax.set_xlabel("rank correlation with the network's own maps: 1 the same, 0 unlike")
        figure.suptitle(title, fontsize=10)
    return finished(figure)
