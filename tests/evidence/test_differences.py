"""Comparisons of two networks, against statsmodels, by hand, and by simulated coverage."""

import sys

import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar

from helpers import evidence
from helpers.evidence import (
    curves,
    differences,
    mcnemar,
    metrics,
    paired_difference,
    seeds_difference,
    spread,
)


def pair(both, only_a, only_b, neither):
    """Two runs with so many images right in both, in one alone, and in neither."""
    counts = (both, only_a, only_b, neither)
    return np.repeat([True, True, False, False], counts), np.repeat([1, 0, 1, 0], counts) == 1


def made_up_runs(rng, images, seeds, means, spread_of_seeds):
    """Right or wrong by a threshold: images share a difficulty, seeds differ, and both at once."""
    shared = rng.normal(size=images)
    runs = []
    for mean in means:
        difficulty = 0.9 * shared + np.sqrt(1 - 0.9**2) * rng.normal(size=images)
        seed = spread_of_seeds * rng.normal(size=(seeds, 1))
        runs.append(mean + difficulty + seed + 0.6 * rng.normal(size=(seeds, images)) > 0)
    expected = [norm.cdf(mean / np.sqrt(1 + 0.6**2 + spread_of_seeds**2)) for mean in means]
    return *runs, expected[1] - expected[0]


def test_everything_can_be_had_from_evidence():
    assert evidence.diagnose is curves.diagnose
    assert evidence.clinical is metrics.clinical
    assert all(hasattr(evidence, name) for name in evidence.__all__)


def test_spread_is_mean_and_sample_deviation():
    assert spread([0.8, 0.9, 1.0]) == pytest.approx((0.9, 0.1))
    mean, sd = spread([0.8])
    assert mean == 0.8
    assert np.isnan(sd)


@pytest.mark.parametrize("counts", [(150, 5, 15, 30), (90, 0, 6, 0), (10, 8, 8, 10), (0, 1, 0, 0)])
def test_mcnemar_is_the_exact_test_of_statsmodels(counts):
    both, only_a, only_b, neither = counts
    table = [[both, only_a], [only_b, neither]]
    expected = reference_mcnemar(table, exact=True).pvalue
    assert mcnemar(*pair(*counts)) == pytest.approx(expected, rel=1e-9)


def test_networks_that_never_differ_have_a_p_of_one():
    assert mcnemar(*pair(80, 0, 0, 20)) == 1.0
    assert mcnemar(*pair(80, 0, 6, 14)) == pytest.approx(2 / 2**6)  # six heads in a row, by hand


def test_a_paired_difference_is_b_minus_a_with_bonett_and_prices_interval():
    estimate = paired_difference(*pair(150, 5, 15, 30))
    # 16/202 and 6/202; their difference 0.049505, its error sqrt((22/202 - 0.049505^2) / 202)
    assert estimate.value == pytest.approx(0.05)
    assert (estimate.low, estimate.high) == pytest.approx((0.0045098, 0.0945001), abs=1e-6)


def test_networks_that_never_differ_are_not_surely_equal():
    estimate = paired_difference(*pair(96, 0, 0, 0))
    assert estimate.value == 0
    assert estimate.high == -estimate.low == pytest.approx(1.959964 * np.sqrt(2) / 98)


def test_a_paired_difference_stays_within_one():
    estimate = paired_difference([False, False], [True, True])
    assert (estimate.value, estimate.high) == (1.0, 1.0)


@pytest.mark.parametrize(("gains", "losses"), [(0.10, 0.05), (0.02, 0.02), (0.2, 0.0)])
def test_the_paired_interval_covers_the_true_difference(gains, losses):
    rng, hits = np.random.default_rng(0), 0
    for _ in range(400):
        u = rng.random(96)
        a, b = u >= 1 - 0.7, (u >= 0.3 + losses) | (u < gains)
        estimate = paired_difference(a, b)
        hits += estimate.low <= gains - losses <= estimate.high
    assert hits / 400 >= 0.93


def test_one_seed_each_is_the_paired_difference():
    a, b = pair(150, 5, 15, 30)
    assert seeds_difference([a], [b]) == paired_difference(a, b)


