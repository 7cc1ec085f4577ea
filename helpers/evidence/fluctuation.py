"""How much a learning curve jumps from one epoch to the next."""

import numpy as np
from numpy.typing import ArrayLike

from helpers.evidence.curves import checked_series


def fluctuation(values: ArrayLike) -> float:
    """The standard deviation of the change from one epoch to the next, in the values' unit.

    A steady trend does not count. NaN with fewer than three epochs, which cannot show it.

    Raises:
        ValueError: there are no values, or one is NaN or infinite.
    """
    changes = np.diff(checked_series("values", values))
    return float(changes.std(ddof=1)) if changes.size > 1 else float("nan")
