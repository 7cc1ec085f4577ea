"""What a network's predictions say: classes, loss, and metrics with 95 % intervals.

Labels are the indices of the classes, shape (N,). Probabilities are what a network predicts:
shape (N,) or (N, 1) for one sigmoid, which is the probability of class 1, and (N, C) for a
softmax over C classes. Sensitivity and the like are for teaching, not for clinical use.
"""

import operator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.stats import binomtest, rankdata

from helpers.evidence.estimate import LEVEL, Estimate, Z

CLIP = 1e-7  # keras.config.epsilon()
SUM_TOLERANCE = 0.02  # what a softmax in bfloat16 may miss one by


@dataclass(frozen=True)
class Clinical:
    """How well one class, the positive one, is told from the others."""

    sensitivity: Estimate
    specificity: Estimate
    auc: Estimate


def proportion(successes: int, n: int) -> Estimate:
    """A share with its score interval (Wilson 1927), which stays inside [0, 1].

    Raises:
        ValueError: `n` is below 1, or `successes` is not between 0 and `n`.
    """
    successes, n = operator.index(successes), operator.index(n)
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(
            f"{successes} of {n} is no share; n must be 1 or more and hold the successes"
        )
    interval = binomtest(successes, n).proportion_ci(LEVEL, method="wilson")
    return Estimate(successes / n, float(interval.low), float(interval.high))


def predicted(probabilities: ArrayLike) -> NDArray[np.int64]:
    """The predicted class of each image, shape (N,), as Keras' accuracy counts it.

    A sigmoid above 0.5 is class 1; at exactly 0.5 it is class 0. Of equal softmax
    probabilities the first class is taken, so that 0.5 against 0.5 is class 0 as well.

    Raises:
        ValueError: the probabilities are invalid (shape, outside [0, 1], NaN, sums).
    """
    p = _checked_probabilities(probabilities)
    return (p > 0.5).astype(np.int64) if p.ndim == 1 else p.argmax(axis=1)


def correct(labels: ArrayLike, probabilities: ArrayLike) -> NDArray[np.bool_]:
    """Whether each image's predicted class is its label, shape (N,).

    Raises:
        ValueError: labels or probabilities have mismatched shapes or invalid values.
    """
    y, p = _checked_pair(labels, probabilities)
    return predicted(p) == y


def log_losses(labels: ArrayLike, probabilities: ArrayLike) -> NDArray[np.float64]:
    """The cross-entropy of each image in nats, (N,), as Keras computes it from probabilities.

    Probabilities are clipped to [1e-7, 1 - 1e-7], so that no image costs more than 16.1. While
    it trains, Keras takes the loss from the logits where it can, unclipped: with confident
    errors its history can show more than this. Errors are those of `correct`.
    """
    y, p = _checked_pair(labels, probabilities)
    if p.ndim == 1:
        of_label = np.where(y == 1, p, 1 - p)
    else:
        of_label = p[np.arange(y.size), y] / p.sum(axis=1)
    return -np.log(of_label.clip(CLIP, 1 - CLIP))


def log_loss(labels: ArrayLike, probabilities: ArrayLike) -> float:
    """The mean of `log_losses`."""
    return float(log_losses(labels, probabilities).mean())


def accuracy(labels: ArrayLike, probabilities: ArrayLike) -> Estimate:
    """The share of images predicted correctly, with its Wilson interval; errors as `correct`."""
    hits = correct(labels, probabilities)
    return proportion(int(hits.sum()), hits.size)


def clinical(labels: ArrayLike, probabilities: ArrayLike, positive: int) -> Clinical:
    """Sensitivity, specificity (Wilson intervals) and area under the ROC curve (see `auc`).

    With three or more classes it is the positive class against all the rest.

    Args:
        labels: class indices, (N,), the positive class and another among them.
        probabilities: (N,), (N, 1) or (N, C).
        positive: index of the class that a test is to find.

    Raises:
        ValueError: as `correct`, or one of the two sides has no image.
    """
    y, p = _checked_pair(labels, probabilities)
    area = auc(y, p, positive)
    called = predicted(p) == positive
    ill = y == positive
    return Clinical(
        sensitivity=proportion(int(called[ill].sum()), int(ill.sum())),
        specificity=proportion(int((~called[~ill]).sum()), int((~ill).sum())),
        auc=area,
    )


