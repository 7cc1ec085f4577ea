"""How much a learning curve jumps from one epoch to the next, and how that compares."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

from helpers.evidence.estimate import LEVEL, Estimate

DEPENDENT = 2.0  # changes share an epoch's noise with their neighbour and count for half


def fluctuation(values: ArrayLike) -> float:
    """The standard deviation of the change from one epoch to the next, in the values' unit.

    A steady trend does not count. NaN with fewer than three epochs, which cannot show it.

    Raises:
        ValueError: there are no values, or one is NaN or infinite.
    """
    (changes,) = _changes(np.asarray(values, dtype=np.float64)[np.newaxis])
    return float(changes.std(ddof=1)) if changes.size > 1 else float("nan")


def fluctuation_ratio(a: ArrayLike, b: ArrayLike) -> Estimate:
    """How many times as much b fluctuates as a, for other trainings like these.

    Over several seeds each: Welch's (1947) interval of the difference of the logarithms. With one
    each: from the epochs alone, the variance of a logarithmic standard deviation being that of
    Bonett (2006, Computational Statistics & Data Analysis 50, 775-782), with the kurtosis of the
    changes. Coverage measured on made-up curves of 8 to 80 epochs: 94 % to 97 % over seeds, and
    with one each 98 % or more for normal noise, 93 % to 96 % where outliers are many.

    Args:
        a: the curve of one training, (epochs,), or of its seeds, (seeds, epochs).
        b: the same of another; seeds and epochs may be other in number.

    Returns:
        The ratio (geometric mean over seeds) and its 95 % interval; all NaN where a curve has
        fewer than three epochs or does not change.

    Raises:
        ValueError: there are no values, one is NaN or infinite, or only one of the two has seeds.
    """
    changes = [_changes(np.atleast_2d(np.asarray(x, dtype=np.float64))) for x in (a, b)]
    seeds = [len(of_seeds) for of_seeds in changes]
    if min(seeds) == 1 < max(seeds):
        raise ValueError(f"{seeds[0]} and {seeds[1]} seeds; both must be one, or several")
    if min(x.shape[1] for x in changes) < 2 or any((x.std(axis=1) == 0).any() for x in changes):
        return Estimate(*[float("nan")] * 3)
    logs = [np.log(x.std(axis=1, ddof=1)) for x in changes]
    if max(seeds) == 1:
        scaled = np.concatenate([(x[0] - x.mean()) / x.std() for x in changes])
        heavy = max(2.0, float((scaled**4).mean()) - 1)  # 2 for normal noise
        parts = [(DEPENDENT * heavy / 4 / (x.size - 1), (x.size - 1) / DEPENDENT) for x in changes]
        freedom = sum(df for _, df in parts)
    else:
        parts = [(float(x.var(ddof=1)) / len(x), len(x) - 1) for x in logs]
        freedom = sum(v for v, _ in parts) ** 2 / sum(v**2 / df for v, df in parts)
    centre = logs[1].mean() - logs[0].mean()
    half = student.ppf(0.5 + LEVEL / 2, freedom) * np.sqrt(sum(v for v, _ in parts))
    return Estimate(*(float(np.exp(x)) for x in (centre, centre - half, centre + half)))


def _changes(curves: NDArray[np.float64]) -> NDArray[np.float64]:
    """From epoch to epoch, (seeds, epochs - 1)."""
    if curves.ndim != 2 or curves.size == 0:
        raise ValueError(f"the values have the shape {curves.shape}; there must be one an epoch")
    if not np.isfinite(curves).all():
        raise ValueError("a value of the curve is NaN or infinite; training went wrong there")
    return np.diff(curves, axis=1)
