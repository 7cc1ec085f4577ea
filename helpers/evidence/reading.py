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
from helpers.evidence.differences import mean_difference, minus
from helpers.evidence.estimate import Estimate
from helpers.evidence.metrics import correct, log_losses, proportion

Word = Literal["learned nothing", "unstable", "overfits", "still learning", "fits", "cannot tell"]
# The glossary: each word with its rule. The first that holds is said, in this order.
WORDS: dict[Word, str] = {
    "cannot tell": "fewer than five epochs; or one sign of overfitting without the other; or "
    "validation answers that tell the classes apart no better than chance",
    "learned nothing": "the answers tell the training classes apart no better than chance, or no "
    "more training images are right than with one constant answer",
    "unstable": "from one epoch to the next the validation loss jumps by more than it ever falls "
    "below that of a constant answer",
    "overfits": "training accuracy is above validation accuracy, and the validation loss has risen "
    "from its best: both by intervals that leave zero out",
    "still learning": "the validation loss falls to the end",
    "fits": "it has learned, and none of the others",
}
FEWEST = 5  # epochs that can be read
CHANCE = 0.01  # p of the rank test from which on answers are chance
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
    losses = checked_series("val_loss", history["val_loss"])
    epoch, epochs = best_epoch(losses), losses.size
    right = correct(training.labels, training.last), correct(validation.labels, validation.last)
    shares = [proportion(int(x.sum()), x.size) for x in right]
    gap = minus(*shares)
    if validation.best is None:
        raise ValueError("the validation answers of the best epoch are missing")
    rise = mean_difference(
        log_losses(validation.labels, validation.best),
        log_losses(validation.labels, validation.last),
    )
    constant_share, constant = constant_answer(validation.labels)
    largest, _ = constant_answer(training.labels)
    p = _chance(training.labels, training.last)
    jump = float(np.diff(losses, prepend=losses[0]).max())
    jumped = int(np.diff(losses, prepend=losses[0]).argmax()) + 1
    below = max(0.0, constant - float(losses.min()))
    fall = _fall(losses[-max(FEWEST, min(8, epochs // 2), epochs // 3) :])
    falls = fall > LEAST_FALL * below
    least_rise = LEAST_RISE * constant
    rises = rise.side() > 0 and rise.value > least_rise

    accuracies = (
        f"accuracy {shares[0].value:.3f} in training and {shares[1].value:.3f} in validation"
    )
    risen = f"validation loss {rise:+.3f} since its best at epoch {epoch}"
    word: Word
    if epochs < FEWEST:
        word, why = "cannot tell", f"{epochs} epochs are too few, {FEWEST} can be read"
    elif p >= CHANCE:
        word = "learned nothing"
        once = training.best is not None and _chance(training.labels, training.best) < CHANCE
        lost = f", and did at epoch {epoch}: it came apart" if once else ""
        why = (
            f"the answers for the training images do not tell their classes apart (rank test, "
            f"p = {p:.2g}){lost}; {accuracies}, {constant_share:.3f} by one constant answer"
        )
    elif jump > max(below, LEAST_JUMP * constant):
        word = "unstable"
        why = (
            f"validation loss jumps by {jump:.3f} at epoch {jumped}, and at its best, epoch "
            f"{epoch}, lies {below:.3f} below that of a constant answer"
        )
    elif shares[0].low <= largest and not falls:
        word = "learned nothing"
        why = (
            f"training accuracy {shares[0]:.3f} is not above the {largest:.3f} of one constant "
            f"answer; {shares[1].value:.3f} in validation"
        )
    elif gap.side() > 0 and rises:
        word, why = "overfits", f"{accuracies}, a gap of {gap.points:.1f} points; {risen}"
    elif falls:
        word = "still learning"
        why = f"validation loss fell by {fall:.3f} over the last third; {accuracies}"
    elif rise.value > least_rise or (gap.side() > 0 and rise.high > least_rise):
        word = "cannot tell"
        why = f"{accuracies}, a gap of {gap.points:.1f} points; {risen}: not both leave zero out"
    elif _chance(validation.labels, validation.last) >= 0.05:
        word = "cannot tell"
        why = f"{accuracies}, where answers do not tell the classes apart: too few images, or none"
    else:
        word, why = "fits", f"{accuracies}, a gap of {gap.points:.1f} points; {risen}"
    return Reading(word, epoch, f"{why[0].upper()}{why[1:]}.", gap, rise)


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
