"""Detection limits of made-up doses, and what networks' answers come to."""

from dataclasses import replace

import numpy as np

from helpers.evidence import Dose, Estimate, detection_limits

NOTHING = Estimate(0.0, -0.1, 0.1)
SURE = Estimate(0.3, 0.1, 0.5)
HALF = Estimate(0.5, 0.4, 0.6)


def made(sign, dose, sways=False, turned=0.0, **noticed):
    """Of one method or several, by name: whether more maps point to the sign than at the blank."""
    return Dose(
        sign,
        dose,
        own=HALF,
        absent=HALF,
        other=HALF,
        sway=SURE if sways else NOTHING,
        turned=Estimate(turned, turned - 0.1, turned + 0.1),
        pointing=dict.fromkeys(noticed, HALF),
        beyond_blank={name: SURE if seen else NOTHING for name, seen in noticed.items()},
    )


CURVE = [
    made("letter", 0.5, Early=False, Late=False, Blind=False),
    made("letter", 0.8, Early=True, Late=False, Blind=False),
    made("letter", 0.9, sways=True, turned=0.55, Early=True, Late=False, Blind=True),
    made("letter", 1.0, sways=True, turned=0.9, Early=True, Late=True, Blind=False),
]


def test_a_limit_is_where_it_holds_from_there_on():
    for order in (CURVE, CURVE[::-1]):
        (found,) = detection_limits(order)
        assert (found.swayed, found.switched) == (0.9, 1.0)  # 0.55 may be one half
        assert found.noticed == {"Early": 0.8, "Late": 1.0, "Blind": None}


def test_each_sign_has_its_own_limits():
    other = [replace(seen, sign="frame", sway=NOTHING) for seen in CURVE]
    letter, frame = detection_limits([*CURVE, *other])
    assert (letter.sign, letter.swayed, frame.sign, frame.swayed) == ("letter", 0.9, "frame", None)


def test_a_dose_is_measured_from_answers_and_maps():
    """Without the sign half are right; with another's most of these turn, one of them does not."""
    right, absent = np.ones((3, 20)), np.tile(np.repeat([1.0, 0.0], 10), (3, 1))
    other = np.zeros((3, 20))
    other[:, 0] = 1
    nowhere, all_but_one = np.zeros((3, 8)), np.ones((3, 8))
    all_but_one[:, 0] = 0
    seen = Dose.measured(
        "patch", 0.9, (right, absent, other), {"Map": all_but_one}, {"Map": nowhere}
    )
    assert (seen.own.value, seen.absent.value, seen.other.value) == (1, 0.5, 0.05)
    assert seen.sway.value == 0.95 and seen.turned.value == 0.9
    assert seen.pointing["Map"].value == seen.beyond_blank["Map"].value == 7 / 8
    assert seen.beyond_blank["Map"].low > 0
