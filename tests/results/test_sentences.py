"""Sentences that are worded by numbers."""

import numpy as np
import pytest
from runs import at_chance, good, made_up, overfitting

from helpers import evidence, results
from helpers.evidence import Estimate

A, B = "task1a_plain", "task1a_dropout"


@pytest.mark.parametrize("seeds", [1, 2, 3, 10])
def test_before_training_it_is_said_what_so_many_images_and_seeds_show(seeds):
    said = results.can_show(200, seeds)
    assert said.startswith(f"200 validation images and {seeds} seed{'s' * (seeds > 1)}: ")
    assert f"{100 * evidence.smallest_difference(200, seeds):.1f} points of accuracy" in said
    assert ("below 3 seeds there is no verdict" in said) == (seeds < 3)


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        (good, overfitting, "it is wider"),
        (overfitting, good, "it is narrower"),
        (good, good, "this cannot be told from no change"),
    ],
)
def test_a_change_of_the_gap_is_worded_by_its_interval(a, b, verdict):
    said = results.gap_change(a(A), b(B))
    assert said.startswith(f"From {A} to {B} the gap between training and validation accuracy")
    assert said.endswith(f"(seeds 0 to 2): {verdict}.")


def test_a_change_of_the_gap_is_of_two_trained_networks_where_there_are_fewer_than_three():
    for seeds, named in ((1, "seed 0"), (2, "seeds 0, 1")):
        said = results.gap_change(good(A, seeds=seeds), overfitting(B, seeds=seeds))
        assert f"({named}): this is said of these trained networks, and of no others" in said
        assert "wider" not in said


def test_the_gap_of_networks_that_decide_nothing_is_left_out_or_no_verdict():
    said = results.gap_change(good(A), at_chance(B))
    assert said.endswith(f": no verdict, since {B} learned nothing in 3 of 3 seeds.")
    some = [*overfitting(B, seeds=4)[:3], *at_chance(B, seeds=4)[3:]]
    said = results.gap_change(good(A), some)
    assert f"(seeds 0 to 2; left out: {B} learned nothing in 1 of 4 seeds): it is wider." in said


def test_the_decided_ones_of_a_family_are_listed():
    rows = results.family(
        [results.compare(good(A, 60), good(B, 10)), results.compare(good(A, 10), good(B, 11))]
    )
    said = results.decided(rows)
    assert said.startswith("Of 2 comparisons, 1 are decided.")
    assert said.count("\n- ") == 1 and said.endswith(str(rows[0]))
    assert "\n" not in results.decided(rows[1:])


def ratio(*ends):
    return Estimate(*np.log(ends))


def test_a_ratio_is_called_more_or_less_only_where_its_interval_leaves_one_out():
    assert results.in_words(ratio(2, 1.2, 3)) == "2.00 [1.20, 3.00] times: more"
    assert results.in_words(ratio(0.5, 0.3, 0.9)).endswith("less")
    assert results.in_words(ratio(2, 0.9, 3)).endswith("cannot be told apart")
    assert "too few epochs" in results.in_words(ratio(*[float("nan")] * 3))


def test_a_ratio_without_an_interval_has_no_verdict():
    lone = ratio(2, float("nan"), float("nan"))
    assert results.in_words(lone) == "2.00 times: fewer than 3 seeds, no verdict"
    wrong = [[range(n) for n in counts] for counts in ((5, 8, 4, 9), (5, 20, 2, 9))]
    a, b = (made_up(name, of) for name, of in zip((A, B), wrong, strict=True))
    assert results.in_words(results.compare_fluctuations(a, b)).endswith("no verdict")
