"""Doses of a sign as tables and in words, on made-up figures."""

import pytest

from helpers.evidence import Dose, Estimate, Limits
from helpers.results import dose_table, limit_in_words, limits_table

HALF = Estimate(0.5, 0.4, 0.6)


def test_the_table_has_a_row_a_dose():
    doses = [
        Dose("letter", dose, HALF, HALF, HALF, HALF, HALF, {"Grad-CAM": HALF}, {"Grad-CAM": HALF})
        for dose in (0.5, 0.9, 1.0)
    ]
    table = dose_table(doses)
    assert table.index.tolist() == [("letter", f"{dose}%") for dose in (50, 90, 100)]
    assert table["without a sign"].tolist() == [str(HALF)] * 3
    assert table["Grad-CAM on the sign"].tolist() == [str(HALF)] * 3


def test_the_table_of_limits_has_a_row_a_sign():
    table = limits_table(
        [Limits("letter", 0.9, 1.0, {"A": 0.8}), Limits("frame", None, None, {"A": None})]
    )
    assert list(table.index) == ["letter", "frame"]
    assert table["sways the answers"].tolist() == ["from 90%", "never"]
    assert table["decides them"].tolist() == ["from 100%", "never"]
    assert table["A notices"].tolist() == ["from 80%", "never"]


@pytest.mark.parametrize(
    ("swayed", "switched", "noticed", "said"),
    [
        (None, None, {"A": None}, "sways the answers at no dose: there is no shortcut"),
        (0.9, None, {"A": 0.9}, "from a dose of 90% on and decides them at none. More maps"),
        (
            *(0.8, 1.0, {"A": 0.8, "B": 0.5, "C": None}),
            "decides them from 100%. More maps than at the lowest dose point to it with A "
            "from 80%, B from 50% and C at no dose: A and B in time.",
        ),
        (0.8, 1.0, {"A": 0.9, "B": None}, "with A from 90% and B at no dose: none in time."),
    ],
)
def test_a_limit_in_words(swayed, switched, noticed, said):
    sentence = limit_in_words(Limits("patch", swayed, switched, noticed))
    assert sentence.startswith("The patch sways") and said in sentence
