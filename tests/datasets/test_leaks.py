"""What is said of a set's splits: pictures, names and patients in two of them, and copies."""

import csv
from dataclasses import replace

import pytest
from listed import listed, scene

from helpers import settings
from helpers.datasets import load
from helpers.datasets.screening import Findings, findings, leaks, patients

pytestmark = pytest.mark.usefixtures("alone")


@pytest.fixture
def root(tmp_path):
    """A sound set with three splits: 4 + 4, 3 + 3 and 2 + 2 pictures."""
    root = tmp_path / "data" / "skin"
    for k, (split, count) in enumerate((("train", 4), ("validation", 3), ("test", 2))):
        for label in ("Mel", "Nev"):
            for i in range(count):
                save(scene(100 * k + i + 50 * (label == "Nev")), root / split / label / f"{i}.png")
    return root


def save(image, place):
    place.parent.mkdir(parents=True, exist_ok=True)
    image.save(place)


def copy(root, source, *places):
    for place in places:
        (root / place).write_bytes((root / source).read_bytes())


def found():
    return findings(*(load("skin", split) for split in ("train", "validation", "test")))


def rows(of: Findings):
    with of.table.open(newline="") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


def test_a_sound_set_has_no_findings(root):
    assert found() == Findings()
    assert not (settings.current().build / "screening").exists()


def test_pictures_are_counted_not_pairs(root):
    copy(root, "train/Mel/0.png", "train/Mel/again.png", "train/Mel/more.png")
    copy(root, "train/Mel/0.png", "validation/Mel/x.png", "validation/Mel/y.png")
    copy(root, "train/Mel/1.png", "validation/Nev/z.png")
    of = found()
    across, train, validation = of.sentences
    assert "3 of 9 validation pictures are also in train, 1 of them under another class" in across
    assert "'validation/Mel/x.png' and 1 more are 'train/Mel/0.png'" in across
    assert "'validation/Nev/z.png' is 'train/Mel/1.png'" in across
    assert "only 8 of 10 train pictures are different" in train
    assert "'train/Mel/0.png' 3 times" in train
    assert "only 8 of 9 validation pictures are different" in validation
    assert of.line == (
        "3 of 9 validation pictures are in train, 1 of them under another class; "
        "only 8 of 10 train pictures are different; only 8 of 9 validation pictures are different"
    )


@pytest.mark.parametrize("source", ["train", "validation"])
def test_test_is_compared_with_both(root, source):
    copy(root, f"{source}/Nev/2.png", "test/Nev/again.png")
    (sentence,) = found().sentences
    assert sentence.startswith(f"1 of 5 test pictures is also in {source}, as it is or saved anew")
    assert f"'test/Nev/again.png' is '{source}/Nev/2.png'" in sentence
    assert findings(load("skin", "train"), load("skin", "validation")) == Findings()


def test_one_picture_under_two_classes_of_a_split(root):
    copy(root, "train/Mel/0.png", "train/Nev/same.png")
    of = found()
    (sentence,) = of.sentences
    assert sentence.startswith("1 picture of train is there under two classes")
    assert "'train/Mel/0.png' is 'train/Nev/same.png'" in sentence
    assert of.line == "1 picture of train under two classes"


def test_a_copy_is_named_by_one_of_its_own_class_where_there_is_one(root):
    copy(root, "train/Mel/0.png", "train/Nev/same.png", "validation/Nev/again.png")
    sentence = found().sentences[0]
    assert "'validation/Nev/again.png' is 'train/Nev/same.png'" in sentence
    assert "1 of them under another class" in sentence


def test_a_name_in_two_splits_is_said_unless_the_pictures_are_copies(root):
    save(scene(900), root / "train/Mel/scan_48213.png")
    save(scene(901), root / "validation/Mel/scan_48213.png")
    copy(root, "train/Mel/1.png", "train/Mel/scan_77777.png", "validation/Mel/scan_77777.png")
    of = found()
    assert len(of.sentences) == 3
    assert of.sentences[-1].startswith("1 file name is in train and in validation and no plain")
    assert "'validation/Mel/scan_48213.png' and 'train/Mel/scan_48213.png'" in of.sentences[-1]
    assert of.line.endswith("1 file name is in train and in validation")


def test_a_patient_in_two_splits_is_a_guess_until_groups_are_given(root):
    save(scene(900), root / "train/Mel/person012_01.png")
    save(scene(901), root / "validation/Mel/person012_02.png")
    (sentence,) = found().sentences
    assert "1 patient or lesion may be in train and in validation; this is a guess" in sentence
    assert (
        "'person012' ('train/Mel/person012_01.png', 'validation/Mel/person012_02.png')" in sentence
    )
    assert found().line == "1 patient or lesion may be in train and in validation"
    pattern = sentence.partition("LAB_GROUPS='")[2].partition("'")[0]
    settings.use(groups=pattern)
    (sentence,) = found().sentences
    assert sentence.startswith("1 patient or lesion is in train and in validation, so validation")
    settings.use(groups=patients.EACH)
    assert found() == Findings()


def test_everything_is_listed_in_a_table(root):
    for i in range(12):
        copy(root, f"train/Mel/{i % 4}.png", f"validation/Mel/x{i}y.png")
    of = found()
    assert str(of.table) in of.sentences[0]
    matters = {matter for matter, *_ in rows(of)}
    assert matters == {"in train and validation", "repeated in validation"}
    across = [row[2:] for row in rows(of) if row[0] == "in train and validation"]
    assert len(across) == 4 + 12
    assert ("validation", "validation/Mel/x11y.png") in across
    assert ("train", "train/Mel/3.png") in across


def test_a_table_that_cannot_be_written_is_said(root):
    copy(root, "train/Mel/0.png", "validation/Mel/again.png")
    place = settings.current().build / "screening"
    place.parent.mkdir(exist_ok=True)
    place.write_text("a file in the way")
    of = found()
    assert of.table is None
    assert "the whole list is not kept" in of.sentences[0]


def test_the_second_time_nothing_is_searched(root, monkeypatch):
    copy(root, "train/Mel/0.png", "validation/Mel/again.png")
    first = found()
    monkeypatch.setattr(leaks, "clusters", None)
    assert found() is first
    (root / "validation/Mel/again.png").unlink()
    with pytest.raises(TypeError):  # another set of files is searched anew
        found()


def test_demo_images_are_not_searched(monkeypatch):
    monkeypatch.setattr(leaks, "clusters", None)
    train, validation = (
        replace(listed(split, {"Mel": ["0.png"]}), demo=True) for split in ("train", "validation")
    )
    assert findings(train, validation) == Findings()
