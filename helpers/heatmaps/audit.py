"""Whether heat maps look at the right thing: methods and baselines side by side, in numbers.

A method that does not beat a map of noise and a map of edges shows nothing.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd

from helpers import environment, evidence, runtime
from helpers.cache import cached
from helpers.evidence import Estimate
from helpers.heatmaps import faithfulness, gradcam, localization, targets
from helpers.networks import LAST_CONVOLUTION, passes
from helpers.runtime import keras

# The code that decides them, given network and images.
MAPS = (
    "heatmaps.gradcam",
    "heatmaps.targets",
    "networks.inference",
    "networks.passes",
    "networks.surgery",
)
CURVES = ("heatmaps.faithfulness", *MAPS[1:])
BASELINES = ("random", "edges")
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


def maps_of(
    model: keras.Model, images: np.ndarray, layer: str | None = LAST_CONVOLUTION
) -> dict[str, np.ndarray]:
    """The maps of the predicted class by each method, and the two baselines.

    Occlusion takes 64 passes through the network, one for each square. Its maps are cached, by
    network and images.

    Args:
        model: as for `gradcam.grad_cam`.
        images: float (N, H, W, C) in [0, 1].
        layer: as for `gradcam.grad_cam`.
    """
    patch = max(1, images.shape[1] // 8)

    def occlusion() -> Iterator[np.ndarray]:
        return iter(gradcam.occlusion(model, images, patch=patch, stride=patch))

    cells, _ = passes.places_of(model, images, layer)
    return {
        "Grad-CAM": gradcam.grad_cam(model, images, layer=layer),
        "HiResCAM": gradcam.hires_cam(model, images, layer=layer),
        "occlusion": _cached(
            "occlusion", MAPS, model, [images], images.shape[:3], "<f4", occlusion
        ),
        "random": localization.random_maps(images.shape[:3], cells),
        "edges": localization.edge_maps(images),
    }


def curves_of(
    model: keras.Model, images: np.ndarray, maps: Maps, steps: int = faithfulness.STEPS
) -> Curves:
    """Deletion and insertion by each of the maps; see `faithfulness`. They are cached."""
    exchanges = {"deletion": faithfulness.deletion, "insertion": faithfulness.insertion}
    repeated = np.concatenate([images] * len(maps))  # all methods at once, in large batches
    together = np.concatenate(list(maps.values()))

    def curves() -> Iterator[np.ndarray]:
        for exchange in exchanges.values():
            yield exchange(model, repeated, together, steps=steps)

    shape = (len(exchanges), len(together), steps + 1)
    found = _cached("curves", CURVES, model, [repeated, together], shape, "<f8", curves)
    return {
        name: dict(zip(maps, np.split(rows, len(maps)), strict=True))
        for name, rows in zip(exchanges, found, strict=True)
    }


def _cached(
    name: str,
    code: tuple[str, ...],
    model: keras.Model,
    arrays: list[np.ndarray],
    shape: tuple[int, ...],
    dtype: str,
    make: Callable[[], Iterator[np.ndarray]],
) -> np.ndarray:
    """What is made from a network and arrays, in memory; see `cache.cached`."""
    made_from = [
        environment.machine(runtime.hardware()),
        model.to_json(),
        *model.get_weights(),
        *arrays,
    ]
    return np.asarray(cached(name, code, made_from, shape, dtype, make))


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
    """Each method minus each baseline on the same images, and whether it beats both.

    It does where both intervals leave zero out on the better side. The share near the border is
    left out, since neither side of it is the better one.
    """
    rows = []
    for measure, by_method in found.items():
        for method, values in by_method.items():
            if measure not in BETTER or method in BASELINES:
                continue
            row = {"measure": measure, "method": method}
            differences = [evidence.mean_difference(by_method[b], values) for b in BASELINES]
            row |= {f"minus {b}": f"{d:+.3f}" for b, d in zip(BASELINES, differences, strict=True)}
            wins = [is_better(measure, difference) for difference in differences]
            row["verdict"] = (
                "beats both" if all(wins) else "beats one" if any(wins) else "no better"
            )
            rows.append(row)
    return pd.DataFrame(rows).set_index(["measure", "method"])


def is_better(measure: str, difference: Estimate) -> bool:
    """Whether a difference to a baseline is one for the better, beyond its interval."""
    return difference.side() == BETTER[measure]


def after_mixing(model: keras.Model, images: np.ndarray) -> dict[str, np.ndarray]:
    """How similar a network's Grad-CAM maps are to those after its weights were mixed up.

    Returns:
        By the layer down to which `faithfulness.mixed` went: the rank correlations of the maps of
        the class that the whole network predicts, (N,). They should be near 0.
    """
    images = np.asarray(images, np.float32)
    chosen = targets.classes_of(passes.logits_of(model)(images), None)
    before = gradcam.grad_cam(model, images, chosen)
    found: dict[str, np.ndarray] = {}
    for down_to, other in faithfulness.mixed(model):
        found[down_to] = localization.agreement(before, gradcam.raw_maps(other, images, chosen)[0])
    return found
