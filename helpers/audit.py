"""Whether heat maps look at the right thing: methods and baselines beside each other, in figures.

A method that does not beat a map of noise and a map of edges shows nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from helpers import runtime  # first: it keeps TensorFlow's import quiet

# isort: split
import keras
import numpy as np
import pandas as pd

from helpers import dissection, evidence, faithfulness, gradcam, keeping, localization, settings
from helpers.evidence import Estimate
from helpers.models import LAST_CONVOLUTION

BASELINES = ("random", "edges")
AGAINST_MASKS = {
    "pointing": localization.pointing,
    "energy inside": localization.energy,
    "average precision": localization.precision,
}
BETTER = {  # by measure: whether a larger figure (1) or a smaller one (-1) is the better one
    "pointing": 1,
    "energy inside": 1,
    "average precision": 1,
    "deletion": -1,
    "insertion": 1,
    "agreement with occlusion": 1,
}

Maps = Mapping[str, np.ndarray]  # by method (N, H, W)
Curves = dict[str, dict[str, np.ndarray]]  # by deletion or insertion and method (N, steps + 1)
Figures = dict[str, dict[str, np.ndarray]]  # by measure and method (N,)


def maps_of(
    model: keras.Model, images: np.ndarray, layer: str | None = LAST_CONVOLUTION
) -> dict[str, np.ndarray]:
    """The maps of the predicted class by each method, and the two baselines.

    Occlusion takes 64 passes through the network, one for each square. Its maps are kept: the same
    of the same network and images, by the same code, are read from disk the next time.

    Args:
        model: as for `gradcam.grad_cam`.
        images: float (N, H, W, C) in [0, 1].
        layer: as for `gradcam.grad_cam`.
    """
    patch = max(1, images.shape[1] // 8)

    def occlusion() -> Iterator[np.ndarray]:
        return iter(gradcam.occlusion(model, images, patch=patch, stride=patch))

    cells = dissection.convolution(model, layer).output.shape[1]
    return {
        "Grad-CAM": gradcam.grad_cam(model, images, layer=layer),
        "HiResCAM": gradcam.hires_cam(model, images, layer=layer),
        "occlusion": _kept("occlusion", model, [images], images.shape[:3], "<f4", occlusion),
        "random": localization.random_maps(images.shape[:3], cells),
        "edges": localization.edge_maps(images),
    }


def curves_of(
    model: keras.Model, images: np.ndarray, maps: Maps, steps: int = faithfulness.STEPS
) -> Curves:
    """Deletion and insertion by each of the maps; see `helpers.faithfulness`.

    They are kept as the maps of occlusion are.
    """
    exchanges = {"deletion": faithfulness.deletion, "insertion": faithfulness.insertion}
    repeated = np.concatenate([images] * len(maps))  # all methods at once, in large batches
    together = np.concatenate(list(maps.values()))

    def curves() -> Iterator[np.ndarray]:
        for exchange in exchanges.values():
            yield exchange(model, repeated, together, steps=steps)

    shape = (len(exchanges), len(together), steps + 1)
    found = _kept("curves", model, [repeated, together], shape, "<f8", curves)
    return {
        name: dict(zip(maps, np.split(rows, len(maps)), strict=True))
        for name, rows in zip(exchanges, found, strict=True)
    }


def _kept(
    what: str,
    model: keras.Model,
    arrays: list[np.ndarray],
    shape: tuple[int, ...],
    dtype: str,
    make: Callable[[], Iterator[np.ndarray]],
) -> np.ndarray:
    """What is made of a network and arrays, from disk where it was made of the same before."""
    made_with = [what, shape, settings.current().threads, runtime.versions(), runtime.hardware()]
    parts = [json.dumps(made_with).encode(), model.to_json().encode()]
    for array in [*arrays, *model.get_weights()]:
        parts += [str((array.shape, array.dtype)).encode(), np.ascontiguousarray(array).tobytes()]
    name = f"{what}_{keeping.fingerprint(parts)}"
    return np.asarray(keeping.kept(name, shape, np.dtype(dtype), make, "figures of heat maps"))


def figures(maps: Maps, curves: Curves, masks: np.ndarray | None = None) -> Figures:
    """What maps are worth, a figure an image.

    With masks: the pointing game, the share of the map inside, and the map's average precision as
    a detector of the mask. Always: the share near the border, the areas under the curves, and,
    where there is one, the rank correlation with the occlusion map.

    Args:
        maps: see `maps_of`.
        curves: see `curves_of`.
        masks: bool (N, H, W), what decides the class; None where that is not known.
    """
    found: Figures = {}
    if masks is not None:
        for name, measure in AGAINST_MASKS.items():
            found[name] = {m: measure(x, masks) for m, x in maps.items()}
    found["near the border"] = {m: localization.border(x) for m, x in maps.items()}
    for name, by_method in curves.items():
        found[name] = {m: faithfulness.area(rows) for m, rows in by_method.items()}
    if "occlusion" in maps:
        found["agreement with occlusion"] = {
            m: localization.agreement(x, maps["occlusion"])
            for m, x in maps.items()
            if m != "occlusion"
        }
    return found


def table(found: Figures) -> pd.DataFrame:
    """The figures' means with 95 % intervals: a row a method, a column a measure."""
    columns = {
        measure: {method: str(evidence.mean(values)) for method, values in by_method.items()}
        for measure, by_method in found.items()
    }
    rows = pd.Index(next(iter(found.values())), name="method")
    return pd.DataFrame(columns).reindex(rows).fillna("")


def against_baselines(found: Figures) -> pd.DataFrame:
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
    ends = (BETTER[measure] * difference.low, BETTER[measure] * difference.high)
    return min(ends) > 0


def after_mixing(
    model: keras.Model, images: np.ndarray, layer: str | None = LAST_CONVOLUTION, seed: int = 0
) -> dict[str, np.ndarray]:
    """How like a network's Grad-CAM maps are to those after its weights were mixed up.

    Returns:
        By the layer down to which `faithfulness.mixed` went: the rank correlations of the maps of
        the class that the whole network predicts, (N,). They should be near 0.
    """
    images = np.asarray(images, np.float32)
    chosen = dissection.classes_of(dissection.logits_of(model)(images), None)
    before = gradcam.grad_cam(model, images, chosen, layer)
    found: dict[str, np.ndarray] = {}
    compiled = None
    for down_to, other in faithfulness.mixed(model, seed):  # one network, changed step by step
        compiled = compiled or gradcam.compiled_maps(other, layer)
        found[down_to] = localization.agreement(before, compiled(images, chosen)[0])
    return found
