"""Learning curves, differences and signals: what is drawn, and what is written beside it."""

import pytest
from runs import made_up

from helpers import plotting, results
from helpers.plotting import style


def test_curves_show_training_dashed_and_validation_solid_from_epoch_1(figure):
    loss, accuracy = figure.axes
    for ax in (loss, accuracy):
        lines = [line for line in ax.lines if len(line.get_xdata()) > 1]
        assert [line.get_linestyle() for line in lines] == ["--", "-"] * 2
        assert all(list(line.get_xdata()) == [1, 2, 3] for line in lines)
    assert (loss.get_ylabel(), accuracy.get_ylabel()) == ("loss", "accuracy")
    solid = next(line for line in accuracy.lines if line.get_linestyle() == "-")
    assert list(solid.get_ydata()) == pytest.approx([1 - n / 200 for n in (9, 5, 7)])


def test_the_best_epoch_of_each_seed_is_marked(figure):
    markers = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 1]
    assert [int(line.get_xdata()[0]) for line in markers] == [2, 2, 3]


def test_the_spread_over_seeds_is_a_band_and_one_seed_has_none(figure):
    assert len(figure.axes[0].collections) == 2  # training and validation of the two seeds


def test_the_title_says_on_what_data(figure):
    assert "demo images, profile quick: train 100 Mel + 100 Nev" in figure.get_suptitle()


def test_more_runs_than_can_be_told_apart_are_refused():
    with pytest.raises(ValueError, match="4 runs in one figure; it can show 1 to 3"):
        plotting.learning_curves(dict.fromkeys("abcd", made_up()), "too many")


def test_differences_fill_the_marker_of_a_decided_one_only():
    def seeds(name, *wrong):
        return [made_up(name, wrong=[range(*wrong)], seed=seed) for seed in range(3)]

    a, same = seeds("task1a_plain", 40), seeds("task1b_plain", 1, 41)
    rows = [results.compare(a, seeds("task1a_dropout", 5)), results.compare(a, same)]
    (ax,) = plotting.differences(rows, "differences").axes
    points = [line for line in ax.lines if line.get_marker() == "o"]
    assert [point.get_markerfacecolor() for point in points] == [style.COLOURS[0], "white"]
    assert float(points[0].get_xdata()[0]) == pytest.approx(17.5)
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first row on top


def test_differences_over_seeds_say_so():
    a, b = ([made_up(name, seed=s) for s in range(3)] for name in ("task1a_plain", "task1b_plain"))
    three, one = results.compare(a, b), results.compare(a[:1], b[:1])
    assert plotting.differences([three], "Task 1").get_suptitle() == "Task 1, 3 seeds"
    assert plotting.differences([one], "Task 1").get_suptitle() == "Task 1"
    assert plotting.differences([], "Task 1").get_suptitle() == "Task 1"
    both = plotting.differences([three, one], "Task 1")
    assert both.get_suptitle() == "Task 1"
    ends = [label.get_text().split(", ")[-1] for label in both.axes[0].get_yticklabels()]
    assert ends == ["3 seeds", "1 seed"]


def test_signals_are_one_line_each_over_the_layers_in_their_order():
    rows = {"plain": {"block1": 1e-1, "logits": 1e-5}, "batch norm": {"block1": 0.5, "logits": 1.0}}
    (ax,) = plotting.signals(rows, "Task 5").axes
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["block1", "logits"]
    assert [list(line.get_ydata()) for line in ax.lines] == [[1e-1, 1e-5], [0.5, 1.0]]
    assert ax.get_yscale() == "log"
