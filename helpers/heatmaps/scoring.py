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
TELLING = ("pointing", "average precision")  # those that say where a network looks
BETTER = {  # by measure: whether a larger value (1) or a smaller one (-1) is better
    "pointing": 1,
    "energy inside": 1,
    "average precision": 1,
    "deletion": -1,
    "insertion": 1,
    "ROAD": 1,
    "agreement with occlusion": 1,
}

Maps = Mapping[str, np.ndarray]  # by method (N, H, W)
Curves = dict[str, dict[str, np.ndarray]]  # by deletion or insertion and method (N, steps + 1)
Scores = dict[str, dict[str, np.ndarray]]  # by measure and method (N,), or (seeds, N)


def scores(
    maps: Maps,
    curves: Curves,
    masks: np.ndarray | None = None,
    roads: Mapping[str, np.ndarray] | None = None,
) -> Scores:
    """Score each map of one network, one value per image.

    With masks: the pointing game, the share of the map inside, and the map's average precision as
    a detector of the mask. Always: the share near the border, the areas under the curves, and,
    where there is one, the rank correlation with the occlusion map.

    Args:
        maps: see `audit.maps_of`.
        curves: see `audit.curves_of`.
        masks: bool (N, H, W), what decides the class; None where that is not known.
        roads: see `audit.road_of`.
    """
    found: Scores = {}
    if masks is not None:
        for name, measure in AGAINST_MASKS.items():
            found[name] = {m: measure(x, masks) for m, x in maps.items()}
    found["near the border"] = {m: localization.border(x) for m, x in maps.items()}
    for name, by_method in curves.items():
        found[name] = {m: evidence.area(rows) for m, rows in by_method.items()}
    if roads:
        found["ROAD"] = dict(roads)
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
        measure: {method: str(mean(values)) for method, values in by_method.items()}
        for measure, by_method in found.items()
    }
    rows = pd.Index(next(iter(found.values())), name="method")
    return pd.DataFrame(columns).reindex(rows).fillna("")


def against_baselines(found: Scores) -> pd.DataFrame:
    """Each method minus each baseline on the same images and seeds, and how many of them it beats.

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
                    difference = mean_difference(by_method[baseline], values)
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
    spot = evidence.mean(np.atleast_2d(found["pointing"]["centre"])[0])  # knows no network
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


def where_they_look(found: Scores) -> str:
    """Whether each method shows that these networks look into the masks, a sentence a method.

    It does where it points there more often than each baseline, or detects the masks' pixels
    better, beyond the intervals.
    """
    if "pointing" not in found:
        return (
            "There are no masks, so it cannot be said whether the maps point to the right place; "
            "deletion, insertion and ROAD say whether what they point to matters to the network."
        )
    networks = len(np.atleast_2d(found["pointing"]["centre"]))
    whose = f"these {networks} networks look" if networks > 1 else "this network looks"
    said = []
    for method in METHODS:
        hits, areas = found["pointing"][method], found["average precision"][method]
        better = [name for name in TELLING if not _as_good(found, name, method)]
        rest = sorted({one for name in TELLING for one in _as_good(found, name, method)})
        said.append(
            f"{method[0].upper()}{method[1:]} points into the outline in {mean(hits)} of the "
            f"images, and its average precision is {mean(areas)}: "
            + (
                f"by {' and by '.join(better)} it tells more than any map that knows nothing, so "
                f"it shows where {whose}."
                if better
                else "by neither does it surely tell more than every map that knows nothing "
                f"({', '.join(rest)}), so it does not show where {whose}."
            )
        )
    return " ".join(said)


def _as_good(found: Scores, measure: str, method: str) -> list[str]:
    """The baselines that a method does not beat by one measure."""
    of = found[measure]
    return [
        name
        for name, baseline in baselines_of(method).items()
        if not is_better(measure, mean_difference(of[baseline], of[method]))
    ]


def mean(values: np.ndarray) -> Estimate:
    """The mean of scores, (N,) or (seeds, N), for new images and, of several, for new seeds.

    Images without a score are left out.
    """
    x = _scored(values)
    if not x.size:
        return evidence.mean(x.ravel())
    return evidence.seeds_share(x) if np.isin(x, (0, 1)).all() else evidence.seeds_mean(x)


def mean_difference(baseline: np.ndarray, method: np.ndarray) -> Estimate:
    """The mean of a method's scores minus a baseline's, of the same networks and images."""
    if len(np.atleast_2d(method)) == 1:
        return evidence.mean_difference(np.ravel(baseline), np.ravel(method))
    both = _scored(np.subtract(method, baseline))
    return evidence.seeds_mean(both) if both.size else evidence.mean(both.ravel())


def _scored(values: np.ndarray) -> np.ndarray:
    """Scores (seeds, N) of the images that all seeds have one of."""
    rows = np.atleast_2d(values)
    return rows[:, ~np.isnan(rows).any(axis=0)]


def is_better(measure: str, difference: Estimate) -> bool:
    """Whether a difference to a baseline is one for the better, beyond its interval."""
    return difference.side() == BETTER[measure]


def mean_of(method: str) -> str:
    """What the baseline is called that is the mean of a method's maps of the other images."""
    return f"mean {method}"
