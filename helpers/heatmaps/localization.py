"""Where heat maps point: scores of maps against masks, and baselines to compare them with.

Pure functions of arrays: maps float (N, H, W), 0 or more, as `gradcam` gives them; masks bool
(N, H, W). Each gives one value per image, (N,), NaN where the image's mask is empty.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.stats import rankdata
from skimage.filters import sobel
from sklearn.metrics import average_precision_score

PerImage = NDArray[np.float64]
TOLERANCE = 1 / 16  # of an image's side; Zhang et al. take 15 pixels
BORDER = 0.1  # of an image's side
SMOOTHED = 1 / 4  # of an image's side: the deviation by which the mean of masks is smoothed


def peaks(maps: np.ndarray) -> PerImage:
    """Row and column of each map's largest value, (N, 2), NaN for a map that is flat.

    A small map that was enlarged is flat where a cell at the border was; the middle is taken.
    """
    found = np.full((len(maps), 2), np.nan)
    for i, one in enumerate(np.asarray(maps, np.float64)):
        if one.max() > one.min():
            found[i] = np.argwhere(one >= one.max() * (1 - 1e-6)).mean(axis=0)
    return found


def pointing(maps: np.ndarray, masks: np.ndarray, tolerance: float = TOLERANCE) -> PerImage:
    """The pointing game (Zhang et al. 2018): 1 where the peak lies in the mask or near it, else 0.

    Args:
        maps: see above; one that is the same everywhere points nowhere.
        masks: see above.
        tolerance: how far from the mask a peak may lie, as a share of the image's side.
    """
    _check(maps, masks)
    hits = np.full(len(maps), np.nan)
    for i, (peak, mask) in enumerate(zip(peaks(maps), masks, strict=True)):
        if mask.any():
            distance = np.hypot(*(np.argwhere(mask) - peak).T).min()
            hits[i] = distance <= tolerance * mask.shape[0]  # NaN is no hit
    return hits


def energy(maps: np.ndarray, masks: np.ndarray) -> PerImage:
    """The share of a map's sum that lies in the mask; 0 for a map of zeros."""
    _check(maps, masks)
    inside = np.where(masks, maps, 0).sum(axis=(1, 2), dtype=np.float64)
    whole = np.sum(maps, axis=(1, 2), dtype=np.float64)
    share = np.divide(inside, whole, out=np.zeros(len(maps)), where=whole > 0)
    return np.where(masks.any(axis=(1, 2)), share, np.nan)


def precision(maps: np.ndarray, masks: np.ndarray) -> PerImage:
    """Average precision of the map as a detector of the mask's pixels.

    A map that is the same everywhere has the mask's share of the image.
    """
    _check(maps, masks)
    return np.array(
        [
            average_precision_score(mask.ravel(), one.ravel()) if mask.any() else np.nan
            for one, mask in zip(maps, masks, strict=True)
        ]
    )


def border(maps: np.ndarray) -> PerImage:
    """The share of a map's sum in the outer tenth of the image on each side."""
    _, height, width = maps.shape
    outside = np.ones(maps.shape, bool)
    top, left = round(BORDER * height), round(BORDER * width)
    outside[:, top : height - top, left : width - left] = False
    return energy(maps, outside)


def agreement(one: np.ndarray, other: np.ndarray) -> PerImage:
    """Rank correlation (Spearman's) of two maps of each image; 0 where one is flat."""
    _check(one, other)
    ranks = [np.stack([rankdata(m) for m in maps.reshape(len(maps), -1)]) for maps in (one, other)]
    a, b = (r - r.mean(axis=1, keepdims=True) for r in ranks)
    norm = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return np.divide((a * b).sum(axis=1), norm, out=np.zeros(len(a)), where=norm > 0)


def random_maps(shape: tuple[int, int, int], cells: int, seed: int = 0) -> np.ndarray:
    """Maps that know nothing: noise of `cells` x `cells`, enlarged as a layer's output is."""
    count, height, width = shape
    noise = np.random.default_rng(seed).random((count, cells, cells))
    factors = (1, height / cells, width / cells)
    return ndimage.zoom(noise, factors, order=1, mode="nearest", grid_mode=True).astype(np.float32)


def edge_maps(images: np.ndarray) -> np.ndarray:
    """Maps that know no class: the edges of each image (Sobel), (N, H, W) from (N, H, W, C)."""
    return np.stack([sobel(image) for image in images.mean(axis=-1)]).astype(np.float32)


def centre_maps(shape: tuple[int, int, int], masks: np.ndarray | None = None) -> np.ndarray:
    """Maps that see neither image nor network: where the masks of the other images lie.

    Args:
        shape: of the maps, (N, H, W).
        masks: see above; their mean is smoothed, since few masks lie at no single place. Without
            them, or with those of one image, the middle is taken.
    """
    if masks is not None and masks.any(axis=(1, 2)).sum() > 1:
        wide = SMOOTHED * shape[1]
        return ndimage.gaussian_filter(means_of_others(masks), (0, wide, wide), mode="constant")
    _, height, width = shape
    rows, columns = (np.linspace(-1, 1, side) for side in (height, width))
    bump = np.exp(-2 * np.add.outer(rows**2, columns**2))  # its deviation is a quarter of a side
    return np.broadcast_to(bump, shape).astype(np.float32)


def means_of_others(maps: np.ndarray) -> np.ndarray:
    """For each image the mean of the others' maps, as of a method that ignores the image.

    It is flat where there is no other image.
    """
    values = np.asarray(maps, np.float64)
    return ((values.sum(axis=0) - values) / max(1, len(values) - 1)).astype(np.float32)


def _check(maps: np.ndarray, others: np.ndarray) -> None:
    if np.ndim(maps) != 3 or np.shape(maps) != np.shape(others):
        raise ValueError(
            f"the maps have the shape {np.shape(maps)} and what they are held against "
            f"{np.shape(others)}; both must be the same (N, H, W)"
        )
