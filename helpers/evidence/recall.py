"""How well each class is found: recalls and balanced accuracy, with 95 % intervals."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from helpers.evidence.estimate import Estimate
from helpers.evidence.metrics import correct, proportion


def recalls(labels: ArrayLike, probabilities: ArrayLike) -> tuple[Estimate, ...]:
    """Of each class, the share of its images that are predicted to be of it; Wilson intervals.

    No class is called positive. If one of two is, its recall is the sensitivity and that of the
    other one the specificity, see `metrics.clinical`.

    Args:
        labels: class indices, (N,), every class among them.
        probabilities: (N,), (N, 1) or (N, C).

    Returns:
        One estimate for each class, in the order of their indices.

    Raises:
        ValueError: as `metrics.correct`, or a class has no image.
    """
    hits, y = correct(labels, probabilities), np.asarray(labels, np.int64)
    classes = max(2, np.size(probabilities) // y.size)
    images, found = (np.bincount(of, minlength=classes) for of in (y, y[hits]))
    if not images.all():
        raise ValueError(f"class {images.argmin()} has no image, so it has no recall")
    return tuple(proportion(k, n) for k, n in zip(found.tolist(), images.tolist(), strict=True))


def balanced_accuracy(recalls: Sequence[Estimate]) -> Estimate:
    """The mean of the classes' recalls, in which a rare class counts as much as a common one.

    The interval is that of Zou, Huang and Zhang (2009, Computational Statistics & Data Analysis
    53, 1080-1085) for a linear function of independent proportions: each end takes the halves of
    the recalls' intervals that point its way. `differences.minus` does the same for two.

    Args:
        recalls: as `recalls` gives them.
    """
    values, lows, highs = np.array([(r.value, r.low, r.high) for r in recalls]).T
    centre = float(values.mean())
    below, above = (np.linalg.norm(half) / len(values) for half in (values - lows, highs - values))
    return Estimate(centre, float(centre - below), float(centre + above))
