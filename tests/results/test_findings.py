"""Findings over seeds, on made-up runs that hold, do the contrary, or leave it open."""

from dataclasses import replace

import numpy as np
import pytest
from runs import alike, at_chance, good, overfitting, seeds_of, unstable

from helpers.evidence import best_epoch, first_epoch_reaching
from helpers.results import diagnose, findings, gap
from helpers.results.findings import contrary

A, B = "task1a_plain", "task1a_dropout"
HOLDS, OPEN, CONTRARY = 1, 0, -1
OF_TWO = {
    "lower_loss": findings.lower_loss,
    "more_accurate": findings.more_accurate,
    "wider_gap": findings.wider_gap,
    "fluctuates_more in loss": lambda a, b: findings.fluctuates_more(a, b, "val_loss"),
    "fluctuates_more in accuracy": lambda a, b: findings.fluctuates_more(a, b, "val_accuracy"),
    "sooner_to_accuracy": findings.sooner_to_accuracy,
    "sooner_to_loss": findings.sooner_to_loss,
    "much_slower": findings.much_slower,
    "many_times_faster": findings.many_times_faster,
}
OF_ONE = {
    "overfits": findings.overfits,
    "overfits_heavily": findings.overfits_heavily,
    "more_in_validation": findings.more_in_validation,
    "calms_down": lambda runs: findings.calms_down(runs, "val_loss"),
}


def mixed(*kinds):
    """A seed of each of these."""
    return [kind(A)[seed] for seed, kind in enumerate(kinds)]


def jumping(name, widths, metric="val_accuracy"):
    """Seeds whose curve jumps by as much as the width says, epoch by epoch."""
    rng, made = np.random.default_rng(len(name)), good(name)
    for run in made:
        run.history[metric][:] = 0.5 + np.asarray(widths) * rng.random(12)
    return made


def reaching(name, epochs, lowest=0.3):
    """Seeds that are at an accuracy of 0.9 and at their lowest loss after so many epochs each."""
    made = good(name, seeds=len(epochs))
    for run, epoch in zip(made, epochs, strict=True):
        way = np.minimum(np.arange(12) / (epoch - 1), 1)
        run.history["val_accuracy"][:] = 0.5 + 0.4 * way
        run.history["val_loss"][:] = 0.7 + (lowest - 0.7) * way
    return made


def lasting(name, *seconds):
    """A seed for each of these lengths of an epoch."""
    made = good(name, seeds=len(seconds))
    for run, of_seed in zip(made, seconds, strict=True):
        run.info["epoch_seconds"] = [of_seed] * 12
    return made


@pytest.mark.parametrize("find", [findings.lower_loss, findings.more_accurate])
@pytest.mark.parametrize(("a", "b", "side"), [(60, 10, HOLDS), (10, 60, CONTRARY), (10, 11, OPEN)])
def test_better_is_beyond_the_interval(find, a, b, side):
    found = find(good(A, a), good(B, b))
    assert found.side == side
    assert (found.p < 0.05) == (side != OPEN)


def test_the_reasons_are_of_b_minus_a_at_both_epochs():
    a, b = good(A, 60), good(B, 10)
    assert findings.more_accurate(a, b).reason.startswith("accuracy +25.0 [")
    assert findings.lower_loss(a, b).reason.startswith("loss -0.")
    worse = overfitting(B)  # from its best to its last
    said = findings.lower_loss(a, worse).reason
    best, last = (float(part.split()[0]) for part in said.removeprefix("loss ").split("best, "))
    assert last > best and said.endswith("at last")


@pytest.mark.parametrize(
    ("runs", "side"),
    [
        (overfitting(A), HOLDS),
        (good(A), CONTRARY),
        (mixed(overfitting, good, good), OPEN),
        (seeds_of(A, 50, 0), CONTRARY),  # a gap, and a loss that stays where it is
        (overfitting(A, fitted_wrong=50), OPEN),  # a loss that rises, and no gap
    ],
)
def test_overfitting_is_a_gap_and_a_rise(runs, side):
    found = findings.overfits(runs)
    assert found.side == side
    assert "gap +" in found.reason and "since its best" in found.reason
    assert contrary(found) == replace(found, side=-side)


