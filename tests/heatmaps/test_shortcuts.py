"""Doses of a sign, with networks that are known to go by it, or not to."""

from dataclasses import dataclass, replace

import keras
import numpy as np
import pytest
from runs import made_up

from helpers import datasets, experiments
from helpers.heatmaps import audit, dose

SIZE = 32
LABELS = np.repeat([0, 1], 20)


@dataclass
class Images:
    """Grey noise, 20 images of each of two classes; class 1 is brighter in the middle."""

    labels: np.ndarray
    classes: tuple[str, str] = ("AFF", "NFF")

    def subset(self, per_class):
        return self

    def pixels(self, size):
        noise = np.random.default_rng(0).uniform(0.2, 0.4, (len(self.labels), size, size, 1))
        noise[self.labels == 1, 11:21, 10:22] += 0.2
        return noise


@pytest.fixture(autouse=True)
def _images(monkeypatch):
    monkeypatch.setattr(datasets, "load_pair", lambda data: (None, Images(LABELS)))


def network(kernel, threshold, sign):
    """Class 0 where the greatest response to a kernel is above a threshold, or (-1) below."""
    inputs = keras.Input((SIZE, SIZE, 1))
    x = keras.layers.Conv2D(1, kernel.shape, padding="same", name="Last_ConvLayer")(inputs)
    x = keras.layers.GlobalMaxPooling2D()(keras.layers.Activation("relu")(x))
    x = keras.layers.Dense(2, name="top")(x)
    model = keras.Model(inputs, keras.layers.Activation("softmax")(x))
    model.layers[1].set_weights([kernel[..., None, None], np.zeros(1)])
    weights = 40.0 * sign * np.array([[1, -1]])
    model.get_layer("top").set_weights([weights, -weights[0] * threshold])
    return model


def by_sign():
    """Sees the patch, which is white and 3 x 3 pixels large."""
    return network(np.full((3, 3), 1 / 9), 0.7, 1)


def by_image():
    """Sees where class 1 is brighter, and of a patch too little to mistake it for that."""
    return network(np.full((10, 12), 1 / 120), 0.42, -1)


def of(share, seeds=3, sign="patch", **changes):
    row = experiments.get("task8_letter_50", "quick")
    row = replace(row, name=f"{sign}{share}", sign=sign, dose=share, size=SIZE, **changes)
    return [replace(made_up(seed=seed), experiment=row, labels=LABELS) for seed in range(seeds)]


@pytest.fixture
def seen(monkeypatch):
    """At 50 % networks go by the image, at 100 % by the sign."""

    def networks_of(runs):
        make = by_sign if runs[0].experiment.dose == 1 else by_image
        return (make() for _ in runs)

    monkeypatch.setattr(audit, "networks_of", networks_of)
    return dose({"high": of(1.0), "low": of(0.5)})


def test_answers_with_the_sign_without_and_with_the_other(seen):
    low, high = seen
    assert (low.sign, low.dose, high.dose) == ("patch", 0.5, 1.0)
    assert [x.value for x in (low.own, low.absent, low.other)] == [1, 1, 1]
    assert [x.value for x in (high.own, high.absent, high.other)] == [1, 0.5, 0]
    assert low.sway.side() == 0 and high.sway.side() == 1
    assert low.turned.value == 0 and high.turned.value == 1


def test_maps_point_to_the_sign_where_the_network_goes_by_it(seen):
    low, high = seen
    for method in ("Grad-CAM", "HiResCAM", "occlusion"):
        assert high.pointing[method].value == 1
        assert high.beyond_blank[method].low > 0
        assert low.pointing[method].value < 0.5
        assert low.beyond_blank[method].side() == 0


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        ({"a": of(0.5)}, "patch: there is one dose alone"),
        ({"a": of(0.5), "b": of(0.5, labels="shuffled")}, "b: there is another row with the patch"),
        ({"plain": of(None, sign=None)}, "plain was trained on images without a sign"),
    ],
)
def test_what_cannot_be_put_to_the_test_is_refused(runs, message):
    with pytest.raises(ValueError, match=message):
        dose(runs)


def test_a_run_of_other_images_is_refused(monkeypatch):
    other = [replace(run, labels=LABELS[::-1].copy()) for run in of(0.5)]
    with pytest.raises(ValueError, match="was validated on images that are not at hand"):
        dose({"a": other, "b": of(1.0)})
