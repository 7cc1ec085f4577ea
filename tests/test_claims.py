"""Claims and findings, on made-up runs that confirm, contradict or leave them open."""

import numpy as np
import pytest
from test_results import IMAGES, made_up

from helpers import experiments
from helpers.claims import CLAIMS, judge

BY_NUMBER = {claim.number: claim for claim in CLAIMS}
GOOD, BAD = range(10), range(60)  # images that are wrong


def runs(name, wrong, fitted_wrong=(), seeds=2, **history):
    """Seeds of a run that ends as it began, or with other curves."""
    made = []
    for seed in range(seeds):
        run = made_up(name, wrong=[wrong] * 12, fitted_wrong=fitted_wrong, seed=seed)
        for metric, values in history.items():
            run.history[metric][:] = values
        run.info["epoch_seconds"] = [1.0] * 12
        made.append(run)
    return made


def overfitting(name, **more):
    """Everything right in training while the validation loss rises from epoch 2 on."""
    return runs(
        name,
        range(50),
        loss=np.linspace(0.6, 0.01, 12),
        accuracy=np.linspace(0.7, 1, 12),
        val_loss=[0.7, 0.5, *np.linspace(0.6, 2, 10)],
        **more,
    )


def good(name, wrong=GOOD, **more):
    """Falls at first, and stays."""
    falls = [0.6, 0.4, 0.3, *[0.25] * 9]
    accuracy = 1 - len(wrong) / IMAGES
    history = {"loss": falls, "val_loss": falls, "accuracy": accuracy, "val_accuracy": accuracy}
    return runs(name, wrong, fitted_wrong=wrong, **history | more)


def test_there_are_thirteen_and_their_runs_exist():
    assert sorted(BY_NUMBER) == list(range(1, 14))
    for claim in CLAIMS:
        assert set(claim.runs) <= set(experiments.EXPERIMENTS)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: str(claim.number))
def test_a_run_that_was_not_made_leaves_a_claim_open(claim):
    found = judge(claim, {name: good(name) for name in claim.runs[1:]})
    assert found.verdict == "not run" and claim.runs[0] in found.figures


def test_only_seeds_that_all_runs_have_are_used():
    first, second = BY_NUMBER[13].runs[0], BY_NUMBER[12].runs
    one, both = good(second[0], seeds=1), good(second[1], seeds=2)
    assert "of 1 seeds" in judge(BY_NUMBER[12], {second[0]: one, second[1]: both}).figures
    apart = judge(BY_NUMBER[12], {second[0]: one, second[1]: both[1:]})
    assert apart.verdict == "not run" and "same seed" in apart.figures
    assert judge(BY_NUMBER[13], {first: overfitting(first)}).figures.endswith("2 of 2 seeds")


def test_dropout_prevents_overfitting_or_does_not():
    plain, dropout = BY_NUMBER[1].runs
    held = judge(BY_NUMBER[1], {plain: overfitting(plain), dropout: good(dropout)})
    assert held.verdict == "confirmed"
    assert "task1a_plain overfits: 2 of 2 seeds" in held.figures
    both = judge(BY_NUMBER[1], {plain: overfitting(plain), dropout: overfitting(dropout)})
    assert both.verdict == "contradicted"
    some = [*good(dropout)[:1], *overfitting(dropout)[1:]]
    assert judge(BY_NUMBER[1], {plain: overfitting(plain), dropout: some}).verdict == "undecided"


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [(BAD, GOOD, "confirmed"), (GOOD, BAD, "contradicted"), (GOOD, range(1, 11), "undecided")],
)
def test_better_is_beyond_the_interval(a, b, verdict):
    first, second = BY_NUMBER[4].runs
    found = judge(BY_NUMBER[4], {first: good(first, a), second: good(second, b)})
    assert found.verdict == verdict
    assert "loss" in found.figures and "accuracy" in found.figures


def test_one_contradicted_finding_is_enough():
    first, second = BY_NUMBER[5].runs
    held = judge(BY_NUMBER[5], {first: good(first, BAD), second: good(second, GOOD)})
    assert held.verdict == "contradicted"  # more accurate, but it does not overfit
    assert "task1d_batch_norm overfits: 0 of 2 seeds" in held.figures


def test_sooner_is_counted_seed_by_seed():
    fast, slow = BY_NUMBER[6].runs
    steep, flat = np.r_[0.5, np.full(11, 0.9)], np.linspace(0.5, 0.9, 12)
    rows = {fast: good(fast, accuracy=steep), slow: good(slow, accuracy=flat)}
    assert judge(BY_NUMBER[6], rows).verdict == "confirmed"
    swapped = {fast: good(fast, accuracy=flat), slow: good(slow, accuracy=steep)}
    assert judge(BY_NUMBER[6], swapped).verdict == "contradicted"
    mixed = {
        fast: [*rows[fast][:1], *swapped[fast][1:]],
        slow: [*rows[slow][:1], *swapped[slow][1:]],
    }
    assert judge(BY_NUMBER[6], mixed).verdict == "undecided"


def test_a_value_that_is_never_reached():
    before, after = BY_NUMBER[3].runs
    rows = {before: good(before, val_accuracy=0.9), after: good(after, val_accuracy=0.89)}
    assert judge(BY_NUMBER[3], rows).verdict == "confirmed"
    rows[after][0].history["val_accuracy"][7] = 0.95
    rows[after][1].history["val_accuracy"][3] = 0.90
    assert judge(BY_NUMBER[3], rows).verdict == "contradicted"


def test_fluctuation_more_and_less():
    without, with_it = BY_NUMBER[8].runs
    rows = {without: good(without), with_it: good(with_it)}
    rng = np.random.default_rng(0)
    for name, width in ((without, 0.001), (with_it, 0.2)):
        for run in rows[name]:
            for metric in ("val_loss", "val_accuracy"):
                run.history[metric][:] = 0.5 + width * rng.random(12)
    found = judge(BY_NUMBER[8], rows)
    assert "val_loss fluctuates" in found.figures and found.verdict == "undecided"  # equal gaps
    rows = {without: rows[with_it], with_it: rows[without]}
    assert judge(BY_NUMBER[8], rows).verdict == "contradicted"


def test_many_times_faster_is_by_the_clock_to_the_best_epoch():
    scratch, transfer = BY_NUMBER[12].runs
    rows = {scratch: good(scratch), transfer: good(transfer)}
    assert judge(BY_NUMBER[12], rows).verdict == "contradicted"
    for run in rows[scratch]:
        run.info["epoch_seconds"] = [30.0] * 12
    found = judge(BY_NUMBER[12], rows)
    assert found.verdict == "confirmed" and "30 times as fast" in found.figures


def test_an_accuracy_of_one_half_is_no_overfitting():
    half = np.log(2)
    chance = runs("task8", range(0, IMAGES, 2), loss=half, val_loss=half, accuracy=0.5)
    assert judge(BY_NUMBER[13], {"task8": chance}).verdict == "contradicted"
    assert judge(BY_NUMBER[13], {"task8": overfitting("task8")}).verdict == "confirmed"
