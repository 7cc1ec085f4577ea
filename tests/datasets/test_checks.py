"""What is checked between the splits of a set: the same picture in both, and the balance."""

from pathlib import Path

import numpy as np
import pytest
from pictures import picture
from PIL import Image

from helpers import datasets
from helpers.datasets import DatasetError, DatasetWarning, checks, load, load_pair

pytestmark = pytest.mark.usefixtures("alone")


def test_sound_pair_gives_no_warning(skin):
    train, validation = load_pair("skin")
    assert (train.split, validation.split) == ("train", "validation")


def test_a_pair_can_be_held_to_its_classes(skin):
    train, validation = load_pair("skin", classes=["Nev", "Mel"])
    assert train.classes == validation.classes == ("Mel", "Nev")
    with pytest.raises(DatasetError, match="given are 'Mel', 'Other'"):
        load_pair("skin", classes=["Mel", "Other"])


def test_same_picture_in_both_is_one_warning_that_lists_the_pairs(skin):
    copy = skin / "validation/Nev/copy.png"
    copy.write_bytes((skin / "train/Nev/2.png").read_bytes())
    with Image.open(skin / "train/Mel/1.png") as image:  # the same pixels in other files
        image.save(skin / "validation/Mel/saved again.png", compress_level=0)
        image.save(skin / "validation/Mel/as.bmp")
    with pytest.warns(DatasetWarning) as caught:
        load_pair("skin")
    (message,) = [
        str(warning.message) for warning in caught if "same picture" in str(warning.message)
    ]
    assert len(caught) == 1
    for part in (str(skin), "3 times", "every validation metric wrong"):
        assert part in message
    for pair in (
        f"'{Path('train/Nev/2.png')}' = '{Path('validation/Nev/copy.png')}'",
        f"'{Path('train/Mel/1.png')}' = '{Path('validation/Mel/saved again.png')}'",
        f"'{Path('train/Mel/1.png')}' = '{Path('validation/Mel/as.bmp')}'",
    ):
        assert pair in message


def test_duplicates_are_told_by_all_pixels_not_by_the_thumbnail(skin):
    """Two pictures that differ in one pixel, by less than a thumbnail can show."""
    deep = np.random.default_rng(0).integers(0, 65000, (256, 256)).astype(np.uint16)
    Image.fromarray(deep).save(skin / "train/Mel/9.png")
    deep[100, 100] += 1
    Image.fromarray(deep).save(skin / "validation/Mel/9.png")
    train, validation = load_pair("skin")
    assert np.array_equal(
        *(each.pixels(checks.THUMBNAIL)[n] for each, n in ((train, 4), (validation, 2)))
    )
    assert datasets.duplicates(train, validation) == []


def test_unbalanced_classes_are_said_once(skin):
    for i in range(3):
        picture(skin / "train/Nev" / f"more{i}.png", 500 + i)
    with pytest.warns(
        DatasetWarning, match="unbalanced.*train 4 Mel [+] 7 Nev; validation 2"
    ) as caught:
        load_pair("skin")
    assert len(caught) == 1
    assert load("skin", "train").description.endswith("train 4 Mel + 7 Nev")  # to look at, no more


def test_slightly_unbalanced_classes_are_not_worth_a_warning(skin):
    for i in range(2):
        picture(skin / "train/Nev" / f"more{i}.png", 500 + i)  # 4 and 6: not over 1.5
    load_pair("skin")


def test_broken_images_are_all_named_when_a_pair_is_loaded(skin):
    whole = (skin / "train/Mel/0.png").read_bytes()
    (skin / "train/Mel/0.png").write_bytes(whole[: len(whole) // 2])
    picture(skin / "train/Nev/0.png", 1, size=(1, 1))
    with pytest.raises(DatasetError, match="2 of 8 images cannot be used") as caught:
        load_pair("skin")
    assert "Mel/0.png" in str(caught.value) and "1 x 1" in str(caught.value)
