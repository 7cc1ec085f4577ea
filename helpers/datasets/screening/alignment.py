"""Is one small picture a part of another? They are laid over each other and compared.

The place is found by Gauss-Newton steps (Lucas and Kanade 1981, IJCAI, 674-679) that shift and
stretch each axis and adjust brightness and contrast. What is then compared is fine detail, since
what is coarse, the outline of a chest or of a lesion, is alike in different pictures too.
"""

import numpy as np
from scipy.ndimage import gaussian_filter

LARGEST_STEP = 0.05  # of a side: a picture without gradients must not fly away
FINE, COARSE = 1.0, 2.0  # standard deviations in pixels: detail is what lies between the two
FAINT = 0.03  # of the range: detail below it counts less, or noise would be as good as a vessel
LEAST_OVERLAP = 0.5  # of the part; of a smaller piece, agreement says little


def aligned(whole: np.ndarray, part: np.ndarray, windows: np.ndarray, steps: int) -> np.ndarray:
    """Where each part lies in its whole, beginning at a rough place.

    Args:
        whole: float32 (N, size, size).
        part: float32 (N, size, size).
        windows: float32 (N, 4), the rough places: top, height, left, width in parts of a side.
        steps: how often a place is improved.

    Returns:
        float32 (N, 4), the places.
    """
    size = whole.shape[-1]
    places = ((np.arange(size) + 0.5) / size).astype(np.float32)
    down, across = (slope * np.float32(size) for slope in np.gradient(whole, axis=(1, 2)))
    layers = np.stack([whole, down, across], axis=1)
    found = windows.copy()
    for _ in range(steps):
        cut, inside = _cut(layers, found)
        seen, rows, columns = cut.swapaxes(0, 1)
        stretches = (rows * places[:, np.newaxis], columns * places)
        changes = (rows, stretches[0], columns, stretches[1], -part, -np.ones_like(part))
        jacobian = (np.stack(changes, axis=1) * inside[:, np.newaxis]).reshape(len(part), 6, -1)
        normal = (jacobian @ jacobian.swapaxes(1, 2)).astype(np.float64)
        normal += np.eye(6) * (1e-6 * np.trace(normal, axis1=1, axis2=2)[:, np.newaxis, np.newaxis])
        normal += np.eye(6) * 1e-9  # of flat pictures
        right = jacobian @ (seen * inside).reshape(len(part), -1, 1)
        step = -np.linalg.solve(normal, right.astype(np.float64))[:, :4, 0]
        found += np.clip(step, -LARGEST_STEP, LARGEST_STEP).astype(np.float32)
    return found


def agreement(whole: np.ndarray, part: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """The correlation of fine detail between each part and that window of its whole.

    The arguments are those of `aligned`.

    Returns:
        float32 (N,), 1 for the same picture, 0 where little overlaps or nothing is to be seen.
    """
    cut, inside = _cut(whole[:, np.newaxis], windows)
    seen = cut[:, 0]
    enough = inside.mean((1, 2)) >= LEAST_OVERLAP
    edge = round(COARSE)  # the rim of a picture has no neighbours to be finer than
    inside[:, :edge] = inside[:, -edge:] = False
    inside[:, :, :edge] = inside[:, :, -edge:] = False
    one, other = _detail(seen) * inside, _detail(part) * inside
    lengths = np.linalg.norm(one, axis=(1, 2)) * np.linalg.norm(other, axis=(1, 2))
    return enough * (one * other).sum((1, 2)) / (lengths + 1e-6)


def _detail(pictures: np.ndarray) -> np.ndarray:
    """What lies between FINE and COARSE, divided by its strength round about."""
    fine, coarse = _blurred(pictures, FINE), _blurred(pictures, COARSE)
    detail = fine - coarse
    return detail / (np.sqrt(_blurred(detail**2, 2 * COARSE)) + FAINT)


def _blurred(pictures: np.ndarray, sigma: float) -> np.ndarray:
    return gaussian_filter(pictures, sigma, axes=(1, 2), truncate=2)


def _cut(layers: np.ndarray, windows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each window of some layers (N, layers, size, size) stretched to their size.

    Also bool (N, size, size), where that is within the layers.
    """
    size = layers.shape[-1]
    rows, in_rows = _interpolation(windows[:, 0:1], windows[:, 1:2], size)
    columns, in_columns = _interpolation(windows[:, 2:3], windows[:, 3:4], size)
    inside = in_rows[:, :, np.newaxis] & in_columns[:, np.newaxis, :]
    return rows[:, np.newaxis] @ layers @ columns.swapaxes(1, 2)[:, np.newaxis], inside


def _interpolation(
    start: np.ndarray, length: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """float32 (N, size, size), an axis of pixels -> its window's, and bool (N, size)."""
    places = (start + length * ((np.arange(size) + 0.5) / size)) * size - 0.5
    inside = (places > -0.5) & (places < size - 0.5)
    # A pixel's weight falls from 1 to 0 over the distance to the next: linear interpolation.
    distance = np.abs(np.clip(places, 0, size - 1)[:, :, np.newaxis] - np.arange(size))
    return np.maximum(1 - distance, 0).astype(np.float32), inside
