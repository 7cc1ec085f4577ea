"""A file name in two splits tells something, unless it is a plain counter."""

import pytest
from listed import listed

from helpers.datasets.screening.stems import shared


def names(pattern, numbers):
    return [pattern.format(i) for i in numbers]


def both(ours, theirs, label="Mel"):
    """The names that are found, of files of one class."""
    pairs = shared(listed("train", {label: ours}), listed("validation", {label: theirs}))
    return [one.stem for one, _ in pairs]


@pytest.mark.parametrize(
    "name", ["scan_48213.png", "a3f9c2d1.png", "ISIC_0024306.jpg", "left_hand.png", "20190312.png",
             "1.2.840.113619.2.55.3.2831164.png", "person021_01.png"],
)  # fmt: skip
def test_a_name_that_was_not_counted_is_found(name):
    counted = names("{}.png", range(6))
    assert both([*counted, name], [*counted, name]) == [name.rpartition(".")[0]]


@pytest.mark.parametrize(
    ("pattern", "label"),
    [
        ("{}.png", "Mel"), ("{}.png", "1"), ("Mel_{:04}.png", "Mel"), ("C1_{:04}.png", "C1"),
        ("class_001_{}.png", "class_001"), ("class_{:03}.png", "Mel"), ("AFF ({}).png", "AFF"),
        ("IM-0001-{:04}.png", "Mel"), ("img{}a.png", "Mel"),
    ],
)  # fmt: skip
def test_counters_are_no_sign(pattern, label):
    assert both(names(pattern, range(1, 13)), names(pattern, range(1, 8)), label) == []
    gaps = [i for i in range(100) if i % 7], [i for i in range(60) if i % 5]
    assert both(names(pattern, gaps[0]), names(pattern, gaps[1]), label) == []


def test_the_number_of_a_class_is_not_that_of_a_file():
    assert both(names("C1_{:04}.png", range(1, 8)), names("C1_{:04}.png", range(1, 4)), "C1") == []


def test_one_file_named_by_a_small_number_is_no_sign():
    assert both(["1.png"], ["1.png"], "1") == []
    assert both(["a.png", "b.png"], ["b.png"]) == []


def test_more_common_numbers_than_chance_would_give_are_a_sign():
    few = [403, 77, 812, 150, 666, 931]
    assert len(both(names("scan{}.png", few), names("scan{}.png", [*few[:4], 505]))) == 4


def test_the_same_number_in_two_classes_is_no_sign():
    train, validation = (listed(split, {name: ["scan_48213.png"]}) for split, name in
                         (("train", "Mel"), ("validation", "Nev")))  # fmt: skip
    assert shared(train, validation) == []


def test_either_file_is_given():
    pairs = shared(
        listed("train", {"Mel": ["x_91733.png"]}), listed("validation", {"Mel": ["x_91733.jpg"]})
    )
    assert [[file.name for file in pair] for pair in pairs] == [["x_91733.png", "x_91733.jpg"]]