def test_overfitting_is_only_as_sure_as_the_less_sure_of_its_two_signs():
    runs = overfitting(A)
    found = findings.overfits(runs)
    signs = [findings.measures.gap(runs).p(), findings.measures.rise(runs).p()]
    assert found.p == max(signs) > min(signs)


@pytest.mark.parametrize(
    ("wrong", "fitted", "side"), [(50, 0, HOLDS), (50, 22, OPEN), (10, 10, CONTRARY)]
)
def test_heavy_is_a_gap_of_ten_points(wrong, fitted, side):
    assert findings.overfits_heavily(seeds_of(A, wrong, fitted)).side == side


def test_a_gap_is_wider_or_narrower():
    even, fitted = good(A, 60), good(B, 60, fitted_wrong=0)
    assert findings.wider_gap(even, fitted).side == HOLDS
    assert findings.wider_gap(fitted, even).side == CONTRARY
    assert findings.wider_gap(even, good(B, 61)).side == OPEN
    assert "+30.5 [" in findings.wider_gap(even, fitted).reason


@pytest.mark.parametrize("metric", ["val_loss", "val_accuracy"])
def test_fluctuation_is_more_or_less(metric):
    calm, wild = jumping(A, 0.01, metric), jumping(B, 0.3, metric)
    assert findings.fluctuates_more(calm, wild, metric).side == HOLDS
    assert findings.fluctuates_more(wild, calm, metric).side == CONTRARY
    assert findings.fluctuates_more(wild, jumping(A, 0.3, metric), metric).side == OPEN
    assert "times as much" in findings.fluctuates_more(calm, wild, metric).reason


def test_validation_jumps_more_than_training_or_less():
    calm, wild = jumping(A, 0.01), jumping(A, 0.3)
    rng = np.random.default_rng(0)
    for run in (*calm, *wild):
        run.history["accuracy"][:] = 0.6 + 0.06 * rng.random(12)
    assert findings.more_in_validation(wild).side == HOLDS
    assert findings.more_in_validation(calm).side == CONTRARY
    for run in wild:
        run.history["accuracy"][:] = 0.6 + 0.3 * rng.random(12)
    assert findings.more_in_validation(wild).side == OPEN


def test_a_curve_calms_down_where_its_second_half_jumps_less():
    calmer, wilder = jumping(A, [0.4] * 6 + [0.01] * 6), jumping(A, [0.01] * 6 + [0.4] * 6)
    found = findings.calms_down(calmer, "val_accuracy")
    assert found.side == HOLDS and found.reason.startswith("fluctuates 0.0")
    assert findings.calms_down(wilder, "val_accuracy").side == CONTRARY
    assert findings.calms_down(jumping(A, 0.2), "val_accuracy").side == OPEN


@pytest.mark.parametrize("find", [findings.sooner_to_accuracy, findings.sooner_to_loss])
def test_sooner_is_in_fewer_epochs(find):
    late, early = reaching(A, [9, 10, 11]), reaching(B, [4, 5, 6])
    found = find(late, early)
    assert found.side == HOLDS
    assert found.reason.startswith("there after 5.0 epochs in place of 10.0: -5.0 [")
    assert find(early, late).side == CONTRARY
    assert find(late, late).side == OPEN
    assert find(reaching(A, [9, 5, 7]), reaching(B, [5, 9, 8])).side == OPEN


