"""The original report's claims, clause by clause, on made-up runs."""

import numpy as np
import pytest
from runs import at_chance, good, overfitting, unstable

from helpers import experiments
from helpers.results import CLAIMS, RUNS, claims_table, judge
from helpers.results.claims import Clause
from helpers.results.findings import Finding

BY_NUMBER = {clause.number: clause for clause in CLAIMS}
EVERY = pytest.mark.parametrize("clause", CLAIMS, ids=lambda clause: clause.number)


def judged(number, *runs):
    """The verdict on one clause, of its runs in their order."""
    clause = BY_NUMBER[number]
    (verdict,) = judge([clause], dict(zip(clause.runs, runs, strict=True)))
    return verdict


def by_name(number, *kinds):
    """The runs of a clause, each made as one of these kinds."""
    return [kind(name) for name, kind in zip(BY_NUMBER[number].runs, kinds, strict=True)]


def bad(name, **more):
    return good(name, 60, **more)


def heavily(name):
    """Everything right in training, and chance in validation."""
    return at_chance(name, fitted=True)


def test_there_are_thirteen_claims_and_their_runs_exist():
    assert {clause.claim for clause in CLAIMS} == set(range(1, 14))
    assert len(BY_NUMBER) == len(CLAIMS)
    for clause in CLAIMS:
        tasks = [experiments.EXPERIMENTS[name].task for name in clause.runs]
        assert any(task.startswith(clause.task) for task in tasks)
    assert sorted({name for clause in CLAIMS for name in clause.runs}) == RUNS


@EVERY
def test_a_run_that_was_not_made_leaves_a_clause_open(clause):
    (verdict,) = judge([clause], {name: good(name) for name in clause.runs[1:]})
    assert verdict.word == "not run" and clause.runs[0] in verdict.reason


@EVERY
@pytest.mark.parametrize("seeds", [1, 2])
def test_fewer_than_three_seeds_give_no_verdict(clause, seeds):
    (verdict,) = judge([clause], {name: good(name, seeds=seeds) for name in clause.runs})
    if clause.number == "13.2":  # of these networks it can be told that they need no explanation
        assert verdict.word == "premise not met"
        return
    assert verdict.word == "undecided"
    assert verdict.reason.startswith(f"{seeds} seed{'s' * (seeds > 1)}: no verdict; ")


def test_one_seed_gives_no_verdict_however_large_the_difference():
    runs = [bad(BY_NUMBER["4.2"].runs[0], seeds=1), good(BY_NUMBER["4.2"].runs[1], 1, seeds=1)]
    verdict = judged("4.2", *runs)
    assert verdict.word == "undecided" and "accuracy +29.5 [" in verdict.reason


def test_seeds_are_paired_and_only_those_that_all_runs_have_are_used():
    first, second = BY_NUMBER["4.2"].runs
    one, three = bad(first, seeds=1), good(second, seeds=3)
    assert judged("4.2", one, three).reason.startswith("1 seed: no verdict")
    apart = judged("4.2", one, three[1:])
    assert apart.word == "not run" and apart.reason.endswith("not run with the same seed")


def test_runs_on_other_images_do_not_decide():
    runs = by_name("4.2", bad, good)
    runs[1][0].info["identity"] = {"train": "t", "validation": "other"}
    verdict = judged("4.2", *runs)
    assert verdict.word == "not run" and verdict.reason.endswith("not run on the same images")


@pytest.mark.parametrize("number", ["4.1", "4.2"])
@pytest.mark.parametrize(
    ("a", "b", "word"), [(60, 10, "confirmed"), (10, 60, "contradicted"), (10, 11, "undecided")]
)
def test_better_is_beyond_the_interval(number, a, b, word):
    first, second = BY_NUMBER[number].runs
    assert judged(number, good(first, a), good(second, b)).word == word


def test_dropout_prevents_overfitting_or_does_not_or_there_is_none():
    for kinds, word in (
        ((overfitting, good), "confirmed"),
        ((overfitting, overfitting), "contradicted"),
        ((good, good), "premise not met"),
    ):
        verdict = judged("1.2", *by_name("1.2", *kinds))
        assert verdict.word == word
    assert verdict.reason.startswith("there is nothing to explain: gap +0.0 [")
    plain, dropout = BY_NUMBER["1.2"].runs
    some = [*overfitting(plain)[:1], *good(plain)[1:]]
    open_premise = judged("1.2", some, good(dropout))
    assert open_premise.word == "undecided" and "anything to explain" in open_premise.reason
    some = [*overfitting(dropout)[:1], *good(dropout)[1:]]
    assert judged("1.2", overfitting(plain), some).word == "undecided"


