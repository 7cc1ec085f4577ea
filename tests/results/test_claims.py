"""The original report's claims, on made-up runs that confirm, contradict or leave them open."""

import numpy as np
import pytest
from runs import IMAGES, good, overfitting, seeds_of

from helpers import experiments
from helpers.results import CLAIMS, RUNS, claims_table, judge

BY_NUMBER = {claim.number: claim for claim in CLAIMS}
GOOD, BAD = range(10), range(60)  # images that are wrong


def test_there_are_thirteen_and_their_runs_exist():
    assert sorted(BY_NUMBER) == list(range(1, 14))
    for claim in CLAIMS:
        assert set(claim.runs) <= set(experiments.EXPERIMENTS)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: str(claim.number))
def test_a_run_that_was_not_made_leaves_a_claim_open(claim):
    found = judge(claim, {name: good(name) for name in claim.runs[1:]})
    assert found.word == "not run" and claim.runs[0] in found.reason


def test_only_seeds_that_all_runs_have_are_used():
    first, second = BY_NUMBER[13].runs[0], BY_NUMBER[12].runs
    one, both = good(second[0], seeds=1), good(second[1], seeds=2)
    assert "of 1 seeds" in judge(BY_NUMBER[12], {second[0]: one, second[1]: both}).reason
    apart = judge(BY_NUMBER[12], {second[0]: one, second[1]: both[1:]})
    assert apart.word == "not run" and "same seed" in apart.reason
    assert judge(BY_NUMBER[13], {first: overfitting(first)}).reason.endswith("2 of 2 seeds")


def test_dropout_prevents_overfitting_or_does_not():
    plain, dropout = BY_NUMBER[1].runs
    held = judge(BY_NUMBER[1], {plain: overfitting(plain), dropout: good(dropout)})
    assert held.word == "confirmed"
    assert "task1a_plain overfits: 2 of 2 seeds" in held.reason
    both = judge(BY_NUMBER[1], {plain: overfitting(plain), dropout: overfitting(dropout)})
    assert both.word == "contradicted"
    some = [*good(dropout)[:1], *overfitting(dropout)[1:]]
    assert judge(BY_NUMBER[1], {plain: overfitting(plain), dropout: some}).word == "undecided"


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [(BAD, GOOD, "confirmed"), (GOOD, BAD, "contradicted"), (GOOD, range(1, 11), "undecided")],
)
def test_better_is_beyond_the_interval(a, b, verdict):
    first, second = BY_NUMBER[4].runs
    found = judge(BY_NUMBER[4], {first: good(first, a), second: good(second, b)})
    assert found.word == verdict
    assert "loss" in found.reason and "accuracy" in found.reason


def test_one_contradicted_hypothesis_is_enough():
    first, second = BY_NUMBER[5].runs
    held = judge(BY_NUMBER[5], {first: good(first, BAD), second: good(second, GOOD)})
    assert held.word == "contradicted"  # more accurate, but it does not overfit
    assert "task1d_batch_norm overfits: 0 of 2 seeds" in held.reason


def test_sooner_is_counted_seed_by_seed():
    fast, slow = BY_NUMBER[6].runs
    steep, flat = np.r_[0.5, np.full(11, 0.9)], np.linspace(0.5, 0.9, 12)
    rows = {fast: good(fast, accuracy=steep), slow: good(slow, accuracy=flat)}
    assert judge(BY_NUMBER[6], rows).word == "confirmed"
    swapped = {fast: good(fast, accuracy=flat), slow: good(slow, accuracy=steep)}
    assert judge(BY_NUMBER[6], swapped).word == "contradicted"
    mixed = {
        fast: [*rows[fast][:1], *swapped[fast][1:]],
        slow: [*rows[slow][:1], *swapped[slow][1:]],
    }
    assert judge(BY_NUMBER[6], mixed).word == "undecided"


def test_a_value_that_is_never_reached():
    before, after = BY_NUMBER[3].runs
    rows = {before: good(before, val_accuracy=0.9), after: good(after, val_accuracy=0.89)}
    assert judge(BY_NUMBER[3], rows).word == "confirmed"
    rows[after][0].history["val_accuracy"][7] = 0.95
    rows[after][1].history["val_accuracy"][3] = 0.90
    assert judge(BY_NUMBER[3], rows).word == "contradicted"


def test_fluctuation_more_and_less():
    without, with_it = BY_NUMBER[8].runs
    rows = {without: good(without), with_it: good(with_it)}
    rng = np.random.default_rng(0)
    for name, width in ((without, 0.001), (with_it, 0.2)):
        for run in rows[name]:
            for metric in ("val_loss", "val_accuracy"):
                run.history[metric][:] = 0.5 + width * rng.random(12)
    found = judge(BY_NUMBER[8], rows)
    assert "val_loss fluctuates" in found.reason and found.word == "undecided"  # equal gaps
    rows = {without: rows[with_it], with_it: rows[without]}
    assert judge(BY_NUMBER[8], rows).word == "contradicted"


def test_many_times_faster_is_by_the_clock_to_the_best_epoch():
    scratch, transfer = BY_NUMBER[12].runs
    rows = {scratch: good(scratch), transfer: good(transfer)}
    assert judge(BY_NUMBER[12], rows).word == "contradicted"
    for run in rows[scratch]:
        run.info["epoch_seconds"] = [30.0] * 12
    found = judge(BY_NUMBER[12], rows)
    assert found.word == "confirmed" and "30 times as fast" in found.reason


def test_an_accuracy_of_one_half_is_no_overfitting():
    half = np.log(2)
    chance = seeds_of("task8", range(0, IMAGES, 2), loss=half, val_loss=half, accuracy=0.5)
    assert judge(BY_NUMBER[13], {"task8": chance}).word == "contradicted"
    assert judge(BY_NUMBER[13], {"task8": overfitting("task8")}).word == "confirmed"


def test_the_table_has_a_row_a_claim_with_its_verdict():
    table = claims_table({"task8": overfitting("task8")})
    assert list(table.index) == list(range(1, 14))
    assert table.loc[13, "verdict"] == "confirmed" and "2 of 2 seeds" in table.loc[13, "measured"]
    assert (table["verdict"].drop(13) == "not run").all()
    assert set(RUNS) == {name for claim in CLAIMS for name in claim.runs}


def test_runs_on_other_images_do_not_decide_a_claim():
    before, after = BY_NUMBER[3].runs
    rows = {before: good(before, val_accuracy=0.9), after: good(after, val_accuracy=0.89)}
    rows[after][0].info["identity"] = {"train": "t", "validation": "other"}
    found = judge(BY_NUMBER[3], rows)
    assert found.word == "not run" and found.reason.endswith("not run on the same images")