@pytest.mark.parametrize("find", [findings.sooner_to_accuracy, findings.sooner_to_loss])
def test_one_epoch_fewer_may_be_rounding(find):
    found = find(reaching(A, [5, 6, 7]), reaching(B, [4, 5, 6]))
    assert found.side == OPEN and "-1.0 [" in found.reason
    assert find(reaching(A, [6, 7, 8]), reaching(B, [4, 5, 6])).side == HOLDS


def test_a_curve_that_never_gets_there_is_later_than_any_that_does():
    before, never = reaching(A, [6, 7, 8]), reaching(B, [6, 7, 8])
    for run in never:
        run.history["val_accuracy"][:] = 0.6
    found = findings.sooner_to_accuracy(before, never)
    assert found.side == CONTRARY and found.reason.startswith(
        "there after 13.0 epochs in place of 7.0"
    )


def test_a_run_is_held_against_the_best_of_other_seeds_and_not_its_own():
    before, after = good(A), good(B)
    rng = np.random.default_rng(0)
    for run in (*before, *after):
        run.history["val_accuracy"][:] = np.sort(rng.random(12))
    best = np.array([run.history["val_accuracy"][run.best_epoch - 1] for run in before])
    targets = [best[[1, 2]].mean(), best[[0, 2]].mean(), best[[0, 1]].mean()]
    means = [
        np.mean(
            [
                first_epoch_reaching(run.history["val_accuracy"], target) or 13
                for run, target in zip(runs, targets, strict=True)
            ]
        )
        for runs in (after, before)
    ]
    said = findings.sooner_to_accuracy(before, after).reason
    assert said.startswith("there after {:.1f} epochs in place of {:.1f}".format(*means))


def test_the_loss_to_reach_is_one_that_other_seeds_of_both_reach():
    slow, fast = reaching(A, [8, 9, 10], lowest=0.5), reaching(B, [8, 9, 10], lowest=0.3)
    assert all(best_epoch(run.history["val_loss"]) >= 8 for run in fast)
    found = findings.sooner_to_loss(slow, fast)  # fast is at 0.5 long before it is at 0.3
    assert found.side == HOLDS and "in place of 9.0:" in found.reason


def test_the_loss_to_reach_is_not_that_of_one_seed_that_has_not_learned():
    slow, fast = reaching(A, [9, 10, 11, 10, 9]), reaching(B, [4, 5, 6, 5, 4])
    slow[4].history["val_loss"][:] = np.linspace(0.7, 0.69, 12)
    found = findings.sooner_to_loss(slow, fast)
    assert found.side == HOLDS and "in place of 10.6:" in found.reason


def test_much_slower_is_twice_as_long_by_the_median_epoch():
    short = lasting(A, 1.0, 1.1, 0.9)
    long = lasting(B, 3.0, 3.1, 3.2)
    for run in (*short, *long):
        run.info["epoch_seconds"][5] = 500.0  # a pause of the machine
    found = findings.much_slower(short, long)
    assert found.side == HOLDS
    assert found.reason.startswith(f"an epoch of {B} takes 3.1 [2.3, 4.2] times as long as {A}")
    assert findings.much_slower(short, short).side == CONTRARY
    assert findings.much_slower(short, lasting(B, 1.7, 2.0, 2.3)).side == OPEN


def test_many_times_faster_is_a_fifth_of_the_time_to_the_best_epoch():
    fast, slow = lasting("task7_skin", 1.0, 1.1, 0.9), lasting("task5_skin", 9.0, 9.5, 8.5)
    assert findings.many_times_faster(slow, fast).side == HOLDS
    assert findings.many_times_faster(fast, fast).side == CONTRARY
    assert findings.many_times_faster(lasting("task5_skin", 4, 5, 6), fast).side == OPEN
    for run in fast:
        run.info["features_seconds"] = 60.0  # which are more than the epochs
    assert findings.many_times_faster(slow, fast).side == CONTRARY


