"""Two sides of one and the same experiment, made of published records, are not told apart."""

import numpy as np
import pytest

from benchmarks.null_pairs import KINDS, SIZES, deciding, load, told_apart
from helpers import settings

PUBLISHED = settings.ROOT / "report" / "published" / "records" / "quick"
SPLITS = 8  # of each run, and each size of a group


@pytest.fixture(scope="module")
def recorded():
    """The seeds of each run, and those that decide."""
    return [(runs, deciding(runs)) for runs in load(PUBLISHED).values()]


@pytest.mark.parametrize("kind", KINDS)
def test_an_experiment_differs_from_itself_in_one_of_twenty_pairs_at_most(kind, recorded):
    shares = []
    for runs, used in recorded:
        pairs = [told_apart(KINDS[kind], runs, used, size, SPLITS) for size in SIZES]
        if any(pairs):
            shares.append(np.mean([*pairs[0], *pairs[1]]))
    assert len(shares) >= 5
    # An interval over seeds alone errs in just that many, with the seeds of some runs in more and
    # of others in fewer: too many are those beyond what runs vary by, two standard errors.
    error = np.std(shares, ddof=1) / np.sqrt(len(shares))
    assert np.mean(shares) <= 0.05 + 2 * error
