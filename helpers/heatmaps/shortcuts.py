"""The limit of detection: at which dose does a network take a shortcut, and does a map tell?

A sign is drawn into copies of the images, see `datasets.signs`, and follows the class in a share of
those that a network is trained on: the dose. The network is then asked about images with the sign
of their class, without one, and with that of another class; and its maps, whether they point to
it. What the lowest dose gives, at which the sign says nothing, is the blank for the others.
"""

from collections.abc import Mapping

import numpy as np

from helpers import datasets, evidence, networks
from helpers.evidence import Dose
from helpers.heatmaps import audit, localization
from helpers.heatmaps.scoring import METHODS
from helpers.records import Run, Runs, as_list

MAPPED = 25  # images of each class whose maps are looked at


def dose(runs: Mapping[str, Runs]) -> list[Dose]:
    """Put the networks of each sign and dose to the test, each by its best epoch.

    They are tested on the images that they were validated on.

    Args:
        runs: by name the runs of experiments with a sign. Of the doses of a sign the lowest should
            be one at which the sign says nothing.

    Raises:
        ValueError: a run has no sign, its images are not those at hand, or a sign has one dose
            alone, or a dose twice.
    """
    by_sign: dict[str, dict[float, list[Run]]] = {}
    for name, of_row in runs.items():
        row = as_list(of_row)[0].experiment
        if row.sign is None or row.dose is None:
            raise ValueError(f"{name} was trained on images without a sign")
        if row.dose in by_sign.setdefault(row.sign, {}):
            raise ValueError(f"{name}: there is another row with the {row.sign} at {row.dose:.0%}")
        by_sign[row.sign][row.dose] = as_list(of_row)
    found: list[Dose] = []
    for sign, by_dose in by_sign.items():
        if len(by_dose) < 2:
            raise ValueError(f"{sign}: there is one dose alone, and none to hold it against")
        blank: dict[str, np.ndarray] = {}
        for share, of_dose in sorted(by_dose.items()):
            answers, hits = _answers(of_dose)
            blank = blank or hits
            found.append(Dose.measured(sign, share, answers, hits, blank))
    return found


def _answers(runs: list[Run]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Whether each seed is right with its own sign, without, and with the other, (3, seeds, N).

    And by method whether the map of each image that has a sign peaks on it, (seeds, M).
    """
    first = runs[0]
    images = datasets.load_pair(first.experiment.data)[1]
    images = images.subset(first.experiment.validation_images)
    if not np.array_equal(images.labels, first.labels):
        raise ValueError(f"{first.experiment.name} was validated on images that are not at hand")
    plain, sign = images.pixels(first.experiment.size), first.experiment.sign or ""
    own, other = (
        datasets.signs.drawn(plain, images.labels, sign, 1.0, len(images.classes), swap=swap)
        for swap in (False, True)
    )
    within = np.concatenate(
        [np.flatnonzero(images.labels == k)[:MAPPED] for k in range(len(images.classes))]
    )
    within = within[own.marks[within].any(axis=(1, 2))]
    looked_at, marks = datasets.unit_range(own.pixels[within]), own.marks[within]
    right, hits, predict = [], [], None
    for network in audit.networks_of(runs):
        predict = predict or networks.predictor(network)  # it follows the weights
        versions = (own.pixels, plain, other.pixels)
        right.append([evidence.correct(images.labels, predict(pixels)) for pixels in versions])
        maps = audit.methods_of(network, looked_at)
        hits.append({name: localization.pointing(of, marks) for name, of in maps.items()})
    return np.stack(right, axis=1), {name: np.stack([h[name] for h in hits]) for name in METHODS}
