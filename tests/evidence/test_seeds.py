"""Experiments compared over their seeds: by hand, and by how often an interval holds the truth."""

import sys

import numpy as np
import pytest
from scipy.stats import norm
from scipy.stats import t as student

from helpers.evidence import (
    mean_difference,
    minus,
    proportion,
    seeds_difference,
    seeds_gap,
    seeds_gap_difference,
    seeds_mean,
    seeds_paired,
    spread,
)
from helpers.evidence.differences import paired_difference

NOISE = 0.6  # of an image and a seed together
SHARED = 0.9  # of an image's difficulty, by both networks
SHAKY = np.array([[0.6], [0.7], [0.8], [0.9], [1.0]])  # accuracies, of which the deviation is 0.158


def margins(rng, images, seeds, means, of_seeds):
    """How surely two networks answer: images share a difficulty, seeds differ, and both at once."""
    shared = rng.normal(size=images)
    for mean in means:
        difficulty = SHARED * shared + np.sqrt(1 - SHARED**2) * rng.normal(size=images)
        seed = of_seeds * rng.normal(size=(seeds, 1))
        yield mean + difficulty + seed + NOISE * rng.normal(size=(seeds, images))


def hits(rng, images, seeds, means, of_seeds):
    """Right or wrong of two networks, and the true difference of their accuracies."""
    runs = [margin > 0 for margin in margins(rng, images, seeds, means, of_seeds)]
    a, b = (norm.cdf(mean / np.sqrt(1 + NOISE**2 + of_seeds**2)) for mean in means)
    return *runs, b - a


def losses(rng, images, seeds, means, of_seeds):
    """Losses of two networks, and the true difference of their means."""
    runs = [np.logaddexp(0, -margin) for margin in margins(rng, images, seeds, means, of_seeds)]
    at, weights = np.polynomial.hermite_e.hermegauss(40)
    z = np.sqrt(1 + NOISE**2 + of_seeds**2) * at
    a, b = (weights @ np.logaddexp(0, -mean - z) / weights.sum() for mean in means)
    return *runs, b - a


def covered(draw, count, **settings):
    rng, inside = np.random.default_rng(5), 0
    for _ in range(count):
        a, b, true = draw(rng, **settings)
        estimate = seeds_difference(a, b, resamples=200)
        inside += estimate.low <= true <= estimate.high
    return inside / count


def error_of(estimate):
    """The standard error that the interval is made of."""
    halves = 2 * student.ppf(0.975, estimate.freedom)
    return (estimate.high - estimate.low) / halves


def layout(rng, seeds, images):
    """Values whose mean has a variance of one by seeds, by images, and by the two together."""
    return (
        rng.normal(0, np.sqrt(seeds), (seeds, 1))
        + rng.normal(0, np.sqrt(images), images)
        + rng.normal(0, np.sqrt(seeds * images), (seeds, images))
    )


def test_spread_is_mean_and_sample_deviation():
    assert spread([0.8, 0.9, 1.0]) == pytest.approx((0.9, 0.1))
    mean, deviation = spread([0.8])
    assert mean == 0.8 and np.isnan(deviation)
    for values in ([], [0.8, float("nan")]):
        with pytest.raises(ValueError, match="finite"):
            spread(values)


def test_one_seed_each_is_the_difference_of_two_trained_networks():
    a, b, _ = hits(np.random.default_rng(0), 96, 1, (1.0, 1.6), 0.1)
    assert seeds_difference(a, b) == paired_difference(a[0], b[0])
    a, b, _ = losses(np.random.default_rng(0), 96, 1, (1.0, 1.6), 0.1)
    assert seeds_difference(a, b) == mean_difference(a[0], b[0])


def test_without_a_spread_over_seeds_more_seeds_change_next_to_nothing():
    a, b, _ = hits(np.random.default_rng(0), 200, 1, (1.0, 1.6), 0.1)
    one, five = paired_difference(a[0], b[0]), seeds_difference(a.repeat(5, 0), b.repeat(5, 0))
    assert five.value == pytest.approx(one.value)
    assert (five.low, five.high) == pytest.approx((one.low, one.high), abs=0.006)


