"""Figures of heat maps: the maps under their images, and the curves that judge them."""

import numpy as np
import pytest

from helpers import plotting


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
