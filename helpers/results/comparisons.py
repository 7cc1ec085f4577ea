"""Two networks on the same images: which differences are there, and which may be chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from helpers import evidence
from helpers.evidence import Estimate
from helpers.records import Run, Runs, as_list

At = Literal["best", "last"]


@dataclass(frozen=True)
class Comparison:
    """Two runs, or the seeds of two runs, on the same validation images."""

    a: str  # name of the first
    b: str
    at: At  # the epoch that is compared
    accuracy_a: tuple[float, ...]  # validation accuracy of each seed, from 0 to 1
    accuracy_b: tuple[float, ...]
    difference: Estimate  # mean accuracy of the second minus that of the first, with 95 % interval
    p: tuple[float, ...]  # exact two-sided McNemar p of each pair of seeds
    images: int  # number of validation images

    @property
    def decided(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.difference.side() != 0

    @property
    def verdict(self) -> str:
        """What may be said: which one is more accurate, or that this cannot be told."""
        if not self.decided:
            return "the interval contains zero: the two cannot be told apart"
        winner = self.b if self.difference.value > 0 else self.a
        if len(self.accuracy_a) == len(self.accuracy_b) == 1:
            return f"this training of {winner} is the more accurate; another seed may say otherwise"
        return f"{winner} is more accurate"

    def __str__(self) -> str:
        d = self.difference.points
        seeds = len(self.accuracy_a), len(self.accuracy_b)
        p = " ".join(f"{value:.2g}" for value in self.p)
        over = f"{self.images} images"
        if max(seeds) > 1:
            over += f" and {seeds[0] if seeds[0] == seeds[1] else seeds} seeds"
        chosen = " (an epoch picked on these same images)" if self.at == "best" else ""
        return (
            f"{self.b} minus {self.a}, {self.at} epoch{chosen}: {d.value:+.1f} points of "
            f"accuracy, 95 % interval {d.low:+.1f} to {d.high:+.1f} over {over}, exact "
            f"McNemar p = {p}: {self.verdict}."
        )


def compare(a: Runs, b: Runs, at: At = "best") -> Comparison:
    """Validation accuracy of b against a on the same images.

    With one run each, the interval covers these two trained networks on other images like these;
    with several seeds, it covers other seeds and other images.

    Args:
        a: a run, or its seeds.
        b: another, on the same validation images in the same order.
        at: 'best', the epoch of the lowest validation loss, which was picked on these images,
            or 'last'.

    Raises:
        ValueError: no runs, or their validation images differ.
    """
    first, second = _on_the_same(a, b, "validation")
    right_a = np.stack([right_in_validation(run, at) for run in first])
    right_b = np.stack([right_in_validation(run, at) for run in second])
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
        ValueError: the runs' images differ, or a run was continued past its last epoch.
    """
    first, second = _on_the_same(a, b, "train")
    fitted_a, fitted_b = (
        np.stack([right_in_training(run) for run in runs]) for runs in (first, second)
    )
    return evidence.minus(
        evidence.seeds_difference(fitted_a, fitted_b), compare(first, second, "last").difference
    )


def compare_fluctuations(a: Runs, b: Runs, metric: str = "val_loss") -> Estimate:
    """How many times as much b's curve of a metric jumps from epoch to epoch as a's.

    See `evidence.fluctuation_ratio` for what its interval covers.

    Raises:
        ValueError: the runs' images differ, or only one of the two has several seeds.
    """
    first, second = _on_the_same(a, b, "validation")
    return evidence.fluctuation_ratio(
        *(np.stack([run.history[metric] for run in runs]) for runs in (first, second))
    )


def fluctuation_over_time(runs: Runs, metric: str = "val_loss") -> Estimate:
    """How many times as much a curve jumps in the second half of its epochs as in the first."""
    curves = np.stack([run.history[metric] for run in as_list(runs)])
    middle = curves.shape[1] // 2
    return evidence.fluctuation_ratio(curves[:, :middle], curves[:, middle:])


def _on_the_same(a: Runs, b: Runs, split: str) -> tuple[list[Run], list[Run]]:
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


def right_in_training(run: Run) -> np.ndarray:
    """Which training images the last epoch's network has right, nothing dropped: bool (M,).

    Raises:
        ValueError: training was continued past its last epoch, and that network is not known.
    """
    if run.epochs != run.info["kept"]["last"]:
        raise ValueError(
            f"{run.folder}: how epoch {run.epochs} fits the training images is not known, since "
            f"training was continued to epoch {run.info['kept']['last']}"
        )
    return evidence.correct(run.training_labels, run.fitted())
