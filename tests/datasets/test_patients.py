"""Patients in two splits: as they are known, and as file names suggest."""

import re

import pytest
from listed import ROOT, listed

from helpers.datasets.groups import by_pattern
from helpers.datasets.screening.patients import EACH, guessed, known

PLAIN = [f"{i}.png" for i in range(8)]


def found(ours, theirs, label="Mel"):
    shared, pattern = guessed(listed("train", {label: ours}), listed("validation", {label: theirs}))
    return list(shared), pattern


def test_known_patients_in_both_are_given_with_their_pictures():
    train = listed("train", {"Mel": ["a.png", "b.png"], "Nev": ["c.png"]}, ("p1", "p2", "p1"))
    validation = listed("validation", {"Mel": ["d.png"]}, ("p1",))
    ((patient, (ours, theirs)),) = known(train, validation).items()
    assert patient == "p1"
    assert [[at.name for at in of] for of in (ours, theirs)] == [["a.png", "c.png"], ["d.png"]]
    assert guessed(train, validation) == ({}, "")
    assert known(train, listed("validation", {"Mel": ["d.png"]})) == {}


SUGGEST = [
    (["person010_01.png", "person012_01.png"], ["person012_03.png"], "person012"),
    (["patient-17-a.png", "patient-18-a.png"], ["patient-17-b.png"], "patient-17"),
    (["Subject 4 left.png"], ["Subject 4 right.png"], "Subject 4"),
    (["person1_virus_6.png", *PLAIN], ["person1_virus_7.png", *PLAIN], "person1"),
    ([f"{9003170 + i}L.png" for i in range(8)], ["9003175R.png"], "9003175"),
    ([f"{i}_left.jpeg" for i in range(10, 18)], ["13_right.jpeg"], "13"),
    ([f"{i:04}_a.png" for i in range(17, 24)], ["0017_b.png"], "0017"),
    ([f"P{i}-01.png" for i in range(17, 24)], ["P18-02.png"], "P18"),
]


@pytest.mark.parametrize(("ours", "theirs", "patient"), SUGGEST)
def test_names_suggest_a_patient_and_the_pattern_would_settle_it(ours, theirs, patient):
    names, pattern = found(ours, theirs)
    assert names == [patient]
    assert re.compile(pattern) and "'" not in pattern  # so that it can be quoted in a shell
    train, validation = (
        by_pattern(ROOT, [ROOT / split / "Mel" / name for name in of], pattern)
        for split, of in (("train", ours), ("validation", theirs))
    )
    assert patient in {*train} & {*validation}


@pytest.mark.parametrize(
    "pattern",
    ["{}.png", "Mel_{:04}.png", "ISIC_{:07}.jpg", "class_{:03}.png", "C1_{:02}.png", "AFF ({}).png",
     "patient_{}.png", "2019-03-{:02}.png", "2019-{:02}-07.png", "IM-0001-{:04}.png"],
)  # fmt: skip
def test_counters_suggest_nothing(pattern):
    label = "C1" if pattern.startswith("C1") else "Mel"
    apart = [pattern.format(i) for i in range(10, 22)], [pattern.format(i) for i in range(22, 30)]
    assert found(*apart, label) == ([], "")
    assert found(apart[0], apart[0][:7], label) == ([], "")  # each split was counted on its own


def test_classes_and_months_are_no_patients():
    def of_days(days):
        by_class = {f"C{k}": [f"C{k}_{day:02}.png" for day in days] for k in range(1, 10)}
        return by_class, {
            "Mel": [f"2019-{k:02}-{day:02}.png" for k in range(1, 10) for day in days]
        }

    for train, validation in zip(of_days(range(1, 9)), of_days(range(9, 12)), strict=True):
        assert guessed(listed("train", train), listed("validation", validation)) == ({}, "")


def test_no_patient_in_both_suggests_nothing():
    assert found(["person010_01.png", "person011_01.png"], ["person012_01.png"]) == ([], "")


def test_numbers_of_few_series_are_no_patients():
    series = [f"scan{k}_{i:02}.png" for k in (1, 2) for i in range(30)]
    assert found(series[::2], series[1::2]) == ([], "")


def test_a_patient_of_its_own_for_each_picture_can_be_said():
    files = [ROOT / split / "Mel/p1_a.png" for split in ("train", "validation")]
    assert len(set(by_pattern(ROOT, files, EACH))) == 2
