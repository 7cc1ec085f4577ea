"""Two trained networks on the same images, against statsmodels, by hand, and by simulation."""

import numpy as np
import pytest

from helpers import evidence
from helpers.evidence import holm, mcnemar, mean, mean_difference, minus, proportion
from helpers.evidence.differences import paired_difference, student_mean


def pair(both, only_a, only_b, neither):
    """Two runs with so many images right in both, in one alone, and in neither."""
    counts = (both, only_a, only_b, neither)
    return np.repeat([True, True, False, False], counts), np.repeat([1, 0, 1, 0], counts) == 1


def test_everything_can_be_had_from_evidence():
    assert all(hasattr(evidence, name) for name in evidence.__all__)


@pytest.mark.parametrize("counts", [(150, 5, 15, 30), (90, 0, 6, 0), (10, 8, 8, 10), (0, 1, 0, 0)])
def test_mcnemar_is_the_exact_test_of_statsmodels(counts):
    from statsmodels.stats.contingency_tables import mcnemar as reference

    both, only_a, only_b, neither = counts
    table = [[both, only_a], [only_b, neither]]
    expected = reference(table, exact=True).pvalue
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


def test_minus_is_newcombes_interval_for_two_shares():
    # Newcombe (1998, Statistics in Medicine 17, 873-890), table II, method 10, example (a)
    difference = minus(proportion(56, 70), proportion(48, 80))
    assert f"{difference:.4f}" == "0.2000 [0.0524, 0.3339]"


def test_minus_takes_each_end_from_the_halves_that_point_its_way():
    x, y = evidence.Estimate(0.5, 0.2, 0.54), evidence.Estimate(0.1, 0.07, 0.5)
    difference = minus(x, y)
    assert difference.value == pytest.approx(0.4)
    assert difference.low == pytest.approx(0.4 - 0.5)
    assert difference.high == pytest.approx(0.4 + 0.05)


def test_minus_has_no_more_degrees_of_freedom_than_either():
    x, y = evidence.Estimate(0.5, 0.4, 0.6, 4), evidence.Estimate(0.1, 0.0, 0.2)
    assert minus(x, y).freedom == minus(y, x).freedom == 4


def test_the_mean_of_figures_has_students_interval():
    from statsmodels.stats.weightstats import DescrStatsW

    x = np.random.default_rng(0).normal(3, 2, 30)
    found = mean([*x, np.nan])
    assert found.value == pytest.approx(x.mean())
    assert (found.low, found.high) == pytest.approx(DescrStatsW(x).tconfint_mean())


def test_a_spread_smaller_than_a_grid_allows_is_not_believed():
    x = np.array([3.0, 3.0, 3.0])
    assert student_mean(x).high == 3
    # t of two degrees of freedom is 4.303; by hand
    assert student_mean(x, least=0.5).high == pytest.approx(3 + 4.303 * 0.5 / 3**0.5, abs=1e-3)
    wide = np.array([1.0, 3.0, 5.0])
    assert student_mean(wide, least=0.5) == student_mean(wide)


def test_the_mean_of_hits_has_wilsons_interval():
    assert mean([1, 1, 1, np.nan]) == proportion(3, 3)


def test_a_difference_of_figures_is_paired():
    a = np.random.default_rng(0).normal(size=40)
    found = mean_difference(a, a + 0.1)
    assert (found.low, found.high) == pytest.approx((0.1, 0.1))
    one, other = [1, 0, 1, 1], [0, 0, 1, 0]
    assert mean_difference(one, other) == paired_difference(one, other)
    gone = mean_difference([1, np.nan, 0, 1, 1], [0, 1, 0, 1, 0])
    assert gone == paired_difference(one, other)


def test_no_figures_have_no_mean():
    assert np.isnan(mean([np.nan]).value)
    one = mean([0.4])
    assert one.value == 0.4 and np.isnan(one.low)
    with pytest.raises(ValueError, match="they must pair"):
        mean_difference([1, 2], [1])
    with pytest.raises(ValueError, match="all finite"):
        mean([np.inf])


def test_holms_steps_by_hand():
    # 0.01 counts four times, 0.03 three times, 0.04 as much as the one before it
    assert holm([0.01, 0.04, 0.03, 0.9]) == pytest.approx([0.04, 0.09, 0.09, 0.9])
    assert holm([0.03]) == [0.03]
    assert holm([]) == []


def test_holm_is_that_of_statsmodels_in_the_order_given():
    from statsmodels.stats.multitest import multipletests

    for n in (2, 5, 20):
        p = np.random.default_rng(n).random(n) ** 3
        assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


def test_holm_keeps_the_ranks_and_never_lowers_a_p():
    p = np.random.default_rng(0).random(30)
    corrected = np.array(holm(p))
    assert (corrected >= p).all() and (corrected <= 1).all()
    assert (np.diff(corrected[np.argsort(p)]) >= 0).all()


def test_equal_ps_stay_equal():
    assert holm([0.02, 0.5, 0.02]) == pytest.approx([0.06, 0.5, 0.06])
    assert holm([1.0, 1.0]) == [1.0, 1.0]


def test_holm_is_wrong_about_a_family_without_differences_in_one_of_twenty():
    rng = np.random.default_rng(1)
    wrong = sum(min(holm(rng.random(6))) < 0.05 for _ in range(1000))
    assert 30 < wrong < 70
