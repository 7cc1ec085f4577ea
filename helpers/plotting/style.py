"""How every figure looks, and how it is saved."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from helpers import settings
from helpers.cache import replaced
from helpers.evidence import Estimate

# Okabe and Ito (2008): told apart by the colour-blind; these three also differ in grey.
COLOURS = ("#0072B2", "#E69F00", "#000000")
MARKERS = ("o", "s", "^")
GREY: Any = {"cmap": "gray", "vmin": 0, "vmax": 1}  # how images in [0, 1] are shown
STYLE: Any = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.w_pad": 0.1,  # inches
    "figure.dpi": 100,
    "savefig.dpi": 150,
    "svg.hashsalt": "helpers",  # otherwise an SVG's identifiers are random
}


@contextmanager
def canvas(
    rows: int, columns: int, size: tuple[float, float], title: str | None, frames: bool = True
) -> Iterator[tuple[Figure, np.ndarray]]:
    """A figure and its axes (rows, columns), laid out at the end: every save gives the same bytes.

    `size` is width and height in inches; without `frames` axes have no lines and ticks around them.
    """
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
        if title is not None:
            figure.suptitle(title, fontsize=10)
        if not frames:
            for ax in axes.flat:
                ax.set_axis_off()
        yield figure, axes
        ticks = [axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]
        numbers = {label for axis in ticks for label in axis.get_ticklabels(which="both")}
        for text in figure.findobj(Text):
            if text not in numbers:
                text.set_parse_math(False)  # a class may be called $x$
        figure.draw_without_rendering()
    figure.set_layout_engine("none")  # else every save would lay it out slightly differently
    plt.close(figure)  # else a notebook shows it twice


def intervals(
    ax: Axes, rows: Iterable[tuple[Estimate, bool]], names: Sequence[str], size: float
) -> None:
    """Draw estimates with their intervals, one per row from the top, and a line at zero.

    With each estimate comes whether its marker is filled; `size` is that of markers in points.
    """
    colour = COLOURS[0]
    for y, (row, filled) in enumerate(rows):
        ax.plot([row.low, row.high], [y, y], color=colour, linewidth=2)
        inside = colour if filled else "white"
        ax.plot(row.value, y, "o", color=colour, markerfacecolor=inside, markersize=size, zorder=5)
    ax.axvline(0, color="black", linewidth=1)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)


def save_figure(figure: Figure, name: str) -> tuple[Path, Path]:
    """Write a figure as `<name>.png` and `<name>.svg` into the folder of figures; gives both paths.

    The same figure gives the same bytes: neither file holds a date or a version.

    Raises:
        FileError: they cannot be written; what was there before is kept.
    """
    folder = settings.current().figures
    paths = folder / f"{name}.png", folder / f"{name}.svg"
    metadata = {"Software": None}, {"Date": None, "Creator": None}
    for path, written_in in zip(paths, metadata, strict=True):
        with replaced(path, "LAB_FIGURES") as part, mpl.rc_context(STYLE):
            figure.savefig(part, format=path.suffix[1:], metadata=written_in)
    return paths