def made_up_clause(number, task, p, side=1):
    return Clause(number, task, "", ("task1a_plain",), lambda _: Finding(side, p, "the numbers"))


def words(*clauses):
    return [verdict.word for verdict in judge(clauses, {"task1a_plain": good("task1a_plain")})]


def test_the_clauses_of_a_task_are_one_family():
    alone = made_up_clause("1.1", "1a", 0.03)
    assert words(alone) == ["confirmed"]
    assert words(alone, made_up_clause("1.2", "1d", 0.04)) == ["undecided"] * 2
    assert words(alone, made_up_clause("2.1", "2a", 0.04)) == ["confirmed"] * 2
    assert words(alone, made_up_clause("1.2", "1b", 0.001)) == ["confirmed"] * 2
    assert words(alone, made_up_clause("1.2", "1b", 0.001, side=-1)) == [
        *("confirmed", "contradicted"),
    ]
    assert words(alone, made_up_clause("1.2", "1b", 0.9, side=0)) == ["undecided"] * 2


def test_a_clause_that_nothing_judges_does_not_count_for_holm():
    clauses = [clause for clause in CLAIMS if clause.claim == 13]
    runs = {"task8": [*at_chance("task8")]}
    alone = judge(clauses[1:], runs)
    assert judge(clauses, runs)[1] == alone[0]


def test_what_holms_correction_takes_away_is_said():
    clauses = [made_up_clause("1.1", "1a", 0.03), made_up_clause("1.2", "1a", 0.9, side=0)]
    first, second = judge(clauses, {"task1a_plain": good("task1a_plain")})
    assert first.reason == (
        "the numbers; as one of 2 findings of its task that does not decide "
        "(p = 0.06 after Holm's correction)"
    )
    assert second.reason == "the numbers"


def test_a_clause_that_was_not_run_does_not_make_the_family_larger():
    missing = Clause("1.2", "1a", "", ("task8",), lambda _: Finding(1, 0.5, ""))
    assert words(made_up_clause("1.1", "1a", 0.03), missing) == ["confirmed", "not run"]


@pytest.mark.parametrize(
    ("spoilt", "why"), [(at_chance, "learned nothing"), (unstable, "is unstable")]
)
def test_seeds_that_learned_nothing_or_are_unstable_are_left_out_with_a_note(spoilt, why):
    first, second = BY_NUMBER["4.2"].runs
    b = [*good(second, seeds=4)[:3], *spoilt(second, seeds=4)[3:]]
    verdict = judged("4.2", bad(first, seeds=4), b)
    assert verdict.word == "confirmed"
    assert verdict.reason.endswith(f"; 3 of 4 seeds used, since {second} {why} in 1 of 4 seeds")
    without = judged("4.2", bad(first), good(second))
    assert verdict.reason.startswith(without.reason)
    two = judged("4.2", bad(first), b[1:])
    assert two.word == "undecided" and two.reason.startswith("2 seeds: no verdict")
    none = judged("4.2", bad(first), spoilt(second))
    assert none.word == "undecided"
    assert none.reason == f"0 of 3 seeds used, since {second} {why} in 3 of 3 seeds"


def test_low_accuracy_is_heavy_overfitting_or_is_not_or_is_not_low():
    for kind, word in (
        (heavily, "confirmed"),
        (at_chance, "contradicted"),
        (good, "premise not met"),
        (overfitting, "premise not met"),
    ):
        verdict = judged("13.2", kind("task8"))
        assert verdict.word == word, kind
    assert "0.500 by one constant answer" in verdict.reason
    assert "10 called heavy" in judged("13.2", at_chance("task8")).reason


def test_maps_are_no_part_of_a_record_and_of_a_network_that_learned_nothing_not_asked_for():
    assert judged("13.1", good("task8")).word == "undecided"
    nothing = judged("13.1", at_chance("task8"))
    assert nothing.word == "premise not met"
    assert nothing.reason.endswith("learned nothing in 3 of 3 seeds")


def timed(name, seconds, factors=(0.98, 1.0, 1.02)):
    runs = good(name)
    for run, factor in zip(runs, factors, strict=True):
        run.info["epoch_seconds"] = [factor * seconds] * 12
    return runs


