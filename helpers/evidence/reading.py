"""The reading of a learning curve: what a training shows, in one word of six and its numbers.

The numbers are those of `signs`; here are the words, and the rule behind each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from numpy.typing import ArrayLike

from helpers.evidence.estimate import Estimate
from helpers.evidence.signs import CHANCE, FEWEST, Answers, Signs, signs

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
ONE_SIDED = 0.95  # share of the images with one answer from which on it counts as nearly all
# Shares of the loss of a constant answer, which is ln 2 = 0.693 for two equal classes:
LEAST_JUMP = 0.3  # smaller jumps are no instability, however little the network has learned
LEAST_RISE = 0.05  # a validation loss that rises by less from its best does not matter
# Share of how far its lowest is below that loss:
LEAST_FALL = 0.05  # a validation loss that falls by less over the last third falls no more


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
    numbers = signs(history, training, validation)
    word, why = _judged(numbers)
    return Reading(word, numbers.epoch, f"{why[0].upper()}{why[1:]}.", numbers.gap, numbers.rise)


def _judged(n: Signs) -> tuple[Word, str]:
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
