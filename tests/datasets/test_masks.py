"""Masks beside the images: which is whose, and what is refused."""

import numpy as np
import pytest
from PIL import Image

from helpers import datasets, settings
from helpers.datasets import DatasetError, demo, masks

SIDE = 16  # of the images of the fixture


@pytest.fixture
def skin(lab, images):
    """The fixture's skin set with a mask for every image: the left half of a Mel, none of a Nev."""
    root = images / "skin"
    for file in [*root.rglob("train/*/*.png"), *root.rglob("validation/*/*.png")]:
        white = np.zeros((SIDE, SIDE), np.uint8)
        white[:, : SIDE // 2] = 255 * file.name.startswith("Mel")
        place = root / "masks" / file.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(white).save(place)
    return root


def test_each_image_has_its_own(skin):
    validation = datasets.load("skin", "validation")
    found = masks(validation, 8)
    assert found.shape == (8, 8, 8) and found.dtype == bool
    for mask, label in zip(found, validation.labels, strict=True):
        assert mask[:, :4].all() == (label == 0) and not mask[:, 4:].any()


def test_a_mask_may_have_another_format(skin):
    mask = skin / "masks" / "validation" / "Mel" / "Mel_0.png"
    Image.open(mask).save(mask.with_suffix(".bmp"))
    mask.unlink()
    assert masks(datasets.load("skin", "validation"), 8)[0, :, :4].all()


def test_a_set_without_masks_has_none(lab):
    assert masks(datasets.load("skin", "validation"), 8) is None


def test_an_image_without_a_mask_is_named(skin):
    (skin / "masks" / "validation" / "Nev" / "Nev_2.png").unlink()
    with pytest.raises(DatasetError, match=r"1 of 8 images of validation have no mask.*Nev_2\.png"):
        masks(datasets.load("skin", "validation"), 8)


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        (np.zeros((SIDE, SIDE + 2)), r"Mel_1\.png.*is 18 x 16 pixels and its image 16 x 16"),
        (np.ones((SIDE, SIDE)), r"Mel_1\.png.*nothing is marked; a mask must be white"),
    ],
)
def test_a_wrong_mask_is_refused(skin, pixels, message):
    place = skin / "masks" / "validation" / "Mel" / "Mel_1.png"
    Image.fromarray(pixels.astype(np.uint8)).save(place)
    with pytest.raises(DatasetError, match=message):
        masks(datasets.load("skin", "validation"), 8)


def test_demo_bones_have_masks_and_those_of_the_drill_markers(monkeypatch, tmp_path):
    monkeypatch.setitem(demo.DRILL, "bone_marked", {"shortcut": 1.0, "counts": {"train": 2}})
    monkeypatch.setattr(settings, "_current", settings.Settings(build=tmp_path, data=tmp_path))
    marked = datasets.load("bone_marked", "train")
    assert marked.demo and marked.positive == "AFF"
    lesions, markers = masks(marked, 96), masks(marked, 96, "markers")
    assert lesions.any(axis=(1, 2)).all() and markers.any(axis=(1, 2)).all()
    assert not (lesions & markers).any()
