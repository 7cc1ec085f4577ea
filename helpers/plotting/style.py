"""How every figure looks, and how it is saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Text

from helpers import settings

# Okabe and Ito (2008): told apart by the colour-blind; these three also differ in grey.
COLOURS = ("#0072B2", "#E69F00", "#000000")
MARKERS = ("o", "s", "^")
STYLE: Any = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "figure.constrained_layout.w_pad": 0.1,  # inches
    "figure.dpi": 100,
    "savefig.dpi": 150,
    "svg.hashsalt": "helpers",  # otherwise an SVG's identifiers are drawn at random
}


def finished(figure: Figure) -> Figure:
    """Laid out for good: the same figure gives the same bytes however often it is saved."""
    axes = [axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]
    numbers = {label for axis in axes for label in axis.get_ticklabels(which="both")}
    for text in figure.findobj(Text):
        if text not in numbers:
            text.set_parse_math(False)  # a class may be called $x$
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
