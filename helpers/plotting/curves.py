"""Figures of runs: learning curves, differences with their intervals, what reaches a layer."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.plotting.style import COLOURS, MARKERS, canvas, intervals
from helpers.records import Run, Runs, as_list
from helpers.results import Comparison, provenance


def learning_curves(rows: Mapping[str, Runs], title: str) -> Figure:
    """Loss and accuracy by epoch: training dashed, validation solid, best epoch marked.

    Over several seeds the line is their mean, the band reaches from the least to the greatest, and
    each seed's best epoch has a marker. Epochs are counted from 1.

    Args:
        rows: for each label of the legend a run, or its seeds; three at most.
        title: of the figure.

    Raises:
        ValueError: there are none, or more than can be told apart.
    """
    if not 1 <= len(rows) <= len(COLOURS):
        raise ValueError(f"{len(rows)} runs in one figure; it can show 1 to {len(COLOURS)}")
    drawn = list(zip(map(as_list, rows.values()), COLOURS, MARKERS, strict=False))
    first = drawn[0][0]
    seeds = f", {len(first)} seeds" if len(first) > 1 else ""
    with canvas(1, 2, (9, 3.8), f"{title}\n{provenance(first[0])}{seeds}") as (figure, (axes,)):
        for ax, metric in zip(axes, ("loss", "accuracy"), strict=True):
            for runs, colour, marker in drawn:
                _curve(ax, runs, metric, colour, marker)
            ax.set(xlabel="epoch", ylabel=metric)
            ax.xaxis.get_major_locator().set_params(integer=True)
            ax.set_xlim(left=0.5)  # there is no epoch 0
        axes[0].set_ylim(bottom=0)
        handles = [
            Line2D([], [], color=colour, marker=marker, label=label)
            for label, (_, colour, marker) in zip(rows, drawn, strict=True)
        ]
        handles += [
            Line2D([], [], color="0.4", linestyle="--", label="training"),
            Line2D([], [], color="0.4", label="validation (marker: best epoch)"),
        ]
        columns = 4 if len(handles) <= 4 else 3
        figure.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False)
    return figure


def _curve(ax: Axes, runs: Sequence[Run], metric: str, colour: str, marker: str) -> None:
    for name, line in ((metric, "--"), (f"val_{metric}", "-")):
        values = np.stack([run.history[name] for run in runs])
        epochs = np.arange(1, values.shape[1] + 1)
        ax.plot(epochs, values.mean(axis=0), line, color=colour, linewidth=1.6)
        if len(runs) > 1:
            low, high = values.min(axis=0), values.max(axis=0)
            ax.fill_between(epochs, low, high, color=colour, alpha=0.15, lw=0)
    for run in runs:
        best = run.best_epoch
        value = run.history[f"val_{metric}"][best - 1]
        ax.plot(best, value, marker, color=colour, markeredgecolor="white", markersize=8, zorder=5)


def differences(rows: Sequence[Comparison], title: str) -> Figure:
    """Differences in validation accuracy with their 95 % intervals, and the line of no difference.

    The marker is filled where the interval leaves zero out; an open one cannot be told from chance.

    Args:
        rows: one line each, from the top.
        title: of the figure.
    """
    counts = [row.seeds for row in rows]
    seeds = [f", {count} seed{'s' * (count > 1)}" for count in counts]
    if len(set(counts)) == 1:  # then it is said of all at once
        title, seeds = title + seeds[0] * (counts[0] > 1), [""] * len(rows)
    with canvas(1, 1, (9, 1.4 + 0.45 * len(rows)), title) as (figure, ((ax,),)):
        estimates = [(row.difference.points, row.decided) for row in rows]
        names = [
            f"{row.b}\nminus {row.a}, {row.at}{of}" for row, of in zip(rows, seeds, strict=True)
        ]
        intervals(ax, estimates, names, size=8)
        ax.tick_params(axis="y", labelsize=8)
        ax.set_xlabel("difference in validation accuracy, points, with 95 % interval")
    return figure


def signals(rows: Mapping[str, Mapping[str, float]], title: str) -> Figure:
    """How much of the differences between images reaches each layer, on a logarithmic scale.

    Args:
        rows: for each label of the legend what `networks.signal` gives; three at most.
        title: of the figure.
    """
    with canvas(1, 1, (9, 3.8), title) as (figure, ((ax,),)):
        for (label, values), colour, marker in zip(rows.items(), COLOURS, MARKERS, strict=False):
            ax.plot(list(values), list(values.values()), color=colour, marker=marker, label=label)
        ax.set(yscale="log", ylabel="standard deviation over images")
        ax.tick_params(axis="x", labelrotation=45)
        ax.legend(frameon=False)
    return figure
