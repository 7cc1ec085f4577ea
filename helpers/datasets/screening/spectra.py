"""What tells small pictures apart whichever way they are turned: their low spatial frequencies.

Mirroring a picture changes the sign of some of its cosine coefficients and turning it exchanges
rows with columns, so magnitudes that are sorted between (u, v) and (v, u) are the same for all
eight ways to lay a square picture down. They never differ by more than the pictures themselves do,
so a search for close ones misses no turned copy.
"""

import numpy as np

FREQUENCIES = 8  # coefficients along an axis
COARSE = 6  # those of them by which pictures are searched for: 35 numbers without the mean
# What a slight crop leaves of an axis: up to a tenth is missing at either end. Crops in between are
# like enough to the nearest of these to be found.
CUTS = (0.0, 0.045, 0.09)
SPANS = tuple((start, 1 - end) for start in CUTS for end in CUTS)
# Each window of a picture as (top, height, left, width), in parts of its sides; the first is all.
WINDOWS = np.array([(t, b - t, le, r - le) for t, b in SPANS for le, r in SPANS], np.float32)
TURNS = 8

_OVERSAMPLING = 4  # places at which a cosine is taken in each pixel


def _cosines(size: int) -> np.ndarray:
    """float32 (spans * FREQUENCIES, size): an axis of pixels -> its coefficients in each span."""
    places = (np.arange(_OVERSAMPLING * size) + 0.5) / (_OVERSAMPLING * size)
    cosines = np.cos(np.pi * np.arange(FREQUENCIES)[:, np.newaxis] * places) / len(places)
    cosines[1:] *= np.sqrt(2)
    pixels = np.eye(size)
    sampled = [
        [
            np.interp((start + (end - start) * places) * size - 0.5, np.arange(size), pixel)
            for pixel in pixels
        ]
        for start, end in SPANS
    ]
    return np.concatenate([cosines @ np.array(one).T for one in sampled]).astype(np.float32)


def spectra(pictures: np.ndarray) -> np.ndarray:
    """The cosine coefficients of every window of every picture, without its mean.

    Args:
        pictures: float32 (N, size, size).

    Returns:
        float32 (N, windows, FREQUENCIES, FREQUENCIES), each of length 1, or 0 where it is flat.
    """
    cosines = _cosines(pictures.shape[-1])
    shape = (len(pictures), len(SPANS), FREQUENCIES, len(SPANS), FREQUENCIES)
    both = (cosines @ pictures @ cosines.T).reshape(shape).swapaxes(2, 3)
    found = both.reshape(len(pictures), len(WINDOWS), FREQUENCIES, FREQUENCIES)
    found[..., 0, 0] = 0
    return _unit(found, (-2, -1))


def invariants(of: np.ndarray) -> np.ndarray:
    """What of some spectra (..., FREQUENCIES, FREQUENCIES) is the same for all turns.

    Returns:
        float32 (..., COARSE * COARSE - 1), each of length 1, or 0.
    """
    magnitudes = np.abs(of[..., :COARSE, :COARSE])
    turned = magnitudes.swapaxes(-1, -2)
    rows, columns = np.triu_indices(COARSE, 1)
    diagonal = np.arange(1, COARSE)
    parts = (
        np.maximum(magnitudes, turned)[..., rows, columns],
        np.minimum(magnitudes, turned)[..., rows, columns],
        magnitudes[..., diagonal, diagonal],
    )
    return _unit(np.concatenate(parts, axis=-1), -1)


def turned(picture: np.ndarray, turn: int) -> np.ndarray:
    """A picture (..., size, size) laid down in one of the eight ways; 0 is as it is."""
    rows, columns = (-1 if turn & 1 else 1), (-1 if turn & 2 else 1)
    picture = picture[..., ::rows, ::columns]
    return picture.swapaxes(-1, -2) if turn & 4 else picture


def best_turns(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How to turn each other picture so that it is most like the one, and how like it then is.

    Args:
        one: spectra (N, FREQUENCIES, FREQUENCIES).
        other: as many.

    Returns:
        int64 (N,), for `turned`; float32 (N,), their correlation.
    """
    signs = np.where(np.arange(FREQUENCIES) % 2, -1, 1).astype(np.float32)
    alike = np.empty((len(one), TURNS), np.float32)
    for turn in range(TURNS):
        rows = signs[:, np.newaxis] if turn & 1 else 1
        laid = other * rows * (signs if turn & 2 else 1)
        alike[:, turn] = np.einsum("nij,nij->n", one, laid.swapaxes(1, 2) if turn & 4 else laid)
    return alike.argmax(1), alike.max(1)


def _unit(values: np.ndarray, axis: int | tuple[int, int]) -> np.ndarray:
    length = np.linalg.norm(values, axis=axis, keepdims=True)
    return np.divide(values, length, out=np.zeros_like(values), where=length > 1e-4)
