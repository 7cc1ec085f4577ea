"""Shares over seeds and images: of all answers, and of some of them."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from helpers.evidence.estimate import Estimate
from helpers.evidence.metrics import proportion
from helpers.evidence.seeds import seeds_mean


def seeds_share(hits: ArrayLike) -> Estimate:
    """The share of hits, for new seeds and new images alike; Wilson's interval for one seed.

    With one image hit and one missed more, so that a share of 0 or 1 has a width.

    Args:
        hits: for each seed 0 or 1 an image, (seeds, N).

    Raises:
        ValueError: there is no value, or one is neither 0 nor 1.
    """
    x = np.asarray(hits, dtype=np.float64)
    if x.ndim != 2 or not x.size or not np.isin(x, (0, 1)).all():
        raise ValueError(f"the hits have the shape {x.shape}; they must be 0 or 1, (seeds, N)")
    if len(x) == 1:
        return proportion(int(x.sum()), x.size)
    wide = seeds_mean(np.hstack([x, np.ones((len(x), 1)), np.zeros((len(x), 1))]))
    value = float(x.mean())
    return replace(
        wide, value=value, low=max(min(wide.low, value), 0.0), high=min(max(wide.high, value), 1.0)
    )


def seeds_ratio(hits: ArrayLike, among: ArrayLike) -> Estimate:
    """The share of hits among some of the answers, for new seeds and images; NaN among none.

    The ratio of two means, linearised (Cochran 1977, Sampling Techniques, section 6.2).

    Args:
        hits: for each seed 0 or 1 an image, (seeds, N), 1 only where `among` is 1.
        among: the same shape, 1 for the answers that count.

    Raises:
        ValueError: the shapes differ, or there is a hit that does not count.
    """
    x, of = (np.asarray(values, dtype=np.float64) for values in (hits, among))
    if x.shape != of.shape or (x > of).any():
        raise ValueError("hits and what they are among must have one shape, and hits count")
    if not of.any():
        return Estimate(float("nan"), float("nan"), float("nan"))
    ratio = float(x.sum() / of.sum())
    spread = seeds_mean((x - ratio * of) / of.mean())
    low, high = max(ratio + spread.low, 0.0), min(ratio + spread.high, 1.0)
    return replace(spread, value=ratio, low=low, high=high)
