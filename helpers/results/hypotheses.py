"""Hypotheses about two runs, or about their seeds, tested against what was measured.

One is confirmed or contradicted where an interval leaves no difference out, or where all seeds
agree, and undecided otherwise. Runs are given as lists of the same seeds.
"""

from collections.abc import Callable, Sequence

import numpy as np

from helpers import evidence
from helpers.evidence import Estimate, Verdict
from helpers.records import Run
from helpers.results.comparisons import (
    compare,
    compare_fluctuations,
    compare_gaps,
    fluctuation_over_time,
)
from helpers.results.tables import diagnose

Seeds = Sequence[Run]
MANY = 5  # times as fast, to be called many times faster


def contrary(verdict: Verdict) -> Verdict:
    """The opposite hypothesis, judged by the same numbers."""
    turned = {"confirmed": "contradicted", "contradicted": "confirmed"}
    return Verdict(turned.get(verdict.word, verdict.word), verdict.reason)


def more_accurate(a: Seeds, b: Seeds) -> Verdict:
    """Validation accuracy of b above that of a, each at its best epoch."""
    d = compare(a, b).difference
    return _sign(d, f"accuracy {d.points:+.1f} points")


def lower_loss(a: Seeds, b: Seeds) -> Verdict:
    """Validation loss of b below that of a, each at its best epoch; over images alone."""
    losses = [
        np.mean(
            [evidence.log_losses(r.labels, r.probabilities[r.best_epoch - 1]) for r in runs], axis=0
        )
        for runs in (a, b)
    ]
    d = evidence.mean_difference(*losses)
    return contrary(_sign(d, f"loss {d:+.3f}"))


def wider_gap(a: Seeds, b: Seeds) -> Verdict:
    """The gap of training over validation accuracy wider in b than in a."""
    d = compare_gaps(a, b)
    return _sign(d, f"gap of training over validation accuracy {d.points:+.1f} points")


def fluctuates_more(a: Seeds, b: Seeds, metric: str) -> Verdict:
    """The curve of a metric jumps more from epoch to epoch in b than in a."""
    ratio = compare_fluctuations(a, b, metric)
    return _sign(ratio, f"{metric} fluctuates {ratio:.2f} times as much", none=1.0)


def calms_down(runs: Seeds, metric: str) -> Verdict:
    """The curve of a metric jumps less in the second half of its epochs than in the first."""
    ratio = fluctuation_over_time(runs, metric)
    return contrary(_sign(ratio, f"{metric} later fluctuates {ratio:.2f} times as much", none=1.0))


def overfits(runs: Seeds) -> Verdict:
    """The curves are read as overfitting."""
    holds = [diagnose(run).verdict == "overfitting" for run in runs]
    return _seeds(holds, f"{runs[0].experiment.name} overfits")


def sooner_in_training(slow: Seeds, fast: Seeds) -> Verdict:
    """The training accuracy that both reach is there in fewer epochs in `fast`."""

    def common(a: Run, b: Run) -> float:
        return float(min(run.history["accuracy"].max() for run in (a, b)))

    return _sooner(slow, fast, "accuracy", common)


def sooner_at_its_best(before: Seeds, after: Seeds) -> Verdict:
    """The best epoch's validation accuracy of `before` is there in fewer epochs in `after`."""
    return _sooner(before, after, "val_accuracy", _best_accuracy)


def never_reaches(before: Seeds, after: Seeds) -> Verdict:
    """The best epoch's validation accuracy of `before` is reached in no epoch of `after`."""
    holds = [
        evidence.first_epoch_reaching(b.history["val_accuracy"], _best_accuracy(a, b)) is None
        for a, b in zip(before, after, strict=True)
    ]
    return _seeds(holds, f"{after[0].experiment.name} never reaches it")


def slower(a: Seeds, b: Seeds) -> Verdict:
    """The median epoch of b takes longer than that of a."""
    ratios = [
        float(np.median(y.epoch_seconds) / np.median(x.epoch_seconds))
        for x, y in zip(a, b, strict=True)
    ]
    longer = f"an epoch takes {np.mean(ratios):.1f} times as long"
    return _seeds([ratio > 1 for ratio in ratios], longer)


def many_times_faster(slow: Seeds, fast: Seeds) -> Verdict:
    """The best epoch of `fast` is there in a fifth of the time that `slow` needs, or less."""
    ratios = [x.seconds_to_best / y.seconds_to_best for x, y in zip(slow, fast, strict=True)]
    faster = f"{np.mean(ratios):.3g} times as fast to the best epoch, {MANY} or more called many"
    return _seeds([ratio >= MANY for ratio in ratios], faster)


def _sign(estimate: Estimate, reason: str, none: float = 0.0) -> Verdict:
    """Confirmed where the whole interval lies above `none`, contradicted where below."""
    word = {1: "confirmed", 0: "undecided", -1: "contradicted"}[estimate.side(none)]
    return Verdict(word, reason)


def _seeds(holds: Sequence[bool], reason: str) -> Verdict:
    """Confirmed where it holds for every seed, contradicted where it does for none."""
    count = f"{reason}: {sum(holds)} of {len(holds)} seeds"
    if all(holds):
        return Verdict("confirmed", count)
    return Verdict("undecided" if any(holds) else "contradicted", count)


def _sooner(slow: Seeds, fast: Seeds, metric: str, target: Callable[[Run, Run], float]) -> Verdict:
    holds = []
    for a, b in zip(slow, fast, strict=True):
        first = [evidence.first_epoch_reaching(r.history[metric], target(a, b)) for r in (a, b)]
        holds.append(first[1] is not None and (first[0] is None or first[1] < first[0]))
    return _seeds(holds, f"{fast[0].experiment.name} is there sooner")


def _best_accuracy(a: Run, _: Run) -> float:
    return float(a.history["val_accuracy"][a.best_epoch - 1])
