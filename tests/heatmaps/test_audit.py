"""Methods and baselines beside each other, on a network whose one true map is known."""

import keras
import numpy as np
import pytest

from helpers import settings
from helpers.evidence import Estimate
from helpers.heatmaps import audit, faithfulness, gradcam, targets
from helpers.networks import models

SIZE = 16


@pytest.fixture(scope="module", autouse=True)
def _build(tmp_path_factory):
    """A cache of its own, so that nothing is read that other code has made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "_current", settings.current())
        settings.use(build=tmp_path_factory.mktemp("build"))
        yield


@pytest.fixture(scope="module")
def network():
    """Goes by a bright square alone, wherever it is: the greatest mean of 3 x 3 pixels."""
    inputs = keras.Input((SIZE, SIZE, 1))
    x = keras.layers.Conv2D(1, 3, padding="same", name="Last_ConvLayer")(inputs)
    x = keras.layers.Activation("relu")(x)
    x = keras.layers.GlobalMaxPooling2D()(x)
    x = keras.layers.Dense(1, name="top")(x)
    model = keras.Model(inputs, keras.layers.Activation("sigmoid")(x))
    model.get_layer("Last_ConvLayer").set_weights([np.full((3, 3, 1, 1), 1 / 9), np.zeros(1)])
    model.get_layer("top").set_weights([np.array([[20.0]]), np.array([-10.0])])
    return model


@pytest.fixture(scope="module")
def scene():
    """Images with the square somewhere, its masks, and a thin line whose edges are stronger."""
    rng = np.random.default_rng(0)
    images = 0.3 * rng.random((40, SIZE, SIZE, 1)).astype(np.float32)
    masks = np.zeros((40, SIZE, SIZE), bool)
    images[:, 14] = 1
    for image, mask, (row, column) in zip(images, masks, rng.integers(1, 9, (40, 2)), strict=True):
        image[row : row + 3, column : column + 3] = 0.8
        mask[row : row + 3, column : column + 3] = True
    return images, masks


@pytest.fixture(scope="module")
def found(network, scene):
    images, masks = scene
    maps = audit.maps_of(network, images)
    return audit.scores(maps, audit.curves_of(network, images, maps), masks)


def test_methods_that_find_the_square_beat_both_baselines(found):
    table = audit.against_baselines(found)
    for method in ("HiResCAM", "occlusion"):
        for measure in ("pointing", "energy inside"):
            assert table.loc[(measure, method), "verdict"] == "beats both"
    assert table.loc[("deletion", "occlusion"), "verdict"] == "beats both"
    assert "near the border" not in table.index.get_level_values("measure")


def test_baselines_are_held_against_nobody(found):
    table = audit.against_baselines(found)
    assert not set(audit.BASELINES) & set(table.index.get_level_values("method"))
    assert "occlusion" not in table.loc["agreement with occlusion"].index


def test_a_method_that_is_noise_beats_nothing(network, scene):
    images, masks = scene
    maps = audit.maps_of(network, images)
    maps = {"Grad-CAM": np.random.default_rng(5).random(masks.shape)} | {
        name: maps[name] for name in audit.BASELINES
    }
    table = audit.against_baselines(audit.scores(maps, {}, masks))
    assert (table["verdict"] != "beats both").all()


def test_the_table_has_a_row_a_method_and_intervals(found):
    table = audit.score_table(found)
    assert list(table.index) == ["Grad-CAM", "HiResCAM", "occlusion", "random", "edges"]
    assert table.loc["HiResCAM", "pointing"] == "1.000 [0.912, 1.000]"
    assert table.loc["occlusion", "agreement with occlusion"] == ""


def test_without_masks_nothing_is_said_of_them(network, scene):
    images, _ = scene
    maps = audit.maps_of(network, images[:4])
    del maps["occlusion"]
    found = audit.scores(maps, audit.curves_of(network, images[:4], maps, steps=4))
    assert list(found) == ["near the border", "deletion", "insertion"]


def test_better_depends_on_the_measure():
    rise, fall = Estimate(0.2, 0.1, 0.3), Estimate(-0.2, -0.3, -0.1)
    assert audit.is_better("pointing", rise) and not audit.is_better("pointing", fall)
    assert audit.is_better("deletion", fall) and not audit.is_better("deletion", rise)
    assert not audit.is_better("pointing", Estimate(0.1, -0.1, 0.3))


def test_mixed_weights_give_other_maps(scene):
    images, _ = scene
    keras.utils.set_random_seed(1)
    model = models.alexnet((SIZE, SIZE, 1), base=4, dense=(8,), classes=2)
    by_layer = audit.after_mixing(model, images[:8])
    assert list(by_layer) == ["logits", "dense1", "block5", "block4", "block3", "block2", "block1"]
    assert all(values.shape == (8,) for values in by_layer.values())
    assert np.mean(by_layer["block1"]) < 0.9


def test_nine_classes_are_audited_as_two_are(scene):
    images, masks = scene[0][:8], scene[1][:8]
    keras.utils.set_random_seed(2)
    model = models.alexnet((SIZE, SIZE, 1), base=4, dense=(8,), classes=9)
    maps = audit.maps_of(model, images)
    curves = audit.curves_of(model, images, maps, steps=4)
    predicted = model.predict(images, verbose=0).max(axis=1)
    for by_method in curves["deletion"].values():
        np.testing.assert_allclose(by_method[:, 0], predicted, atol=1e-5)
    assert audit.score_table(audit.scores(maps, curves, masks)).shape == (5, 7)
    runner_up = targets.runner_up(model.predict(images, verbose=0))
    assert gradcam.grad_cam(model, images, runner_up).shape == masks.shape


def test_what_takes_long_is_made_once_of_the_same_network_images_and_version(
    network, scene, lab, monkeypatch
):
    images = scene[0][:3]
    made = []

    def counted(module, name):
        original = getattr(module, name)

        def call(*args, **options):
            made.append(name)
            return original(*args, **options)

        monkeypatch.setattr(module, name, call)

    counted(gradcam, "occlusion")
    counted(faithfulness, "insertion")

    def both(images):
        maps = audit.maps_of(network, images)
        return maps["occlusion"], audit.curves_of(network, images, maps, 4)["insertion"]["edges"]

    first = both(images)
    assert made == ["occlusion", "insertion"]
    for one, again in zip(first, both(images), strict=True):
        assert np.array_equal(one, again) and one.dtype == again.dtype
    assert len(made) == 2
    both(images[:2])
    assert len(made) == 4
    weights = network.get_weights()
    network.set_weights([2 * w for w in weights])
    changed = both(images)
    network.set_weights(weights)
    assert len(made) == 6 and not np.array_equal(changed[1], first[1])
    for code in ("MAPS", "CURVES"):
        monkeypatch.setattr(audit, code, getattr(audit, code)[:-1])
        both(images)
    assert made[6:] == ["occlusion", "insertion"]
