"""Figures of images: what stands where, and under which name."""

import numpy as np

from helpers import datasets, plotting


def test_examples_show_each_class_in_a_row_of_its_own(lab):
    train, _ = datasets.load_pair("skin")
    figure = plotting.examples(train, 16, "examples", count=3)
    shown = [ax for ax in figure.axes if ax.images]
    assert [ax.get_title(loc="left") for ax in shown] == ["Mel", "", "", "Nev", "", ""]
    means = [ax.images[0].get_array().mean() for ax in shown]
    assert max(means[:3]) < 0.5 < min(means[3:])
    assert "own images" in figure.get_suptitle()


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
