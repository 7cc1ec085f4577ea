"""The pretrained network, its features kept on disk, and its joining to a head."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from helpers import datasets, environment, experiments, settings, training
from helpers.datasets import unit_range
from helpers.networks import imagenet_weights as weights
from helpers.networks import inference, models, pretrained


@pytest.fixture
def train(lab):
    return datasets.load("skin", "train")


def test_it_is_keras_own_network_with_the_published_weights():
    base = pretrained.imagenet_vgg16((32, 32, 3))
    theirs = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    assert [layer.name for layer in base.layers][1:] == [x.name for x in theirs.layers][1:]
    assert weights.checksum(base.get_weights()) == weights.CHECKSUM
    assert base.count_params() == 14_714_688


def test_a_random_one_keeps_the_size_of_what_it_is_given():
    images = np.random.default_rng(0).random((8, 64, 64, 3)).astype(np.float32)
    base = pretrained.random_vgg16((64, 64, 3), seed=1)
    first = keras.Model(base.input, base.get_layer("block1_pool").output)(images)
    ratio = np.asarray(base(images)).std() / np.asarray(first).std()
    assert 0.1 < ratio < 10
    again, other = (pretrained.random_vgg16((64, 64, 3), seed=s).get_weights() for s in (1, 2))
    assert np.array_equal(again[0], base.get_weights()[0])
    assert not np.array_equal(other[0], again[0])


def test_imagenets_scaling_is_keras_own():
    images = np.random.default_rng(0).random((2, 4, 4, 3)).astype(np.float32)
    theirs = keras.applications.vgg16.preprocess_input(255 * images)
    np.testing.assert_allclose(pretrained.scaling("imagenet")(images), theirs, atol=1e-4)
    assert np.array_equal(pretrained.scaling("unit")(images), images)
    with pytest.raises(ValueError, match="no scaling 'other'; the scalings are unit, imagenet"):
        pretrained.scaling("other")


@pytest.mark.parametrize("scaled", pretrained.SCALINGS)
def test_features_are_the_networks_image_by_image(train, scaled):
    found = pretrained.features(train, 32, scaled=scaled)
    images = unit_range(train.pixels(32, channels=3))
    base = pretrained.imagenet_vgg16((32, 32, 3))
    expected = np.concatenate([base(pretrained.scaling(scaled)(x[None])) for x in images])
    assert found.shape == (16, 1, 1, 512)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4 * expected.max())


def test_features_are_computed_once(train, monkeypatch):
    first = np.array(pretrained.features(train, 32))
    monkeypatch.setattr(pretrained, "extractor", lambda *_: pytest.fail("computed"))
    assert np.array_equal(pretrained.features(train, 32), first)
    assert isinstance(pretrained.features(train, 32), np.memmap)


def test_the_time_that_features_took_is_known_once_they_are_computed(train, monkeypatch):
    how = {"base": "random", "precision": "float32"}
    assert pretrained.features_seconds(train, 32, **how) is None
    pretrained.features(train, 32, **how)
    seconds = pretrained.features_seconds(train, 32, **how)
    assert 0 < seconds < 600
    pretrained.features(train, 32, **how)  # read, which takes no time
    assert pretrained.features_seconds(train, 32, **how) == seconds
    for other in ({"base": "imagenet"}, {"layer": "block4_pool"}, {"scaled": "imagenet"}):
        assert pretrained.features_seconds(train, 32, **how | other) is None
    assert pretrained.features_seconds(datasets.load("skin", "validation"), 32, **how) is None


def test_what_differs_is_kept_apart(train, monkeypatch):
    def kept():
        return len(list((settings.current().build / "cache").glob("features_*.npy")))

    validation = datasets.load("skin", "validation")
    pretrained.features(train, 32)
    pretrained.features(validation, 32)
    pretrained.features(train, 64)
    pretrained.features(train, 32, base="random")
    pretrained.features(train, 32, scaled="imagenet")
    pretrained.features(train, 32, layer="block4_pool")
    pretrained.features(train, 32, precision="mixed_bfloat16")
    assert kept() == 7
    assert set(datasets.DECODING) < set(pretrained.FEATURES)  # features of other pixels are others
    monkeypatch.setattr(pretrained, "FEATURES", pretrained.FEATURES[:-1])
    pretrained.features(train, 32)
    assert kept() == 8
    monkeypatch.setattr(environment, "machine", lambda _: "another processor")
    pretrained.features(train, 32)
    assert kept() == 9
    monkeypatch.setattr(weights, "CHECKSUM", weights.CHECKSUM[::-1])
    monkeypatch.setattr(weights, "imagenet", pretrained.random_vgg16((32, 32, 3)).get_weights)
    pretrained.features(train, 32)
    assert kept() == 10


def test_an_extractor_gives_batch_by_batch_what_features_keep(train, monkeypatch):
    monkeypatch.setattr(inference, "BATCH", 6)
    monkeypatch.setattr(inference, "NUMBERS", 1)
    extract = pretrained.extractor(32, base="random")
    found = list(extract(train.pixels(32, channels=3)))
    assert [batch.shape for batch in found] == [(6, 1, 1, 512)] * 2 + [(4, 1, 1, 512)]
    kept = pretrained.features(train, 32, base="random")
    np.testing.assert_allclose(np.concatenate(found), kept, rtol=1e-4, atol=1e-4 * kept.max())


def test_features_shapes_are_the_networks(train):
    for layer in ("block3_pool", "block4_pool", "block5_pool"):
        shape = pretrained.features(train, 64, layer=layer).shape
        base = pretrained.imagenet_vgg16((64, 64, 3))
        assert shape == (16, *base.get_layer(layer).output.shape[1:])


@pytest.mark.parametrize("scaled", pretrained.SCALINGS)
def test_joined_gives_what_head_and_features_give(train, scaled):
    features = pretrained.features(train, 32, scaled=scaled)
    head = models.dense_head(features.shape[1:], units=8)
    whole = pretrained.joined(pretrained.imagenet_vgg16((32, 32, 3)), head, scaled)
    images = unit_range(train.pixels(32, channels=3))
    np.testing.assert_allclose(whole(images), head(features), atol=1e-5)


def test_a_joined_network_opens_in_plain_keras(tmp_path):
    head = models.dense_head((1, 1, 512), units=8)
    whole = pretrained.joined(pretrained.imagenet_vgg16((32, 32, 3)), head, "imagenet")
    whole.save(tmp_path / "joined.keras")
    images = np.random.default_rng(0).random((2, 32, 32, 3)).astype(np.float32)
    opened = keras.models.load_model(tmp_path / "joined.keras")
    np.testing.assert_allclose(opened(images), whole(images), atol=1e-6)


HEAD = replace(experiments.EXPERIMENTS["task7_skin"], size=32, epochs=3, learning_rate=1e-3)


def test_a_head_learns_what_features_tell(lab):
    run = training.run(replace(HEAD, epochs=60, dropout=0.0, learning_rate=3e-3))
    assert run.history["accuracy"][-1] == 1
    assert run.history["val_accuracy"][-1] >= 0.75


def test_thawing_begins_with_the_head_and_the_pretrained_block(lab):
    head = training.run(HEAD)
    thawed = replace(
        experiments.EXPERIMENTS["task7_skin_thawed"],
        size=32,
        epochs=1,
        learning_rate=1e-12,
        starts_from=HEAD,
    )
    run = training.run(thawed)
    best = head.probabilities[head.best_epoch - 1]
    np.testing.assert_allclose(run.probabilities[0], best, atol=1e-4)
    trained = training.run(replace(thawed, learning_rate=1e-4, epochs=2))
    moved = trained.model("last")
    base = pretrained.imagenet_vgg16((32, 32, 3))
    for name in ("block5_conv1", "block5_conv3"):
        before, after = (m.get_layer(name).get_weights()[0] for m in (base, moved))
        assert np.abs(after - before).max() > 1e-5
    opened = training.recorded(replace(thawed, learning_rate=1e-4, epochs=2))
    assert opened.experiment.starts_from == HEAD


def test_what_a_run_starts_from_is_part_of_its_identity():
    thawed = experiments.EXPERIMENTS["task7_skin_thawed"]
    for change in ({"dropout": 0.1}, {"epochs": 7}):
        other = replace(thawed, starts_from=replace(thawed.starts_from, **change))
        assert other.identity() != thawed.identity()
    renamed = replace(thawed, starts_from=replace(thawed.starts_from, name="mine"))
    assert renamed.identity() == thawed.identity()