def test_the_interval_of_right_and_wrong_answers_is_the_same_every_time():
    a, b, _ = hits(np.random.default_rng(3), 96, 3, (1.2, 1.5), 0.2)
    assert f"{seeds_difference(a, b):.4f}" == "0.0451 [-0.0381, 0.1334]"


def test_the_spread_over_seeds_widens_the_interval():
    rng = np.random.default_rng(1)
    steady, shaky = rng.random((5, 200)) < 0.8, rng.random((5, 200)) < SHAKY
    narrow, wide = seeds_difference(steady, steady), seeds_difference(steady, shaky)
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)
    # t of nearly four degrees of freedom times the error of five seeds
    assert wide.high - wide.low == pytest.approx(2 * 2.7 * 0.158 / np.sqrt(5), rel=0.15)


def test_the_error_counts_seeds_images_and_their_interaction_once_each():
    rng = np.random.default_rng(6)
    runs = [[layout(rng, 3, 48) for _ in range(2)] for _ in range(200)]
    of_one = [error_of(seeds_mean(a)) ** 2 for a, _ in runs]
    assert np.mean(of_one) == pytest.approx(3, rel=0.1)
    of_two = [error_of(seeds_difference(a, b, resamples=200)) ** 2 for a, b in runs]
    assert np.mean(of_two) == pytest.approx(6, rel=0.1)


def test_the_interval_leans_to_where_the_resampled_differences_do():
    a = np.ones((5, 96))
    a[:, :8] = 0
    for seed in range(5):
        a[seed, 10 + seed : 10 + 2 * seed] = 0
    estimate = seeds_difference(a, np.ones((5, 96)), resamples=20_000)
    centre = estimate.value * 96 / 98
    assert estimate.high - centre > 1.05 * (centre - estimate.low)


@pytest.mark.parametrize("draw", [hits, losses])
def test_swapping_the_sides_turns_the_sign(draw):
    a, b, _ = draw(np.random.default_rng(2), 200, 3, (1.0, 1.6), 0.1)
    there, back = seeds_difference(a, b[:2]), seeds_difference(b[:2], a)
    assert there.value == pytest.approx(-back.value) == pytest.approx(b[:2].mean() - a.mean())
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=0.02)


def test_networks_all_right_are_not_surely_equal():
    estimate = seeds_difference(np.ones((5, 96)), np.ones((5, 96)))
    assert estimate.value == 0
    assert -0.04 < estimate.low < -0.02 < 0.02 < estimate.high < 0.04


def test_accuracies_differ_by_one_at_most_and_losses_by_more():
    assert seeds_difference(np.zeros((3, 2)), np.ones((3, 2))).high == 1
    rng = np.random.default_rng(0)
    assert seeds_difference(rng.random((3, 9)), 5 + rng.random((3, 9))).low > 4


def test_equal_losses_without_any_spread_differ_by_nothing():
    same = np.full((3, 10), 0.4)
    estimate = seeds_difference(same, same)
    assert (estimate.value, estimate.low, estimate.high, estimate.side()) == (0, 0, 0, 0)
    assert estimate.p() == 1


def test_a_side_with_one_seed_takes_the_other_sides_spread():
    rng = np.random.default_rng(1)
    lone, shaky = rng.random((1, 200)) < 0.8, rng.random((5, 200)) < SHAKY
    estimate = seeds_difference(lone, shaky)
    expected = 2 * 2.7 * 0.158 * np.sqrt(1 + 1 / 5)
    assert estimate.high - estimate.low == pytest.approx(expected, rel=0.15)
    assert estimate.freedom < 5


def test_the_interval_is_the_same_each_time():
    a, b, _ = hits(np.random.default_rng(4), 200, 5, (1.2, 1.5), 0.1)
    first = seeds_difference(a, b)
    assert seeds_difference(a, b) == first
    assert seeds_difference(a, b, seed=1) != first


