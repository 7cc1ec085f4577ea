"""What holds for every figure."""

import io

import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image
from runs import made_up

from helpers import plotting, results
from helpers.plotting import style


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


def test_the_same_figure_gives_the_same_bytes(lab, figure):
    first = [path.read_bytes() for path in plotting.save_figure(figure, "task1a")]
    assert [path.read_bytes() for path in plotting.save_figure(figure, "task1a")] == first
    assert sorted(path.name for path in lab.figures.iterdir()) == ["task1a.png", "task1a.svg"]
    assert Image.open(io.BytesIO(first[0])).size == (1350, 570)
    assert b"<dc:date>" not in first[1]


def test_nothing_is_drawn_outside_the_figure(figure):
    compared = [results.compare(made_up(), made_up("task2b_no_spatial_dropout"))]
    for drawn in (figure, plotting.differences(compared, "differences")):
        drawn.draw_without_rendering()
        inches = drawn.get_tightbbox()
        width, height = drawn.get_size_inches()
        assert min(inches.x0, inches.y0, width - inches.x1, height - inches.y1) >= 0
