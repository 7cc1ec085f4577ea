"""What is said of a set before it is handed out, and in how many columns."""

import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest
from pictures import picture
from PIL import Image

from helpers import settings
from helpers.cache import CacheWarning
from helpers.datasets import demo, list_pair, phantoms
from helpers.datasets.screening import simple
from helpers.datasets.screening.summary import check, summary

pytestmark = pytest.mark.usefixtures("alone")


@pytest.fixture(autouse=True)
def few_trees(monkeypatch):
    monkeypatch.setattr(simple, "TREES", 30)


def line(text, label):
    """What stands behind a label, all of its lines."""
    lines = text.split("\n")
    first = next(i for i, one in enumerate(lines) if one.startswith(f"  {label}"))
    rest = lines[first + 1 :]
    more = next(i for i, one in enumerate(rest) if not one.startswith(" " * 13))
    return " ".join(one.strip() for one in [lines[first].removeprefix(f"  {label}"), *rest[:more]])


def test_a_sound_set_is_described_and_nothing_is_found(skin):
    found = check("skin")
    text = str(found)
    assert text.startswith(f"{str(skin)!r}\n")
    assert line(text, "read as") == "skin, own images"
    assert line(text, "layout") == "a folder per class"
    assert line(text, "positive") == "Mel"
    assert line(text, "train") == "8: 4 Mel + 4 Nev"
    assert line(text, "validation") == "4: 2 Mel + 2 Nev"
    assert line(text, "sizes") == "20 x 20 pixels, all"
    assert line(text, "files") == "12 PNG (8 bits, colour)"
    assert text.endswith("\nNothing was found that speaks against these images.")
    assert (found.doubts, found.borders) == ((), {})
    for kind in simple.KINDS:
        assert f"\n  {kind:<14}AUC " in text


def test_sizes_kinds_of_files_and_a_held_out_split_are_said(skin):
    shutil.copytree(skin / "validation", skin / "test")
    for i, file in enumerate(sorted((skin / "test").rglob("*.png"))):
        file.unlink()
        picture(file.with_suffix(".bmp"), 900 + i, (24, 36))
    text = str(check("skin"))
    assert line(text, "test") == "4: 2 Mel + 2 Nev"
    assert line(text, "sizes") == "20 x 20 to 36 x 24 pixels, width x height"
    assert line(text, "files") == "12 PNG (8 bits, colour), 4 BMP (8 bits, colour)"


def test_what_loading_warns_of_is_a_doubt_and_no_warning(skin):
    (skin / "train/Mel/notes.docx").write_text("of the patient")
    found = check("skin")  # a warning would be an error here
    (doubt,) = found.doubts
    assert "notes.docx" in doubt
    assert "\nTo be looked at, 1 in all:\n  1. " in str(found)
    assert "notes.docx" in str(found) and "Nothing was found" not in str(found)


def test_other_warnings_are_passed_on(skin):
    settings.current().build.write_text("no folder")  # so that nothing can be kept there
    with pytest.warns(CacheWarning):
        found = check("skin")
    assert found.doubts == ()


def test_classes_whose_names_tell_nothing_have_no_positive_and_it_is_said_how_to_give_it(skin):
    for split in ("train", "validation"):
        (skin / split / "Mel").rename(skin / split / "0")
        (skin / split / "Nev").rename(skin / split / "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert "LAB_POSITIVE=<class>" in line(str(check("skin")), "positive")


def test_three_classes_have_no_positive(skin):
    for split in ("train", "validation"):
        for i in range(3):
            picture(skin / split / "Bcc" / f"{i}.png", 700 + i + 10 * (split == "train"))
    assert line(str(check("skin")), "positive") == "none, since there are 3 classes"


def test_a_letter_is_a_doubt_with_the_borders_of_the_classes(tmp_path):
    root = tmp_path / "data" / "skin"
    rng = np.random.default_rng(0)
    for split, count in (("train", 30), ("validation", 20)):
        for name, level in (("Mel", 0), ("Nev", 255)):
            (root / split / name).mkdir(parents=True)
            for i in range(count):
                pixels = rng.integers(60, 190, (32, 32)).astype(np.uint8)
                pixels[1:4, 1:4] = level
                Image.fromarray(pixels).save(root / split / name / f"{i}.png")
    found = check("skin")
    (doubt,) = [one for one in found.doubts if one.startswith("The corners")]
    assert "alone (mostly upper left) predict the class: AUC 1.00 [0.9" in doubt
    assert "on 40 validation images, where chance is 0.50" in doubt
    assert "\n  corners       AUC 1.00 [0.90, 1.00]  <\n" in str(found)
    mel, nev = found.borders["Mel"], found.borders["Nev"]
    assert mel.shape == nev.shape == (simple.SIZE, simple.SIZE, 3)
    assert mel[4, 4] == pytest.approx(0, abs=0.05) and nev[4, 4] == pytest.approx(1, abs=0.05)
    assert np.isnan(mel[simple.SIZE // 2, simple.SIZE // 2]).all()
    assert not np.isnan(mel[0]).any()


def test_lines_fit_a_terminal_and_names_are_not_broken(skin):
    name = "file-with-a-name-" + "x" * 40 + ".docx"
    (skin / "train" / "Mel" / name).write_text("")
    text = str(check("skin"))
    assert name in text
    root = str(Path(skin))
    long = [one for one in text.split("\n") if len(one) > 79 and root not in one]
    assert not long


def test_copies_are_pairs_to_be_shown_side_by_side(skin):
    with Image.open(skin / "train/Nev/2.png") as image:
        image.save(skin / "validation/Nev/again.bmp")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = check("skin")
    assert found.copies == ((skin / "train/Nev/2.png", skin / "validation/Nev/again.bmp"),)
    ((one, other, *names),) = found.side_by_side(8)
    assert np.array_equal(one, other) and one.shape == (20, 20, 3)
    assert names == ["train/Nev/2.png", "validation/Nev/again.bmp\nthe same pixels"]
    assert found.side_by_side(0) == []


def test_a_notebook_shows_a_set_in_four_lines(skin):
    (skin / "validation/Mel/again.png").write_bytes((skin / "train/Mel/0.png").read_bytes())
    (skin / "validation/Mel/0.png").write_bytes((skin / "validation/Mel/1.png").read_bytes())
    assert summary(*list_pair("skin")).split("\n") == [
        "skin, own images: a folder per class",
        "train 4 Mel + 4 Nev; validation 3 Mel + 2 Nev",
        "positive class: Mel",
        "found: 1 of 5 validation pictures is in train; only 4 of 5 validation pictures are "
        "different",
    ]


def test_demo_images_are_said_to_be_some(tmp_path, monkeypatch):
    few = {"train": 2, "validation": 2}
    root = phantoms.write("bone", tmp_path / "few", counts=few, size=32)
    settings.use(data=settings.DEMO)
    monkeypatch.setattr(demo, "folder", lambda name: root)
    assert summary(*list_pair("bone")).split("\n") == [
        "bone, demo images: a folder per class",
        "train 2 AFF + 2 NFF; validation 2 AFF + 2 NFF",
        "positive class: AFF",
    ]
    found = check("bone")
    assert "read as    bone, demo images" in str(found) and found.copies == ()
