"""The drill's verdict, on made-up figures."""

from dataclasses import replace

import pytest
from runs import made_up

from helpers.evidence import proportion
from helpers.heatmaps import Drill, drill, drill_table, judge_drill


def made(aligned, absent, swapped, on_lesion, on_marker, n=200):
    """A drill with so many of n right, or on their place; energies are not judged."""
    shares = [proportion(round(x * n), n) for x in (aligned, absent, swapped, on_lesion, on_marker)]
    return Drill(*shares, energy_on_lesion=shares[3], energy_on_marker=shares[4])


LESION = made(0.90, 0.92, 0.91, 0.85, 0.05)
SHORTCUT = made(1.00, 0.55, 0.04, 0.10, 0.95)


def test_a_network_that_goes_by_the_lesion():
    found = judge_drill(LESION)
    assert found.word == "lesion"
    assert "0.900 with its letter, 0.920 without one, 0.910 with the other" in found.reason
    assert "5% of the peaks are on the letter" in found.reason and "85% on the lesion" in str(found)


def test_a_network_that_goes_by_the_letter():
    assert judge_drill(SHORTCUT).word == "shortcut"
    at_chance = made(1.00, 0.55, 0.50, 0.10, 0.95)
    assert judge_drill(at_chance).word == "shortcut"


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (made(0.52, 0.50, 0.49, 0.85, 0.85), "at chance"),
        (made(1.00, 0.55, 0.04, 0.85, 0.20), "goes by the letter, and its maps hide it"),
        (made(0.99, 0.90, 0.70, 0.80, 0.60), "goes by the letter too"),
        (made(0.90, 0.92, 0.91, 0.30, 0.05), "it ignores the letter; its maps do not say"),
        (made(0.88, 0.80, 0.70, 0.85, 0.05, n=10), "not known"),
    ],
)
def test_what_answers_and_maps_do_not_both_say_is_neither(seen, why):
    found = judge_drill(seen)
    assert found.word == "neither"
    assert why in found.reason


def test_a_fall_within_the_intervals_is_no_fall():
    assert judge_drill(replace(LESION, swapped=proportion(170, 200))).word == "lesion"
    assert judge_drill(replace(LESION, swapped=proportion(150, 200))).word == "neither"


def test_most_means_beyond_the_interval():
    assert judge_drill(replace(LESION, on_lesion=proportion(110, 200))).word == "neither"
    assert judge_drill(replace(SHORTCUT, on_marker=proportion(110, 200))).word == "neither"


def test_the_table_has_a_row_a_network_and_seed():
    table = drill_table({"marked": {0: SHORTCUT, 1: LESION}, "other": {0: LESION}})
    assert list(table.index) == [("marked", 0), ("marked", 1), ("other", 0)]
    assert table["goes by"].tolist() == ["shortcut", "lesion", "lesion"]
    assert table.loc[("marked", 0), "on marker"] == str(SHORTCUT.on_marker)
    assert list(table.columns) == [
        *("aligned", "absent", "swapped", "on lesion", "on marker"),
        *("energy on lesion", "energy on marker", "goes by"),
    ]


@pytest.mark.parametrize("classes", [["Mel", "Nev"], ["NFF", "AFF"], ["AFF", "NFF", "other"]])
def test_a_network_of_other_classes_is_not_drilled(classes):
    run = made_up(data={"classes": classes})
    with pytest.raises(ValueError, match=f"tells {', '.join(classes)} apart.*AFF and NFF"):
        drill(run)