@pytest.mark.parametrize(("number", "times"), [("9.4", 2), ("12.1", 5)])
def test_speed_is_told_by_the_clock_of_one_machine(number, times):
    first, second = BY_NUMBER[number].runs
    short, long = (first, second) if number == "9.4" else (second, first)

    def verdict(long_ones, **more):
        runs = {short: timed(short, 1.0), long: long_ones}
        for run in runs[second]:
            run.info.update(more)
        return judged(number, runs[first], runs[second])

    slow = timed(long, 30.0)
    assert verdict(slow).word == "confirmed" and "times as long" in verdict(slow).reason
    assert verdict(timed(long, 1.0)).word == "contradicted"
    assert verdict(timed(long, times, (0.8, 1.0, 1.2))).word == "undecided"
    made = slow[0].info["made"][0]
    elsewhere = made | {"hardware": made["hardware"] | {"gpus": ["a GPU"]}}
    on_two = verdict(slow, made=[elsewhere])
    assert on_two.word == "undecided" and "times of several machines" in on_two.reason


def test_the_features_of_a_head_count_and_must_be_known():
    first, second = BY_NUMBER["12.1"].runs
    scratch, head = timed(first, 30.0), timed(second, 1.0)
    head[0].info["features_seconds"] = None
    unknown = judged("12.1", scratch, head)
    assert unknown.word == "undecided" and "was not recorded" in unknown.reason
    for run in head:
        run.info["features_seconds"] = 1000.0
    assert judged("12.1", scratch, head).word == "contradicted"


def test_networks_that_learned_nothing_are_timed_all_the_same():
    first, second = BY_NUMBER["9.4"].runs
    slow = at_chance(second)
    for run in slow:
        run.info["epoch_seconds"] = [30.0] * 12
    assert judged("9.4", timed(first, 1.0), slow).word == "confirmed"


@pytest.mark.parametrize("number", ["3.1", "3.2", "5.1", "9.3", "10.1", "11.1", "11.2"])
def test_the_second_run_of_a_clause_is_the_better_one(number):
    assert judged(number, *by_name(number, bad, good)).word == "confirmed"
    assert judged(number, *by_name(number, good, bad)).word == "contradicted"


@pytest.mark.parametrize("number", ["5.3", "8.3"])
def test_the_second_run_of_a_clause_has_the_wider_gap(number):
    assert judged(number, *by_name(number, good, overfitting)).word == "confirmed"
    assert judged(number, *by_name(number, overfitting, good)).word == "contradicted"


@pytest.mark.parametrize("number", ["1.1", "5.2", "11.3"])
def test_a_network_overfits_or_does_not(number):
    assert judged(number, *by_name(number, overfitting)).word == "confirmed"
    assert judged(number, *by_name(number, good)).word == "contradicted"


def test_sooner_with_batch_norm_and_later_with_spatial_dropout():
    def reaching(name, epoch):
        runs = good(name)
        for run in runs:
            way = np.minimum(np.arange(12) / (epoch + run.seed - 1), 1)
            run.history["val_accuracy"][:], run.history["val_loss"][:] = (
                0.5 + 0.4 * way,
                0.7 - 0.4 * way,
            )
        return runs

    for number in ("2.1", "6.1", "7.2"):  # the second of each is the sooner one
        first, second = BY_NUMBER[number].runs
        assert judged(number, reaching(first, 9), reaching(second, 4)).word == "confirmed"
        assert judged(number, reaching(first, 4), reaching(second, 9)).word == "contradicted"


def test_augmentation_makes_curves_fluctuate_more():
    rng = np.random.default_rng(0)
    for number, metric in (("8.1", "val_loss"), ("8.2", "val_accuracy")):
        calm, wild = (good(name) for name in BY_NUMBER[number].runs)
        for runs, width in ((calm, 0.01), (wild, 0.2)):
            for run in runs:
                run.history[metric][:] = 0.4 + width * rng.random(12)
        assert judged(number, calm, wild).word == "confirmed"
        assert judged(number, wild, calm).word == "contradicted"


def test_the_table_has_a_row_a_clause_with_its_verdict():
    table = claims_table({"task8": heavily("task8"), "task1a_plain": overfitting("task1a_plain")})
    assert list(table.index) == [clause.number for clause in CLAIMS]
    assert table.loc["1.1", "verdict"] == "confirmed" and "gap +" in table.loc["1.1", "measured"]
    assert table.loc["13.2", "verdict"] == "confirmed"
    assert (table["verdict"].drop(["1.1", "13.1", "13.2"]) == "not run").all()
    assert table.loc["2.1", "said"] == BY_NUMBER["2.1"].said


def test_without_any_run_nothing_is_said():
    assert (claims_table({})["verdict"] == "not run").all()
