from dataclasses import replace

import numpy as np
import pytest
from runs import IMAGES, made_up

from helpers import results
from helpers.evidence import Estimate, paired_difference


def test_compare_takes_the_epoch_that_is_asked_for():
    a = made_up(wrong=[range(20), range(30)])  # best at the first epoch
    b = made_up("task1a_dropout", wrong=[range(40), range(10)])  # best at the last
    best, last = results.compare(a, b), results.compare(a, b, "last")
    assert best.difference.value == pytest.approx((190 - 180) / 200)
    assert last.difference.value == pytest.approx((190 - 170) / 200)
    assert best.p == (pytest.approx(2 * 0.5**10),)  # ten images that only b has right
    right = np.ones((2, IMAGES), bool)
    right[0, :20], right[1, :10] = False, False
    assert best.difference == paired_difference(*right)


def test_a_difference_that_chance_can_give_is_not_called_one():
    a, b = made_up(wrong=[range(20)]), made_up("task1a_dropout", wrong=[range(10, 28)])
    compared = results.compare(a, b)
    assert compared.difference.value == pytest.approx(0.01)
    assert not compared.decided
    assert "the interval contains zero" in str(compared)
    assert "more accurate" not in str(compared)


def test_a_difference_that_is_one_names_the_more_accurate():
    a, b = made_up(wrong=[range(40)]), made_up("task1a_dropout", wrong=[range(10)])
    one_seed = (
        "this training of task1a_dropout is the more accurate; another seed may say otherwise"
    )
    assert results.compare(a, b).verdict == results.compare(b, a).verdict == one_seed
    sentence = str(results.compare(a, b))
    assert "task1a_dropout minus task1a_plain, best epoch" in sentence
    assert "+15.0 points" in sentence
    assert "picked on these same images" in sentence
    assert "picked" not in str(results.compare(a, b, "last"))
    seeds = [replace(a, seed=1), replace(a, seed=2)], [replace(b, seed=1), replace(b, seed=2)]
    assert results.compare(*seeds).verdict == "task1a_dropout is more accurate"


def test_compare_over_seeds_uses_all_of_them():
    a = [made_up(wrong=[range(20 + s)], seed=s) for s in range(3)]
    b = [made_up("task1a_dropout", wrong=[range(10 + s)], seed=s) for s in range(3)]
    compared = results.compare(a, b)
    assert compared.accuracy_a == pytest.approx((0.9, 0.895, 0.89))
    assert len(compared.p) == 3
    assert compared.difference.value == pytest.approx(0.05)
    assert "3 seeds" in str(compared)


def test_different_images_are_not_compared():
    a = made_up()
    b = made_up("task1a_dropout", identity={"train": "t", "validation": "other"})
    with pytest.raises(ValueError, match="validated on different images"):
        results.compare(a, b)
    with pytest.raises(ValueError, match="at least one is needed"):
        results.compare([], a)


def test_gaps_are_compared_between_training_and_validation():
    a = made_up(wrong=[range(9), range(40)], fitted_wrong=[])  # at the last epoch 20 points
    b = made_up("task1a_dropout", wrong=[range(9), range(20)], fitted_wrong=range(10))  # 5 points
    gap = results.compare_gaps(a, b)
    assert gap.value == pytest.approx(-0.15)
    assert gap.low < -0.15 < gap.high < 0


def test_the_gap_of_a_run_that_was_trained_on_is_not_made_up():
    longer = made_up(wrong=[range(4), range(2)])
    with pytest.raises(ValueError, match="how epoch 1 fits the training images is not known"):
        results.compare_gaps(longer.until(1), longer.until(1))


def test_a_difference_is_decided_by_its_interval_alone():
    base = results.compare(made_up(), made_up("task1a_dropout"))
    for low, high, decided in ((-0.1, 0.1, False), (0.01, 0.1, True), (-0.1, -0.01, True)):
        assert replace(base, difference=Estimate(0.0, low, high)).decided == decided


def test_fluctuations_are_compared_as_a_ratio_of_the_second_to_the_first():
    calm, wild = [range(5), range(8), range(4), range(9)], [range(5), range(20), range(2), range(9)]
    a, b = made_up(wrong=calm), made_up("task1a_dropout", wrong=wild)
    ratio = results.compare_fluctuations(a, b)
    spread = [np.diff([len(images) for images in wrong]).std(ddof=1) for wrong in (calm, wild)]
    assert ratio.value == pytest.approx(spread[1] / spread[0])
    assert results.compare_fluctuations(b, a).value == pytest.approx(1 / ratio.value)
    table = results.fluctuations({"calm": a, "wild": [b, b]})
    assert table.loc["calm", "loss"] == table.loc["calm", "accuracy"] == "0.024"
    assert table.loc["wild", "training loss"] == "0.000 ± 0.000"
    other = made_up(identity={"train": "t", "validation": "other"})
    with pytest.raises(ValueError, match="validated on different images"):
        results.compare_fluctuations(a, other)


def test_fluctuation_over_time_is_the_second_half_over_the_first():
    wrong = [range(n) for n in (40, 10, 30, 12, 20, 14, 19, 16)]
    run = made_up(wrong=wrong)
    halves = [
        np.diff([len(images) for images in half]).std(ddof=1) for half in (wrong[:4], wrong[4:])
    ]
    ratio = results.fluctuation_over_time(run, "val_accuracy")
    assert ratio.value == pytest.approx(halves[1] / halves[0])
    assert ratio.low < ratio.value < ratio.high
