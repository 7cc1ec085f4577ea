from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from helpers import experiments, results
from helpers.evidence import Estimate, paired_difference
from helpers.runs import METRICS, Run

IMAGES = 200
LABELS = np.repeat([0, 1], IMAGES // 2)


def probabilities(wrong):
    """Of a network that is wrong on the given images and right on the others."""
    right = np.where(LABELS == 1, 0.9, 0.1)
    right[list(wrong)] = 1 - right[list(wrong)]
    return right


def made_up(name="task1a_plain", wrong=((0, 1, 2, 3), (0, 1)), fitted_wrong=(), seed=0, **info):
    """A run with the given wrong images in each epoch; its losses are chosen to have it best."""
    epochs = [probabilities(images) for images in wrong]
    accuracy = [1 - len(images) / IMAGES for images in wrong]
    history = {m: np.array(accuracy if "accuracy" in m else [0.5] * len(wrong)) for m in METRICS}
    history["val_loss"] = np.array([1 - a for a in accuracy])
    counts = {"Mel": IMAGES // 2, "Nev": IMAGES // 2}
    return Run(
        experiment=replace(experiments.EXPERIMENTS[name], epochs=len(wrong), profile="quick"),
        seed=seed,
        folder=Path("nowhere"),
        history=history,
        labels=LABELS,
        probabilities=np.stack(epochs),
        training_labels=LABELS,
        training_probabilities=probabilities(fitted_wrong),
        info={
            "identity": {"train": "t", "validation": "v"},
            "kept": {"best": 1, "last": len(wrong)},
            "data": {
                "train": counts,
                "validation": counts,
                "classes": ["Mel", "Nev"],
                "positive": "Mel",
                "demo": True,
            },
        }
        | info,
    )


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
    assert results.compare(a, b).verdict == "task1a_dropout is more accurate"
    assert results.compare(b, a).verdict == "task1a_dropout is more accurate"
    sentence = str(results.compare(a, b))
    assert "task1a_dropout minus task1a_plain, best epoch" in sentence
    assert "+15.0 points" in sentence
    assert "picked on these same images" in sentence
    assert "picked" not in str(results.compare(a, b, "last"))


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
    a = made_up(wrong=[range(40)], fitted_wrong=[])  # gap 20 points
    b = made_up("task1a_dropout", wrong=[range(20)], fitted_wrong=range(10))  # gap 5 points
    gap = results.compare_gaps(a, b)
    assert gap.value == pytest.approx(-0.15)
    assert gap.low < -0.15 < gap.high < 0


def test_the_gap_of_a_run_that_was_trained_on_is_not_made_up():
    longer = made_up(wrong=[range(4), range(2)])
    with pytest.raises(ValueError, match="how epoch 1 fits the training images is not known"):
        results.compare_gaps(longer.until(1), longer.until(1))


def test_tabulate_gives_both_epochs_and_the_clinical_figures():
    run = made_up(wrong=[range(10), range(30)], fitted_wrong=range(2))  # all wrong ones are Mel
    table = results.tabulate({"one": run})
    best, last = table.loc[("one", "best")], table.loc[("one", "last")]
    assert best["epoch"] == "1"
    assert last["epoch"] == "2"
    assert best["accuracy"].startswith("0.950 [")
    assert last["accuracy"].startswith("0.850 [")
    assert best["sensitivity (Mel)"].startswith("0.900 [")
    assert best["specificity"].startswith("1.000 [")
    assert last["training accuracy"] == "0.990"
    assert "AUC" in table.columns


def test_tabulate_over_seeds_gives_mean_and_spread():
    runs = [made_up(wrong=[range(10)]), made_up(wrong=[range(20)], seed=1)]
    cell = results.tabulate({"two": runs}).loc[("two", "best"), "accuracy"]
    assert cell.startswith("0.925 ± 0.035 [")


def test_readings_name_what_the_curve_shows():
    chance = made_up(wrong=[range(50, 150)] * 30)  # half of each class wrong
    reading = results.readings({"one": chance}).loc[("one", 0)]
    assert reading["curve"] in ("not learning", "good")
    flat = replace(chance, history={m: np.full(30, 0.5) for m in METRICS})
    flat.history["loss"][:] = flat.history["val_loss"][:] = 0.6931
    assert str(results.diagnose(flat)) == "not learning"


def test_the_reported_values_are_those_of_the_original_report():
    reported = results.reported()
    assert set(reported["run"]) <= set(experiments.EXPERIMENTS)
    assert len(reported) == 20
    row = reported[(reported["run"] == "task1b_plain") & (reported["at"] == "best")].iloc[0]
    assert (row["epoch"], row["loss"], row["accuracy"]) == (10, 0.4905, 0.79)
    assert reported["accuracy"].between(0.5, 1).all()


def test_reported_stands_beside_measured_with_what_each_was_measured_on():
    table = results.against_reported({"task1b_plain": made_up("task1b_plain")})
    assert list(table.index) == [("task1b_plain", "best (10)"), ("task1b_plain", "last")]
    row = table.loc[("task1b_plain", "last")]
    assert row["reported accuracy"] == "0.730"
    assert row["measured accuracy"].startswith("0.990 [")
    assert row["reported on"] == "the course's images"
    assert row["measured on"].startswith("demo images (train 100 Mel + 100 Nev, validation 100 Mel")


def test_comparisons_are_tabulated_in_points():
    a, b = made_up(wrong=[range(40)]), made_up("task1a_dropout", wrong=[range(10)])
    table = results.comparisons([results.compare(a, b)])
    row = table.loc["task1a_dropout minus task1a_plain"]
    assert row["difference, points"].startswith("+15.0 [+")
    assert row["accuracy"] == "0.950 minus 0.800"


def test_a_difference_is_decided_by_its_interval_alone():
    base = results.compare(made_up(), made_up("task1a_dropout"))
    for low, high, decided in ((-0.1, 0.1, False), (0.01, 0.1, True), (-0.1, -0.01, True)):
        assert replace(base, difference=Estimate(0.0, low, high)).decided == decided