def test_the_interval_is_fast_since_all_is_resampled_at_once():
    """Python calls as many functions for many resamples, images and seeds as for few."""

    def calls(resamples, images, seeds):
        a, b, _ = hits(np.random.default_rng(4), images, seeds, (1.2, 1.5), 1.0)
        counted = []
        before = sys.getprofile()
        sys.setprofile(lambda _, event, what: counted.append(event) if "call" in event else None)
        seeds_difference(a, b, resamples=resamples)
        sys.setprofile(before)
        return len(counted)

    for size in ((100, 40, 3), (2000, 200, 5)):  # what is done once in a process
        calls(*size)
    assert calls(2000, 200, 5) == calls(100, 40, 3) < 2000


@pytest.mark.parametrize(("seeds", "of_seeds"), [(2, 0.3), (3, 0.1), (5, 0.02), (5, 0.3)])
def test_the_interval_of_accuracies_holds_the_truth(seeds, of_seeds):
    shape = {"images": 96, "seeds": seeds, "means": (1.2, 1.5), "of_seeds": of_seeds}
    assert covered(hits, 120, **shape) >= 0.91


@pytest.mark.parametrize("of_seeds", [0.05, 0.6])
@pytest.mark.parametrize("seeds", [3, 5])
def test_the_interval_of_losses_holds_the_truth(seeds, of_seeds):
    shape = {"images": 76, "seeds": seeds, "means": (1.0, 1.3), "of_seeds": of_seeds}
    assert covered(losses, 200, **shape) >= 0.9


@pytest.mark.parametrize("seeds", [3, 5])
def test_seeds_that_differ_as_much_as_the_sides_are_not_called_different(seeds):
    rng, called = np.random.default_rng(seeds), 0
    for _ in range(200):
        a, b, _ = losses(rng, 76, seeds, (1.0, 1.0), 0.6)
        called += seeds_difference(a, b, resamples=200).side() != 0
    assert called / 200 <= 0.07


def test_a_mean_over_seeds_is_for_new_seeds_and_new_images():
    rng, inside = np.random.default_rng(0), 0
    for _ in range(300):
        estimate = seeds_mean(layout(rng, 3, 40))
        inside += estimate.low <= 0 <= estimate.high
    assert 0.92 <= inside / 300 <= 0.99


def test_a_mean_over_one_seed_is_for_new_images_alone():
    values = np.random.default_rng(0).normal(size=(1, 40))
    estimate = seeds_mean(values)
    half = student.ppf(0.975, 39) * values.std(ddof=1) / np.sqrt(40)
    assert (estimate.low, estimate.high) == pytest.approx(
        (values.mean() - half, values.mean() + half)
    )
    many = seeds_mean(values + np.array([[-0.5], [0], [0.5]]))
    assert many.value == pytest.approx(estimate.value)
    assert many.high - many.low > 2 * (estimate.high - estimate.low)


def test_the_gap_of_one_seed_joins_two_wilson_intervals():
    fitted, validated = np.arange(160) >= 4, np.arange(40) >= 8
    joined = minus(proportion(156, 160), proportion(32, 40))
    assert seeds_gap([fitted], [validated]) == joined


@pytest.mark.parametrize("of_seeds", [0.1, 0.6])
def test_the_gap_over_seeds_holds_the_truth(of_seeds):
    rng, inside, total = np.random.default_rng(1), 0, np.sqrt(1 + NOISE**2 + of_seeds**2)
    for _ in range(200):
        sides = [
            mean
            + rng.normal(size=images)
            + of_seeds * rng.normal(size=(3, 1))
            + NOISE * rng.normal(size=(3, images))
            for mean, images in ((2.0, 120), (1.0, 40))
        ]
        estimate = seeds_gap(*(side > 0 for side in sides))
        inside += estimate.low <= norm.cdf(2 / total) - norm.cdf(1 / total) <= estimate.high
    assert inside / 200 >= 0.92


