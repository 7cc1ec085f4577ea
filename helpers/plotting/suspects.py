"""A figure of what speaks against a set of images: copies side by side, and borders by class."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from helpers.plotting.style import GREY, canvas

COLUMNS = 4  # pictures in a row: two pairs, or the borders of four classes
LINE = 30  # characters of a name that fit above a picture


def suspects(
    pairs: Sequence[tuple[np.ndarray, np.ndarray, str, str]],
    borders: Mapping[str, np.ndarray],
    title: str,
) -> Figure:
    """Pairs of pictures that are copies, two pairs a row, and below them each class's mean border.

    Args:
        pairs: for each the two pictures, (H, W, 1 or 3) in [0, 1], and what stands above them.
        borders: for each class (H, W, 3) in [0, 1], NaN where nothing is shown; empty for none.
        title: of the figure.

    Raises:
        ValueError: there is nothing to show.
    """
    if not pairs and not borders:
        raise ValueError("there are neither pairs nor borders to show")
    rows = [-(-2 * len(pairs) // COLUMNS), -(-len(borders) // COLUMNS)]
    extent = (2.1 * COLUMNS, 2.5 * sum(rows) + 0.7)
    with canvas(sum(rows), COLUMNS, extent, title, frames=False) as (figure, axes):
        cells = axes[: rows[0]].reshape(-1, 2)
        for number, (pair, cell) in enumerate(zip(pairs, cells, strict=False), 1):
            for ax, picture, name in zip(cell, pair[:2], pair[2:], strict=True):
                ax.imshow(picture, **GREY)
                ax.set_title(_folded(f"{number}: {name}"), fontsize=7)
        for ax, (name, border) in zip(axes[rows[0] :].flat, borders.items(), strict=False):
            ax.imshow(_stretched(border, borders))
            ax.set_title(_folded(f"mean border of {name}"), fontsize=7)
    return figure


def _folded(text: str) -> str:
    """A text in lines that fit above a picture; file names need have no spaces to fold at."""
    lines = [line[i : i + LINE] for line in text.split("\n") for i in range(0, len(line), LINE)]
    return "\n".join(lines)


def _stretched(border: np.ndarray, borders: Mapping[str, np.ndarray]) -> np.ndarray:
    """RGBA, from the darkest value of all borders to the brightest, and clear where it is NaN."""
    values = np.stack(list(borders.values()))
    low, high = np.nanmin(values), np.nanmax(values)
    colours = np.clip((border - low) / max(high - low, 1e-6), 0, 1)
    clear = np.isnan(border).any(axis=-1, keepdims=True)
    return np.concatenate([np.where(clear, 1, colours), ~clear], axis=-1)
