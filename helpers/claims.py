"""The original report's claims, each held against what was measured.

A claim is one or several findings. It is confirmed where all of them are, contradicted where one
is, and undecided otherwise: where an interval contains zero, or seeds disagree. Runs that were not
made leave it open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from helpers import evidence
from helpers.comparisons import compare, compare_fluctuations, compare_gaps, fluctuation_over_time
from helpers.evidence import Estimate
from helpers.results import diagnose
from helpers.runs import Run

Verdict = Literal["confirmed", "contradicted", "undecided", "not run"]
Seeds = Sequence[Run]
MANY = 5  # times as fast, to be called many times faster


@dataclass(frozen=True)
class Finding:
    """One thing that a claim says, and the figures that decide it."""

    verdict: Verdict
    figures: str


@dataclass(frozen=True)
class Claim:
    """What the original report said, and how it is decided.

    Attributes:
        number: of the claim.
        task: that it is about.
        said: what was claimed.
        runs: names of the runs that decide it.
        decide: from the seeds of these runs, in order, to findings.
    """

    number: int
    task: str
    said: str
    runs: tuple[str, ...]
    decide: Callable[..., list[Finding]]


def judge(claim: Claim, runs: Mapping[str, Seeds]) -> Finding:
    """The claim as a whole: the verdict, and the figures of all its findings."""
    missing = [name for name in claim.runs if not runs.get(name)]
    if missing:
        return Finding("not run", f"{', '.join(missing)}: not run")
    findings = claim.decide(*(runs[name] for name in claim.runs))
    verdicts = {finding.verdict for finding in findings}
    verdict: Verdict = "undecided"
    if "contradicted" in verdicts:
        verdict = "contradicted"
    elif verdicts == {"confirmed"}:
        verdict = "confirmed"
    return Finding(verdict, "; ".join(finding.figures for finding in findings))


def table(runs: Mapping[str, Seeds]) -> pd.DataFrame:
    """All claims with their verdicts, by number.

    Args:
        runs: by name the seeds of each run that was made.
    """
    judged = {claim: judge(claim, runs) for claim in CLAIMS}
    return pd.DataFrame(
        {
            "claim": claim.number,
            "task": claim.task,
            "said": claim.said,
            "verdict": found.verdict,
            "figures": found.figures,
        }
        for claim, found in judged.items()
    ).set_index("claim")


def _direction(estimate: Estimate, sign: int, figures: str, none: float = 0.0) -> Finding:
    """Confirmed where the whole interval lies on the claimed side of `none`."""
    low, high = sorted((sign * (estimate.low - none), sign * (estimate.high - none)))
    if low > 0:
        return Finding("confirmed", figures)
    return Finding("contradicted" if high < 0 else "undecided", figures)


def _seeds(holds: Sequence[bool], figures: str) -> Finding:
    """Confirmed where it holds for every seed, contradicted where it does for none."""
    count = f"{figures}: {sum(holds)} of {len(holds)} seeds"
    if all(holds):
        return Finding("confirmed", count)
    return Finding("undecided" if any(holds) else "contradicted", count)


def _accuracy(a: Seeds, b: Seeds, sign: int, at: Literal["best", "last"] = "best") -> Finding:
    d = compare(a, b, at).difference
    return _direction(d, sign, f"accuracy {_points(d)}")


def _loss(a: Seeds, b: Seeds, sign: int) -> Finding:
    """Mean loss of each image over the seeds, b minus a, at the best epoch."""
    d = evidence.mean_difference(*(_image_losses(runs) for runs in (a, b)))
    return _direction(d, sign, f"loss {d:+.3f}")


def _gap(a: Seeds, b: Seeds, sign: int) -> Finding:
    d = compare_gaps(a, b)
    return _direction(d, sign, f"gap of training over validation accuracy {_points(d)}")


def _overfits(runs: Seeds, does: bool = True) -> Finding:
    holds = [(diagnose(run).verdict == "overfitting") == does for run in runs]
    name = runs[0].experiment.name
    return _seeds(holds, f"{name} {'overfits' if does else 'does not overfit'}")


def _sooner(slow: Seeds, fast: Seeds, metric: str, target: Callable[[Run, Run], float]) -> Finding:
    """Whether `fast` reaches the target in fewer epochs than `slow`, seed by seed."""
    holds = []
    for a, b in zip(slow, fast, strict=False):
        first = [evidence.first_epoch_reaching(r.history[metric], target(a, b)) for r in (a, b)]
        holds.append(first[1] is not None and (first[0] is None or first[1] < first[0]))
    return _seeds(holds, f"{fast[0].experiment.name} is there sooner")


def _common_accuracy(a: Run, b: Run) -> float:
    """The training accuracy that both reach."""
    return float(min(run.history["accuracy"].max() for run in (a, b)))


def _points(d: Estimate) -> str:
    return f"{100 * d.value:+.1f} points [{100 * d.low:+.1f}, {100 * d.high:+.1f}]"


def _times(ratio: Estimate) -> str:
    return f"{ratio:.2f} times"


def _image_losses(runs: Seeds) -> np.ndarray:
    """Cross-entropy of each validation image at the best epoch, mean over the seeds, (N,)."""
    rows = []
    for run in runs:
        p = run.probabilities[run.best_epoch - 1]
        of_label = (
            np.where(run.labels == 1, p, 1 - p)
            if p.ndim == 1
            else p[np.arange(len(run.labels)), run.labels]
        )
        rows.append(-np.log(of_label.clip(1e-7, 1)))
    return np.mean(rows, axis=0)


def _seconds(run: Run) -> float:
    """To the best epoch."""
    return float(sum(run.info["epoch_seconds"][: run.best_epoch]))


def _dropout(plain: Seeds, dropout: Seeds) -> list[Finding]:
    return [_overfits(plain), _overfits(dropout, does=False), _gap(plain, dropout, -1)]


def _best_accuracy(a: Run, _: Run) -> float:
    """Validation accuracy of the first at its best epoch."""
    return float(a.history["val_accuracy"][a.best_epoch - 1])


def _reached_sooner(before: Seeds, after: Seeds) -> list[Finding]:
    return [_sooner(before, after, "val_accuracy", _best_accuracy)]


def _never_reached(before: Seeds, after: Seeds) -> list[Finding]:
    holds = [
        evidence.first_epoch_reaching(b.history["val_accuracy"], _best_accuracy(a, b)) is None
        for a, b in zip(before, after, strict=False)
    ]
    return [_seeds(holds, f"{after[0].experiment.name} never reaches it")]


def _better(a: Seeds, b: Seeds) -> list[Finding]:
    return [_loss(a, b, -1), _accuracy(a, b, 1)]


def _better_but_overfits(a: Seeds, b: Seeds) -> list[Finding]:
    return [_accuracy(a, b, 1), _overfits(b), _gap(a, b, 1)]


def _converges_sooner(fast: Seeds, slow: Seeds) -> list[Finding]:
    return [_sooner(slow, fast, "accuracy", _common_accuracy)]


def _prevents_and_slows(without: Seeds, with_it: Seeds) -> list[Finding]:
    findings = [_overfits(with_it, does=False), _gap(without, with_it, -1)]
    return [*findings, *_converges_sooner(without, with_it)]


def _augmented(without: Seeds, with_it: Seeds) -> list[Finding]:
    ratios = {m: compare_fluctuations(without, with_it, m) for m in ("val_loss", "val_accuracy")}
    jumps = [
        _direction(ratio, 1, f"{metric} fluctuates {_times(ratio)} as much", none=1.0)
        for metric, ratio in ratios.items()
    ]
    return [*jumps, _gap(without, with_it, -1)]


def _deeper(without: Seeds, augmented: Seeds, deeper: Seeds) -> list[Finding]:
    later = fluctuation_over_time(list(deeper), "val_accuracy")
    slower = [
        float(np.median(b.info["epoch_seconds"]) / np.median(a.info["epoch_seconds"]))
        for a, b in zip(augmented, deeper, strict=False)
    ]
    return [
        _direction(later, -1, f"accuracy later fluctuates {_times(later)} as much", none=1.0),
        _accuracy(without, deeper, 1),
        _seeds([x > 1 for x in slower], f"an epoch takes {np.mean(slower):.1f} times as long"),
    ]


def _transfer_overfits(scratch: Seeds, transfer: Seeds) -> list[Finding]:
    return [*_better(scratch, transfer), _overfits(transfer)]


def _many_times_faster(scratch: Seeds, transfer: Seeds) -> list[Finding]:
    ratios = [_seconds(a) / _seconds(b) for a, b in zip(scratch, transfer, strict=False)]
    faster = f"{np.mean(ratios):.0f} times as fast to the best epoch, {MANY} or more called many"
    return [_seeds([ratio >= MANY for ratio in ratios], faster)]


def _heavy_overfitting(runs: Seeds) -> list[Finding]:
    return [_overfits(runs)]


_1A, _1B = ("task1a_plain", "task1a_dropout"), ("task1b_plain", "task1b_dropout")
_4 = ("task4_not_augmented", "task4_augmented")


def _pair(task: str, what: str) -> tuple[str, str]:
    return f"task{task}_no_{what}", f"task{task}_{what}"


CLAIMS = (
    Claim(1, "1a", "without dropout the network overfits, dropout prevents it", _1A, _dropout),
    Claim(
        2,
        "1b",
        "with batch norm and dropout, 1a's accuracy is reached in fewer epochs",
        (_1A[1], _1B[1]),
        _reached_sooner,
    ),
    Claim(
        3,
        "1b",
        "with batch norm and without dropout, 1a's accuracy is never reached",
        (_1A[0], _1B[0]),
        _never_reached,
    ),
    Claim(
        4,
        "1c",
        "batch norm gives the better loss and accuracy",
        _pair("1c", "batch_norm"),
        _better,
    ),
    Claim(
        5,
        "1d",
        "batch norm gives the better accuracy, but overfits",
        _pair("1d", "batch_norm"),
        _better_but_overfits,
    ),
    Claim(
        6,
        "2a",
        "without spatial dropout the network converges sooner",
        _pair("2a", "spatial_dropout"),
        _converges_sooner,
    ),
    Claim(
        7,
        "2b",
        "spatial dropout prevents overfitting and converges later",
        _pair("2b", "spatial_dropout"),
        _prevents_and_slows,
    ),
    Claim(8, "4", "with augmentation the curves fluctuate more and overfit less", _4, _augmented),
    Claim(
        9,
        "5",
        "the fluctuation shrinks with time, the result is better, training is slower",
        (*_4, "task5_skin"),
        _deeper,
    ),
    Claim(
        10,
        "7",
        "on bone, transfer is better than training from scratch",
        ("task5_bone", "task7_bone"),
        _better,
    ),
    Claim(
        11,
        "7",
        "on skin, transfer is better than training from scratch, and overfits",
        ("task5_skin", "task7_skin"),
        _transfer_overfits,
    ),
    Claim(
        12,
        "7",
        "training the head is many times faster than training the whole network",
        ("task5_skin", "task7_skin"),
        _many_times_faster,
    ),
    Claim(13, "8", "the low accuracy is heavy overfitting", ("task8",), _heavy_overfitting),
)
