"""Hypotheses on made-up runs that confirm, contradict or leave them open."""

import numpy as np
import pytest
from runs import good, overfitting

from helpers.results import hypotheses

A, B = "task1a_plain", "task1a_dropout"
FEW, MANY = range(10), range(60)  # images that are wrong


def word(verdict):
    return verdict.word


@pytest.mark.parametrize("hypothesis", [hypotheses.more_accurate, hypotheses.lower_loss])
@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [(MANY, FEW, "confirmed"), (FEW, MANY, "contradicted"), (FEW, range(1, 11), "undecided")],
)
def test_better_is_beyond_the_interval(hypothesis, a, b, expected):
    assert word(hypothesis(good(A, a), good(B, b))) == expected


def test_the_reasons_are_of_b_minus_a():
    a, b = good(A, MANY), good(B, FEW)
    assert hypotheses.more_accurate(a, b).reason.startswith("accuracy +25.0 ")
    assert hypotheses.lower_loss(a, b).reason.startswith("loss -0.")


def test_a_gap_is_wider_or_narrower():
    even, fitted = good(A, MANY), good(B, MANY)
    for run in fitted:
        run.training_probabilities[run.epochs][:] = np.where(run.training_labels == 1, 0.9, 0.1)
    assert word(hypotheses.wider_gap(even, fitted)) == "confirmed"
    assert word(hypotheses.contrary(hypotheses.wider_gap(even, fitted))) == "contradicted"
    assert word(hypotheses.contrary(hypotheses.wider_gap(fitted, even))) == "confirmed"
    assert word(hypotheses.wider_gap(even, even)) == word(
        hypotheses.contrary(hypotheses.wider_gap(even, even))
    )
    assert word(hypotheses.wider_gap(even, even)) == "undecided"
    assert "+30.0 [" in hypotheses.wider_gap(even, fitted).reason


def jumping(name, widths):
    """Two seeds whose validation accuracy jumps by as much as the width says, epoch by epoch."""
    rng = np.random.default_rng(0)
    made = good(name)
    for run in made:
        run.history["val_accuracy"][:] = 0.5 + np.asarray(widths) * rng.random(12)
    return made


def test_fluctuation_is_more_or_less():
    calm, wild = jumping(A, 0.001), jumping(B, 0.2)
    assert word(hypotheses.fluctuates_more(calm, wild, "val_accuracy")) == "confirmed"
    assert word(hypotheses.fluctuates_more(wild, calm, "val_accuracy")) == "contradicted"
    assert word(hypotheses.fluctuates_more(wild, wild, "val_accuracy")) == "undecided"


def test_a_curve_calms_down_where_its_second_half_jumps_less():
    calmer = jumping(A, [0.4] * 6 + [0.001] * 6)
    found = hypotheses.calms_down(calmer, "val_accuracy")
    assert found.word == "confirmed" and "later fluctuates 0.0" in found.reason
    assert word(hypotheses.calms_down(jumping(A, [0.001] * 6 + [0.4] * 6), "val_accuracy")) == (
        "contradicted"
    )
    assert word(hypotheses.calms_down(jumping(A, 0.2), "val_accuracy")) == "undecided"


def test_overfitting_is_read_seed_by_seed():
    runs = overfitting(A)
    assert hypotheses.overfits(runs).reason == "task1a_plain overfits: 2 of 2 seeds"
    assert word(hypotheses.overfits(runs)) == "confirmed"
    assert word(hypotheses.contrary(hypotheses.overfits(runs))) == "contradicted"
    assert word(hypotheses.contrary(hypotheses.overfits(good(A)))) == "confirmed"
    some = [*runs[:1], *good(A)[1:]]
    assert (
        word(hypotheses.overfits(some))
        == word(hypotheses.contrary(hypotheses.overfits(some)))
        == "undecided"
    )


def test_sooner_in_training_is_at_the_accuracy_that_both_reach():
    steep = good(A, accuracy=np.r_[0.5, np.full(11, 0.9)])
    flat = good(B, accuracy=np.linspace(0.5, 0.95, 12))
    assert word(hypotheses.sooner_in_training(flat, steep)) == "confirmed"
    assert word(hypotheses.sooner_in_training(steep, flat)) == "contradicted"
    assert word(hypotheses.sooner_in_training(steep, steep)) == "contradicted"  # not sooner
    slow, fast = [flat[0], steep[1]], [steep[0], flat[1]]
    assert word(hypotheses.sooner_in_training(slow, fast)) == "undecided"


def test_sooner_at_its_best_is_at_the_first_ones_best_epoch():
    before = good(A, val_accuracy=np.linspace(0.5, 0.9, 12))  # 0.61 at its best epoch, the fourth
    for epoch, expected in ((2, "confirmed"), (4, "contradicted"), (6, "contradicted")):
        after = good(B, val_accuracy=0.5)
        for run in after:
            run.history["val_accuracy"][epoch - 1] = 0.7
        assert word(hypotheses.sooner_at_its_best(before, after)) == expected
    never = good(B, val_accuracy=0.5)
    assert word(hypotheses.sooner_at_its_best(before, never)) == "contradicted"
    assert word(hypotheses.never_reaches(before, never)) == "confirmed"
    never[0].history["val_accuracy"][11] = 0.7
    assert word(hypotheses.never_reaches(before, never)) == "undecided"


def test_slower_and_faster_are_by_the_clock():
    a, b = good(A), good(B)
    for run in b:
        run.info["epoch_seconds"] = [2.0] * 11 + [500.0]  # one long epoch decides nothing
    assert word(hypotheses.slower(a, b)) == "confirmed"
    assert hypotheses.slower(a, b).reason.startswith("an epoch takes 2.0 times as long")
    assert word(hypotheses.slower(b, a)) == word(hypotheses.slower(a, a)) == "contradicted"
    for seconds, expected in ((4.9, "contradicted"), (5.0, "confirmed")):
        slow = good(A)
        for run in slow:
            run.info["epoch_seconds"] = [seconds] * 12
        assert word(hypotheses.many_times_faster(slow, a)) == expected
