"""A value with its 95 % interval, and what the interval says of another value."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from scipy.stats import norm
from scipy.stats import t as student

LEVEL = 0.95
Z = float(norm.ppf(0.5 + LEVEL / 2))


@dataclass(frozen=True)
class Estimate:
    """A value with the two ends of its 95 % interval; NaN where there is no interval.

    `str(estimate)` reads `0.825 [0.766, 0.872]`; a format is applied to each of the three, so
    `f"{estimate:+.1%}"` reads `+2.5% [-3.1%, +8.0%]`.
    """

    value: float
    low: float
    high: float
    freedom: float = math.inf  # degrees of freedom of the Student's t that the interval is made of

    @property
    def points(self) -> Estimate:
        """A share, or a difference of shares, in hundredths."""
        return replace(self, value=100 * self.value, low=100 * self.low, high=100 * self.high)

    @property
    def exp(self) -> Estimate:
        """Of the logarithm of a ratio, the ratio."""
        value, low, high = (math.exp(end) for end in (self.value, self.low, self.high))
        return replace(self, value=value, low=low, high=high)

    def side(self, of: float = 0.0) -> int:
        """Where the interval lies: above `of` (1), below (-1), or on both sides of it (0)."""
        return int(self.low > of) - int(self.high < of)

    def p(self, of: float = 0.0) -> float:
        """Two-sided p of the true value being `of`: below 0.05 where the interval leaves it out.

        1.0 where there is no interval. Where its halves are unequal, the one towards `of` counts.
        """
        half = self.value - self.low if of < self.value else self.high - self.value
        if math.isnan(half) or self.value == of:
            return 1.0
        if half == 0:
            return 0.0
        halves = abs(self.value - of) / half * student.ppf(0.5 + LEVEL / 2, self.freedom)
        return float(2 * student.sf(halves, self.freedom))

    def __format__(self, spec: str) -> str:
        value, low, high = (format(x, spec or ".3f") for x in (self.value, self.low, self.high))
        return value if math.isnan(self.low) else f"{value} [{low}, {high}]"

    def __str__(self) -> str:
        return format(self)