def test_without_the_time_of_the_features_speed_cannot_be_told():
    fast, slow = lasting("task7_skin", 1.0, 1.1, 0.9), lasting("task5_skin", 9.0, 9.5, 8.5)
    fast[1].info["features_seconds"] = None
    found = findings.many_times_faster(slow, fast)
    assert (found.side, found.p) == (OPEN, 1) and "features took was not recorded" in found.reason


@pytest.mark.parametrize("find", [findings.much_slower, findings.many_times_faster])
def test_times_of_several_machines_are_not_compared(find):
    a, b = lasting(A, 1.0, 1.1, 0.9), lasting(B, 9.0, 9.5, 8.5)
    made = a[0].info["made"][0]
    b[2].info["made"] = [made | {"hardware": made["hardware"] | {"processor": "another"}}]
    for found in (find(a, b), find(b, a)):
        assert (found.side, found.p) == (OPEN, 1)
        assert found.reason.startswith("times of several machines: ") and "another" in found.reason


def test_accuracy_is_low_up_to_ten_points_above_a_constant_answers():
    assert findings.low_accuracy(at_chance(A)).side == HOLDS
    assert findings.low_accuracy(good(A)).side == CONTRARY
    assert findings.low_accuracy(seeds_of(A, 92)).side == OPEN  # 0.54, and it may be 0.60
    assert "0.500 by one constant answer" in findings.low_accuracy(good(A)).reason


def test_there_are_maps_to_read_if_one_network_has_learned():
    assert findings.has_learned(at_chance(A)).side == CONTRARY
    found = findings.has_learned(mixed(at_chance, unstable, at_chance))
    assert found.side == HOLDS and found.reason == "learned nothing in 2 of 3 seeds"
    assert findings.maps_unknown(good(A)) == findings.maps_unknown([])
    assert not findings.maps_unknown([]).known


def test_what_still_learns_is_not_said_not_to_overfit():
    runs = seeds_of(A, 50, 0, sure=np.linspace(0.52, 0.7, 12))  # surer to the end
    assert gap(runs).low > 0 and diagnose(runs[0]).word == "still learning"
    assert findings.overfits(runs).side == OPEN


@pytest.mark.parametrize("seeds", [1, 2])
@pytest.mark.parametrize("find", OF_TWO.values(), ids=OF_TWO)
def test_fewer_than_three_seeds_of_two_runs_tell_nothing(find, seeds):
    rng = np.random.default_rng(0)
    a, b = good(A, 90, seeds=seeds), good(B, 2, fitted_wrong=0, seeds=seeds)
    for run in a:
        run.info["epoch_seconds"] = [40.0] * 12
        run.history["val_loss"][:] += rng.random(12)
    for found in (find(a, b), find(b, a)):
        assert (found.side, found.p) == (OPEN, 1)
        assert found.reason


@pytest.mark.parametrize("seeds", [1, 2])
@pytest.mark.parametrize("find", OF_ONE.values(), ids=OF_ONE)
def test_fewer_than_three_seeds_of_one_run_tell_nothing(find, seeds):
    for kind in (good, overfitting, at_chance):
        found = find(kind(A, seeds=seeds))
        assert (found.side, found.p) == (OPEN, 1)


@pytest.fixture(scope="module", params=[3, 5])
def equals(request):
    """Two sides of one and the same experiment with other seeds, 200 times."""
    rng, pairs = np.random.default_rng(request.param), []
    for _ in range(200):
        difficulty = [rng.normal(size=120), rng.normal(size=76)]
        pairs.append([alike(rng, name, request.param, difficulty) for name in (A, B)])
    return pairs


@pytest.mark.parametrize("kind", OF_TWO)
def test_equal_sides_are_called_different_in_hardly_more_than_one_of_twenty(kind, equals):
    sides = [OF_TWO[kind](a, b).side for a, b in equals]
    if kind in ("much_slower", "many_times_faster"):
        assert sides.count(HOLDS) == 0
    else:
        assert len(sides) - sides.count(OPEN) <= 0.07 * len(sides)
