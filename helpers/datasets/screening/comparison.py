"""Are two pictures one? Pairs are laid over each other at three sizes, the small ones first.

How often that errs is counted by `benchmarks/planted_copies.py`. Different pictures that are taken
for one are mostly neighbouring slices of one patient, and pictures that show nothing. Drawn
pictures that differ in noise alone are told at the largest size.
"""

from collections.abc import Callable

import numpy as np

from helpers.datasets.screening import spectra
from helpers.datasets.screening.alignment import agreement, aligned
from helpers.datasets.screening.candidates import Candidates

SIDE = 64  # pixels; in smaller pictures two chests, or two slices of a head, look the same
LARGE = 128  # pixels of those that have so many
AGREEMENT = 0.93
# JPEG of quality 50 leaves less of a picture of 28 pixels, but then the low frequencies are as good
# as equal, which those of no different pictures are.
EQUAL_LIKENESS, EQUAL_AGREEMENT = 0.997, 0.7
ROUGH_AGREEMENT = 0.6  # at half of SIDE, where most pairs are ruled out for a quarter of the work

Larger = Callable[[int], np.ndarray | None]


def are_copies(pictures: np.ndarray, larger: Larger, of: Candidates) -> np.ndarray:
    """Compare pairs of pictures.

    Args:
        pictures: uint8 (N, SIDE, SIDE), each spread over the full range.
        larger: gives the picture of an index, uint8 (LARGE, LARGE), or None where it is smaller.
        of: the pairs, some hundred at most.

    Returns:
        bool (pairs,).
    """
    whole, part = _unit(pictures[of.whole]), _laid(pictures[of.part], of.turn)
    halves = _halved(whole), _halved(part)
    windows = aligned(*halves, of.window, steps=4)
    left = np.flatnonzero(agreement(*halves, windows) > ROUGH_AGREEMENT)
    whole, part = whole[left], part[left]
    windows = aligned(whole, part, windows[left], steps=3)
    in_place = (of.window == spectra.WINDOWS[0]).all(1)
    least = np.where(in_place & (of.likeness > EQUAL_LIKENESS), EQUAL_AGREEMENT, AGREEMENT)
    same = np.zeros(len(of.whole), bool)
    for i, window, found in zip(left, windows, agreement(whole, part, windows), strict=True):
        same[i] = found > least[i]
        both = (larger(of.whole[i]), larger(of.part[i])) if same[i] else (None, None)
        if both[0] is not None and both[1] is not None:
            pair = _unit(both[0][np.newaxis]), _laid(both[1][np.newaxis], of.turn[[i]])
            place = aligned(*pair, window[np.newaxis], steps=3)
            same[i] = agreement(*pair, place)[0] > least[i]
    return same


def _laid(pictures: np.ndarray, turns: np.ndarray) -> np.ndarray:
    """Each picture turned in its own way."""
    laid = np.empty_like(pictures)
    for i, (picture, turn) in enumerate(zip(pictures, turns, strict=True)):
        laid[i] = spectra.turned(picture, turn)
    return _unit(laid)


def _unit(pictures: np.ndarray) -> np.ndarray:
    return pictures.astype(np.float32) / np.float32(255)


def _halved(pictures: np.ndarray) -> np.ndarray:
    count, size = pictures.shape[:2]
    return pictures.reshape(count, size // 2, 2, size // 2, 2).mean((2, 4))
