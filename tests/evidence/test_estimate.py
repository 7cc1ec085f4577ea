"""A value with its interval: how it reads, which side it lies on, and the p that goes with it."""

from math import inf, isnan, log, nan

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from helpers.evidence import Estimate, mean, minus, proportion, seeds_difference


def test_it_reads_as_a_value_and_its_interval():
    assert str(Estimate(0.825, 0.7663, 0.8716)) == "0.825 [0.766, 0.872]"
    assert f"{Estimate(0.025, -0.031, 0.08):+.1%}" == "+2.5% [-3.1%, +8.0%]"


def test_points_are_hundredths():
    assert f"{Estimate(0.025, -0.031, 0.08).points:+.1f}" == "+2.5 [-3.1, +8.0]"


def test_exp_is_the_ratio_of_a_logarithm():
    ratio = Estimate(log(2), log(1.5), log(3), 4).exp
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((2, 1.5, 3))
    assert ratio.freedom == 4


def test_the_side_is_where_the_whole_interval_lies():
    estimate = Estimate(0.3, 0.1, 0.5)
    assert [estimate.side(of) for of in (0, 0.1, 0.3, 0.5, 0.6)] == [1, 0, 0, 0, -1]


@pytest.mark.parametrize("value", [0.4, nan])
def test_without_an_interval_nothing_is_decided_and_no_brackets_are_printed(value):
    lone = Estimate(value, nan, nan)
    assert (lone.side(), lone.p(), str(lone)) == (0, 1, f"{value:.3f}")
    assert f"{lone.points:+.1f}" == ("+nan" if isnan(value) else "+40.0")
    assert str(Estimate(log(2), nan, nan).exp) == "2.000"


@pytest.mark.parametrize("n", [2, 3, 5, 30])
def test_p_is_that_of_students_test(n):
    x = np.random.default_rng(n).normal(0.5, 1, n)
    for of in (0.0, 0.4, 2.0):
        assert mean(x).p(of) == pytest.approx(ttest_1samp(x, of).pvalue)


@pytest.mark.parametrize("n", [2, 3, 5, 10])
def test_p_is_below_5_percent_exactly_where_the_interval_leaves_a_value_out(n):
    rng, told = np.random.default_rng(n), []
    for _ in range(200):
        estimate = mean(rng.normal(1, 1, n))
        assert (estimate.p() < 0.05) == (estimate.side() != 0)
        assert (estimate.p(2.5) < 0.05) == (estimate.side(2.5) != 0)
        told.append(estimate.side() != 0)
    assert 0 < sum(told) < 200


def test_p_goes_with_an_interval_of_unequal_halves():
    joined = minus(proportion(60, 60), proportion(51, 60))
    assert joined.freedom == inf
    for of in np.linspace(joined.low - 0.05, joined.high + 0.05, 50):
        assert (joined.p(of) < 0.05) == (joined.side(of) != 0)
    right = np.random.default_rng(0).random((2, 3, 40)) < 0.8
    drawn = seeds_difference(*right)
    for of in np.linspace(drawn.low - 0.05, drawn.high + 0.05, 50):
        assert (drawn.p(of) < 0.05) == (drawn.side(of) != 0)


def test_p_is_one_at_the_value_itself_and_falls_away_from_it():
    estimate = Estimate(0.3, 0.1, 0.5, 4)
    p = [estimate.p(of) for of in (0.3, 0.2, 0.1, 0.0, -1.0)]
    assert p[0] == 1 and p[2] == pytest.approx(0.05)
    assert p == sorted(p, reverse=True)


def test_a_value_without_spread_is_sure():
    assert Estimate(0.3, 0.3, 0.3, 2).p() == 0
    assert Estimate(0.3, 0.3, 0.3, 2).p(0.3) == 1


def test_the_same_distance_says_less_with_fewer_degrees_of_freedom():
    few, more, all_of_them = (Estimate(1, 0, 2, freedom).p(-1) for freedom in (2, 4, inf))
    assert few > 0.01 > more > all_of_them