def auc(labels: ArrayLike, probabilities: ArrayLike, positive: int) -> Estimate:
    """Area under the ROC curve, ties counted half, with Newcombe's interval.

    Method 5 of Newcombe (2006, Statistics in Medicine 25, 559-573): the variance of Hanley and
    McNeil (1982) with both sample sizes replaced by N* = (m + n) / 2 - 1 in the inner terms,
    solved for the true area as Wilson does. It stays inside [0, 1] and has a width at 1.

    Raises:
        ValueError: as `correct`, or one of the two sides has no image.
    """
    y, p = _checked_pair(labels, probabilities)
    classes = 2 if p.ndim == 1 else p.shape[1]
    if not 0 <= positive < classes:
        raise ValueError(f"positive is {positive}; it must be a class index, 0 to {classes - 1}")
    ill = y == positive
    m, n = int(ill.sum()), int((~ill).sum())
    if m == 0 or n == 0:
        raise ValueError(
            f"{m} images are of the positive class {positive} and {n} are not; "
            "the area under the ROC curve needs both"
        )
    # The sign instead of 1 - p, which would make ties of all probabilities near zero.
    score = p[:, positive] if p.ndim == 2 else (p if positive == 1 else -p)
    area = float((rankdata(score)[ill].sum() - m * (m + 1) / 2) / (m * n))
    return Estimate(area, _lowest_area(area, m, n), 1 - _lowest_area(1 - area, m, n))


def _lowest_area(area: float, m: int, n: int) -> float:
    """The smallest true area that `area`, measured on m and n images, is compatible with."""
    if area == 0:
        return 0.0
    star = (m + n) / 2 - 1

    def excess(theta: float) -> float:
        inner = 1 + star * ((1 - theta) / (2 - theta) + theta / (1 + theta))
        return area - theta - Z * float(np.sqrt(theta * (1 - theta) * inner / (m * n)))

    return float(brentq(excess, 0.0, min(area, 1 - 1e-12)))  # at 1 the variance is zero: no root


def _checked_probabilities(probabilities: ArrayLike) -> NDArray[np.float64]:
    """Probabilities as float64: (N,) of class 1 for a sigmoid, (N, C) for a softmax."""
    p = np.asarray(probabilities, dtype=np.float64)
    if p.ndim == 2 and p.shape[1] == 1:
        p = p[:, 0]
    if p.ndim not in (1, 2) or p.size == 0:
        raise ValueError(
            f"probabilities have the shape {np.shape(probabilities)}; it must be (N,) of one "
            "sigmoid or (N, C) of a softmax, with N of at least 1"
        )
    if not ((p >= 0) & (p <= 1)).all():  # NaN fails this too
        raise ValueError(
            f"probabilities run from {p.min():.4g} to {p.max():.4g}; they must lie in [0, 1] "
            "(logits and NaN are none)"
        )
    if p.ndim == 2 and np.abs(p.sum(axis=1) - 1).max() > SUM_TOLERANCE:
        raise ValueError(
            f"a row of the probabilities sums to {p.sum(axis=1).max():.4g} at most and "
            f"{p.sum(axis=1).min():.4g} at least; each row of a softmax must sum to 1"
        )
    return p


def _checked_pair(
    labels: ArrayLike, probabilities: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Labels (N,) as int64 and their probabilities, as `_checked_probabilities` gives them."""
    p = _checked_probabilities(probabilities)
    y = np.asarray(labels)
    if y.shape != p.shape[:1]:
        raise ValueError(
            f"labels have the shape {y.shape} and probabilities {np.shape(probabilities)}; "
            "there must be one class index per image (not one-hot), as many as probabilities"
        )
    classes = 2 if p.ndim == 1 else p.shape[1]
    strange = y[~np.isin(y, np.arange(classes))]
    if strange.size:
        raise ValueError(
            f"{strange[0]} is among the labels; they must be whole numbers from 0 to "
            f"{classes - 1}, the indices of the {classes} classes"
        )
    return y.astype(np.int64), p
