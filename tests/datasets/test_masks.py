"""Masks beside the images: which is whose, and what is refused."""

import numpy as np
import pytest
from PIL import Image

from helpers import datasets, settings
from helpers.datasets import DatasetError, masks

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
    with pytest.raises(DatasetError, match=r"1 of 8 images have no mask.*Nev_2\.png"):
        masks(datasets.load("skin", "validation"), 8)


def mask_of_mel_1(skin, pixels, suffix=".png", **options):
    """Put another mask in the place of one."""
    place = skin / "masks" / "validation" / "Mel" / "Mel_1.png"
    place.unlink()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(place.with_suffix(suffix), **options)


def left_half(value=255, side=SIDE):
    pixels = np.zeros((side, side), np.uint8)
    pixels[:, : side // 2] = value
    return pixels


def area(of, value, width):
    """A stripe of this value and width to the right of what is white."""
    pixels = of.copy()
    pixels[:, SIDE // 2 : SIDE // 2 + width] = value
    return pixels


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        (area(left_half(), 128, 4), r"Mel_1\.png.*grey areas.*are 0, 128, 255\); make each"),
        (area(left_half(), 60, 4), r"grey areas.*are 0, 60, 255\)"),
        (area(left_half(), 200, 4), r"grey areas.*are 0, 200, 255\)"),
        (left_half(128), r"grey areas.*are 0, 128\)"),
        (np.arange(SIDE * SIDE).reshape(SIDE, SIDE), "grey areas"),
        (np.dstack([left_half()] * 3 + [left_half().T]), "by its colours and .* transparency"),
        (np.dstack([left_half() * 0] * 3 + [left_half()]), "by its colours and .* transparency"),
        (np.zeros((SIDE, SIDE + 2)), r"Mel_1\.png.*is 18 x 16 pixels and its image 16 x 16"),
        (np.ones((SIDE, SIDE)), r"Mel_1\.png.*nothing is marked; a mask must be white"),
    ],
)
def test_a_wrong_mask_is_refused(skin, pixels, message):
    mask_of_mel_1(skin, pixels)
    with pytest.raises(DatasetError, match=message):
        masks(datasets.load("skin", "validation"), 8)


@pytest.mark.parametrize(
    ("pixels", "options"),
    [
        (area(left_half(), 128, 1), {}),  # an edge
        (left_half(), {"suffix": ".jpg", "quality": 30}),
        (np.dstack([left_half() * 0 + 255] * 3 + [left_half()]), {}),  # white on nothing
        (np.dstack([left_half()] * 3 + [left_half()]), {}),
        (np.dstack([left_half(), *[left_half() * 0] * 2, left_half()]), {}),  # red on nothing
        (np.dstack([left_half()] * 3 + [left_half() * 0 + 255]), {}),  # opaque
    ],
)
def test_edges_and_transparency_are_no_fault(skin, pixels, options):
    mask_of_mel_1(skin, pixels, **options)
    mask = masks(datasets.load("skin", "validation"), SIDE)[1]
    assert mask[:, : SIDE // 2].all() and not mask[:, SIDE // 2 + 1 :].any()


def test_masks_that_are_all_white_tell_nothing(skin):
    for place in (skin / "masks").rglob("*.png"):
        Image.new("L", (SIDE, SIDE), 255).save(place)
    with pytest.raises(DatasetError, match="every mask of validation is white all over"):
        masks(datasets.load("skin", "validation"), 8)


def test_parts_of_one_mask_are_put_together(skin):
    place = skin / "masks" / "validation" / "Mel" / "Mel_1.png"
    place.rename(place.with_name("Mel_1_mask.png"))
    Image.fromarray(left_half()[:, ::-1].copy()).save(place.with_name("Mel_1_mask_1.png"))
    found = masks(datasets.load("skin", "validation"), 8)
    assert found[1].all() and not found[0][:, 4:].any()


def test_demo_bones_have_masks_and_those_with_a_letter_markers(monkeypatch, tmp_path):
    counts = {"train": 2, "validation": 1}
    datasets.phantoms.write("bone", tmp_path / "bone", shortcut=1.0, counts=counts)
    monkeypatch.setattr(settings, "_current", settings.Settings(bone=tmp_path / "bone"))
    marked = datasets.load("bone", "train")
    lesions, markers = masks(marked, 96), masks(marked, 96, "markers")
    assert lesions.any(axis=(1, 2)).all() and markers.any(axis=(1, 2)).all()
    assert not (lesions & markers).any()
