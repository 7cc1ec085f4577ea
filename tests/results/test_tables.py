"""What recorded runs say in tables, on made-up runs."""

from dataclasses import replace

import numpy as np
import pytest
from runs import IMAGES, made_up

from helpers import environment, evidence, experiments, results
from helpers.evidence import METRICS, Estimate


def test_the_fit_of_a_run_that_was_trained_on_is_not_made_up():
    run = made_up()
    assert results.tabulate({"a": run})["training accuracy"]["a", "last"] == "1.000"
    assert (
        "not kept, continued"
        in results.tabulate({"a": run.until(1)})["training accuracy"]["a", "last"]
    )


def test_what_was_not_run_is_said_beside_the_reported_figures():
    table = results.against_reported({"task1a_plain": []})
    assert table["measured loss"].tolist() == ["not run"]


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
    assert (best["training accuracy"], last["training accuracy"]) == ("", "0.990")
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
    run = made_up("task1b_plain", wrong=[range(2), range(20)])
    table = results.against_reported({"task1b_plain": run})
    assert list(table.index) == [("task1b_plain", "best (10)"), ("task1b_plain", "last")]
    row = table.loc[("task1b_plain", "last")]
    assert row["reported accuracy"] == "0.730"
    assert row["measured accuracy"].startswith("0.900 [")
    best = table.loc[("task1b_plain", "best (10)")]
    assert best["measured accuracy"].startswith("0.990 [")
    assert row["reported on"] == "the course's images"
    assert row["measured on"] == "demo images, profile quick"


def test_comparisons_are_tabulated_in_points():
    a, b = made_up(wrong=[range(40)]), made_up("task1a_dropout", wrong=[range(10)])
    table = results.comparisons([results.compare(a, b)])
    row = table.loc["task1a_dropout minus task1a_plain"]
    assert row["difference, points"].startswith("+15.0 [+")
    assert row["accuracy"] == "0.950 minus 0.800"


def test_a_ratio_is_called_more_or_less_only_where_its_interval_leaves_one_out():
    assert results.in_words(Estimate(2, 1.2, 3)) == "2.00 [1.20, 3.00] times: more"
    assert results.in_words(Estimate(0.5, 0.3, 0.9)).endswith("less")
    assert results.in_words(Estimate(2, 0.9, 3)).endswith("cannot be told apart")
    assert "too few epochs" in results.in_words(Estimate(*[float("nan")] * 3))


def test_a_network_at_chance_is_warned_of():
    half = range(0, IMAGES, 2)
    chance = made_up(wrong=[half] * 8)
    for name, value in (("loss", np.log(2)), ("val_loss", np.log(2))):
        chance.history[name][:] = value
    warning = results.at_chance(chance)
    assert "Accuracy 0.500 [0.431, 0.569], that of a constant answer 0.500" in warning
    assert "curve 'not learning'" in warning
    assert results.at_chance(made_up(wrong=[range(9)] * 8)) is None


def test_an_accuracy_that_chance_may_give_is_warned_of_whatever_the_curve():
    assert "Accuracy 0.550" in results.at_chance(made_up(wrong=[range(90)] * 3))
    assert results.at_chance(made_up(wrong=[range(80)] * 3)) is None


def made_on(*machines, epochs=(1, 2)):
    """A run whose epochs were made on these, to the given ones."""
    parts = [
        {"epochs": end, "versions": {}, "hardware": {"processor": p, "cores": 2, "gpus": list(gpus)}}
        for (p, *gpus), end in zip(machines, epochs[-len(machines) :], strict=True)
    ]
    return made_up(made=parts)


HERE = environment.processor()[0]


@pytest.mark.parametrize(
    ("machines", "said"),
    [
        ([(HERE,)], ""),
        ([("another kind",)], "made on another kind"),
        ([(HERE, "a GPU")], f"made on {HERE} and a GPU"),
        ([("another kind",), (HERE,)], f"made on another kind to epoch 1, then {HERE} to epoch 2"),
        ([(HERE,), (HERE, "a GPU")], f"made on {HERE} to epoch 1, then {HERE} and a GPU to epoch 2"),
    ],
)
def test_where_a_run_was_made_is_said_if_not_here_alone(machines, said):
    run = made_on(*machines)
    assert results.source(run) == "demo images, profile quick" + (f", {said}" if said else "")
    table = results.tabulate({"a": [made_up()], "b": [run]})
    assert ("machine" in table) == bool(said)
    if said:
        assert table["machine"].tolist() == ["", "", said, said]


def test_what_the_curves_of_several_seeds_show_is_counted(monkeypatch):
    late, later = (evidence.Diagnosis("overfitting", epoch, "") for epoch in (7, 9))
    good = evidence.Diagnosis("good", 9, "")
    shown = iter([late, good, late, late, later, later])
    monkeypatch.setattr("helpers.results.tables.diagnose", lambda _: next(shown))
    runs = [made_up(seed=seed) for seed in range(3)]
    assert results.reading(runs) == "overfitting in 2 of 3 seeds, good in 1 of 3 seeds"
    assert results.reading(runs[:2]) == "overfitting"
    assert results.reading(runs[0]) == "overfitting from epoch 9"
