"""Shares over seeds and images."""

import numpy as np
import pytest

from helpers.evidence import proportion, seeds_mean, seeds_ratio, seeds_share


def test_a_share_of_one_seed_is_a_proportion():
    hits = np.repeat([1.0, 0.0], [30, 10])[np.newaxis]
    assert seeds_share(hits) == proportion(30, 40)


def test_a_share_of_all_or_none_has_a_width():
    for value in (0.0, 1.0):
        share = seeds_share(np.full((3, 50), value))
        assert share.value == value and 0.01 < share.high - share.low < 0.15
        assert share.low >= 0 and share.high <= 1


def test_a_share_is_wider_where_seeds_differ():
    alike = np.tile(np.repeat([1.0, 0.0], 50), (4, 1))
    apart = np.array([[1.0] * round(100 * p) + [0.0] * round(100 - 100 * p) for p in
                      (0.2, 0.4, 0.6, 0.8)])  # fmt: skip
    one, other = seeds_share(alike), seeds_share(apart)
    assert one.value == other.value == 0.5
    assert other.high - other.low > 2 * (one.high - one.low)


@pytest.mark.parametrize("bad", [np.array([0.0, 1.0]), np.array([[0.5, 1.0]]), np.zeros((0, 3))])
def test_hits_are_0_or_1_for_each_seed(bad):
    with pytest.raises(ValueError, match="they must be 0 or 1"):
        seeds_share(bad)


def test_a_ratio_counts_only_what_it_is_among():
    rng = np.random.default_rng(0)
    among = (rng.random((3, 200)) < 0.5).astype(float)
    hits = among * (rng.random((3, 200)) < 0.25)
    ratio = seeds_ratio(hits, among)
    assert ratio.value == hits.sum() / among.sum()
    assert ratio.low < 0.25 < ratio.high
    everything = seeds_ratio(hits, np.ones_like(hits))
    mean = seeds_mean(hits)
    np.testing.assert_allclose(
        (everything.value, everything.low, everything.high), (mean.value, mean.low, mean.high)
    )


def test_a_ratio_covers_the_truth():
    rng, inside = np.random.default_rng(1), 0
    for _ in range(300):
        level = np.clip(0.6 + 0.1 * rng.standard_normal((5, 1)), 0, 1)
        among = (rng.random((5, 80)) < 0.8).astype(float)
        ratio = seeds_ratio(among * (rng.random((5, 80)) < level), among)
        inside += ratio.low <= 0.6 <= ratio.high
    assert 0.91 < inside / 300 < 0.99


def test_a_ratio_among_nothing_is_nan_and_a_hit_must_count():
    assert np.isnan(seeds_ratio(np.zeros((2, 3)), np.zeros((2, 3))).value)
    with pytest.raises(ValueError, match="hits count"):
        seeds_ratio(np.ones((2, 3)), np.zeros((2, 3)))
