"""What makes the tests of this folder fast."""

import functools

import pytest

from helpers import evidence


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    """Two hundred resamples in place of two thousand, which change an interval by little."""
    few = functools.partial(evidence.seeds_difference, resamples=200)
    monkeypatch.setattr(evidence, "seeds_difference", few)
