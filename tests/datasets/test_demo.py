"""Demo images: where there are none of one's own, made once."""

from pathlib import Path

import numpy as np
import processes
import pytest
from pictures import picture

from helpers import settings
from helpers.datasets import DatasetError, demo, demo_images, image_set, load, load_pair, phantoms


@pytest.fixture(autouse=True)
def _none_of_ones_own(alone):
    settings.use(data="demo")


class Phantoms:
    """Stands in for the module that draws the demo images."""

    def __init__(self) -> None:
        self.calls = 0
        self.layouts: list[tuple[str, str]] = []

    def write(self, name: str, folder: Path, layout: str = "folders") -> None:
        self.calls += 1
        self.layouts.append((name, layout))
        for k, each in enumerate(("Mel", "Nev")):
            for split in ("train", "validation"):
                picture(folder / split / each / "x.png", 10 * k + len(split))


@pytest.fixture
def drawn(monkeypatch):
    stand_in = Phantoms()
    monkeypatch.setattr(demo, "phantoms", stand_in)
    return stand_in


def test_demo_images_where_there_are_none(tmp_path, drawn):
    train, validation = load_pair("skin")
    assert train.demo and validation.demo
    assert train.description == "skin, demo images: train 1 Mel + 1 Nev"
    assert train.root == tmp_path / "build/demo/skin"
    load_pair("skin")
    assert drawn.calls == 1


def test_demo_images_of_every_set(tmp_path, drawn):
    assert demo_images() == tmp_path / "build/demo"
    assert drawn.layouts == [
        ("skin", "folders"),
        ("bone", "folders"),
        ("xray", "folders"),
        ("skin", "flat"),
    ]
    assert {p.name for p in (tmp_path / "build/demo").iterdir() if p.is_dir()} == {
        *("bone", "skin", "skin_flat", "xray"),
    }
    calls = drawn.calls
    assert load("bone", "train").root == tmp_path / "build/demo/bone" and drawn.calls == calls


def test_own_images_come_before_demo_images(tmp_path, skin, drawn):
    settings.use(data=tmp_path / "data")
    assert not load("skin", "train").demo
    assert drawn.calls == 0


def test_demo_images_on_a_full_disk(drawn, monkeypatch):
    def full(name: str, folder: Path, layout: str = "folders") -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(drawn, "write", full)
    with pytest.raises(DatasetError, match=r"demo.*No space left on device.*LAB_BUILD"):
        load("skin", "train")


SCRIPT = """
import sys, types
from PIL import Image
from helpers import datasets, settings
from helpers.datasets import demo
from processes import let_in, meet_at_lock
def write(name, folder, layout):
    with open(sys.argv[2], "a") as log:
        log.write("x")
    let_in()
    for split in ("train", "validation"):
        for i, each in enumerate(("Mel", "Nev")):
            (folder / split / each).mkdir(parents=True)
            Image.new("L", (9, 9), i).save(folder / split / each / "x.png")
demo.phantoms = types.SimpleNamespace(write=write)
settings.use(build=sys.argv[1], data=sys.argv[3])
meet_at_lock(demo, sys.argv[4])
print(datasets.load("skin", "train").fingerprint)
"""


def test_of_two_processes_one_makes_the_demo_images(tmp_path):
    folders = [tmp_path / "b", tmp_path / "log", "demo", tmp_path / "met"]
    both = [processes.start(SCRIPT, *folders) for _ in range(2)]
    assert len(set(processes.outputs(*both))) == 1
    assert (tmp_path / "log").read_text() == "x"


def test_demo_images_have_the_classes_of_the_course():
    assert phantoms.CLASSES == image_set.KNOWN


def test_both_layouts_of_the_demo_images_are_the_same_set(tmp_path):
    few = {"train": 3, "validation": 2}
    sets = []
    for layout in ("folders", "flat"):
        folder = phantoms.write("skin", tmp_path / layout, layout, counts=few, size=32)
        settings.use(skin=folder)
        sets.append(load_pair("skin"))
    for one, other in zip(*sets, strict=True):
        assert one.classes == other.classes == ("Mel", "Nev")
        assert one.fingerprint == other.fingerprint
        assert np.array_equal(one.arrays(16)[0], other.arrays(16)[0])
    assert sets[0][1].counts() == {"Mel": 2, "Nev": 2}
