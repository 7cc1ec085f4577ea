"""What is measured of runs over their seeds, on made-up runs."""

import numpy as np
import pytest
from runs import IMAGES, good, made_up, overfitting, seeds_of

from helpers import results
from helpers.evidence import fluctuation, minus, proportion, seeds_difference
from helpers.records import RecordError
from helpers.results import measures

A, B = "task1a_plain", "task1a_dropout"


def test_losses_and_accuracies_are_of_b_minus_a_at_the_epoch_asked_for():
    a = [made_up(A, [range(20), range(30)], seed=s) for s in range(3)]
    b = [made_up(B, [range(40), range(10)], seed=s) for s in range(3)]
    for at, points in (("best", 5), ("last", 10)):
        assert results.compare_accuracies(a, b, at).value == pytest.approx(points / 100)
        # An image that is wrong costs ln 9 more than one that is right.
        assert results.compare_losses(a, b, at).value == pytest.approx(-points / 100 * np.log(9))
    assert results.compare_losses(a, b).high < 0


def test_the_differences_of_one_seed_each_are_of_the_images_alone():
    a, b = made_up(A, [range(20)]), made_up(B, [range(10)])
    right = np.ones((2, 1, IMAGES), bool)
    right[0, 0, :20], right[1, 0, :10] = False, False
    assert results.compare_accuracies(a, b) == seeds_difference(*right)


def test_the_gap_of_a_run_is_training_minus_validation_at_the_last_epoch():
    run = made_up(A, [range(9), range(40)], fitted_wrong=range(10))
    joined = minus(proportion(IMAGES - 10, IMAGES), proportion(IMAGES - 40, IMAGES))
    assert results.gap(run) == joined
    assert results.gap(overfitting(A)).value == pytest.approx(0.255)


def test_the_rise_is_from_the_best_epoch_to_the_last():
    run = made_up(A, [range(30), range(10), range(20)])
    assert results.rise(run).value == pytest.approx(10 / IMAGES * np.log(9))
    assert results.rise(overfitting(A)).low > 0
    assert results.rise(good(A)).value == 0


def test_gaps_are_compared_between_training_and_validation():
    a = made_up(A, [range(9), range(40)], fitted_wrong=[])  # at the last epoch 20 points
    b = made_up(B, [range(9), range(20)], fitted_wrong=range(10))  # 5 points
    change = results.compare_gaps(a, b)
    assert change.value == pytest.approx(-0.15)
    assert change.low < -0.15 < change.high < 0


def test_the_gap_of_a_run_that_was_trained_on_is_not_made_up():
    cut = made_up(wrong=[range(4), range(2)]).until(1)
    for measure in (lambda: results.compare_gaps(cut, cut), lambda: results.gap(cut)):
        with pytest.raises(RecordError, match="how epoch 1 fits the training images was not kept"):
            measure()


def test_gaps_on_other_training_images_are_not_compared():
    a, b = made_up(A), made_up(B, identity={"train": "other", "validation": "v"})
    with pytest.raises(ValueError, match="trained on different images"):
        results.compare_gaps(a, b)
    assert results.compare_accuracies(a, b).value == 0  # which they are not judged by


def jumping(name, widths, seeds=3):
    rng = np.random.default_rng(0)
    made = good(name, seeds=seeds)
    for run in made:
        run.history["val_accuracy"][:] = 0.5 + np.asarray(widths) * rng.random(12)
    return made


def test_fluctuations_are_compared_as_a_ratio_of_the_second_to_the_first():
    a, b = jumping(A, 0.01), jumping(B, 0.2)
    ratio = results.compare_fluctuations(a, b, "val_accuracy")
    found = [[fluctuation(run.history["val_accuracy"]) for run in side] for side in (a, b)]
    assert ratio.exp.value == pytest.approx(
        np.exp(np.log(found[1]).mean() - np.log(found[0]).mean())
    )
    assert 1 < ratio.exp.low < ratio.exp.value < ratio.exp.high
    turned = results.compare_fluctuations(b, a, "val_accuracy")
    assert (turned.value, turned.low) == pytest.approx((-ratio.value, -ratio.high))


def test_fluctuations_are_of_the_seeds_that_both_have():
    def measured(a, b):
        return results.compare_fluctuations(a, b, "val_accuracy")

    a, b = jumping(A, 0.01, seeds=5), jumping(B, 0.2)
    assert measured(a[::-1], b) == measured(a[:3], b)
    two = measured(a[:2], b)
    assert np.isnan(two.low) and two.value > 1
    other = made_up(identity={"train": "t", "validation": "other"})
    with pytest.raises(ValueError, match="validated on different images"):
        measured(a, other)


def test_a_flat_curve_or_too_few_epochs_have_no_ratio():
    flat = seeds_of(A, 10)
    assert np.isnan(results.compare_fluctuations(flat, jumping(B, 0.2), "val_loss").value)
    short = [made_up(A, seed=s) for s in range(3)]
    assert np.isnan(results.compare_fluctuations(short, short).value)


def test_fluctuation_over_time_is_the_second_half_over_the_first():
    runs = jumping(A, [0.4] * 6 + [0.1] * 6)
    ratio = results.fluctuation_over_time(runs, "val_accuracy")
    halves = [
        [fluctuation(run.history["val_accuracy"][half]) for run in runs]
        for half in (slice(6), slice(6, 12))
    ]
    assert ratio.value == pytest.approx(np.log(halves[1]).mean() - np.log(halves[0]).mean())
    assert ratio.low < ratio.value < ratio.high < 0


def test_times_are_compared_as_a_ratio():
    a, b = good(A), good(B)
    for run, factor in zip(b, (2, 3, 4), strict=True):
        run.info["epoch_seconds"][:] = [factor] * 12
    ratio = measures.compare_seconds(a, b, lambda run: run.epoch_seconds[0])
    assert ratio.exp.value == pytest.approx(24 ** (1 / 3))
    assert np.isnan(measures.compare_seconds(a, b, lambda _: 0.0).value)


def test_common_seeds_are_paired_in_their_order():
    a, b = good(A, seeds=4), good(B, seeds=3)
    pairs = results.common_seeds(a[::-1], b[1:])
    assert [[run.seed for run in side] for side in pairs] == [[1, 2], [1, 2]]
    assert [run.experiment.name for run in (pairs[0][0], pairs[1][0])] == [A, B]
    assert results.common_seeds(a[:1], b[1:]) == [[], []]
