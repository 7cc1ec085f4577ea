"""Doses of a sign that gives a class away: where a network takes the shortcut, where maps tell."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from helpers.evidence.estimate import Estimate
from helpers.evidence.seeds import seeds_difference, seeds_mean
from helpers.evidence.shares import seeds_ratio, seeds_share

Hits = Mapping[str, np.ndarray]  # by method: for each seed 0 or 1 an image, (seeds, M)


@dataclass(frozen=True)
class Dose:
    """What networks do that were trained with a sign at one dose; intervals over seeds and images.

    `own`, `absent` and `other` are accuracies.
    """

    sign: str
    dose: float
    own: Estimate  # where the sign is that of the class
    absent: Estimate  # without a sign
    other: Estimate  # where it is the sign of another class
    sway: Estimate  # own minus other
    turned: Estimate  # of the answers that are right without a sign, those wrong with another's
    pointing: Mapping[str, Estimate]  # by method: share of maps with their peak on the sign
    beyond_blank: Mapping[str, Estimate]  # by method: that share minus the lowest dose's

    @classmethod
    def measured(
        cls, sign: str, dose: float, answers: Iterable[np.ndarray], hits: Hits, blank: Hits
    ) -> Dose:
        """From what networks did.

        Args:
            sign: its name.
            dose: from 0 to 1.
            answers: whether each image is answered rightly with its own sign, without one and with
                another's; each for each seed 0 or 1 an image, (seeds, N).
            hits: whether maps peak on the sign.
            blank: the same at the lowest dose.
        """
        own, absent, other = (np.asarray(right, np.float64) for right in answers)
        return cls(
            sign,
            dose,
            own=seeds_share(own),
            absent=seeds_share(absent),
            other=seeds_share(other),
            sway=seeds_mean(own - other),
            turned=seeds_ratio(absent * (1 - other), absent),
            pointing={name: seeds_share(of) for name, of in hits.items()},
            beyond_blank={name: seeds_difference(blank[name], of) for name, of in hits.items()},
        )


@dataclass(frozen=True)
class Limits:
    """From which dose on, and at every higher one, something holds; None: at none of them."""

    sign: str
    swayed: float | None  # the answers are worse with another class's sign than with the own
    switched: float | None  # the sign turns most answers that are right without it
    noticed: Mapping[str, float | None]  # by method: more maps point to the sign than at the blank


def detection_limits(doses: Sequence[Dose]) -> list[Limits]:
    """The limits of detection of each sign; each holds beyond the 95 % interval."""

    def first(of_sign: list[Dose], holds: Callable[[Dose], bool]) -> float | None:
        since = list(itertools.takewhile(holds, reversed(of_sign)))
        return since[-1].dose if since else None

    def notices(method: str) -> Callable[[Dose], bool]:
        return lambda seen: seen.beyond_blank[method].low > 0

    found = []
    for sign in dict.fromkeys(seen.sign for seen in doses):
        of_sign = sorted((x for x in doses if x.sign == sign), key=lambda x: x.dose)
        found.append(
            Limits(
                sign,
                swayed=first(of_sign, lambda x: x.sway.low > 0),
                switched=first(of_sign, lambda x: x.turned.low > 0.5),
                noticed={name: first(of_sign, notices(name)) for name in of_sign[0].pointing},
            )
        )
    return found
