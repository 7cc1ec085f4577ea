"""What is measured of runs over their seeds: losses, gaps, fluctuations, times, with intervals."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from helpers import evidence
from helpers.evidence import Estimate
from helpers.records import Run, Runs, as_list

At = Literal["best", "last"]


def compare_losses(a: Runs, b: Runs, at: At = "best") -> Estimate:
    """Validation loss of b minus that of a on the same images; for new seeds and images."""
    first, second = on_the_same(a, b, "validation")
    return evidence.seeds_difference(
        of_all(first, loss_in_validation, at), of_all(second, loss_in_validation, at)
    )


def compare_accuracies(a: Runs, b: Runs, at: At = "best") -> Estimate:
    """Validation accuracy of b minus that of a on the same images, for new seeds and images."""
    first, second = on_the_same(a, b, "validation")
    return evidence.seeds_difference(
        of_all(first, right_in_validation, at), of_all(second, right_in_validation, at)
    )


def compare_gaps(a: Runs, b: Runs) -> Estimate:
    """How much wider the gap between training and validation accuracy is in b than in a.

    The gap is that of the last epoch, with nothing dropped in either.

    Raises:
        ValueError: the runs' images differ.
        records.RecordError: a run was continued past its last epoch.
    """
    first, second = on_the_same(a, b, "train")
    on_the_same(a, b, "validation")
    return evidence.seeds_gap_difference(
        (of_all(first, right_in_training, "last"), of_all(second, right_in_training, "last")),
        (of_all(first, right_in_validation, "last"), of_all(second, right_in_validation, "last")),
    )


def gap(runs: Runs) -> Estimate:
    """Training minus validation accuracy at the last epoch, with nothing dropped."""
    listed = as_list(runs)
    return evidence.seeds_gap(
        of_all(listed, right_in_training, "last"), of_all(listed, right_in_validation, "last")
    )


def rise(runs: Runs) -> Estimate:
    """Validation loss at the end minus that at its best, each the mean of a tenth of the epochs.

    A single best epoch of a curve that jumps is lower than the curve ever lies.
    """
    rises = []
    for run in as_list(runs):
        around = run.epochs // 20
        best = run.probabilities[max(0, run.best_epoch - 1 - around) : run.best_epoch + around]
        last = run.probabilities[-(2 * around + 1) :]
        levels = [
            np.mean([evidence.log_losses(run.labels, p) for p in of_part], axis=0)
            for of_part in (best, last)
        ]
        rises.append(levels[1] - levels[0])
    return evidence.seeds_mean(np.stack(rises))


def compare_fluctuations(a: Runs, b: Runs, metric: str = "val_loss") -> Estimate:
    """How many times as much b's curve of a metric jumps from epoch to epoch as a's: logarithm.

    Over the seeds that both have, each pair together; no interval with fewer than three.

    Raises:
        ValueError: the runs' images differ, or they have no seed in common.
    """
    first, second = common_seeds(*on_the_same(a, b, "validation"))
    return fluctuation_ratio(first, second, (metric, metric))


def fluctuation_ratio(a: Runs, b: Runs, metrics: tuple[str, str]) -> Estimate:
    """The same of two metrics, each of its own runs."""
    first, second = as_list(a), as_list(b)
    return _log_ratio(
        [evidence.fluctuation(run.history[metrics[0]]) for run in first],
        [evidence.fluctuation(run.history[metrics[1]]) for run in second],
    )


def fluctuation_over_time(runs: Runs, metric: str = "val_loss") -> Estimate:
    """How many times as much a curve jumps in the second half of its epochs: logarithm."""
    halves = [np.array_split(run.history[metric], 2) for run in as_list(runs)]
    early, late = ([evidence.fluctuation(half) for half in of] for of in zip(*halves, strict=True))
    return _log_ratio(early, late)


def compare_seconds(a: Runs, b: Runs, seconds: Callable[[Run], float]) -> Estimate:
    """How many times as long b takes as a, over the same seeds: logarithm."""
    return _log_ratio(*([seconds(run) for run in as_list(runs)] for runs in (a, b)))


def _log_ratio(a: Sequence[float], b: Sequence[float]) -> Estimate:
    """The logarithm of b / a over seeds; NaN where one cannot be compared."""
    x, y = np.asarray(a), np.asarray(b)
    if not (np.isfinite([x, y]).all() and (x > 0).all() and (y > 0).all()):
        return Estimate(*[float("nan")] * 3)
    return evidence.seeds_paired(np.log(x), np.log(y))


def on_the_same(a: Runs, b: Runs, split: str) -> tuple[list[Run], list[Run]]:
    """Both as lists, if all of them had the same images of a split."""
    first, second = as_list(a), as_list(b)
    if len({run.info["identity"][split] for run in (*first, *second)}) > 1:
        done = "validated" if split == "validation" else "trained"
        raise ValueError(
            f"{first[0].experiment.name} and {second[0].experiment.name} were {done} on different "
            "images; a comparison needs the same"
        )
    return first, second


def common_seeds(*runs: Sequence[Run]) -> list[list[Run]]:
    """Of each sequence the runs with a seed that all of them have, in the order of the seeds."""
    by_seed = [{run.seed: run for run in seeds} for seeds in runs]
    common = sorted(set.intersection(*(set(of_run) for of_run in by_seed)))
    return [[of_run[seed] for seed in common] for of_run in by_seed]


def right_in_validation(run: Run, at: At) -> np.ndarray:
    """Which validation images the network of that epoch has right: bool (N,)."""
    return evidence.correct(run.labels, run.probabilities[run.epoch(at) - 1])


def right_in_training(run: Run, at: At) -> np.ndarray:
    """Which training images that epoch's network has right, nothing dropped: bool (M,).

    Raises:
        records.RecordError: training was continued past it, and its answers were not kept.
    """
    return evidence.correct(run.training_labels, run.fitted(at))


def loss_in_validation(run: Run, at: At) -> np.ndarray:
    """The loss of each validation image at that epoch, in nats: (N,)."""
    return evidence.log_losses(run.labels, run.probabilities[run.epoch(at) - 1])


def of_all(runs: Sequence[Run], values: Callable[[Run, At], np.ndarray], at: At) -> np.ndarray:
    """One row a seed: (seeds, N)."""
    return np.stack([values(run, at) for run in runs])
