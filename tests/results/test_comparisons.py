"""Two networks on the same images: when one is called more accurate, and when it is not."""

from dataclasses import replace

import numpy as np
import pytest
from runs import IMAGES, at_chance, good, made_up, seeds_of, still_learning, unstable

from helpers import experiments, results
from helpers.evidence import Estimate, holm, mcnemar
from helpers.evidence.differences import paired_difference

A, B = "task1a_plain", "task1a_dropout"


def one(name, *wrong, **more):
    return made_up(name, wrong=wrong, **more)


def test_it_takes_the_epoch_that_is_asked_for():
    a = one(A, range(20), range(30))  # best at the first epoch
    b = one(B, range(40), range(10))  # best at the last
    best, last = results.compare(a, b), results.compare(a, b, "last")
    assert best.difference.value == pytest.approx((190 - 180) / 200)
    assert last.difference.value == pytest.approx((190 - 170) / 200)
    right = np.ones((2, IMAGES), bool)
    right[0, :20], right[1, :10] = False, False
    assert best.difference == paired_difference(*right)
    assert best.p == best.mcnemar[0] == mcnemar(*right)


@pytest.mark.parametrize("seeds", [1, 2])
def test_fewer_than_three_seeds_are_never_decided(seeds):
    compared = results.compare(good(A, 60, seeds=seeds), good(B, 5, seeds=seeds))
    assert compared.difference.low > 0 and compared.mcnemar[0] < 0.001
    assert not compared.decided
    assert not results.family([compared])[0].decided
    said = f"{seeds} seed{'s' * (seeds > 1)}, no verdict"
    assert compared.verdict.startswith(said) and said in str(compared)


def test_of_one_seed_each_only_these_two_networks_are_told_apart():
    a, b, same = one(A, range(40)), one(B, range(10)), one(B, range(1, 41))
    told = f"of these two trained networks {B} is the more accurate"
    assert told in results.compare(a, b).verdict and told in results.compare(b, a).verdict
    assert "these two trained networks cannot be told apart" in results.compare(a, same).verdict


def test_of_one_seed_each_it_is_said_where_interval_and_test_disagree():
    compared = results.compare(one(A, range(14)), one(B, range(14, 19)))
    assert compared.difference.low > 0
    assert "the interval leaves zero out, and McNemar's test says p = 0.064" in str(compared)
    other = replace(compared, difference=Estimate(0.03, -0.01, 0.07), mcnemar=(0.03,))
    assert "the interval contains zero, and McNemar's test says p = 0.03" in other.verdict


def test_three_seeds_decide_where_the_interval_leaves_zero_out():
    for a, b in ((60, 10), (10, 60)):
        compared = results.compare(good(A, a), good(B, b))
        assert compared.decided
        assert compared.verdict == f"{B if b < a else A} is more accurate"
    same = results.compare(good(A, 10), good(B, 11))
    assert not same.decided
    assert same.verdict == "the interval contains zero: the two cannot be told apart"
    assert "more accurate" not in str(same)


def test_over_seeds_p_is_that_of_the_interval():
    a = [one(A, range(20 + s), seed=s) for s in range(3)]
    b = [one(B, range(10 + s), seed=s) for s in range(3)]
    compared = results.compare(a, b)
    assert compared.accuracy_a == pytest.approx((0.9, 0.895, 0.89))
    assert compared.difference.value == pytest.approx(0.05)
    assert compared.p == compared.difference.p()
    assert (compared.p < 0.05) == (compared.difference.side() != 0)
    lone = results.compare(a[0], b)
    assert lone.seeds == 1 and lone.p == lone.difference.p()


def test_the_sentence_has_the_numbers_and_where_they_are_from():
    sentence = str(results.compare(good(A, 40), good(B, 10)))
    assert f"{B} minus {A}, best epoch (an epoch picked on these same images)" in sentence
    assert "+15.0 points" in sentence and "over 200 images and 3 seeds" in sentence
    assert "picked" not in str(results.compare(good(A), good(B), "last"))
    assert "3 and 4 seeds" in str(results.compare(good(A), good(B, seeds=4)))
    assert "exact McNemar p" in str(results.compare(one(A, range(5)), one(B, range(4))))


