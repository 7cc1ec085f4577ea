"""The figure of what speaks against a set: pairs side by side, borders by class."""

import numpy as np
import pytest

from helpers import plotting

PICTURES = [np.full((8, 9, 3), level / 20) for level in range(20)]
PAIRS = [
    (PICTURES[2 * i], PICTURES[2 * i + 1], f"train/{i}.png", f"validation/{i}.png\nmirrored")
    for i in range(10)
]
BORDERS = {name: np.full((8, 8, 3), level) for name, level in (("Mel", 0.2), ("Nev", 0.4))}
BORDERS["Mel"][2:6, 2:6] = BORDERS["Nev"][2:6, 2:6] = np.nan


def shown(figure):
    return [ax for ax in figure.axes if ax.images]


def test_the_two_of_a_pair_stand_side_by_side_under_their_names():
    one, other, third = shown(plotting.suspects(PAIRS[:3], {}, "suspects"))[:3]
    assert [one.get_title(), other.get_title()] == [
        "1: train/0.png",
        "1: validation/0.png\nmirrored",
    ]
    assert third.get_title() == "2: train/1.png"
    assert np.array_equal(other.images[0].get_array(), PICTURES[1])
    assert one.get_position().y0 == pytest.approx(other.get_position().y0)
    assert one.get_position().x1 < other.get_position().x0


def test_borders_stand_below_the_pairs_and_are_clear_inside():
    figure = plotting.suspects(PAIRS[:1], BORDERS, "suspects")
    *pair, mel, nev = shown(figure)
    assert [mel.get_title(), nev.get_title()] == ["mean border of Mel", "mean border of Nev"]
    assert mel.get_position().y1 < pair[0].get_position().y0
    colours = [np.asarray(ax.images[0].get_array()) for ax in (mel, nev)]
    assert [of[0, 0].tolist() for of in colours] == [[0, 0, 0, 1], [1, 1, 1, 1]]  # stretched
    assert all((of[2:6, 2:6, 3] == 0).all() for of in colours)


def test_long_names_are_folded_and_lie_within_the_figure():
    name = "validation/a_class_with_a_long_name/" + "a_file_with_a_long_name" * 3 + ".png"
    figure = plotting.suspects([(*PICTURES[:2], name, name)], BORDERS, "suspects")
    assert figure.axes[0].get_title().replace("\n", "") == f"1: {name}"
    for ax in shown(figure):
        extent = ax.title.get_window_extent()
        assert extent.x0 >= 0 and extent.y1 <= figure.bbox.height
        assert extent.width < figure.bbox.width / 4


def test_a_figure_of_nothing_is_refused():
    with pytest.raises(ValueError, match="neither pairs nor borders"):
        plotting.suspects([], {}, "suspects")
