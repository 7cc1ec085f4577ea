"""What is said of the kinds of files of the classes, and what is not."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.datasets.image_files import FileKind
from helpers.datasets.screening.kinds import dark, differences

KIND = FileKind("JPEG", 8, 3, 300, 200)


def of(count: int, **changes: object) -> list[FileKind]:
    return [replace(KIND, **changes)] * count


def sizes(rng: np.random.Generator, count: int, mean: float = 400) -> list[FileKind]:
    drawn = rng.normal(mean, 40, (count, 2)).round().astype(int).tolist()
    return [replace(KIND, height=height, width=width) for height, width in drawn]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"format": "PNG"},
            "Mel can be told from Nev by file type alone: JPEG are 20 of 20 of Mel",
        ),
        ({"bits": 16}, "by bit depth alone: 8 bits are 20 of 20 of Mel and 0 of 20 of Nev; save"),
        ({"channels": 1}, "by colour alone: colour are 20 of 20"),
        ({"height": 299}, "by size alone: 200 x 300 pixels are 20 of 20"),
    ],
)
def test_a_class_of_other_files_is_said_once(changes, said):
    (sentence,) = differences({"Mel": of(20), "Nev": of(20, **changes)})
    assert said in sentence


def test_nearly_all_is_enough_and_a_mixture_is_none():
    png = {"format": "PNG"}
    assert differences({"Mel": of(19) + of(1, **png), "Nev": of(2) + of(18, **png)})
    assert not differences({"Mel": of(15) + of(5, **png), "Nev": of(20, **png)})
    assert not differences({"Mel": of(10) + of(10, **png), "Nev": of(10) + of(10, **png)})
    assert not differences({"Mel": of(20), "Nev": of(20)})
    assert not differences({"Mel": of(5), "Nev": of(5, **png)})  # too few to say


def test_of_several_classes_it_is_said_which():
    (sentence,) = differences({"a": of(9), "b": of(9, format="PNG"), "c": of(9)})
    assert sentence.startswith("b can be told from the others by file type alone: PNG are 9 of 9")


def test_sizes_that_are_all_different():
    rng = np.random.default_rng(0)
    (sentence,) = differences({"Mel": sizes(rng, 30), "Nev": sizes(rng, 30, 700)})
    assert "by size alone: width is at most" in sentence and "in 30 of 30 of Mel" in sentence
    tall = [replace(kind, height=3 * kind.width) for kind in sizes(rng, 30)]
    (sentence,) = differences({"Mel": tall, "Nev": [replace(k, width=3 * k.width) for k in tall]})
    assert "by size alone" in sentence


def test_sizes_by_chance_are_no_finding():
    """Of small classes whose sizes are drawn alike; six of each can separate by chance."""
    rng = np.random.default_rng(1)
    found = [differences({"Mel": sizes(rng, 6), "Nev": sizes(rng, 6)}) for _ in range(400)]
    assert sum(map(bool, found)) <= 8


def test_dark_pictures():
    bright = np.full(10, 0.9)
    assert dark({"Mel": bright, "Nev": bright}) == []
    (sentence,) = dark({"Mel": bright, "Nev": bright / 16})
    assert sentence.startswith("10 of 10 pictures of Nev are nearly black, their brightest")
    assert "0.0563 of white (no more than 12 bits stored in 16 can be); spread" in sentence
    (sentence,) = dark({"Mel": bright / 10, "Nev": bright / 16})
    assert sentence.startswith("20 of 20 pictures are nearly black") and "12 bits" not in sentence
    assert dark({"Mel": np.r_[bright[:9], 0], "Nev": bright}) == []  # one may be black
    assert len(dark({"Mel": np.r_[bright[:4], np.zeros(6)], "Nev": bright})) == 1