SPOILT = pytest.mark.parametrize(
    ("spoilt", "word"), [(at_chance, "learned nothing"), (unstable, "is unstable")]
)


@SPOILT
def test_networks_that_learned_nothing_or_are_unstable_decide_nothing(spoilt, word):
    for a, b in ((spoilt(A), good(B, 2)), (good(B, 2), spoilt(A))):
        compared = results.compare(a, b)
        assert compared.difference.side() != 0 and not compared.decided
        assert compared.verdict == f"no verdict: {A} {word} in 3 of 3 seeds"
    (lone,) = spoilt(A, seeds=1)
    assert results.compare(lone, good(B, 2)[0]).verdict == f"no verdict: {A} {word}"


@SPOILT
def test_seeds_that_decide_nothing_are_left_out_where_three_remain(spoilt, word):
    some = [*good(A, 60, seeds=4)[:3], *spoilt(A, seeds=4)[3:]]
    compared, without = results.compare(some, good(B)), results.compare(some[:3], good(B))
    assert compared.difference == without.difference and compared.decided
    assert compared.verdict == (f"{B} is more accurate (left out: {A} {word} in 1 of 4 seeds)")
    few = results.compare(some[1:], good(B))
    assert few.verdict == f"no verdict: {A} {word} in 1 of 3 seeds" and not few.decided


def test_it_is_said_where_networks_are_still_learning():
    compared = results.compare(good(A, 60), still_learning(B))
    assert compared.decided
    assert compared.verdict == (f"{B} is more accurate ({B} is still learning in 3 of 3 seeds)")
    some = [*good(A, 60, seeds=4)[:3], *at_chance(A, seeds=4)[3:]]
    assert results.compare(some, still_learning(B)).verdict == (
        f"{B} is more accurate (left out: {A} learned nothing in 1 of 4 seeds; "
        f"{B} is still learning in 3 of 3 seeds)"
    )


def test_a_family_is_corrected_by_holm_in_the_order_given():
    base = results.compare(good(A, 40), good(B, 10))
    ps = [0.03, 0.001, 0.9, 0.02]
    corrected = results.family([replace(base, p=p) for p in ps])
    assert [row.p for row in corrected] == pytest.approx(holm(ps))
    assert [row.decided for row in corrected] == [False, True, False, False]
    assert {row.family for row in corrected} == {4}
    assert "after Holm's correction for 4 comparisons" in str(corrected[1])
    assert corrected[0].verdict == (
        "the interval leaves zero out, but as one of 4 comparisons that does not decide"
    )


def test_a_family_of_one_is_as_it_was():
    row = results.compare(good(A, 40), good(B, 10))
    assert results.family([row]) == [row]


def test_different_images_are_not_compared():
    other = one(B, range(5), identity={"train": "t", "validation": "other"})
    with pytest.raises(ValueError, match=f"{A} and {B} were validated on different images"):
        results.compare(one(A, range(5)), other)
    with pytest.raises(ValueError, match="at least one is needed"):
        results.compare([], other)


def test_what_a_task_compares_are_runs_of_the_lab_on_the_same_images():
    for task, pairs in results.PAIRS.items():
        assert len(set(pairs)) == len(pairs)
        for pair in pairs:
            a, b = (experiments.EXPERIMENTS[name] for name in pair)
            assert a.data == b.data and a.name != b.name
            assert task in (a.task[0], b.task[0])


def test_one_network_against_several_has_the_interval_and_no_test_of_two_networks():
    one, several = made_up(A, wrong=[range(40)]), seeds_of(B, 5)
    compared = results.compare(one, several)
    assert not compared.single and compared.p == compared.difference.p()
    assert "McNemar" not in str(compared) and "these two trained networks" not in compared.verdict
