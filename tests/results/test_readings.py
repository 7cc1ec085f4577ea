"""The reading of runs, and of all seeds of a run, in words."""

from dataclasses import replace

import numpy as np
import pytest
from runs import IMAGES, at_chance, good, made_up, overfitting, still_learning, unstable

from helpers import evidence, results
from helpers.records import RecordError
from helpers.results.readings import deciding, doubts
from helpers.results.readings import still_learning as unfinished

A = "task1a_plain"


@pytest.mark.parametrize(
    ("runs", "word"),
    [
        (good, "fits"),
        (overfitting, "overfits"),
        (at_chance, "learned nothing"),
        (unstable, "unstable"),
        (still_learning, "still learning"),
    ],
)
def test_a_run_is_read_by_its_recorded_answers(runs, word):
    for run in runs(A):
        assert results.diagnose(run).word == str(results.diagnose(run)) == word
        assert results.diagnose(run).epoch == run.best_epoch
    assert results.diagnose(made_up()).word == "cannot tell"  # two epochs


def test_training_answers_of_the_best_epoch_are_used_where_they_were_kept():
    (run,) = at_chance(A, seeds=1)
    assert "came apart" not in results.diagnose(run).reason
    kept = run.training_probabilities | {run.best_epoch: good(A)[0].fitted()}
    run = replace(run, training_probabilities=kept)
    assert "though they did at epoch 1: it came apart" in results.diagnose(run).reason


def test_a_run_that_was_trained_on_has_no_reading():
    with pytest.raises(RecordError, match="how epoch 5 fits the training images was not kept"):
        results.diagnose(good(A)[0].until(5))


def test_the_reading_of_several_seeds_counts_the_words():
    assert results.reading(good(A)) == results.reading(good(A)[0]) == "fits"
    mixed = [*overfitting(A)[:2], *good(A)[2:]]
    assert results.reading(mixed) == "overfits in 2 of 3 seeds, fits in 1 of 3 seeds"


def test_doubts_name_who_decides_nothing():
    assert doubts(good(A)) == doubts(overfitting(A)) == ""
    assert doubts(at_chance(A, seeds=1)) == f"{A} learned nothing"
    some = [*unstable(A)[:1], *at_chance(A)[1:2], *good(A)[2:]]
    assert doubts(some) == f"{A} is unstable or learned nothing in 2 of 3 seeds"


def test_it_is_counted_in_how_many_seeds_a_run_is_still_learning():
    some = [*still_learning(A)[:2], *good(A)[2:]]
    assert unfinished(some) == f"{A} is still learning in 2 of 3 seeds"
    assert unfinished(good(A)) == unfinished(at_chance(A)) == ""
    assert doubts(some) == ""


def test_seeds_that_decide_nothing_are_left_out_where_three_remain():
    some = [*good(A, seeds=4)[:3], *at_chance(A, seeds=4)[3:]]
    used, why = deciding(some, good("task1a_dropout"))
    assert [[run.seed for run in of_run] for of_run in used] == [[0, 1, 2], [0, 1, 2]]
    assert why == f"{A} learned nothing in 1 of 4 seeds"
    kept, why = deciding(some[1:], good("task1a_dropout"))
    assert len(kept[0]) == 3 and why == f"{A} learned nothing in 1 of 3 seeds"
    two = good(A, seeds=2)
    assert deciding(two) == ([two], "")


def test_readings_have_a_row_a_word_with_its_seeds_and_the_firsts_numbers():
    mixed = [*overfitting(A)[:1], *good(A)[1:]]
    table = results.readings({"one": good(A)[0], "two": mixed})
    assert list(table.index) == [("one", "0"), ("two", "0"), ("two", "1, 2")]
    assert table["curve"].tolist() == ["fits", "overfits", "fits"]
    because = table["because"]
    assert because["one", "0"].startswith("Accuracy 0.950 in training and 0.950 in validation")
    assert because["two", "1, 2"].startswith("Seed 1: Accuracy 0.945")
    assert list(results.readings({})) == ["curve", "because"]


def test_the_glossary_has_every_word():
    table = results.glossary()
    assert list(table.index) == list(evidence.WORDS)
    assert table["is said where"].tolist() == list(evidence.WORDS.values())


def test_a_network_at_chance_is_warned_of():
    (chance,) = at_chance(A, seeds=1)
    warning = results.at_chance(chance)
    assert "Accuracy 0.500 [0.431, 0.569], that of a constant answer 0.500" in warning
    assert "curve 'learned nothing'" in warning
    assert results.at_chance(good(A)[0]) is None


def test_an_accuracy_that_chance_may_give_is_warned_of_whatever_the_curve():
    assert "Accuracy 0.550" in results.at_chance(made_up(wrong=[range(90)] * 3))
    assert results.at_chance(made_up(wrong=[range(80)] * 3)) is None
    one_class = np.arange(IMAGES // 2)
    assert results.at_chance(made_up(wrong=[one_class] * 3)) is not None
