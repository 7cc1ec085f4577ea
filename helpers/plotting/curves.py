"""Figures of runs: learning curves, differences with their intervals, what reaches a layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.comparisons import Comparison, Runs, as_list
from helpers.plotting.style import COLOURS, MARKERS, STYLE, finished
from helpers.results import provenance
from helpers.runs import Run


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
        columns = 4 if len(handles) <= 4 else 3
        figure.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False)
        figure.suptitle(f"{title}\n{_provenance(rows)}", fontsize=10)
    return finished(figure)


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
            d = row.difference.points
            ax.plot([d.low, d.high], [y, y], color=COLOURS[0], linewidth=2)
            fill = COLOURS[0] if row.decided else "white"
            ax.plot(
                d.value,
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
    return finished(figure)


def signals(rows: Mapping[str, Mapping[str, float]], title: str) -> Figure:
    """How much of the differences between images reaches each layer, on a logarithmic scale.

    Args:
        rows: for each label of the legend what `inspection.signal` gives; three at most.
        title: of the figure.
    """
    with mpl.rc_context(STYLE):
        figure, ax = plt.subplots(figsize=(9, 3.8), layout="constrained")
        for (label, values), colour, marker in zip(rows.items(), COLOURS, MARKERS, strict=False):
            ax.plot(list(values), list(values.values()), color=colour, marker=marker, label=label)
        ax.set(yscale="log", ylabel="standard deviation over images")
        ax.tick_params(axis="x", labelrotation=45)
        ax.legend(frameon=False)
        figure.suptitle(title, fontsize=10)
    return finished(figure)


def _provenance(rows: Mapping[str, Runs]) -> str:
    first = as_list(next(iter(rows.values())))
    seeds = f", {len(first)} seeds" if len(first) > 1 else ""
    return provenance(first[0]) + seeds
