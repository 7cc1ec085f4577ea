"""What is warned of when the splits of a set are loaded together."""

import numpy as np
import pytest
from pictures import picture
from PIL import Image

from helpers.datasets import DatasetError, DatasetWarning, checks, load, load_pair

pytestmark = pytest.mark.usefixtures("alone")


def test_sound_pair_gives_no_warning(skin):
    train, validation = load_pair("skin")
    assert (train.split, validation.split) == ("train", "validation")


def test_a_pair_can_be_held_to_its_classes(skin):
    train, validation = load_pair("skin", classes=["Nev", "Mel"])
    assert train.classes == validation.classes == ("Mel", "Nev")
    with pytest.raises(DatasetError, match="'Other'"):
        load_pair("skin", classes=["Mel", "Other"])


def test_the_same_picture_in_both_is_one_warning(skin):
    copy = skin / "validation/Nev/copy.png"
    copy.write_bytes((skin / "train/Nev/2.png").read_bytes())
    with Image.open(skin / "train/Mel/1.png") as image:
        image.save(skin / "validation/Mel/as.bmp")
    with pytest.warns(DatasetWarning) as caught:
        load_pair("skin")
    (message,) = [str(warning.message) for warning in caught]
    assert checks.findings("skin") == "2 of 6 validation pictures are in train"
    for part in (str(skin), "2 of 6 validation pictures are also in train", "metric wrong"):
        assert part in message
    assert "'validation/Nev/copy.png' is 'train/Nev/2.png'" in message


def test_a_copy_in_test_is_warned_of(skin):
    for name in ("Mel", "Nev"):
        picture(skin / "test" / name / "0.png", 900 + ord(name[0]))
    load_pair("skin")
    (skin / "test/Mel/1.png").write_bytes((skin / "train/Mel/1.png").read_bytes())
    with pytest.warns(DatasetWarning, match="1 of 3 test pictures is also in train") as caught:
        load_pair("skin")
    assert len(caught) == 1


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


def test_a_class_of_another_kind_of_file_and_a_dark_one_are_warned_of(skin):
    for i in range(8):
        picture(skin / "train/Mel" / f"more{i}.png", 500 + i)
        (skin / f"train/Nev/{i}.png").unlink(missing_ok=True)
        dark = np.random.default_rng(i).integers(0, 4096, (20, 20)).astype(np.uint16)
        Image.fromarray(dark).save(skin / f"train/Nev/dark{i}.png")
    with pytest.warns(DatasetWarning) as caught:
        load_pair("skin")
    messages = [str(warning.message) for warning in caught]
    assert any("8 of 8 pictures of Nev are nearly black" in message for message in messages)
    assert any("bit depth" in message for message in messages)
    assert all(str(skin) in message for message in messages)


@pytest.mark.parametrize("empty", [0, 1])
def test_broken_images_of_all_splits_are_named_in_one_message(skin, empty):
    whole = (skin / "train/Mel/0.png").read_bytes()
    (skin / "train/Mel/0.png").write_bytes(whole[: len(whole) // 2])
    picture(skin / "validation/Nev/0.png", 1, size=(1, 1))
    (skin / "validation/Mel/1.png").write_bytes(b"" if empty else whole)
    with pytest.raises(DatasetError, match=f"{2 + empty} of 12 images cannot be used") as caught:
        load_pair("skin")
    assert "Mel/0.png" in str(caught.value) and "1 x 1" in str(caught.value)
    assert ("is empty" in str(caught.value)) == bool(empty)


def test_a_test_split_without_classes_is_not_compared_and_it_is_said(skin):
    for i in range(2):
        picture(skin / "test" / f"{i}.png", 900 + i)
    with pytest.warns(DatasetWarning, match=r"test/ is not compared .*: .*2 of 2 file names"):
        load_pair("skin")
    assert checks.findings("skin") == ""
