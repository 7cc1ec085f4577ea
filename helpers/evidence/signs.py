"""What a reading of a learning curve goes by: signs of learning, and of overfitting, in numbers.

They are of recorded answers, with nothing dropped, and not of the metrics of a running training,
which dropout and augmentation lower. Losses are cross-entropies in nats.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import mannwhitneyu, theilslopes

from helpers.evidence.curves import best_epoch, checked_series
from helpers.evidence.differences import mean, mean_difference, minus
from helpers.evidence.estimate import Estimate
from helpers.evidence.metrics import correct, log_losses, predicted, proportion

FEWEST = 5  # epochs that can be read
CHANCE = 0.01  # p of the rank test from which on answers are chance


@dataclass(frozen=True)
class Answers:
    """What a network answered for the images of a split after two epochs, nothing dropped.

    Attributes:
        labels: class indices, (N,).
        best: probabilities after the best epoch, (N,) or (N, C); None: not kept.
        last: the same after the last epoch.
    """

    labels: ArrayLike
    best: ArrayLike | None
    last: ArrayLike


@dataclass(frozen=True)
class Signs:
    """What a reading goes by."""

    losses: NDArray[np.float64]
    epoch: int
    shares: tuple[Estimate, ...]  # accuracy in training and in validation, after the last epoch
    rise: Estimate
    above: Estimate  # validation loss after the last epoch minus that of a constant answer
    constant: float  # the loss of that answer
    largest: float  # and its accuracy on the training images
    chance: tuple[float, float]  # p of answers at chance, in training and in validation
    one_answer: tuple[float, float]  # share of the most common answer, and of the largest class
    learned_once: bool  # whether those of the best epoch were better than chance in training

    @property
    def gap(self) -> Estimate:
        """Training minus validation accuracy, after the last epoch."""
        return minus(*self.shares)

    @property
    def below(self) -> float:
        """How far the lowest validation loss is below that of a constant answer."""
        return max(0.0, self.constant - float(self.losses.min()))

    @property
    def fall(self) -> float:
        """How far the validation loss fell over the last third of the epochs."""
        epochs = self.losses.size
        return _fall(self.losses[-max(FEWEST, min(8, epochs // 2), epochs // 3) :])

    @property
    def jump(self) -> tuple[float, int]:
        """The largest rise from one epoch to the next, and where."""
        changes = np.diff(self.losses, prepend=self.losses[0])
        return float(changes.max()), int(changes.argmax()) + 1

    def __str__(self) -> str:
        return (
            f"accuracy {self.shares[0].value:.3f} in training and {self.shares[1].value:.3f} in "
            f"validation, a gap of {self.gap.points:.1f} points; validation loss {self.rise:+.3f} "
            f"since its best at epoch {self.epoch}"
        )


def signs(history: Mapping[str, ArrayLike], training: Answers, validation: Answers) -> Signs:
    """The numbers of a training; arguments and errors are those of `reading.diagnose`."""
    if validation.best is None:
        raise ValueError("the validation answers of the best epoch are missing")
    losses = checked_series("val_loss", history["val_loss"])
    costs = [log_losses(validation.labels, p) for p in (validation.best, validation.last)]
    _, constant = constant_answer(validation.labels)
    return Signs(
        losses=losses,
        epoch=best_epoch(losses),
        shares=tuple(_share(split.labels, split.last) for split in (training, validation)),
        rise=mean_difference(*costs),
        above=mean(costs[1] - constant),
        constant=constant,
        largest=constant_answer(training.labels)[0],
        chance=(
            _chance(training.labels, training.last),
            _chance(validation.labels, validation.last),
        ),
        one_answer=(
            constant_answer(predicted(validation.last))[0],
            constant_answer(validation.labels)[0],
        ),
        learned_once=training.best is not None and _chance(training.labels, training.best) < CHANCE,
    )


def _share(labels: ArrayLike, probabilities: ArrayLike) -> Estimate:
    right = correct(labels, probabilities)
    return proportion(int(right.sum()), right.size)


def constant_answer(labels: ArrayLike) -> tuple[float, float]:
    """Accuracy and loss of the best answer that is the same for all images: its classes' shares."""
    shares = np.bincount(np.asarray(labels)) / np.size(labels)
    present = shares[shares > 0]
    return float(shares.max()), float(-(present * np.log(present)).sum())


def _chance(labels: ArrayLike, probabilities: ArrayLike) -> float:
    """One-sided p of answers ranking the images of a class no higher than the others.

    Mann and Whitney's test; of several classes the one told best, times their number.
    """
    y, p = np.asarray(labels), np.asarray(probabilities, dtype=np.float64)
    columns = p.reshape(len(y), -1)
    if columns.shape[1] == 1:
        columns = np.hstack([1 - columns, columns])
    classes = [1] if columns.shape[1] == 2 else list(range(columns.shape[1]))
    tests = [
        mannwhitneyu(columns[y == c, c], columns[y != c, c], alternative="greater").pvalue
        for c in classes
        if 0 < (y == c).sum() < y.size
    ]
    return min(1.0, float(min(tests, default=1.0)) * len(classes))


def _fall(values: NDArray[np.float64]) -> float:
    """How far the values have fallen from first to last along their line; 0 if they may not.

    Theil and Sen's slope, with its 98 % interval.
    """
    if values.size < FEWEST:
        return 0.0
    slope, _, _, highest = theilslopes(values, alpha=0.98)
    return -float(slope) * (values.size - 1) if highest < 0 else 0.0
