"""The figure of doses: what a sign does to answers and maps, the more often it follows a class."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.evidence import Dose, Estimate
from helpers.plotting.style import COLOURS, MARKERS, canvas


def doses(seen: Sequence[Dose], title: str) -> Figure:
    """Above accuracies, below where maps point, a column for each sign, with 95 % intervals.

    Args:
        seen: see `heatmaps.dose`.
        title: of the figure.
    """
    signs = list(dict.fromkeys(one.sign for one in seen))
    with canvas(2, len(signs), (9, 5.6), title) as (figure, axes):
        for (above, below), sign in zip(axes.T, signs, strict=True):
            of_sign = [one for one in seen if one.sign == sign]
            shares = [100 * one.dose for one in of_sign]
            answers = {
                "with the sign of its class": [one.own for one in of_sign],
                "without a sign": [one.absent for one in of_sign],
                "with another class's sign": [one.other for one in of_sign],
            }
            pointing = {
                method: [one.pointing[method] for one in of_sign] for method in of_sign[0].pointing
            }
            _lines(above, shares, answers)
            _lines(below, shares, pointing)
            above.set_title(sign, fontsize=10)
            for ax in (above, below):
                ax.set(ylim=(-0.03, 1.03), xticks=shares)
                ax.label_outer()
        figure.supxlabel(
            "dose: in so many of 100 images the sign is that of the class", fontsize=10
        )
        axes[0, 0].set_ylabel("accuracy")
        axes[1, 0].set_ylabel("maps that peak on the sign")
        for row in axes:
            row[-1].legend(loc="center left", bbox_to_anchor=(1.02, 0.5), fontsize=8, frameon=False)
    return figure


def _lines(ax: Axes, shares: list[float], rows: Mapping[str, Sequence[Estimate]]) -> None:
    """A line a row; side by side, so that intervals at one dose do not hide one another."""
    step = 0.012 * (max(shares) - min(shares))
    for i, ((label, row), colour, marker) in enumerate(
        zip(rows.items(), COLOURS, MARKERS, strict=True)
    ):
        at = [share + (i - 1) * step for share in shares]
        ax.plot(at, [one.value for one in row], color=colour, marker=marker, label=label)
        ax.vlines(at, [one.low for one in row], [one.high for one in row], color=colour)
