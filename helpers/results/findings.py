"""Findings about two runs, or one, over their seeds: each holds, does not, or cannot be told.

All rest on an interval over seeds, and none is told by fewer than three. Runs are given as lists
of the same seeds.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Concatenate, ParamSpec

import numpy as np

from helpers import environment, evidence
from helpers.evidence import FEWEST_SEEDS, Estimate
from helpers.records import Run
from helpers.results import measures
from helpers.results.measures import At
from helpers.results.readings import diagnose

Seeds = Sequence[Run]
More = ParamSpec("More")
LEAST_GAP = 0.05  # of training above validation accuracy: less is no overfitting
LOW = 0.10  # above the accuracy of a constant answer, up to which accuracy is called low
HEAVY = 0.10  # a gap from which on overfitting is called heavy
MUCH = 2  # times as slow, to be called much slower
MANY = 5  # times as fast, to be called many times faster


@dataclass(frozen=True)
class Finding:
    """Whether something holds (1), its contrary does (-1), or neither can be told (0).

    Attributes:
        side: what the 95 % interval says.
        p: two-sided, of what the interval is held against being true.
        reason: the numbers.
        known: whether there was anything to judge by.
    """

    side: int
    p: float
    reason: str
    known: bool = True


def over_seeds(
    find: Callable[Concatenate[Seeds, More], Finding],
) -> Callable[Concatenate[Seeds, More], Finding]:
    """The same, which gives the numbers of fewer than three seeds, and tells nothing by them."""

    @functools.wraps(find)
    def told(runs: Seeds, /, *args: More.args, **more: More.kwargs) -> Finding:
        finding = find(runs, *args, **more)
        return finding if len(runs) >= FEWEST_SEEDS else replace(finding, side=0, p=1.0)

    return told


def contrary(finding: Finding) -> Finding:
    """The opposite, judged by the same numbers."""
    return replace(finding, side=-finding.side)


@over_seeds
def lower_loss(a: Seeds, b: Seeds) -> Finding:
    """Validation loss of b below that of a, each at its best epoch."""
    best, last = _at_both(measures.compare_losses, a, b)
    return contrary(_sign(best, f"loss {best:+.3f} at best, {last:+.3f} at last"))


@over_seeds
def more_accurate(a: Seeds, b: Seeds) -> Finding:
    """Validation accuracy of b above that of a, each at its best epoch."""
    best, last = (x.points for x in _at_both(measures.compare_accuracies, a, b))
    return _sign(best, f"accuracy {best:+.1f} points at best, {last:+.1f} at last")


@over_seeds
def overfits(runs: Seeds) -> Finding:
    """Training accuracy above validation accuracy, and validation loss risen from its best.

    That it does not is said where one of the two is too small to matter by its whole interval.
    """
    gap, rise = measures.gap(runs), measures.rise(runs)
    least = evidence.LEAST_RISE * evidence.constant_answer(runs[0].labels)[1]
    reason = f"gap {gap.points:+.1f} points, validation loss {rise:+.3f} since its best"
    if gap.side() > 0 and rise.side() > 0 and rise.value > least:
        return Finding(1, max(gap.p(), rise.p()), reason)
    bounds = [(gap, LEAST_GAP), (rise, least)]
    words = [diagnose(run).word for run in runs]
    if 2 * words.count("still learning") > len(words):  # then nothing has risen as yet
        bounds.pop()
    absent = [x.p(bound) for x, bound in bounds if x.side(bound) < 0]
    return Finding(-1 if absent else 0, min(absent, default=1.0), reason)


@over_seeds
def overfits_heavily(runs: Seeds) -> Finding:
    """Training accuracy ten points above validation accuracy, or more."""
    gap = measures.gap(runs)
    return _sign(gap, f"gap {gap.points:+.1f} points, {100 * HEAVY:.0f} called heavy", HEAVY)


@over_seeds
def wider_gap(a: Seeds, b: Seeds) -> Finding:
    """The gap of training over validation accuracy at the last epoch wider in b than in a."""
    d = measures.compare_gaps(a, b)
    return _sign(d, f"gap of training over validation accuracy {d.points:+.1f} points")


@over_seeds
def fluctuates_more(a: Seeds, b: Seeds, metric: str) -> Finding:
    """The curve of a metric jumps more from epoch to epoch in b than in a."""
    ratio = measures.compare_fluctuations(a, b, metric)
    return _sign(ratio, f"fluctuates {ratio.exp:.2f} times as much")


@over_seeds
def more_in_validation(runs: Seeds) -> Finding:
    """Validation accuracy jumps more from epoch to epoch than training accuracy does."""
    ratio = measures.fluctuation_ratio(runs, runs, ("accuracy", "val_accuracy"))
    return _sign(ratio, f"fluctuates {ratio.exp:.2f} times as much as training accuracy")


@over_seeds
def calms_down(runs: Seeds, metric: str) -> Finding:
    """The curve of a metric jumps less in the second half of its epochs than in the first."""
    ratio = measures.fluctuation_over_time(runs, metric)
    return contrary(_sign(ratio, f"fluctuates {ratio.exp:.2f} times as much in the second half"))


@over_seeds
def sooner_to_accuracy(before: Seeds, after: Seeds) -> Finding:
    """The best epoch's validation accuracy of `before` is there in fewer epochs in `after`.

    For each seed, it is that of the other seeds, on the average: a run is not held against itself.
    """
    best = [run.history["val_accuracy"][run.best_epoch - 1] for run in before]
    targets = [np.mean(np.delete(best, i)) if len(best) > 1 else best[0] for i in range(len(best))]
    return _sooner(before, after, "val_accuracy", targets)


@over_seeds
def sooner_to_loss(slow: Seeds, fast: Seeds) -> Finding:
    """The validation loss that both reach is there in fewer epochs in `fast`.

    For each seed, it is what the middle one of the other seeds reaches, of the side where that is
    higher: a run is not held against itself, nor all against one that has not learned.
    """
    best = np.array([[run.history["val_loss"].min() for run in runs] for runs in (slow, fast)])
    others = [np.delete(best, i, axis=1) if len(slow) > 1 else best for i in range(len(slow))]
    targets = [float(np.median(x, axis=1).max()) for x in others]
    return _sooner(slow, fast, "val_loss", targets)


@over_seeds
def much_slower(a: Seeds, b: Seeds) -> Finding:
    """The median epoch of b takes twice as long as that of a, or longer."""
    ratio, reason = _longer(a, b, lambda run: float(np.median(run.epoch_seconds)))
    told = f"an epoch of {reason}; {MUCH} times or more is called much slower"
    return _sign(ratio, told, float(np.log(MUCH))) if ratio else _unknown(reason)


@over_seeds
def many_times_faster(slow: Seeds, fast: Seeds) -> Finding:
    """The best epoch of `fast`, its features included, is there in a fifth of `slow`'s time."""
    if any(run.seconds_to_best is None for run in (*slow, *fast)):
        return _unknown("how long the features took was not recorded")
    ratio, reason = _longer(fast, slow, lambda run: run.seconds_to_best or 0.0)
    told = f"to the best epoch {reason}, features included; {MANY} times or more is called many"
    return _sign(ratio, told, float(np.log(MANY))) if ratio else _unknown(reason)


