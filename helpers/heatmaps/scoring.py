"""Whether heat maps look at the right thing: methods and baselines side by side, in numbers.

A method that does not beat maps of noise, of edges, of where masks mostly lie, and of where it
mostly points itself shows nothing of an image.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers import evidence
from helpers.evidence import Estimate
from helpers.heatmaps import localization

METHODS = ("Grad-CAM", "HiResCAM", "occlusion")
BASELINES = ("random", "edges", "centre")
NEARLY_EVERY, MANY = 0.9, 0.35  # shares of images in which a fixed spot points right
AGAINST_MASKS = {
    "pointing": localization.pointing,
    "energy inside": localization.energy,
    "average precision": localization.precision,
}
BETTER = {  # by measure: whether a larger value (1) or a smaller one (-1) is better
    "pointing": 1,
    "energy inside": 1,
    "average precision": 1,
    "deletion": -1,
    "insertion": 1,
    "agreement with occlusion": 1,
}

Maps = Mapping[str, np.ndarray]  # by method (N, H, W)
Curves = dict[str, dict[str, np.ndarray]]  # by deletion or insertion and method (N, steps + 1)
Scores = dict[str, dict[str, np.ndarray]]  # by measure and method (N,)


def scores(maps: Maps, curves: Curves, masks: np.ndarray | None = None) -> Scores:
    """Score each map, one value per image.

    With masks: the pointing game, the share of the map inside, and the map's average precision as
    a detector of the mask. Always: the share near the border, the areas under the curves, and,
    where there is one, the rank correlation with the occlusion map.

    Args:
        maps: see `maps_of`.
        curves: see `curves_of`.
        masks: bool (N, H, W), what decides the class; None where that is not known.
    """
    found: Scores = {}
    if masks is not None:
        for name, measure in AGAINST_MASKS.items():
            found[name] = {m: measure(x, masks) for m, x in maps.items()}
    found["near the border"] = {m: localization.border(x) for m, x in maps.items()}
    for name, by_method in curves.items():
        found[name] = {m: evidence.area(rows) for m, rows in by_method.items()}
    if "occlusion" in maps:
        found["agreement with occlusion"] = {
            m: localization.agreement(x, maps["occlusion"])
            for m, x in maps.items()
            if m != "occlusion"
        }
    return found


def score_table(found: Scores) -> pd.DataFrame:
    """The scores' means with 95 % intervals: a row a method, a column a measure."""
    columns = {
        measure: {method: str(evidence.mean(values)) for method, values in by_method.items()}
        for measure, by_method in found.items()
    }
    rows = pd.Index(next(iter(found.values())), name="method")
    return pd.DataFrame(columns).reindex(rows).fillna("")


def against_baselines(found: Scores) -> pd.DataFrame:
    """Each method minus each baseline on the same images, and how many of them it beats.

    It beats one where the interval leaves zero out on the better side. The share near the border
    is left out, since neither side of it is the better one.
    """
    rows = []
    for measure, by_method in found.items():
        for method, values in by_method.items():
            if measure not in BETTER or method not in METHODS:
                continue
            row, wins = {"measure": measure, "method": method}, []
            for name, baseline in baselines_of(method).items():
                if baseline in by_method:
                    difference = evidence.mean_difference(by_method[baseline], values)
                    row[f"minus {name}"] = f"{difference:+.3f}"
                    wins.append(is_better(measure, difference))
            count = "all" if all(wins) else "none" if not any(wins) else sum(wins)
            row["verdict"] = f"beats {count}" + (f" of {len(wins)}" if count == sum(wins) else "")
            rows.append(row)
    return pd.DataFrame(rows).set_index(["measure", "method"]).fillna("")


def baselines_of(method: str) -> dict[str, str]:
    """What a method is held against: what a table calls it, and its name among the maps."""
    return {name: name for name in BASELINES} | {"its own mean": mean_of(method)}


def about_masks(found: Scores) -> str:
    """Whether masks like these can tell where a map points, in one sentence; empty: there are none.

    Where a fixed spot points right in nearly every image, a map need not look at the image.
    """
    if "pointing" not in found:
        return ""
    spot = evidence.mean(found["pointing"]["centre"])
    said = f"A fixed spot, where the masks of the other images lie, points right in {spot}"
    if spot.value >= NEARLY_EVERY:
        return (
            f"{said} of the images: the masks lie at one place in nearly every image, so that "
            "pointing there cannot tell whether a map looks at the image."
        )
    if spot.value >= MANY:
        return (
            f"{said} of the images: a map that points right may owe it to where masks mostly lie, "
            "and is to be held against that spot."
        )
    return f"{said} of the images: a map that points right more often looks at the image."


def is_better(measure: str, difference: Estimate) -> bool:
    """Whether a difference to a baseline is one for the better, beyond its interval."""
    return difference.side() == BETTER[measure]


def mean_of(method: str) -> str:
    """What the baseline is called that is the mean of a method's maps of the other images."""
    return f"mean {method}"
