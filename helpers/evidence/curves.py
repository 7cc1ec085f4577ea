"""The reading of learning curves: what a history of losses and accuracies shows, in numbers.

A history maps `loss`, `accuracy`, `val_loss` and `val_accuracy` to one value an epoch each, as
Keras records them; epochs are counted from 1. Losses are cross-entropies in nats.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import theilslopes

Reading = Literal["not learning", "still learning", "overfitting", "good"]
METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")

ERRORS = 3.0  # standard errors that a difference must exceed to count
LEAST_ACCURACY = 0.02  # less than this above chance is no learning, however many the images
LEAST_GAP = 0.05  # less than this of training above validation accuracy is no overfitting
# Shares of the loss of a constant answer, which is ln 2 = 0.693 for two equal classes:
LEARNED = 0.05  # below it by this, the network knows something even where accuracy is at chance
LEAST_RISE = 0.05  # a validation loss that rises by less from its best does not matter
LEAST_FALL = 0.01  # nor does one that falls by less over the last third


@dataclass(frozen=True)
class Diagnosis:
    """What a learning curve shows.

    `epoch` is the best epoch (see `best_epoch`), from which on an overfitting network gets no
    better; `reason` is a sentence with the numbers that the verdict went by.
    """

    verdict: Reading
    epoch: int
    reason: str

    def __str__(self) -> str:
        start = f" from epoch {self.epoch}" if self.verdict == "overfitting" else ""
        return self.verdict + start


def best_epoch(validation_loss: ArrayLike) -> int:
    """The epoch, from 1, of the lowest validation loss; the earliest of equals.

    Raises:
        ValueError: there is no value, or one is NaN or infinite.
    """
    return int(np.argmin(_checked_series("validation_loss", validation_loss))) + 1


def first_epoch_reaching(values: ArrayLike, target: float) -> int | None:
    """The first epoch, from 1, whose value is `target` or more; None where there is none.

    Raises:
        ValueError: there is no value, or one is NaN or infinite.
    """
    reached = np.flatnonzero(_checked_series("values", values) >= target)
    return int(reached[0]) + 1 if reached.size else None


def area(curves: NDArray[np.float64]) -> NDArray[np.float64]:
    """The area under each curve, (N,), of evenly spaced values, (N, steps), over a width of 1."""
    return np.trapezoid(curves, axis=1) / (curves.shape[1] - 1)


def diagnose(
    history: Mapping[str, ArrayLike], train_classes: ArrayLike, validation_classes: ArrayLike
) -> Diagnosis:
    """Say what a learning curve shows: not learning, still learning, overfitting, or good.

    The end of a curve is the median of its last fifth, ten epochs at most. The first that holds:

    - not learning: at the end both accuracies are at chance, the share of the largest class,
      and the validation loss is not clearly below that of a constant answer.
    - overfitting: the validation loss has risen from its best, which lies before the end, by
      more than it fluctuates, and the training loss has not; or training accuracy is above
      validation accuracy by more than three standard errors and five points, and the
      validation loss falls no more.
    - not learning, too: both losses have risen, that is, training has come apart.
    - still learning: the validation loss falls over the last third (Theil and Sen's slope).
    - good: none of these.

    Made-up plateaus of 5 to 250 epochs with nothing but noise were called overfitting in 1 %
    of the cases at most, in 3 % where the noise of neighbouring epochs correlated at 0.7.

    Fewer than five epochs can only be seen to be at chance, fewer than three not even that;
    otherwise they are called still learning. Dropout and augmentation lower the training
    metrics, so a gap can be larger than it looks. Under class weights the share of the largest
    class is not what chance gives, and 'not learning' is not to be relied on.

    Args:
        history: `loss`, `accuracy`, `val_loss`, `val_accuracy`, each (epochs,).
        train_classes: number of training images of each class, (C,).
        validation_classes: number of validation images of each class, (C,).

    Raises:
        ValueError: a series is missing, of another length, empty or not finite, an accuracy is
            outside [0, 1], or the classes are not counts of the same two or more classes.
    """
    curves = _checked_history(history)
    n, shares = _checked_classes(train_classes, validation_classes)
    val_loss, epoch = curves["val_loss"], best_epoch(curves["val_loss"])
    epochs = val_loss.size
    last = min(10, max(1, epochs // 5))
    end = {key: float(np.median(curve[-last:])) for key, curve in curves.items()}
    present = shares[1][shares[1] > 0]
    constant = float(-(present * np.log(present)).sum())
    chance = shares.max(axis=1)

    ends = np.array([end["accuracy"], end["val_accuracy"]])
    margin = np.maximum(ERRORS * np.sqrt(chance * (1 - chance) / n), LEAST_ACCURACY)
    at_chance = (ends <= chance + margin).all() and end["val_loss"] > (1 - LEARNED) * constant
    gap = ends[0] - ends[1]
    apart = gap > max(ERRORS * math.sqrt((ends * (1 - ends) / n).sum()), LEAST_GAP)
    around = val_loss[max(0, epoch - 1 - last // 2) : epoch + last // 2]
    rise = end["val_loss"] - float(np.median(around))  # one lucky epoch alone is no level
    if epoch > epochs - last:  # what came after its best is no end yet
        rise = 0.0
    by_chance = max(_rise_by_chance(val_loss, epoch, last), LEAST_RISE * constant)
    train_rise = end["loss"] - curves["loss"][epoch - 1]
    train_rises = train_rise > LEAST_RISE * constant
    fall = _fall(val_loss[-max(5, min(8, epochs // 2), epochs // 3) :])
    falls = fall > LEAST_FALL * constant

    verdict: Reading = "good"
    why = f"it neither falls any more nor has risen by more than {by_chance:.4f} from its best"
    if epochs < 3 or (epochs < 5 and not at_chance):
        verdict, why = "still learning", f"{epochs} epochs are too few to tell anything else"
    elif at_chance:
        verdict = "not learning"
        why = (
            f"a constant answer has accuracies of {chance[0]:.3f} and {chance[1]:.3f} and a "
            f"validation loss of {constant:.4f}"
        )
    elif rise > by_chance and not train_rises:
        verdict = "overfitting"
        why = f"it has risen by {rise:.4f}, more than the {by_chance:.4f} that noise explains"
    elif apart and not falls:
        verdict, why = "overfitting", f"it falls no more, with accuracies {gap:.3f} apart"
    elif rise > by_chance:
        verdict, why = "not learning", f"both losses have risen, by {train_rise:.4f} and {rise:.4f}"
    elif falls:
        verdict, why = "still learning", f"it has lately fallen by {fall:.4f}"
    return Diagnosis(
        verdict,
        epoch,
        f"At the end of {epochs} epochs accuracy is {ends[0]:.3f} in training and {ends[1]:.3f} "
        f"in validation; validation loss is {end['val_loss']:.4f} ({val_loss[-1]:.4f} in the last "
        f"epoch), at best {val_loss[epoch - 1]:.4f} at epoch {epoch}: {why}.",
    )


def _rise_by_chance(val_loss: NDArray[np.float64], epoch: int, last: int) -> float:
    """What the median of the last values may lie above the best ones through noise alone.

    The lowest of n values is expected sqrt(2 ln n) deviations below their mean at most, and a
    median of k has 1.25 / sqrt(k) deviations as its error. The deviation is the larger of two,
    either by medians, which outliers leave alone: from second differences, which a trend leaves
    alone (Gasser, Sroka and Jennen-Steinmetz 1986, Biometrika 73, 625-633); and, since noise
    that neighbouring epochs share hides from these, from the changes over `last` epochs, less
    their median before and after the best epoch.
    """
    n = val_loss.size
    if n < 3:
        return math.inf
    changes = []
    for part in (val_loss[:epoch], val_loss[epoch - 1 :]):
        change = part[last:] - part[:-last]
        changes.append(np.abs(change - np.median(change)) if change.size > 1 else change[:0])
    shared = np.concatenate(changes)
    noise = 1.4826 * max(
        float(np.median(np.abs(np.diff(val_loss, n=2)))) / math.sqrt(6),
        float(np.median(shared)) / math.sqrt(2) if shared.size else 0.0,
    )
    few = 1 + 4 / n  # few epochs show their noise badly
    independent = max(1.0, last / 2)  # neighbouring epochs are alike
    error = 1.25 / math.sqrt(independent)
    return few * noise * error * (math.sqrt(2 * math.log(n / independent)) + ERRORS)


def _fall(values: NDArray[np.float64]) -> float:
    """How far the values have fallen from first to last along their line; 0 if they may not."""
    if values.size < 5:
        return 0.0
    slope, _, _, highest = theilslopes(values, alpha=0.98)
    return -float(slope) * (values.size - 1) if highest < 0 else 0.0


def _checked_series(name: str, values: ArrayLike) -> NDArray[np.float64]:
    series = np.asarray(values, dtype=np.float64)
    if series.ndim != 1 or series.size == 0:
        raise ValueError(f"{name} has the shape {series.shape}; it must hold one value per epoch")
    if not np.isfinite(series).all():
        first = int(np.flatnonzero(~np.isfinite(series))[0])
        raise ValueError(
            f"{name} is {series[first]} at epoch {first + 1}; training went wrong there, and "
            "all values must be finite"
        )
    return series


def _checked_history(history: Mapping[str, ArrayLike]) -> dict[str, NDArray[np.float64]]:
    missing = [key for key in METRICS if key not in history]
    if missing:
        raise ValueError(f"the history has no {', '.join(missing)}; it needs {', '.join(METRICS)}")
    curves = {key: _checked_series(key, history[key]) for key in METRICS}
    lengths = {key: curve.size for key, curve in curves.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"the history's lengths differ, {lengths}; all must have one per epoch")
    for key in ("accuracy", "val_accuracy"):
        if curves[key].min() < 0 or curves[key].max() > 1:
            raise ValueError(f"{key} leaves [0, 1]; it must be a share, not a percentage")
    return curves


def _checked_classes(
    train: ArrayLike, validation: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Number of images of training and validation, (2,), and the classes' shares, (2, C)."""
    counts = [np.asarray(x, dtype=np.float64) for x in (train, validation)]
    for x in counts:
        counted = x.ndim == 1 and x.size > 1 and (x >= 0).all() and x.sum() >= 1
        if not counted or x.shape != counts[0].shape:
            raise ValueError(
                f"the classes' images are {counts[0]} in training and {counts[1]} in validation; "
                "both must count those of the same two or more classes"
            )
    table = np.stack(counts)
    n = table.sum(axis=1)
    return n, table / n[:, None]
