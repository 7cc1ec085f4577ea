"""ROAD, remove and debias (Rong et al. 2022): pixels are taken away, and leave no trace.

A pixel covered by one value is a sign in itself, and the shape of what is covered can give the
class away. Here each pixel that is taken away becomes what its neighbours say, and a little noise.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.sparse.linalg import splu

from helpers.heatmaps import faithfulness, targets
from helpers.networks import passes
from helpers.runtime import keras

SHARES = (0.1, 0.2)  # of the pixels, that are taken away
NOISE = 0.01  # deviation of what is added, in [0, 1]
# What each neighbour counts: the four nearest twice as much as the four across a corner.
NEIGHBOURS = {
    (down, right): 1 / 6 if 0 in (down, right) else 1 / 12
    for down in (-1, 0, 1)
    for right in (-1, 0, 1)
    if (down, right) != (0, 0)
}


def road(
    model: keras.Model,
    images: np.ndarray,
    maps: np.ndarray,
    class_index: int | ArrayLike | None = None,
    shares: Sequence[float] = SHARES,
) -> np.ndarray:
    """How much more the class's probability falls where a map is high than where it is low.

    Half the probability without the lowest pixels minus that without the highest, the mean over
    the shares: the larger the better, 0 for a map that knows nothing.

    Args:
        model: as for `gradcam.grad_cam`.
        images: float (N, H, W, C) in [0, 1].
        maps: float (N, H, W); pixels of one value go in random order.
        class_index: as for `gradcam.grad_cam`.
        shares: of the pixels that are taken away, each below 1.

    Returns:
        float64 (N,), from -0.5 to 0.5.
    """
    logits = passes.logits_of(model)
    chosen = targets.classes_of(logits(images), class_index)
    place = faithfulness.places(maps) / maps[0].size
    found = np.zeros(len(images))
    for share in shares:
        for removed, sign in ((place >= 1 - share, 1), (place < share, -1)):
            left = logits(imputed(images, removed))
            found += sign * faithfulness.probability(left, chosen) / (2 * len(shares))
    return found


def imputed(images: np.ndarray, removed: np.ndarray, noise: float = NOISE) -> np.ndarray:
    """Images whose removed pixels are the weighted mean of their neighbours, and noise.

    All at once, so that the middle of a hole is what its border says: a sparse system of equations
    for each image. Pixels beyond the border do not count.

    Args:
        images: float (N, H, W, C).
        removed: bool (N, H, W), not all of an image.
        noise: deviation of what is added to removed pixels, the same for every call.
    """
    filled = np.array(images, np.float32)
    for image, hole in zip(filled, removed, strict=True):
        if hole.any():
            image[hole] = _solved(image, hole)
    added = np.random.default_rng(0).normal(0, noise, filled.shape) if noise else 0
    return np.where(removed[..., np.newaxis], filled + added, filled).astype(np.float32)


def _solved(image: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """The pixels of a hole, (M, C)."""
    rows, columns = np.nonzero(hole)
    unknowns = np.arange(len(rows))
    number = np.zeros(hole.shape, int)
    number[hole] = unknowns
    known = np.zeros((len(rows), image.shape[-1]))
    weights = np.zeros(len(rows))
    entries: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for (down, right), weight in NEIGHBOURS.items():
        row, column = rows + down, columns + right
        inside = (row >= 0) & (row < hole.shape[0]) & (column >= 0) & (column < hole.shape[1])
        at, row, column = unknowns[inside], row[inside], column[inside]
        weights[at] += weight
        missing = hole[row, column]
        entries.append((at[missing], number[row, column][missing], np.full(missing.sum(), -weight)))
        known[at[~missing]] += weight * image[row, column][~missing]
    entries.append((unknowns, unknowns, weights))
    at, others, values = (np.concatenate(part) for part in zip(*entries, strict=True))
    system = sparse.csc_array((values, (at, others)), shape=(len(rows), len(rows)))
    return splu(system, permc_spec="MMD_AT_PLUS_A").solve(known)
