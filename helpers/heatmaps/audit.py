"""The maps of each method beside maps that know nothing, and what becomes of the network's answer.

What takes long is kept on disk.
"""

from collections.abc import Callable, Iterator

import numpy as np

from helpers import environment, runtime
from helpers.cache import cached
from helpers.heatmaps import faithfulness, gradcam, localization, scoring, targets
from helpers.heatmaps.road import road
from helpers.heatmaps.scoring import Curves, Maps, Scores
from helpers.networks import LAST_CONVOLUTION, passes
from helpers.records import Runs, as_list
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
ROAD = ("heatmaps.road", *CURVES)


def audited(
    runs: Runs,
    images: np.ndarray,
    masks: np.ndarray | None = None,
    layer: str | None = LAST_CONVOLUTION,
    exchanged: bool = True,
) -> Scores:
    """The scores of every method and baseline, for each seed's best network; see `scoring.scores`.

    Args:
        runs: of one experiment, a run or its seeds.
        images: float (N, H, W, C) in [0, 1].
        masks: bool (N, H, W), what decides the class; None where that is not known.
        layer: as for `gradcam.grad_cam`.
        exchanged: whether pixels are exchanged too, which takes long: deletion, insertion, ROAD.
    """
    seeds = []
    for network in networks_of(runs):
        maps = maps_of(network, images, layer, masks)
        curves = curves_of(network, images, maps) if exchanged else {}
        roads = road_of(network, images, maps) if exchanged else None
        seeds.append(scoring.scores(maps, curves, masks, roads))
    return {
        measure: {method: np.stack([seed[measure][method] for seed in seeds]) for method in rows}
        for measure, rows in seeds[0].items()
    }


def networks_of(runs: Runs) -> Iterator[keras.Model]:
    """The best network of each run of one experiment: one network, with the weights of each.

    What was compiled for it serves them all.
    """
    first, *others = as_list(runs)
    network = first.model("best")
    yield network
    for run in others:
        network.load_weights(run.folder / "best.keras")
        yield network


def maps_of(
    model: keras.Model,
    images: np.ndarray,
    layer: str | None = LAST_CONVOLUTION,
    masks: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """The maps of the predicted class by each method, and the baselines.

    Baselines are noise, edges, and the centre, see `localization.centre_maps`; and for each method
    the mean of its maps of the other images.

    Args:
        model: as for `gradcam.grad_cam`.
        images: float (N, H, W, C) in [0, 1].
        layer: as for `gradcam.grad_cam`.
        masks: bool (N, H, W), where there are any: the centre is theirs.
    """
    cells, _ = passes.places_of(model, images, layer)
    shape = images.shape[:3]
    maps = methods_of(model, images, layer)
    return (
        maps
        | {scoring.mean_of(name): localization.means_of_others(of) for name, of in maps.items()}
        | {
            "random": localization.random_maps(shape, cells),
            "edges": localization.edge_maps(images),
            "centre": localization.centre_maps(shape, masks),
        }
    )


def methods_of(
    model: keras.Model, images: np.ndarray, layer: str | None = LAST_CONVOLUTION
) -> dict[str, np.ndarray]:
    """The maps of the predicted class by each of `scoring.METHODS`.

    Occlusion takes 64 passes through the network, one for each square. Its maps are cached, by
    network and images. Arguments are those of `maps_of`.
    """
    patch = max(1, images.shape[1] // 8)

    def occlusion() -> Iterator[np.ndarray]:
        return iter(gradcam.occlusion(model, images, patch=patch, stride=patch))

    return {
        "Grad-CAM": gradcam.grad_cam(model, images, layer=layer),
        "HiResCAM": gradcam.hires_cam(model, images, layer=layer),
        "occlusion": _cached(
            "occlusion", MAPS, model, [images], images.shape[:3], "<f4", occlusion
        ),
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


def road_of(model: keras.Model, images: np.ndarray, maps: Maps) -> dict[str, np.ndarray]:
    """`road` by each of the maps, (N,); it is cached."""
    together = np.concatenate(list(maps.values()))

    def scores() -> Iterator[np.ndarray]:
        for by_method in maps.values():
            yield from road(model, images, by_method)

    found = _cached("road", ROAD, model, [images, together], (len(together),), "<f8", scores)
    return dict(zip(maps, np.split(found, len(maps)), strict=True))


def _cached(
    name: str,
    code: tuple[str, ...],
    model: keras.Model,
    arrays: list[np.ndarray],
    shape: tuple[int, ...],
    dtype: str,
    make: Callable[[], Iterator[np.ndarray]],
) -> np.ndarray:
    """What is made from a network and arrays, in memory; see `cache.cached`.

    It is made anew where the network is of a class of its own, which cannot be described.
    """
    try:
        described = model.to_json()
    except NotImplementedError:
        return np.stack(list(make()))
    made_from = [
        environment.machine(runtime.hardware()),
        described,
        *model.get_weights(),
        *arrays,
    ]
    return np.asarray(cached(name, code, made_from, shape, dtype, make))


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