def test_a_gap_between_sides_without_an_error_has_a_width():
    estimate = seeds_gap(np.ones((3, 120)), np.ones((3, 40)))
    assert estimate.value == 0
    assert -0.1 < estimate.low < -0.02 < 0.02 < estimate.high < 0.1


def test_pairs_of_seeds_have_students_interval():
    a = np.array([1.0, 5.0, 3.0, 4.0])
    estimate = seeds_paired(a, a + np.array([1.0, 2.0, 3.0, 2.0]))
    half = student.ppf(0.975, 3) * np.sqrt(2 / 3) / 2  # deviation by hand
    assert estimate.value == 2 and estimate.freedom == 3
    assert (estimate.low, estimate.high) == pytest.approx((2 - half, 2 + half))


@pytest.mark.parametrize("seeds", [1, 2])
def test_fewer_than_three_pairs_have_no_interval(seeds):
    estimate = seeds_paired([1.0, 2.0][:seeds], [3.0, 4.0][:seeds])
    assert estimate.value == 2 and np.isnan(estimate.low) and np.isnan(estimate.high)
    assert estimate.side() == 0


def test_pairs_that_all_differ_by_the_same_have_the_least_width():
    a = np.array([4.0, 7.0, 5.0])
    assert seeds_paired(a, a + 2).low == 2
    rounded = seeds_paired(a, a + 2, least=0.4)
    assert rounded.high - 2 == pytest.approx(student.ppf(0.975, 2) * 0.4 / np.sqrt(3))


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (np.ones((2, 5)), np.ones((2, 6)), "same N images"),
        (np.ones(5), np.ones(5), r"\(seeds, N\)"),
        (np.ones((0, 5)), np.ones((2, 5)), "not empty"),
        (np.full((2, 5), np.nan), np.ones((2, 5)), "all finite"),
    ],
)
def test_what_is_not_runs_of_seeds_is_an_error(a, b, message):
    with pytest.raises(ValueError, match=message):
        seeds_difference(a, b)


def test_what_does_not_pair_is_an_error():
    with pytest.raises(ValueError, match="resamples is 10"):
        seeds_difference(np.ones((2, 5)), np.ones((2, 5)), resamples=10)
    with pytest.raises(ValueError, match="2 and 3 seeds"):
        seeds_gap(np.ones((2, 5)), np.ones((3, 5)))
    with pytest.raises(ValueError, match="all finite"):
        seeds_mean([[np.inf]])
    for a, b in (([1.0, 2.0], [1.0]), ([], []), ([np.nan], [1.0])):
        with pytest.raises(ValueError, match=r"\(seeds,\) both"):
            seeds_paired(a, b)


@pytest.mark.parametrize("of_seeds", [3, 5])
def test_the_difference_of_two_gaps_holds_the_truth_and_tells_no_equal_sides_apart(of_seeds):
    rng = np.random.default_rng(5)
    called = 0
    for _ in range(300):
        train, valid = rng.normal(size=(2, 120))
        shifts = rng.normal(0, 0.2, (2, of_seeds, 1))  # of seeds, in training and validation alike
        noise = rng.normal(size=(2, of_seeds, 240))
        fitted = 1.2 + train + shifts + noise[..., :120] > 0
        validated = 0.8 + valid + shifts + noise[..., 120:] > 0
        called += seeds_gap_difference(tuple(fitted), tuple(validated)).side() != 0
    assert 2 <= called <= 24  # 15 of 300 are expected


def test_the_difference_of_two_gaps_of_one_seed_joins_the_two_differences():
    a, b = (np.random.default_rng(i).random((1, 60)) < 0.8 for i in range(2))
    c, d = (np.random.default_rng(i).random((1, 40)) < 0.6 for i in range(2, 4))
    joined = minus(seeds_difference(a, b), seeds_difference(c, d))
    assert seeds_gap_difference((a, b), (c, d)) == joined
    with pytest.raises(ValueError, match="the same images"):
        seeds_gap_difference((a, b), (c, d[:, 1:]))
    with pytest.raises(ValueError, match="the same seeds"):
        seeds_gap_difference((np.vstack([a, a]), b), (c, d))
