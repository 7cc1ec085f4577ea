"""Figures of heat maps: laid over their images, and what becomes of answers and maps under test."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from helpers import evidence
from helpers.plotting.style import COLOURS, GREY, canvas, intervals


def heat_maps(
    images: np.ndarray,
    maps: Mapping[str, np.ndarray],
    names: Sequence[str],
    title: str,
    masks: np.ndarray | None = None,
    warning: str | None = None,
) -> Figure:
    """One column for each image, and below it the same image under each of its maps.

    Args:
        images: float (N, H, W, 1 or 3) in [0, 1].
        maps: by the name of a row float (N, H, W) in [0, 1]: yellow is 1, black 0.
        names: of the images.
        title: of the figure.
        masks: bool (N, H, W), whose outline is drawn; None for none.
        warning: shown in the figure itself, in red.
    """
    rows, columns = 1 + len(maps), len(images)
    size = (1.45 * columns + 1.1, 1.45 * rows + 0.8 + 0.35 * bool(warning))
    with canvas(rows, columns, size, title) as (figure, axes):
        for column, image, name in zip(axes.T, images, names, strict=True):
            column[0].set_title(name, fontsize=8)
            for ax in column:
                ax.imshow(image, **GREY)
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
        if warning:
            figure.supxlabel(warning, color="#B00020", fontsize=10, fontweight="bold")
    return figure


def exchanges(curves: Mapping[str, Mapping[str, np.ndarray]], title: str) -> Figure:
    """How sure the network remains while pixels are exchanged, the map's highest first.

    Args:
        curves: by panel title and method, what `heatmaps.curves_of` gives, (N, steps + 1); those
            of means over images are left out.
        title: of the figure.
    """
    lines = {"random": ("0.5", ":"), "edges": ("0.5", "--"), "centre": ("0.5", "-.")}
    with canvas(1, len(curves), (9, 3.8), title) as (figure, (axes,)):
        for ax, (name, by_method) in zip(axes, curves.items(), strict=True):
            ours = iter(COLOURS)
            for method, values in by_method.items():
                if method.startswith("mean "):  # so many lines that none could be told
                    continue
                colour, line = lines.get(method) or (next(ours), "-")
                share = np.linspace(0, 100, values.shape[1])
                label = f"{method}: {evidence.mean(evidence.area(values)).value:.2f}"
                ax.plot(share, values.mean(axis=0), line, color=colour, label=label)
            ax.set(xlabel="pixels exchanged, %", ylim=(0, 1.02))
            ax.label_outer()
            ax.set_title(name, fontsize=9)
            ax.legend(title="mean area", loc="lower left", ncols=2, fontsize=8, title_fontsize=8)
        axes[0].set_ylabel("mean probability of the class")
    return figure


def agreements(rows: Mapping[str, np.ndarray], title: str) -> Figure:
    """Rank correlations of maps with those of another network, each with its 95 % interval.

    Args:
        rows: one line each, from the top: (N,), one value per image.
        title: of the figure.
    """
    with canvas(1, 1, (9, 1.3 + 0.32 * len(rows)), title) as (figure, ((ax,),)):
        estimates = [(evidence.mean(values), True) for values in rows.values()]
        intervals(ax, estimates, list(rows), size=7)
        ax.set_xlim(-1, 1)
        ax.set_xlabel("rank correlation with the network's own maps: 1 the same, 0 unlike")
    return figure
