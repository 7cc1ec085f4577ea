import io

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image
from test_results import made_up

from helpers import datasets, plotting, results
from helpers.plotting import style


@pytest.fixture
def figure():
    runs = {
        "plain": [made_up(wrong=[range(9), range(5), range(7)], seed=s) for s in range(2)],
        "dropout": made_up("task1a_dropout", wrong=[range(12), range(8), range(4)]),
    }
    return plotting.learning_curves(runs, "Task 1a")


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


def test_a_class_with_dollars_is_no_formula_and_powers_of_ten_are():
    labels = {"$x$": {"first": 1.0, "last": 1e-5}}
    drawn = plotting.signals(labels, "$x$")
    title, (label,) = drawn.get_suptitle(), drawn.axes[0].get_legend().get_texts()
    assert title == label.get_text() == "$x$"
    assert not label.get_parse_math()
    assert not drawn._suptitle.get_parse_math()
    assert all(tick.get_parse_math() for tick in drawn.axes[0].get_yticklabels())


def test_colours_differ_in_grey():
    grey = sorted(np.dot(to_rgb(colour), (0.299, 0.587, 0.114)) for colour in style.COLOURS)
    assert min(np.diff(grey)) > 0.2


def test_more_runs_than_can_be_told_apart_are_refused():
    with pytest.raises(ValueError, match="4 runs in one figure; it can show 1 to 3"):
        plotting.learning_curves(dict.fromkeys("abcd", made_up()), "too many")


def test_nothing_is_drawn_outside_the_figure(figure):
    compared = [results.compare(made_up(), made_up("task2b_no_spatial_dropout"))]
    for drawn in (figure, plotting.differences(compared, "differences")):
        drawn.draw_without_rendering()
        inches = drawn.get_tightbbox()
        width, height = drawn.get_size_inches()
        assert min(inches.x0, inches.y0, width - inches.x1, height - inches.y1) >= 0


def test_the_same_figure_gives_the_same_bytes(lab, figure):
    first = [path.read_bytes() for path in plotting.save_figure(figure, "task1a")]
    assert [path.read_bytes() for path in plotting.save_figure(figure, "task1a")] == first
    assert sorted(path.name for path in lab.figures.iterdir()) == ["task1a.png", "task1a.svg"]
    assert Image.open(io.BytesIO(first[0])).size == (1350, 570)
    assert b"<dc:date>" not in first[1]


def test_differences_fill_the_marker_of_a_decided_one_only():
    a, same = made_up(wrong=[range(40)]), made_up("task1b_plain", wrong=[range(1, 41)])
    better = made_up("task1a_dropout", wrong=[range(5)])
    rows = [results.compare(a, better), results.compare(a, same)]
    (ax,) = plotting.differences(rows, "differences").axes
    points = [line for line in ax.lines if line.get_marker() == "o"]
    assert [point.get_markerfacecolor() for point in points] == [style.COLOURS[0], "white"]
    assert float(points[0].get_xdata()[0]) == pytest.approx(17.5)
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first row on top


def test_differences_over_seeds_say_so():
    a, b = ([made_up(name, seed=s) for s in range(3)] for name in ("task1a_plain", "task1b_plain"))
    title = plotting.differences([results.compare(a, b)], "Task 1").get_suptitle()
    assert title == "Task 1, 3 seeds"


def test_examples_show_each_class_in_a_row_of_its_own(lab):
    train, _ = datasets.load_pair("skin")
    figure = plotting.examples(train, 16, "examples", count=3)
    shown = [ax for ax in figure.axes if ax.images]
    assert [ax.get_title(loc="left") for ax in shown] == ["Mel", "", "", "Nev", "", ""]
    means = [ax.images[0].get_array().mean() for ax in shown]
    assert max(means[:3]) < 0.5 < min(means[3:])
    assert "own images" in figure.get_suptitle()


def test_signals_are_one_line_each_over_the_layers_in_their_order():
    rows = {"plain": {"block1": 1e-1, "logits": 1e-5}, "batch norm": {"block1": 0.5, "logits": 1.0}}
    (ax,) = plotting.signals(rows, "Task 5").axes
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["block1", "logits"]
    assert [list(line.get_ydata()) for line in ax.lines] == [[1e-1, 1e-5], [0.5, 1.0]]
    assert ax.get_yscale() == "log"


def test_feature_maps_have_a_row_a_layer_below_the_image():
    maps = {"early": np.random.default_rng(0).random((3, 8, 8)), "late": np.zeros((3, 2, 2))}
    axes = np.reshape(plotting.feature_maps(np.zeros((8, 8, 3)), maps, "Task 6").axes, (3, 3))
    assert [len(ax.images) for ax in axes[0]] == [1, 0, 0]
    assert np.array_equal(axes[1, 2].images[0].get_array(), maps["early"][2])
    titles = [row[0].get_title(loc="left") for row in axes]
    assert titles == ["image", "early, 8 x 8", "late, 2 x 2"]


def test_planes_have_a_colour_a_class(lab):
    images = datasets.load("skin", "validation")
    at = np.column_stack([images.labels, np.arange(8)])
    (ax,) = plotting.planes({"skin": (at, images)}, "Task 6").axes
    first, second = ax.collections
    assert set(first.get_offsets()[:, 0]) == {0} and set(second.get_offsets()[:, 0]) == {1}
    assert not np.array_equal(first.get_facecolor(), second.get_facecolor())
    assert [text.get_text() for text in ax.get_legend().texts] == ["Mel", "Nev"]


def some_maps(count=3, size=16):
    rng = np.random.default_rng(0)
    masks = np.zeros((count, size, size), bool)
    masks[:, 4:9, 4:9] = True
    return rng.random((count, size, size, 1)), {"Grad-CAM": rng.random((count, size, size))}, masks


def test_heat_maps_lie_under_their_images_and_may_warn():
    images, maps, masks = some_maps()
    drawn = plotting.heat_maps(images, maps, list("abc"), "title", masks, "at chance!")
    first, below = drawn.axes[0], drawn.axes[3]
    assert (first.get_ylabel(), below.get_ylabel()) == ("image", "Grad-CAM")
    assert [len(ax.images) for ax in (first, below)] == [1, 2]
    np.testing.assert_array_equal(below.images[1].get_array(), maps["Grad-CAM"][0])
    assert len(below.collections) == 1  # the outline of the mask
    assert drawn.get_supxlabel() == "at chance!"
    assert plotting.heat_maps(images, maps, list("abc"), "title").get_supxlabel() == ""


def test_exchanges_show_the_mean_and_its_area():
    curves = {"deletion": {"Grad-CAM": np.array([[1.0, 0.5, 0.0], [1.0, 0.0, 0.0]])}}
    drawn = plotting.exchanges(curves, "title")
    (line,) = drawn.axes[0].lines
    assert list(line.get_xdata()) == [0, 50, 100] and list(line.get_ydata()) == [1, 0.25, 0]
    assert line.get_label() == "Grad-CAM: 0.38"


def test_agreements_have_a_line_each_with_its_interval():
    drawn = plotting.agreements({"logits": np.array([0.1, 0.3]), "dense1": np.zeros(4)}, "title")
    assert [t.get_text() for t in drawn.axes[0].get_yticklabels()] == ["logits", "dense1"]
    assert drawn.axes[0].lines[1].get_xdata()[0] == pytest.approx(0.2)
