"""The reading of a learning curve: what a training shows, in one word of six and its numbers.

It goes by recorded answers, with nothing dropped, and not by the metrics of a running training,
which dropout and augmentation lower. Losses are cross-entropies in nats.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import mannwhitneyu, theilslopes

from helpers.evidence.curves import best_epoch, checked_series
from helpers.evidence.differences import mean, mean_difference, minus
from helpers.evidence.estimate import Estimate
from helpers.evidence.metrics import correct, log_losses, predicted, proportion

Word = Literal["learned nothing", "unstable", "overfits", "still learning", "fits", "cannot tell"]
# The glossary: each word with its rule. The first that holds is said, in this order.
WORDS: dict[Word, str] = {
    "cannot tell": "fewer than five epochs; or, in the place of 'fits', one sign of overfitting "
    "without the other, or validation answers no better than a constant one",
    "learned nothing": "the answers tell the training classes apart no better than chance, or no "
    "more training images are right than with one constant answer",
    "unstable": "from one epoch to the next the validation loss jumps by more than it ever falls "
    "below that of a constant answer; or nearly all validation images get one answer, while the "
    "training images are told apart",
    "overfits": "training accuracy is above validation accuracy, and the validation loss has risen "
    "from its best: both by intervals that leave zero out",
    "still learning": "the validation loss falls to the end",
    "fits": "it has learned, and none of the others",
}
FEWEST = 5  # epochs that can be read
CHANCE = 0.01  # p of the rank test from which on answers are chance
ONE_SIDED = 0.95  # share of the images with one answer from which on it counts as nearly all
# Shares of the loss of a constant answer, which is ln 2 = 0.693 for two equal classes:
LEAST_JUMP = 0.3  # smaller jumps are no instability, however little the network has learned
LEAST_RISE = 0.05  # a validation loss that rises by less from its best does not matter
# Share of how far its lowest is below that loss:
LEAST_FALL = 0.05  # a validation loss that falls by less over the last third falls no more


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
class Reading:
    """What a learning curve shows.

    Attributes:
        word: one of `WORDS`.
        epoch: the best one, see `best_epoch`.
        reason: a sentence with the numbers that the word follows from.
        gap: training minus validation accuracy after the last epoch.
        rise: validation loss after the last epoch minus that after the best one.
    """

    word: Word
    epoch: int
    reason: str
    gap: Estimate
    rise: Estimate

    @property
    def decides(self) -> bool:
        """Whether a comparison may rest on it: it has learned something, and not by luck."""
        return self.word not in ("learned nothing", "unstable")

    def __str__(self) -> str:
        return self.word


def diagnose(history: Mapping[str, ArrayLike], training: Answers, validation: Answers) -> Reading:
    """Say what a training shows, in one of the six `WORDS`.

    Args:
        history: as Keras records it, of which `val_loss` is read: one value an epoch, (epochs,).
        training: answers for the training images.
        validation: answers for the validation images.

    Raises:
        ValueError: a loss is missing or not finite, or labels and probabilities have mismatched
            shapes or invalid values.
    """
    if validation.best is None:
        raise ValueError("the validation answers of the best epoch are missing")
    losses = checked_series("val_loss", history["val_loss"])
    costs = [log_losses(validation.labels, p) for p in (validation.best, validation.last)]
    _, constant = constant_answer(validation.labels)
    numbers = _Numbers(
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
    word, why = _judged(numbers)
    return Reading(word, numbers.epoch, f"{why[0].upper()}{why[1:]}.", numbers.gap, numbers.rise)


@dataclass(frozen=True)
class _Numbers:
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


def _judged(n: _Numbers) -> tuple[Word, str]:
    """The first word that holds, and the sentence for it."""
    least_rise = LEAST_RISE * n.constant
    rises = n.rise.side() > 0 and n.rise.value > least_rise
    apart = n.gap.side() > 0
    falls = n.fall > LEAST_FALL * n.below
    jump, where = n.jump
    found: list[tuple[bool, Word, str]] = [
        (
            n.losses.size < FEWEST,
            "cannot tell",
            f"{n.losses.size} epochs are too few; {FEWEST} can be read",
        ),
        (
            n.chance[0] >= CHANCE,
            "learned nothing",
            "the answers for the training images do not tell their classes apart (rank test, "
            f"p = {n.chance[0]:.2g})"
            + f", though they did at epoch {n.epoch}: it came apart" * n.learned_once
            + f"; accuracy {n.shares[0].value:.3f}, {n.largest:.3f} by one constant answer",
        ),
        (
            jump > max(n.below, LEAST_JUMP * n.constant),
            "unstable",
            f"validation loss jumps by {jump:.3f} at epoch {where}, and at its best, epoch "
            f"{n.epoch}, lies {n.below:.3f} below that of a constant answer",
        ),
        (
            n.shares[0].low <= n.largest and not falls,
            "learned nothing",
            f"training accuracy {n.shares[0]:.3f} is not above the {n.largest:.3f} of one constant "
            "answer",
        ),
        (
            apart and n.one_answer[0] >= ONE_SIDED > n.one_answer[1],
            "unstable",
            f"{n.one_answer[0]:.0%} of the validation images get one answer, while training "
            f"accuracy is {n.shares[0].value:.3f}",
        ),
        (apart and rises, "overfits", str(n)),
        (falls, "still learning", f"validation loss fell by {n.fall:.3f} at the end; {n}"),
        (
            rises or (apart and n.rise.high > least_rise),
            "cannot tell",
            f"{n}: one sign of overfitting without the other",
        ),
        (
            n.chance[1] >= 0.05 or n.above.side() >= 0,
            "cannot tell",
            f"the validation answers are no better than a constant one; {n}",
        ),
        (True, "fits", str(n)),
    ]
    return next((word, why) for holds, word, why in found if holds)


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
