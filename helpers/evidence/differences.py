"""Two trained networks on the same images: intervals, and tests, of one value an image."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest
from scipy.stats import t as student

from helpers.evidence.estimate import LEVEL, Estimate, Z
from helpers.evidence.metrics import proportion


def mean(values: ArrayLike) -> Estimate:
    """The mean of one value per image, with Student's interval; Wilson's where all are 0 or 1.

    NaN stands for an image without a value. Without any value the estimate is NaN; with a single
    one the interval is.

    Raises:
        ValueError: the values are not (N,), or one is infinite.
    """
    x = _checked_values(values)
    x = x[~np.isnan(x)]
    if x.size and np.isin(x, (0, 1)).all():
        return proportion(int(x.sum()), x.size)
    return student_mean(x)


def mean_difference(a: ArrayLike, b: ArrayLike) -> Estimate:
    """Mean of b minus mean of a, values of the same images; see `mean`.

    Where all are 0 or 1 it is `paired_difference`. Images without one of the two are left out.

    Raises:
        ValueError: the values are not (N,) both, or one is infinite.
    """
    x, y = _checked_values(a), _checked_values(b)
    if x.shape != y.shape:
        raise ValueError(f"the values are of {x.size} and of {y.size} images; they must pair")
    both = ~(np.isnan(x) | np.isnan(y))
    x, y = x[both], y[both]
    if x.size and np.isin((x, y), (0, 1)).all():
        return paired_difference(x, y)
    return student_mean(y - x)


def student_mean(x: NDArray[np.float64], least: float = 0.0) -> Estimate:
    """The mean of independent values, (N,), with Student's interval; NaN where there are too few.

    Args:
        x: the values.
        least: the smallest standard deviation that is believed, for values of a coarse grid.
    """
    if x.size < 2:
        value = float(x.mean()) if x.size else float("nan")
        return Estimate(value, float("nan"), float("nan"))
    freedom = x.size - 1
    deviation = max(float(x.std(ddof=1)), least)
    half = float(student.ppf(0.5 + LEVEL / 2, freedom)) * deviation / np.sqrt(x.size)
    centre = float(x.mean())
    return Estimate(centre, centre - half, centre + half, freedom)


def _checked_values(values: ArrayLike) -> NDArray[np.float64]:
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or np.isinf(x).any():
        raise ValueError(f"the values have the shape {x.shape}; they must be (N,), all finite")
    return x


def mcnemar(correct_a: ArrayLike, correct_b: ArrayLike) -> float:
    """Exact two-sided p of two networks being right equally often (McNemar 1947).

    The binomial test on the images that one of the two alone has right; 1.0 without any.

    Args:
        correct_a: bool, (N,), whether the first network has each image right.
        correct_b: the same of the second, in the same order.

    Raises:
        ValueError: the shapes differ, are not (N,) or empty, or the values are not 0 and 1.
    """
    a, b = _checked_answers(correct_a, correct_b)
    only_a, only_b = int((a > b).sum()), int((b > a).sum())
    return float(binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0


def paired_difference(correct_a: ArrayLike, correct_b: ArrayLike) -> Estimate:
    """Accuracy of b minus accuracy of a on the same images.

    Bonett and Price (2012, British Journal of Mathematical and Statistical Psychology 65,
    479-488): Wald's interval after one image was added to either kind of discordant pair, so
    that two networks that never differ are not taken for surely equal. It is about these two
    trained networks; about other seeds, see `seeds_difference`. Arguments and errors are those of
    `mcnemar`.
    """
    a, b = _checked_answers(correct_a, correct_b)
    n = a.size + 2
    only_a, only_b = ((a > b).sum() + 1) / n, ((b > a).sum() + 1) / n
    centre = only_b - only_a
    half = Z * np.sqrt((only_a + only_b - centre**2) / n)
    low, high = max(float(centre - half), -1.0), min(float(centre + half), 1.0)
    return Estimate(float(b.mean() - a.mean()), low, high)


def holm(p: Sequence[float]) -> list[float]:
    """Each p of a family, corrected for there being several (Holm 1979).

    If nothing differs in the whole family, then some corrected p is below 0.05 in one family of
    twenty at most. Scandinavian Journal of Statistics 6, 65-70.
    """
    order = np.argsort(p)
    steps = np.asarray(p, dtype=np.float64)[order] * np.arange(len(p), 0, -1)
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected.tolist()


def minus(x: Estimate, y: Estimate) -> Estimate:
    """The difference x - y of two independent estimates, its interval from theirs.

    The method of variance estimates recovery of Zou and Donner (2008, Statistics in Medicine 27,
    1693-1702): each end takes the two intervals' halves that point its way, so that intervals
    need not be symmetric.
    """
    value = x.value - y.value
    low = value - np.hypot(x.value - x.low, y.high - y.value)
    high = value + np.hypot(x.high - x.value, y.value - y.low)
    return Estimate(value, float(low), float(high), min(x.freedom, y.freedom))


def _checked_answers(
    correct_a: ArrayLike, correct_b: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    a, b = np.asarray(correct_a), np.asarray(correct_b)
    if not (a.ndim == b.ndim == 1 and a.size == b.size > 0):
        raise ValueError(
            f"the runs have the shapes {a.shape} and {b.shape}; both must be (N,), not empty, "
            "with the same N images"
        )
    for runs in (a, b):
        if not np.isin(runs, (0, 1)).all():
            raise ValueError("a run holds values other than right (True) and wrong (False)")
    return a.astype(np.float64), b.astype(np.float64)
