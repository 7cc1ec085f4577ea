"""Methods and baselines beside each other, on a network whose one true map is known."""

import keras
import numpy as np

from helpers.heatmaps import audit, faithfulness, gradcam, scoring, targets
from helpers.networks import models


def test_mixed_weights_give_other_maps(scene):
    images, _ = scene
    keras.utils.set_random_seed(1)
    model = models.alexnet((16, 16, 1), base=4, dense=(8,), classes=2)
    by_layer = audit.after_mixing(model, images[:8])
    assert list(by_layer) == ["logits", "dense1", "block5", "block4", "block3", "block2", "block1"]
    assert all(values.shape == (8,) for values in by_layer.values())
    assert np.mean(by_layer["block1"]) < 0.9


def test_nine_classes_are_audited_as_two_are(scene):
    images, masks = scene[0][:8], scene[1][:8]
    keras.utils.set_random_seed(2)
    model = models.alexnet((16, 16, 1), base=4, dense=(8,), classes=9)
    maps = audit.maps_of(model, images)
    curves = audit.curves_of(model, images, maps, steps=4)
    predicted = model.predict(images, verbose=0).max(axis=1)
    for by_method in curves["deletion"].values():
        np.testing.assert_allclose(by_method[:, 0], predicted, atol=1e-5)
    assert scoring.score_table(scoring.scores(maps, curves, masks)).shape == (9, 7)
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
