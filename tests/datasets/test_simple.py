"""Whether something simpler than a picture's content predicts its class."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from PIL import Image

from helpers.datasets import list_pair, phantoms
from helpers.datasets.screening import simple

pytestmark = pytest.mark.usefixtures("alone")
COUNTS = {"train": 30, "validation": 20}  # images of each class


@pytest.fixture(autouse=True)
def few_trees(monkeypatch):
    monkeypatch.setattr(simple, "TREES", 30)


@pytest.fixture
def written(tmp_path):
    """Writes a set of noise, each picture changed by its class, and lists it."""
    return partial(write, tmp_path / "data" / "skin")


def write(root, change, classes=("Mel", "Nev"), ending=lambda label: ".png"):
    rng = np.random.default_rng(0)
    for split, count in COUNTS.items():
        for label, name in enumerate(classes):
            (root / split / name).mkdir(parents=True)
            for i in range(count):
                pixels = rng.integers(60, 190, (32, 32)).astype(np.uint8)
                pixels = change(pixels, label, rng)
                Image.fromarray(pixels).save(root / split / name / f"{i}{ending(label)}")
    return list_pair("skin")


def unchanged(pixels, label, rng):
    return pixels


def found(pair):
    return [one.kind for one in simple.predictors(*pair) if one.found]


def test_noise_predicts_nothing(written):
    predictors = simple.predictors(*written(unchanged))
    assert [one.kind for one in predictors] == list(simple.KINDS)
    assert not any(one.found for one in predictors)
    assert predictors[0].figure.startswith("AUC 0.50 [")  # all of one size
    assert predictors[0].images == 40


def test_the_size_is_found(written):
    def wider(pixels, label, rng):
        return np.hstack([pixels, pixels[:, : 4 * label]])

    assert found(written(wider))[0] == "image size"


def test_the_kind_of_file_is_found(written):
    pair = written(unchanged, ending=lambda label: (".png", ".bmp")[label])
    assert found(pair) == ["kind of file"]


def test_the_compression_is_found(written):
    def blocks(pixels, label, rng):
        """Noise of which a part is flat, so that a PNG file of it is smaller."""
        pixels[12:20, 12 : 20 + 4 * label] = 125
        return pixels

    assert found(written(blocks))[0] == "kind of file"


def test_the_brightness_is_found(written):
    assert "brightness" in found(written(lambda pixels, label, rng: pixels + np.uint8(20 * label)))


@pytest.mark.parametrize("corner", simple.CORNERS)
def test_a_mark_is_found_in_its_corner_wherever_it_stands_there(written, corner):
    def marked(pixels, label, rng):
        top, left = rng.integers(0, 3, 2)
        rows = slice(top, top + 4) if "upper" in corner else slice(28 - top, 32 - top)
        columns = slice(left, left + 4) if "left" in corner else slice(28 - left, 32 - left)
        pixels[rows, columns] = 255 if label else 0
        return pixels

    predictors = {one.kind: one for one in simple.predictors(*written(marked))}
    assert predictors["corners"].found and not predictors["edges"].found
    assert predictors["corners"].places[0] == corner
    said = str(predictors["corners"])
    assert said.startswith(f"The corners alone (mostly {corner}") and ") predict the class" in said
    assert "AUC 1.00 [0.9" in said and "on 40 validation images" in said and "letters" in said


def test_a_frame_is_found_at_its_edge(written):
    def framed(pixels, label, rng):
        pixels[12:20, :2] = 255 if label else 0
        return pixels

    predictors = {one.kind: one for one in simple.predictors(*written(framed))}
    assert predictors["edges"].found and not predictors["corners"].found
    assert predictors["edges"].places == ("left",)


def test_what_lies_inside_is_not_seen_by_corners_and_edges(written):
    def patterned(pixels, label, rng):
        """Stripes across or down: the same mean, the same contrast, the same histogram."""
        stripes = np.tile(np.repeat(np.array([90, 160], np.uint8), 2), (16, 4))
        pixels[8:24, 8:24] = (stripes.T if label else stripes) + rng.integers(0, 9, (16, 16))
        return pixels

    assert not {"corners", "edges", "brightness"} & {*found(written(patterned))}


def test_of_three_classes_the_balanced_accuracy_is_taken(written):
    def lighter(pixels, label, rng):
        return pixels + np.uint8(25 * label)

    pair = written(lighter, classes=("a", "b", "c"))
    by_kind = {one.kind: one for one in simple.predictors(*pair)}
    assert by_kind["brightness"].found
    assert by_kind["brightness"].figure.startswith("balanced accuracy 1.00 [")
    assert by_kind["image size"].figure.startswith("balanced accuracy 0.33 [")
    assert not by_kind["image size"].found


def test_shuffled_labels_are_not_predicted(written, monkeypatch):
    """As many kinds of features as there are, and nothing to find, ten times."""
    train, validation = written(lambda pixels, label, rng: pixels + np.uint8(20 * label))
    features = {of.split: simple._features(of, ["PNG"]) for of in (train, validation)}
    monkeypatch.setattr(simple, "_features", lambda images, formats: features[images.split])
    assert found((train, validation))
    for seed in range(10):
        rng = np.random.default_rng(seed)
        assert not found(
            [replace(of, labels=rng.permutation(of.labels)) for of in (train, validation)]
        )


@pytest.mark.parametrize("seed", range(2))
def test_the_letter_of_the_demo_bones_is_found_and_none_where_there_is_none(tmp_path, seed):
    counts = {"train": 60, "validation": 40}
    for name, shortcut in (("skin", 0.0), ("bone", 1.0)):
        root = tmp_path / "data" / name
        phantoms.write("bone", root, counts=counts, shortcut=shortcut, seed=seed, size=64)
        by_kind = {one.kind: one for one in simple.predictors(*list_pair(name))}
        assert by_kind["corners"].found == bool(shortcut)
        if shortcut:
            assert {*by_kind["corners"].places} == {"upper left", "upper right"}
