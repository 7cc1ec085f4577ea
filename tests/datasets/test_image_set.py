"""Image sets: what is loaded, fingerprints, subsets, pairs, and what is refused."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from pictures import picture
from PIL import Image

from helpers import datasets, settings
from helpers.datasets import DatasetError, image_files, list_pair, load, load_pair

pytestmark = pytest.mark.usefixtures("alone")


def flattened(root: Path, target: Path) -> Path:
    for split, name in (("train", "train"), ("validation", "test")):
        (target / name).mkdir(parents=True)
        for file in (root / split).rglob("*.png"):
            copy = target / name / f"{file.parent.name}_{file.name}"
            copy.write_bytes(file.read_bytes())
    return target


def test_files_are_read_again_only_when_they_changed(skin, monkeypatch):
    reads = []
    content = image_files.content
    monkeypatch.setattr(image_files, "content", lambda path: reads.append(path) or content(path))
    before = load("skin", "train").fingerprint
    assert load("skin", "train").fingerprint == before
    assert len(reads) == 8
    picture(skin / "train" / "Mel" / "0.png", 999)
    assert load("skin", "train").fingerprint != before
    (skin / "train" / "Mel" / "1.png").write_bytes(b"")
    with pytest.raises(DatasetError, match="is empty"):
        load("skin", "train")
    with pytest.raises(DatasetError, match="is empty"):
        load("skin", "train")


def test_load(skin):
    train = load("skin", "train")
    assert (train.name, train.split, train.root, train.demo) == ("skin", "train", skin, False)
    assert train.classes == ("Mel", "Nev") and train.positive == "Mel"
    assert train.labels.tolist() == [0] * 4 + [1] * 4
    assert train.counts() == {"Mel": 4, "Nev": 4}
    assert train.description == "skin, own images: train 4 Mel + 4 Nev"
    assert [file.name for file in train.files] == ["0.png", "1.png", "2.png", "3.png"] * 2
    with pytest.raises(ValueError, match="read-only"):
        train.labels[0] = 1


def test_arrays_follow_files_and_labels(skin):
    train = load("skin", "train")
    images, labels = train.arrays(20, 3)
    assert images.shape == (8, 20, 20, 3) and images.dtype == np.float32
    assert labels is train.labels
    for file, image in zip(train.files, images, strict=True):
        assert np.array_equal(image, np.asarray(Image.open(file)) / np.float32(255))
    assert train.arrays(12)[0].shape == (8, 12, 12, 1)
    assert train.pixels(12).dtype == np.uint16
    assert np.array_equal(datasets.unit_range(train.pixels(12)), train.arrays(12)[0])


def test_arrays_go_with_stream(skin):
    images, labels = load("skin", "train").arrays(8)
    batch, chosen = next(datasets.stream(images, labels, 3, seed=0).as_numpy_iterator())
    order = np.random.default_rng((0, 0)).permutation(8)[:3]
    assert np.array_equal(batch, images[order]) and np.array_equal(chosen, labels[order])


def test_folder_of_one_set(tmp_path, skin):
    flat = flattened(skin, tmp_path / "flat")
    settings.use(skin=flat)
    assert load("skin", "validation").root == flat
    assert load("skin", "validation").counts() == {"Mel": 2, "Nev": 2}


def test_held_out_split(skin):
    for k, name in enumerate(("Mel", "Nev")):
        picture(skin / "test" / name / "x.png", 900 + k)
    assert load("skin", "test").counts() == {"Mel": 1, "Nev": 1}


def test_xray_knows_c1_to_c9(tmp_path):
    for i in range(1, 10):
        picture(tmp_path / "data/X_ray/train" / f"C{i}_{i}.png", i)
        picture(tmp_path / "data/X_ray/test" / f"C{i}_{i}.png", i + 10)
    train = load("xray", "train")
    assert train.classes == tuple(f"C{i}" for i in range(1, 10)) and train.positive is None


def test_names_given(tmp_path):
    for i, name in enumerate(("cat", "dog")):
        picture(tmp_path / "data/bone/train" / f"{name}.png", i)
        picture(tmp_path / "data/bone/test" / f"{name}.png", i + 2)
    assert load("bone", "train", ["cat", "dog"]).classes == ("cat", "dog")
    with pytest.raises(DatasetError, match=r"none of the classes AFF, NFF.*'cat\.png'"):
        load("bone", "train")


@pytest.mark.parametrize(
    ("name", "classes", "positive"),
    [
        ("skin", ("Mel", "Nev"), "Mel"),
        ("bone", ("AFF", "NFF"), "AFF"),
        ("bone", ("Healthy", "Osteoarthritis"), "Osteoarthritis"),
        ("skin", ("Malignant", "benign"), "Malignant"),
        ("xray", ("normal", "pneumonia"), "pneumonia"),
        ("xray", ("abnormal", "normal"), "abnormal"),
        ("xray", ("Fracture", "Healthy_controls"), "Fracture"),
        ("xray", ("a", "b"), None),
        ("xray", ("control", "healthy"), None),
        ("skin", ("Mel", "Nev", "SebK"), None),
    ],
)
def test_positive_class(tmp_path, name, classes, positive):
    for i, each in enumerate(classes):
        picture(tmp_path / "data" / name / "train" / each / "x.png", i)
        picture(tmp_path / "data" / name / "test" / each / "x.png", i + 3)
    assert load(name, "train").positive == positive


def test_fingerprint_is_of_content_not_of_layout_or_names(tmp_path, skin):
    before = [load("skin", split).fingerprint for split in ("train", "validation")]
    assert len(before[0]) == 16 and before[0] != before[1]
    settings.use(skin=flattened(skin, tmp_path / "flat"))
    assert [load("skin", split).fingerprint for split in ("train", "validation")] == before


def test_fingerprint_changes_with_pixels_order_and_class(skin):
    warnings.simplefilter("ignore")  # that the classes become unbalanced
    seen = {load("skin", "train").fingerprint}
    picture(skin / "train/Mel/0.png", 77)
    seen.add(load("skin", "train").fingerprint)
    (skin / "train/Mel/0.png").rename(skin / "train/Mel/9.png")
    seen.add(load("skin", "train").fingerprint)
    (skin / "train/Mel/9.png").rename(skin / "train/Nev/0a.png")
    seen.add(load("skin", "train").fingerprint)
    (skin / "train/Nev").rename(skin / "train/Other")
    seen.add(load("skin", "train").fingerprint)
    assert len(seen) == 5


def test_changed_images_are_decoded_anew(skin):
    before = load("skin", "train").arrays(20)[0]
    picture(skin / "train/Mel/0.png", 77)
    after = load("skin", "train").arrays(20)[0]
    assert not np.array_equal(before[0], after[0])
    assert np.array_equal(before[1:], after[1:])


def test_subset(skin):
    train = load("skin", "train")
    some = train.subset(2)
    assert some.counts() == {"Mel": 2, "Nev": 2}
    assert [file.name for file in some.files] == ["0.png", "3.png"] * 2  # evenly spaced
    assert some.fingerprint != train.fingerprint
    assert np.array_equal(some.arrays(20)[0], train.arrays(20)[0][[0, 3, 4, 7]])
    assert some.description == "skin, own images: train 2 Mel + 2 Nev"
    assert train.subset(9).fingerprint == train.fingerprint
    assert train.subset(1).counts() == {"Mel": 1, "Nev": 1}
    with pytest.raises(ValueError, match="at least 1"):
        train.subset(0)


def test_no_such_folder(tmp_path):
    settings.use(skin=tmp_path / "gone")
    with pytest.raises(DatasetError, match=r"LAB_SKIN: there is no folder .*gone; make it"):
        load("skin", "train")
    settings.use(skin=None, data=tmp_path / "gone")
    with pytest.raises(DatasetError, match=r"LAB_DATA: there is no folder .*gone"):
        load("skin", "train")


def test_unknown_set():
    with pytest.raises(DatasetError, match=r"no set is called 'skins'; the sets are skin, bone"):
        load("skins", "train")


def test_unreadable_files_are_all_named_when_the_set_is_loaded(skin):
    (skin / "train/Mel/0.png").write_bytes(b"")
    loop = skin / "train/Nev/loop.png"
    loop.symlink_to(loop)
    with pytest.raises(DatasetError) as caught:
        load("skin", "train")
    message = str(caught.value)
    assert message.startswith("2 of 9 images cannot be used")
    assert "Mel/0.png" in message and "empty (0 bytes)" in message
    assert "loop.png" in message and "symbolic link" in message


# --- a pair ------------------------------------------------------------------------------------


def test_a_pair_is_named_and_neither_decoded_nor_checked(skin, monkeypatch):
    (skin / "validation/Nev/copy.png").write_bytes((skin / "train/Nev/2.png").read_bytes())
    for i in range(9):
        picture(skin / "train/Mel" / f"more{i}.png", 500 + i)
    monkeypatch.setattr(image_files, "read", lambda *_: pytest.fail("decoded"))
    train, validation = list_pair("skin")
    assert (train.split, validation.split) == ("train", "validation")
    assert train.counts() == {"Mel": 13, "Nev": 4} and validation.counts() == {"Mel": 2, "Nev": 3}
    assert train.fingerprint == load("skin", "train").fingerprint


@pytest.mark.parametrize("pair", [list_pair, load_pair])
def test_pair_of_different_classes(skin, pair):
    picture(skin / "train/Other/x.png", 1000)
    with pytest.raises(DatasetError) as caught:
        pair("skin")
    for part in (
        str(skin),
        "train are Mel, Nev, Other",
        "validation Mel, Nev",
        "must have the same",
    ):
        assert part in str(caught.value)
