"""The shortcut drill: does a network go by the bone, or by a letter beside it? Do its maps tell?

Demo bones with a letter in a corner that follows the class, without one, and with the letter of
the other class: a network that goes by the letter is right, at a loss, and wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from helpers import datasets, evidence, networks
from helpers.evidence import Estimate, Verdict
from helpers.heatmaps import gradcam, localization
from helpers.records import Run, Runs, as_list

CHANCE = 0.5  # of two classes, of which the drill's images hold as many each


@dataclass(frozen=True)
class Drill:
    """What a network answers and where its maps point, with 95 % intervals over images."""

    aligned: Estimate  # accuracy where the letter is that of the class
    absent: Estimate  # accuracy where there is no letter
    swapped: Estimate  # accuracy where it is the letter of the other class
    on_lesion: Estimate  # share of maps with their peak on the lesion, where there is no letter
    on_marker: Estimate  # share with their peak on the letter, where it is that of the class
    energy_on_lesion: Estimate  # mean share of a map's sum on the lesion, where there is no letter
    energy_on_marker: Estimate  # the same on the letter, where it is that of the class


def drill(run: Run) -> Drill:
    """Put the best network of a run, on grey images of bones, to the test on demo bones.

    Raises:
        ValueError: the run's classes are not those of the demo bones, whose labels would then mean
            something else to it.
    """
    told, drawn = tuple(run.info["data"]["classes"]), datasets.phantoms.CLASSES["bone"]
    if told != drawn:
        raise ValueError(
            f"{run.experiment.name} tells {', '.join(told)} apart; the drill's images are of "
            f"{' and '.join(drawn)}, so it is for networks that were trained on these two"
        )
    model, size = run.model("best"), run.experiment.size
    predict = networks.predictor(model)
    accuracies: dict[str, Estimate] = {}
    places: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for kind, of in (("unmarked", "masks"), ("marked", "markers"), ("swapped", None)):
        few = datasets.load(f"bone_{kind}", "validation").subset(run.experiment.validation_images)
        images = few.pixels(size)
        accuracies[kind] = evidence.accuracy(few.labels, predict(images))
        where = datasets.masks(few, size, of) if of else None
        if of and where is not None:
            maps = gradcam.grad_cam(model, datasets.unit_range(images))
            places[of] = localization.pointing(maps, where), localization.energy(maps, where)
    return Drill(
        aligned=accuracies["marked"],
        absent=accuracies["unmarked"],
        swapped=accuracies["swapped"],
        on_lesion=evidence.mean(places["masks"][0]),
        on_marker=evidence.mean(places["markers"][0]),
        energy_on_lesion=evidence.mean(places["masks"][1]),
        energy_on_marker=evidence.mean(places["markers"][1]),
    )


def judge_drill(seen: Drill) -> Verdict:
    """What the network goes by: the lesion, a shortcut, or neither can be said.

    A shortcut: above chance with its letter, not above chance with the other one, and most peaks
    on the letter. The lesion: above chance with either letter and without one, no fall beyond
    the intervals where letters are swapped, and most peaks on the lesion. Answers and maps that
    disagree are neither. 'Above' and 'most' hold beyond the 95 % interval.
    """
    fall = evidence.minus(seen.swapped, seen.aligned)
    falls = seen.aligned.low > CHANCE and fall.high < 0
    answers = (
        f"accuracy {seen.aligned.value:.3f} with its letter, {seen.absent.value:.3f} without one, "
        f"{seen.swapped.value:.3f} with the other"
    )
    peaks = (
        f"{seen.on_marker.value:.0%} of the peaks are on the letter where there is one, "
        f"{seen.on_lesion.value:.0%} on the lesion where there is none"
    )
    name = "neither"
    if max(seen.aligned.low, seen.absent.low) <= CHANCE:
        means = "it is at chance, so its maps mean nothing"
    elif falls and seen.swapped.low <= CHANCE:
        name = "shortcut" if seen.on_marker.low > 0.5 else name
        means = "it goes by the letter" + ("" if name == "shortcut" else ", and its maps hide it")
    elif falls:
        means = "it goes by the letter too"
    elif min(seen.absent.low, seen.swapped.low) > CHANCE:
        name = "lesion" if seen.on_lesion.low > 0.5 else name
        means = "it ignores the letter" + ("" if name == "lesion" else "; its maps do not say")
    else:
        means = "it is not known what it goes by"
    return Verdict(name, f"{means}: {answers}; {peaks}")


def drill_table(rows: Mapping[str, Mapping[int, Drill]]) -> pd.DataFrame:
    """Drills as a table: a row for each network and seed, all numbers, and the verdict."""
    return pd.DataFrame(
        {"network": name, "seed": seed}
        | {field.name.replace("_", " "): str(getattr(seen, field.name)) for field in fields(Drill)}
        | {"goes by": judge_drill(seen).word}
        for name, seeds in rows.items()
        for seed, seen in seeds.items()
    ).set_index(["network", "seed"])


def drills(runs: Runs) -> dict[int, Drill]:
    """`drill` of each seed, by seed."""
    return {run.seed: drill(run) for run in as_list(runs)}
