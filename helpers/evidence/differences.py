"""How far a comparison can be trusted: intervals and tests for two networks on the same images.

Pure functions of arrays.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest
from scipy.stats import t as student

from helpers.evidence.estimate import LEVEL, Estimate, Z
from helpers.evidence.metrics import proportion


def spread(values: ArrayLike) -> tuple[float, float]:
    """Mean and standard deviation (n - 1; NaN for one value) of one value per seed.

    Raises:
        ValueError: there is no value, or one is NaN or infinite.
    """
    x = np.asarray(values, dtype=np.float64).ravel()
    if x.size == 0 or not np.isfinite(x).all():
        raise ValueError(f"the values are {x}; there must be at least one, and all finite")
    return float(x.mean()), float(x.std(ddof=1)) if x.size > 1 else float("nan")


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
    return _student(x)


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
    return _student(y - x)


def _student(x: NDArray[np.float64]) -> Estimate:
    if x.size == 0:
        return Estimate(*[float("nan")] * 3)
    centre, deviation = spread(x)
    half = float(student.ppf(0.5 + LEVEL / 2, max(1, x.size - 1))) * deviation / np.sqrt(x.size)
    return Estimate(centre, centre - half, centre + half)


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
    a, b = _checked_runs(correct_a, correct_b, dimensions=1)
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
    a, b = _checked_runs(correct_a, correct_b, dimensions=1)
    n = a.size + 2
    only_a, only_b = ((a > b).sum() + 1) / n, ((b > a).sum() + 1) / n
    centre = only_b - only_a
    half = Z * np.sqrt((only_a + only_b - centre**2) / n)
    return _difference(b.mean() - a.mean(), centre - half, centre + half)


def seeds_difference(
    correct_a: ArrayLike, correct_b: ArrayLike, resamples: int = 2000, seed: int = 0
) -> Estimate:
    """Mean accuracy of b's seeds minus that of a's, for new seeds and new images alike.

    Seeds (each side on its own) and images (both sides together) are resampled at once, the
    pigeonhole bootstrap of Owen (2007, Annals of Applied Statistics 1, 386-411). With few seeds
    its percentiles are wrong, so only the shape is taken from it; the width is that of the
    unbiased variance of a two-way layout, with Student's t and Satterthwaite's (1946) degrees of
    freedom. The two images of `paired_difference` are added first.

    Coverage measured on made-up runs, 2 to 5 seeds a side on 96 or 200 images: 94 % to 100 %.
    Where one side has a single seed, its spread over seeds is taken to be the other's, and
    coverage fell to 86 % where the spread was large. Where both have a single one, this is
    `paired_difference` and says nothing about other seeds.

    Args:
        correct_a: bool, (seeds, N), whether each seed of the first network has each image right.
        correct_b: the same of the second: the same images, any number of seeds.
        resamples: how often to resample, at least 100.
        seed: of the resampling; the same seed gives the same interval.

    Raises:
        ValueError: the shapes do not match or are empty, or the values are not 0 and 1.
    """
    a, b = _checked_runs(correct_a, correct_b, dimensions=2)
    if resamples < 100:
        raise ValueError(f"resamples is {resamples}; 100 are the fewest that give percentiles")
    if len(a) == len(b) == 1:
        return paired_difference(a[0], b[0])
    value = b.mean() - a.mean()
    a = np.hstack([a, np.ones((len(a), 1)), np.zeros((len(a), 1))])
    b = np.hstack([b, np.zeros((len(b), 1)), np.ones((len(b), 1))])
    centre, (error, freedom) = b.mean() - a.mean(), _error_of_seeds(a, b)
    rng = np.random.default_rng(seed)

    def shares(n: int) -> NDArray[np.float64]:
        return rng.multinomial(n, np.full(n, 1 / n), size=resamples) / n

    images = shares(a.shape[1])
    drawn = ((images @ b.T) * shares(len(b))).sum(axis=1)
    drawn -= ((images @ a.T) * shares(len(a))).sum(axis=1)
    scaled = (drawn - centre) / drawn.std() * error * student.ppf(0.5 + LEVEL / 2, freedom) / Z
    low, high = np.quantile(scaled, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    return _difference(value, centre + low, centre + high)


def minus(x: Estimate, y: Estimate) -> Estimate:
    """The difference x - y of two independent estimates, its interval from theirs.

    The method of variance estimates recovery of Zou and Donner (2008, Statistics in Medicine 27,
    1693-1702): each end takes the two intervals' halves that point its way, so that intervals
    need not be symmetric.
    """
    value = x.value - y.value
    low = value - np.hypot(x.value - x.low, y.high - y.value)
    high = value + np.hypot(x.high - x.value, y.value - y.low)
    return Estimate(value, float(low), float(high))


def _error_of_seeds(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[float, float]:
    """Standard error of the difference of two (seeds, N) means, and its degrees of freedom."""
    n = a.shape[1]
    of_images = (b.mean(axis=0) - a.mean(axis=0)).var(ddof=1) / n
    between, within = [], []
    for runs in (a if len(a) > 1 else b, b if len(b) > 1 else a):
        means = runs.mean(axis=1, keepdims=True)
        rest = runs - means - runs.mean(axis=0) + runs.mean()
        between.append(means.var(ddof=1))
        within.append((rest**2).sum() / ((len(runs) - 1) * (n - 1)) / n)
    parts = [(between[0] / len(a), len(a) - 1), (between[1] / len(b), len(b) - 1)]
    if min(len(a), len(b)) == 1:  # one estimate used twice has its degrees of freedom once
        parts = [(parts[0][0] + parts[1][0], max(len(a), len(b)) - 1)]
    of_seeds = sum(part for part, _ in parts)
    # Both parts hold the interaction of seeds and images, which must count once.
    total = of_seeds + of_images - within[0] / len(a) - within[1] / len(b)
    total = max(total, of_seeds, of_images)
    freedom = total**2 / (sum(x**2 / df for x, df in parts) + of_images**2 / (n - 1))
    return float(np.sqrt(total)), float(freedom)


def _difference(value: float, low: float, high: float) -> Estimate:
    return Estimate(float(value), max(float(low), -1.0), min(float(high), 1.0))


def _checked_runs(
    correct_a: ArrayLike, correct_b: ArrayLike, dimensions: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    a, b = np.asarray(correct_a), np.asarray(correct_b)
    wanted = "(N,)" if dimensions == 1 else "(seeds, N)"
    fits = a.ndim == b.ndim == dimensions and a.shape[-1] == b.shape[-1] and a.size and b.size
    if not fits:
        raise ValueError(
            f"the runs have the shapes {a.shape} and {b.shape}; both must be {wanted}, not "
            "empty, with the same N images"
        )
    for runs in (a, b):
        if not np.isin(runs, (0, 1)).all():
            raise ValueError("a run holds values other than right (True) and wrong (False)")
    return a.astype(np.float64), b.astype(np.float64)