def test_without_a_spread_over_seeds_more_seeds_change_next_to_nothing():
    a, b = pair(150, 5, 15, 30)
    one, five = paired_difference(a, b), seeds_difference([a] * 5, [b] * 5)
    assert five.value == pytest.approx(one.value)
    assert (five.low, five.high) == pytest.approx((one.low, one.high), abs=0.006)


def test_the_spread_over_seeds_widens_the_interval():
    rng = np.random.default_rng(1)
    steady = rng.random((5, 200)) < 0.8
    shaky = rng.random((5, 200)) < np.array([[0.6], [0.7], [0.8], [0.9], [1.0]])
    narrow, wide = seeds_difference(steady, steady), seeds_difference(steady, shaky)
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)
    # A deviation of 0.158 over five seeds; t of nearly four degrees of freedom times its error.
    assert wide.high - wide.low == pytest.approx(2 * 2.7 * 0.158 / np.sqrt(5), rel=0.15)


def test_the_error_counts_seeds_images_and_their_interaction_once_each():
    rng, found = np.random.default_rng(6), []
    seeds, images = 3, 48
    for _ in range(1000):
        a, b = (
            rng.normal(0, np.sqrt(seeds), (seeds, 1))
            + rng.normal(0, np.sqrt(images), images)
            + rng.normal(0, np.sqrt(seeds * images), (seeds, images))
            for _ in range(2)
        )
        found.append(differences._error_of_seeds(a, b)[0] ** 2)
    # Each of the three adds a variance of one to each of the two means.
    assert np.mean(found) == pytest.approx(6, rel=0.08)


def test_the_interval_leans_to_where_the_resampled_differences_do():
    a = np.ones((5, 96))
    a[:, :8] = 0
    for seed in range(5):
        a[seed, 10 + seed : 10 + 2 * seed] = 0
    estimate = seeds_difference(a, np.ones((5, 96)), resamples=20_000)
    centre = estimate.value * 96 / 98
    assert estimate.high - centre > 1.05 * (centre - estimate.low)


def test_swapping_the_sides_turns_the_sign():
    a, b, _ = made_up_runs(np.random.default_rng(2), 200, 3, (1.0, 1.6), 0.1)
    there, back = seeds_difference(a, b[:2]), seeds_difference(b[:2], a)
    assert there.value == pytest.approx(-back.value) == pytest.approx(b[:2].mean() - a.mean())
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=0.01)


def test_networks_all_right_are_not_surely_equal():
    estimate = seeds_difference(np.ones((5, 96)), np.ones((5, 96)))
    assert estimate.value == 0
    assert -0.04 < estimate.low < -0.02 < 0.02 < estimate.high < 0.04


def test_a_side_with_one_seed_takes_the_other_sides_spread():
    rng = np.random.default_rng(1)
    lone = rng.random((1, 200)) < 0.8
    shaky = rng.random((5, 200)) < np.array([[0.6], [0.7], [0.8], [0.9], [1.0]])
    estimate = seeds_difference(lone, shaky)
    expected = 2 * 2.7 * 0.158 * np.sqrt(1 + 1 / 5)
    assert estimate.high - estimate.low == pytest.approx(expected, rel=0.15)


def test_the_interval_is_the_same_each_time():
    a, b, _ = made_up_runs(np.random.default_rng(4), 200, 5, (1.2, 1.5), 0.1)
    first = seeds_difference(a, b)
    assert seeds_difference(a, b) == first
    assert seeds_difference(a, b, seed=1) != first


def test_the_interval_is_fast_since_all_is_resampled_at_once():
    """Python calls as many functions for many resamples, images and seeds as for few."""

    def calls(resamples, images, seeds):
        a, b, _ = made_up_runs(np.random.default_rng(4), images, seeds, (1.2, 1.5), 0.1)
        counted = []
        before = sys.getprofile()
        sys.setprofile(lambda _, event, what: counted.append(event) if "call" in event else None)
        seeds_difference(a, b, resamples=resamples)
        sys.setprofile(before)
        return len(counted)

    calls(100, 20, 2)  # what is done once in a process
    assert calls(2000, 200, 5) == calls(100, 20, 2) < 2000