def low_accuracy(runs: Seeds) -> Finding:
    """Validation accuracy at the last epoch less than ten points above a constant answer's."""
    share, _ = evidence.constant_answer(runs[0].labels)
    accuracy = evidence.seeds_mean(measures.of_all(runs, measures.right_in_validation, "last"))
    reason = f"accuracy {accuracy:.3f}, {share:.3f} by one constant answer"
    return contrary(_sign(accuracy, reason, share + LOW))


def has_learned(runs: Seeds) -> Finding:
    """At least one of the networks has learned something, so that its maps can be read."""
    words = [diagnose(run).word for run in runs]
    nothing = words.count("learned nothing")
    reason = f"learned nothing in {nothing} of {len(words)} seeds"
    return Finding(-1 if nothing == len(words) else 1, 0.0, reason)


def maps_unknown(runs: Seeds) -> Finding:
    """Heat maps are no part of a record: Task 8's notebook scores those of its networks."""
    return _unknown("heat maps are no part of a record; Task 8's notebook scores them")


def _longer(a: Seeds, b: Seeds, seconds: Callable[[Run], float]) -> tuple[Estimate | None, str]:
    """How many times as long b takes, as a logarithm, and in words; None: they do not compare."""
    made = {environment.machine(part["hardware"]) for run in (*a, *b) for part in run.made}
    if len(made) > 1:
        return None, f"times of several machines: {', '.join(sorted(made))}"
    ratio = measures.compare_seconds(a, b, seconds)
    names = [runs[0].experiment.name for runs in (a, b)]
    return ratio, f"{names[1]} takes {ratio.exp:.1f} times as long as {names[0]}"


def _sooner(slow: Seeds, fast: Seeds, metric: str, targets: Sequence[float]) -> Finding:
    """Fewer epochs in `fast`; a curve that never gets there is counted as one epoch too many."""
    sign = -1 if metric == "val_loss" else 1

    def epochs(run: Run, target: float) -> int:
        first = evidence.first_epoch_reaching(sign * run.history[metric], sign * target)
        return run.epochs + 1 if first is None else first

    counts = [
        [epochs(run, target) for run, target in zip(runs, targets, strict=True)]
        for runs in (slow, fast)
    ]
    # Epochs are whole: a difference of two is believed to no better than their rounding.
    d = evidence.seeds_paired(counts[0], counts[1], least=float(np.sqrt(1 / 6)))
    means = [np.mean(of_side) for of_side in counts]
    reason = f"there after {means[1]:.1f} epochs in place of {means[0]:.1f}: {d:+.1f}"
    return contrary(_sign(d, reason))


def _unknown(why: str) -> Finding:
    """There is nothing to judge by."""
    return Finding(0, 1.0, why, known=False)


def _sign(estimate: Estimate, reason: str, none: float = 0.0) -> Finding:
    """Where the whole interval lies, above `none` or below."""
    return Finding(estimate.side(none), estimate.p(none), reason)


def _at_both(
    compare: Callable[[Seeds, Seeds, At], Estimate], a: Seeds, b: Seeds
) -> tuple[Estimate, Estimate]:
    return compare(a, b, "best"), compare(a, b, "last")
