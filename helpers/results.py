"""What the recorded runs say: tables, comparisons, and the originally reported values."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from helpers import evidence, settings
from helpers.evidence import Diagnosis, Estimate
from helpers.records import Run

At = Literal["best", "last"]
Runs = Run | Sequence[Run]

CAUTION = "For teaching, not for clinical use."


@dataclass(frozen=True)
class Comparison:
    """Two runs, or the seeds of two runs, on the same validation images.

    Attributes:
        a: name of the first.
        b: name of the second.
        at: the epoch that is compared, best or last.
        accuracy_a: validation accuracy of each seed of the first, between 0 and 1.
        accuracy_b: the same of the second.
        difference: mean accuracy of the second minus that of the first, with 95 % interval.
        p: exact two-sided McNemar p of each pair of seeds.
        images: number of validation images.
    """

    a: str
    b: str
    at: At
    accuracy_a: tuple[float, ...]
    accuracy_b: tuple[float, ...]
    difference: Estimate
    p: tuple[float, ...]
    images: int

    @property
    def decided(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.difference.low > 0 or self.difference.high < 0

    @property
    def verdict(self) -> str:
        """What may be said: which one is more accurate, or that this cannot be told."""
        if not self.decided:
            return "the interval contains zero: the two cannot be told apart"
        return f"{self.b if self.difference.value > 0 else self.a} is more accurate"

    def __str__(self) -> str:
        d = self.difference
        seeds = len(self.accuracy_a), len(self.accuracy_b)
        p = " ".join(f"{value:.2g}" for value in self.p)
        over = f"{self.images} images"
        if max(seeds) > 1:
            over += f" and {seeds[0] if seeds[0] == seeds[1] else seeds} seeds"
        chosen = " (an epoch picked on these same images)" if self.at == "best" else ""
        return (
            f"{self.b} minus {self.a}, {self.at} epoch{chosen}: {100 * d.value:+.1f} points of "
            f"accuracy, 95 % interval {100 * d.low:+.1f} to {100 * d.high:+.1f} over {over}, exact "
            f"McNemar p = {p}: {self.verdict}."
        )


def compare(a: Runs, b: Runs, at: At = "best") -> Comparison:
    """Validation accuracy of b against a on the same images.

    One run each: the interval speaks of these two trained networks on other images like these.
    Several seeds: it speaks of other seeds and other images.

    Args:
        a: a run, or its seeds.
        b: another, on the same validation images in the same order.
        at: 'best', the epoch of the lowest validation loss, which was picked on these images,
            or 'last'.

    Raises:
        ValueError: no runs, or their validation images differ.
    """
    first, second = _listed(a), _listed(b)
    images = {run.info["identity"]["validation"] for run in (*first, *second)}
    if len(images) > 1:
        raise ValueError(
            f"{first[0].experiment.name} and {second[0].experiment.name} were validated on "
            "different images; a comparison needs the same"
        )
    right_a = np.stack([_correct(run, at) for run in first])
    right_b = np.stack([_correct(run, at) for run in second])
    return Comparison(
        a=first[0].experiment.name,
        b=second[0].experiment.name,
        at=at,
        accuracy_a=tuple(right_a.mean(axis=1).tolist()),
        accuracy_b=tuple(right_b.mean(axis=1).tolist()),
        difference=evidence.seeds_difference(right_a, right_b),
        p=tuple(evidence.mcnemar(x, y) for x, y in zip(right_a, right_b, strict=False)),
        images=right_a.shape[1],
    )


def compare_gaps(a: Runs, b: Runs) -> Estimate:
    """How much wider the gap between training and validation accuracy is in b than in a.

    The gap is that of the last epoch, with nothing dropped in either. Both differences are taken
    on the same images, and their intervals are joined by `evidence.minus`.

    Raises:
        ValueError: the runs' images differ, or a run was trained on and its last epoch's
            network is another.
    """
    first, second = _listed(a), _listed(b)
    images = {run.info["identity"]["train"] for run in (*first, *second)}
    if len(images) > 1:
        raise ValueError(
            f"{first[0].experiment.name} and {second[0].experiment.name} were trained on different "
            "images; a comparison of what they learned by heart needs the same"
        )
    fitted = [np.stack([_fitted(run) for run in runs]) for runs in (first, second)]
    return evidence.minus(
        evidence.seeds_difference(*fitted), compare(first, second, "last").difference
    )


def comparisons(rows: Iterable[Comparison]) -> pd.DataFrame:
    """Comparisons as a table, accuracies and differences in points (hundredths)."""
    return pd.DataFrame(
        {
            "compared": f"{c.b} minus {c.a}",
            "epoch": c.at,
            "accuracy": f"{_mean_and_spread(c.accuracy_b)} minus {_mean_and_spread(c.accuracy_a)}",
            "difference, points": f"{100 * c.difference.value:+.1f} "
            f"[{100 * c.difference.low:+.1f}, {100 * c.difference.high:+.1f}]",
            "McNemar p": ", ".join(f"{p:.2g}" for p in c.p),
            "verdict": c.verdict,
        }
        for c in rows
    ).set_index("compared")


def diagnose(run: Run) -> Diagnosis:
    """What the learning curve of a run shows; see `evidence.diagnose`."""
    data = run.info["data"]
    return evidence.diagnose(
        run.history, list(data["train"].values()), list(data["validation"].values())
    )


def tabulate(rows: Mapping[str, Runs]) -> pd.DataFrame:
    """The figures of runs, at the best and at the last epoch.

    Over several seeds each figure is their mean; an interval is then the mean of the seeds' own,
    which speaks of the images, and the number after ± is the standard deviation over the seeds.
    """
    table = []
    for name, runs in rows.items():
        for at in ("best", "last"):
            table.append({"run": name, "at": at} | _figures(_listed(runs), at))  # type: ignore[arg-type]
    return pd.DataFrame(table).set_index(["run", "at"])


def readings(rows: Mapping[str, Runs]) -> pd.DataFrame:
    """What each learning curve shows, with the numbers it was judged by, seed by seed."""
    table = [
        {"run": name, "seed": run.seed, "curve": str(reading), "because": reading.reason}
        for name, runs in rows.items()
        for run in _listed(runs)
        for reading in (diagnose(run),)
    ]
    return pd.DataFrame(table).set_index(["run", "seed"])


def reported() -> pd.DataFrame:
    """What the original report measured: columns run, at, epoch, loss, accuracy."""
    with (settings.ROOT / "report" / "reference.csv").open(newline="") as file:
        table = pd.DataFrame(list(csv.DictReader(file)))
    for column in ("epoch", "loss", "accuracy"):
        table[column] = pd.to_numeric(table[column])
    return table


def against_reported(rows: Mapping[str, Runs]) -> pd.DataFrame:
    """The reported figures of these runs beside the measured ones, and where each comes from.

    A value reported for an epoch that reached another run's is set beside the best epoch.
    """
    table = []
    for row in reported().itertuples():
        if row.run not in rows:
            continue
        runs = _listed(rows[row.run])
        figures = _figures(runs, "last" if row.at == "last" else "best")
        epoch = "" if np.isnan(row.epoch) else f" ({row.epoch:.0f})"
        table.append(
            {
                "run": row.run,
                "at (epoch)": f"{row.at}{epoch}",
                "reported loss": f"{row.loss:.4g}",
                "reported accuracy": f"{row.accuracy:.3f}",
                "measured loss": figures["loss"],
                "measured accuracy": figures["accuracy"],
                "reported on": "the course's images",
                "measured on": provenance(runs[0]),
            }
        )
    return pd.DataFrame(table).set_index(["run", "at (epoch)"])


def provenance(run: Run) -> str:
    """On what data and at which scale a run was made, in a few words."""
    data = run.info["data"]
    counts = [
        f"{split} " + " + ".join(f"{n} {name}" for name, n in data[split].items())
        for split in ("train", "validation")
    ]
    kind = "demo images" if data["demo"] else "own images"
    return f"{kind} ({', '.join(counts)}), profile {run.experiment.profile}"


def _listed(runs: Runs) -> list[Run]:
    listed = [runs] if isinstance(runs, Run) else list(runs)
    if not listed:
        raise ValueError("no runs were given; at least one is needed")
    return listed


def _correct(run: Run, at: At) -> np.ndarray:
    return evidence.correct(run.labels, run.probabilities[run.epoch(at) - 1])


def _fitted(run: Run) -> np.ndarray:
    if run.epochs != run.info["kept"]["last"]:
        raise ValueError(
            f"{run.folder}: how epoch {run.epochs} fits the training images is not known, since "
            f"the run was trained on to epoch {run.info['kept']['last']}"
        )
    return evidence.correct(run.training_labels, run.training_probabilities)


def _figures(runs: Sequence[Run], at: At) -> dict[str, str]:
    """The figures of one row, over the seeds of a run."""
    epochs = [run.epoch(at) for run in runs]
    of_epoch = [run.probabilities[epoch - 1] for run, epoch in zip(runs, epochs, strict=True)]
    losses = [run.history["val_loss"][e - 1] for run, e in zip(runs, epochs, strict=True)]
    row = {
        "epoch": ", ".join(map(str, epochs)),
        "loss": _mean_and_spread(losses),
        "accuracy": _estimates(
            [evidence.accuracy(r.labels, p) for r, p in zip(runs, of_epoch, strict=True)]
        ),
    }
    data = runs[0].info["data"]
    if data["positive"] is not None:
        positive = data["classes"].index(data["positive"])
        clinical = [
            evidence.clinical(r.labels, p, positive) for r, p in zip(runs, of_epoch, strict=True)
        ]
        row[f"sensitivity ({data['positive']})"] = _estimates([c.sensitivity for c in clinical])
        row["specificity"] = _estimates([c.specificity for c in clinical])
        row["AUC"] = _estimates([c.auc for c in clinical])
    if at == "last":
        row["training accuracy"] = _mean_and_spread([_fitted(run).mean() for run in runs])
    return row


def _mean_and_spread(values: Sequence[float]) -> str:
    mean, deviation = evidence.spread(values)
    return f"{mean:.3f}" + (f" ± {deviation:.3f}" if len(values) > 1 else "")


def _estimates(estimates: Sequence[Estimate]) -> str:
    low, high = (np.mean([getattr(e, end) for e in estimates]) for end in ("low", "high"))
    return f"{_mean_and_spread([e.value for e in estimates])} [{low:.3f}, {high:.3f}]"