@pytest.mark.parametrize(("seeds", "spread_of_seeds"), [(2, 0.3), (3, 0.1), (5, 0.02), (5, 0.3)])
def test_the_seeds_interval_covers_the_true_difference(seeds, spread_of_seeds):
    rng, hits = np.random.default_rng(5), 0
    for _ in range(150):
        a, b, true = made_up_runs(rng, 96, seeds, (1.2, 1.5), spread_of_seeds)
        estimate = seeds_difference(a, b, resamples=200)
        hits += estimate.low <= true <= estimate.high
    assert hits / 150 >= 0.91


@pytest.mark.parametrize("compare", [mcnemar, paired_difference])
@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ([True], [True, False], "shapes"),
        ([], [], "not empty"),
        ([[True, False]], [[True, False]], r"\(N,\)"),
        ([0, 2], [0, 1], "right"),
        ([0.2, 0.9], [0, 1], "right"),
    ],
)
def test_what_is_not_a_pair_of_runs_is_an_error(compare, a, b, message):
    with pytest.raises(ValueError, match=message):
        compare(a, b)


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (np.ones((2, 5)), np.ones((2, 6)), "same N images"),
        (np.ones(5), np.ones(5), r"\(seeds, N\)"),
        (np.ones((0, 5)), np.ones((2, 5)), "not empty"),
        (np.full((2, 5), np.nan), np.ones((2, 5)), "right"),
    ],
)
def test_what_is_not_runs_of_seeds_is_an_error(a, b, message):
    with pytest.raises(ValueError, match=message):
        seeds_difference(a, b)


def test_too_few_resamples_and_no_values_are_errors():
    with pytest.raises(ValueError, match="resamples is 10"):
        seeds_difference(np.ones((2, 5)), np.ones((2, 5)), resamples=10)
    for values in ([], [0.8, float("nan")]):
        with pytest.raises(ValueError, match="finite"):
            spread(values)


def test_minus_is_newcombes_interval_for_two_shares():
    # Newcombe (1998, Statistics in Medicine 17, 873-890), table II, method 10, example (a)
    difference = evidence.minus(evidence.proportion(56, 70), evidence.proportion(48, 80))
    assert f"{difference:.4f}" == "0.2000 [0.0524, 0.3339]"


def test_minus_takes_each_end_from_the_halves_that_point_its_way():
    x, y = evidence.Estimate(0.5, 0.2, 0.54), evidence.Estimate(0.1, 0.07, 0.5)
    difference = evidence.minus(x, y)
    assert difference.value == pytest.approx(0.4)
    assert difference.low == pytest.approx(0.4 - 0.5)
    assert difference.high == pytest.approx(0.4 + 0.05)


def test_the_mean_of_figures_has_students_interval():
    from statsmodels.stats.weightstats import DescrStatsW

    x = np.random.default_rng(0).normal(3, 2, 30)
    found = evidence.mean([*x, np.nan])
    assert found.value == pytest.approx(x.mean())
    assert (found.low, found.high) == pytest.approx(DescrStatsW(x).tconfint_mean())


def test_the_mean_of_hits_has_wilsons_interval():
    assert evidence.mean([1, 1, 1, np.nan]) == evidence.proportion(3, 3)


def test_a_difference_of_figures_is_paired():
    a = np.random.default_rng(0).normal(size=40)
    found = evidence.mean_difference(a, a + 0.1)
    assert (found.low, found.high) == pytest.approx((0.1, 0.1))
    one, other = [1, 0, 1, 1], [0, 0, 1, 0]
    assert evidence.mean_difference(one, other) == evidence.paired_difference(one, other)
    gone = evidence.mean_difference([1, np.nan, 0, 1, 1], [0, 1, 0, 1, 0])
    assert gone == evidence.paired_difference(one, other)


def test_no_figures_have_no_mean():
    assert np.isnan(evidence.mean([np.nan]).value)
    one = evidence.mean([0.4])
    assert one.value == 0.4 and np.isnan(one.low)
    with pytest.raises(ValueError, match="they must pair"):
        evidence.mean_difference([1, 2], [1])
    with pytest.raises(ValueError, match="all finite"):
        evidence.mean([np.inf])
