"""Experiments compared over their seeds: intervals that cover other seeds and other images.

What is measured is (seeds, N): for each training one value an image.
"""

import functools

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtridf
from scipy.stats import t as student

from helpers.evidence.differences import mean_difference, minus, student_mean
from helpers.evidence.estimate import LEVEL, Estimate, Z
from helpers.evidence.metrics import proportion

FEWEST_SEEDS = 3  # with fewer, nothing is said of an experiment

Part = tuple[float, float, float]  # of a variance: of seeds, its degrees of freedom, interaction


def spread(values: ArrayLike) -> tuple[float, float]:
    """Mean and standard deviation (n - 1; NaN for one value) of one value per seed.

    Raises:
        ValueError: there is no value, or one is NaN or infinite.
    """
    x = np.asarray(values, dtype=np.float64).ravel()
    if x.size == 0 or not np.isfinite(x).all():
        raise ValueError(f"the values are {x}; there must be at least one, and all finite")
    return float(x.mean()), float(x.std(ddof=1)) if x.size > 1 else float("nan")


def seeds_difference(a: ArrayLike, b: ArrayLike, resamples: int = 2000, seed: int = 0) -> Estimate:
    """Mean of b's seeds minus mean of a's, for new seeds and new images alike.

    Seeds (each side on its own) and images (both sides together) are resampled at once, the
    pigeonhole bootstrap of Owen (2007, Annals of Applied Statistics 1, 386-411). With few seeds
    its percentiles are wrong, so only the shape is taken from it; the width is that of the
    unbiased variance of a two-way layout, with Student's t (see `_error`). Where all values are 0
    or 1, the two images of `paired_difference` are added first.

    Where one side has a single seed, its spread over seeds is taken to be the other's. Where both
    have a single one, this is `mean_difference` and says nothing about other seeds. Coverage is
    measured by `benchmarks/coverage.py`.

    Args:
        a: for each seed of the first network one value an image, (seeds, N): whether it is right,
            or its loss.
        b: the same of the second: the same images, any number of seeds.
        resamples: how often to resample, at least 100.
        seed: of the resampling; the same seed gives the same interval.

    Raises:
        ValueError: the shapes do not match or are empty, or a value is NaN or infinite.
    """
    x, y = _checked(a), _checked(b)
    if x.shape[1] != y.shape[1]:
        raise ValueError(
            f"the runs have the shapes {x.shape} and {y.shape}; both must be (seeds, N), with the "
            "same N images"
        )
    if resamples < 100:
        raise ValueError(f"resamples is {resamples}; 100 are the fewest that give percentiles")
    if len(x) == len(y) == 1:
        return mean_difference(x[0], y[0])
    value = float(y.mean() - x.mean())
    shares = bool(np.isin(x, (0, 1)).all() and np.isin(y, (0, 1)).all())
    if shares:
        x = np.hstack([x, np.ones((len(x), 1)), np.zeros((len(x), 1))])
        y = np.hstack([y, np.zeros((len(y), 1)), np.ones((len(y), 1))])
    n = x.shape[1]
    of_images = float((y.mean(axis=0) - x.mean(axis=0)).var(ddof=1)) / n
    parts = [_part(x if len(x) > 1 else y, len(x)), _part(y if len(y) > 1 else x, len(y))]
    if min(len(x), len(y)) == 1:  # one estimate used twice has its degrees of freedom once
        once = max(len(x), len(y)) - 1
        parts = [(parts[0][0] + parts[1][0], once, parts[0][2] + parts[1][2])]
    error, freedom = _error([of_images], n - 1, parts)
    if error == 0:
        return Estimate(value, value, value, freedom)
    centre = float(y.mean() - x.mean())
    images = resampled(n, resamples, (seed, 0))
    drawn = ((images @ y.T) * resampled(len(y), resamples, (seed, 1))).sum(axis=1)
    drawn -= ((images @ x.T) * resampled(len(x), resamples, (seed, 2))).sum(axis=1)
    scaled = (drawn - centre) / drawn.std() * error * student.ppf(0.5 + LEVEL / 2, freedom) / Z
    low, high = (
        centre + float(end) for end in np.quantile(scaled, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    )
    if shares:
        low, high = max(low, -1.0), min(high, 1.0)
    return Estimate(value, low, high, freedom)


@functools.lru_cache(maxsize=16)  # all comparisons on the same images need the same
def resampled(size: int, resamples: int, seed: int | tuple[int, int]) -> NDArray[np.float64]:
    """How often each of so many is drawn in each resample, as a share: (resamples, size).

    The array is kept for the next call, and cannot be written to.
    """
    rng = np.random.default_rng(seed)
    shares = rng.multinomial(size, np.full(size, 1 / size), size=resamples) / size
    shares.flags.writeable = False
    return shares


def seeds_mean(values: ArrayLike) -> Estimate:
    """The mean over seeds and images, for new ones of both; over images alone for one seed.

    Args:
        values: for each seed one value an image, (seeds, N).

    Raises:
        ValueError: there is no value, or one is NaN or infinite.
    """
    x = _checked(values)
    if len(x) == 1:
        return student_mean(x[0])
    n = x.shape[1]
    error, freedom = _error([float(x.mean(axis=0).var(ddof=1)) / n], n - 1, [_part(x, len(x))])
    return _student(float(x.mean()), error, freedom)


def seeds_gap(fitted: ArrayLike, validated: ArrayLike) -> Estimate:
    """Training minus validation accuracy of the same seeds, for new seeds and new images alike.

    With one seed, the difference of two shares, joined by `minus` from their Wilson intervals.

    Args:
        fitted: whether each seed has each training image right, (seeds, M).
        validated: the same of the validation images, (seeds, N).

    Raises:
        ValueError: the seeds differ in number, there are none, or a value is NaN.
    """
    sides = _checked(fitted), _checked(validated)
    if len(sides[0]) != len(sides[1]):
        raise ValueError(f"{len(sides[0])} and {len(sides[1])} seeds; they must be the same")
    seeds = len(sides[0])
    if seeds == 1:
        return minus(*(proportion(int(x.sum()), x.size) for x in sides))
    gaps = sides[0].mean(axis=1) - sides[1].mean(axis=1)
    images, interaction = [], 0.0
    for x in sides:
        # One image right and one wrong more, so that a side without errors has a width.
        wide = np.hstack([x, np.ones((seeds, 1)), np.zeros((seeds, 1))])
        images.append(float(wide.mean(axis=0).var(ddof=1)) / wide.shape[1])
        interaction += _part(x, seeds)[2]
    part = (float(gaps.var(ddof=1)) / seeds, seeds - 1, interaction)
    error, freedom = _error(images, min(x.shape[1] for x in sides) - 1, [part])
    return _student(float(gaps.mean()), error, freedom)


def seeds_gap_difference(
    fitted: tuple[ArrayLike, ArrayLike], validated: tuple[ArrayLike, ArrayLike]
) -> Estimate:
    """How much wider `seeds_gap` is for the second of two networks than for the first.

    With one seed each, the two differences on the same images, joined by `minus`.

    Args:
        fitted: whether each seed has each training image right, (seeds, M), of both networks.
        validated: the same of the validation images, (seeds, N).

    Raises:
        ValueError: the shapes do not match or are empty, or a value is NaN or infinite.
    """
    sides = [(_checked(a), _checked(b)) for a, b in (fitted, validated)]
    if any(a.shape[1] != b.shape[1] for a, b in sides):
        raise ValueError("both networks must have the same images")
    if any(len(fit) != len(valid) for fit, valid in zip(*sides, strict=True)):
        raise ValueError("each network must have the same seeds on both sets of images")
    if min(len(x) for x in sides[0]) == 1:
        return minus(*(seeds_difference(a, b) for a, b in sides))
    gaps = [fit.mean(axis=1) - valid.mean(axis=1) for fit, valid in zip(*sides, strict=True)]
    images = []
    for a, b in sides:
        # The two images of `paired_difference`, so that networks that never differ have a width.
        d = np.append(b.mean(axis=0) - a.mean(axis=0), (-1.0, 1.0))
        images.append(float(d.var(ddof=1)) / d.size)
    parts = [
        (
            float(of_network.var(ddof=1)) / of_network.size,
            of_network.size - 1,
            sum(_part(x[i], of_network.size)[2] for x in sides),
        )
        for i, of_network in enumerate(gaps)
    ]
    error, freedom = _error(images, min(a.shape[1] for a, _ in sides) - 1, parts)
    return _student(float(gaps[1].mean() - gaps[0].mean()), error, freedom)


def seeds_paired(a: ArrayLike, b: ArrayLike, least: float = 0.0) -> Estimate:
    """Mean of b minus a over seeds, each seed's pair together; no interval below three seeds.

    Args:
        a: one value a seed, (seeds,).
        b: the same of the other side, the same seeds.
        least: the smallest standard deviation that is believed, see `student_mean`.

    Raises:
        ValueError: they are not as many, there is none, or one is NaN or infinite.
    """
    x, y = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape or not x.size or not np.isfinite([x, y]).all():
        raise ValueError(
            f"the values have the shapes {x.shape} and {y.shape}; they must be (seeds,) both, "
            "and all finite"
        )
    if x.size < FEWEST_SEEDS:
        return Estimate(float((y - x).mean()), float("nan"), float("nan"))
    return student_mean(y - x, least)


def _part(runs: NDArray[np.float64], seeds: int) -> Part:
    """Of the variance of a mean over so many seeds like these."""
    n, means = runs.shape[1], runs.mean(axis=1, keepdims=True)
    rest = runs - means - runs.mean(axis=0) + runs.mean()
    interaction = float((rest**2).sum()) / ((len(runs) - 1) * (n - 1)) / n
    return float(means.var(ddof=1)) / seeds, len(runs) - 1, interaction / seeds


def _error(of_images: list[float], freedom: float, parts: list[Part]) -> tuple[float, float]:
    """Standard error of a two-way layout, and its degrees of freedom.

    What seeds add beyond images has a t of its own (Howe 1974, Journal of the American Statistical
    Association 69, 789-794); the degrees of freedom are those of one t that comes to the same.
    Satterthwaite's would be most where the variance of three seeds is by chance too small.
    """
    of_seeds, images = sum(part[0] for part in parts), sum(of_images)
    # Both hold the interaction of seeds and images, which must count once.
    both = sum(part[2] for part in parts)
    total = max(of_seeds + images - both, of_seeds, images)
    if total == 0:
        return 0.0, freedom
    alone = max(of_seeds - both, 0.0)
    squared = student.ppf(0.5 + LEVEL / 2, freedom) ** 2 * (total - alone)
    if alone:
        below = sum(part[0] ** 2 / part[1] for part in parts)
        squared += student.ppf(0.5 + LEVEL / 2, of_seeds**2 / below) ** 2 * alone
    return float(np.sqrt(total)), float(stdtridf(0.5 + LEVEL / 2, np.sqrt(squared / total)))


def _student(value: float, error: float, freedom: float) -> Estimate:
    half = float(student.ppf(0.5 + LEVEL / 2, freedom)) * error
    return Estimate(value, value - half, value + half, freedom)


def _checked(runs: ArrayLike) -> NDArray[np.float64]:
    x = np.asarray(runs, dtype=np.float64)
    if x.ndim != 2 or not x.size or not np.isfinite(x).all():
        raise ValueError(
            f"the runs have the shape {x.shape}; they must be (seeds, N), not empty, all finite"
        )
    return x
