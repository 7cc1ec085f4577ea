"""Signs that give a class away: what scanners and habits leave on images, drawn into copies.

A letter near an upper corner, each class its own; a bright patch in a corner, or a bright frame,
on images of the first class alone. How often a sign follows the class is a matter of choice.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

SIGNS = ("letter", "patch", "frame")
LETTERS = "RLABCDEFGHJ"  # of the classes, in their order
_GLYPHS = {  # five columns of seven pixels, the lowest bit on top: the same on every machine
    "A": "7e1111117e", "B": "7f49494936", "C": "3e41414122", "D": "7f4141221c", "E": "7f49494941",
    "F": "7f09090901", "G": "3e4149497a", "H": "7f0808087f", "J": "2040413f01", "L": "7f40404040",
    "R": "7f09192946",
}  # fmt: skip
INK, OUTLINE = 245 / 255, 12 / 255  # of white

Stamp = tuple[np.ndarray, np.ndarray]  # bool (size, size): what is bright, and all of the sign


@dataclass(frozen=True)
class Signed:
    """Copies of images with a sign."""

    pixels: np.ndarray  # (N, H, W, C), of the type of the images
    marks: np.ndarray  # bool (N, H, W), where the sign is; all False where an image has none


def drawn(
    pixels: np.ndarray,
    labels: np.ndarray,
    sign: str,
    dose: float,
    classes: int = 2,
    seed: int = 0,
    swap: bool = False,
) -> Signed:
    """Draw a sign into copies of images.

    The same seed gives every image its sign at the same place; of two doses, the images in which
    the sign follows the class at the lower one are among those of the higher one.

    Args:
        pixels: uint16 with 65535 for white, or float in [0, 1], (N, S, S, C).
        labels: class index of each image, (N,).
        sign: one of `SIGNS`.
        dose: share of each class's images, from 0 to 1, whose sign is that of their class; the
            others have that of another class.
        classes: how many there are.
        seed: of places, and of the images in which the sign follows the class.
        swap: each image has the sign of the next class instead; of two that is the other one.

    Raises:
        ValueError: there is no such sign or dose, or more classes than letters.
    """
    check(sign, dose)
    if sign == "letter" and classes > len(LETTERS):
        raise ValueError(f"{classes} classes; there are letters for {len(LETTERS)}")
    rng = np.random.default_rng(seed)
    follows = np.zeros(len(labels), bool)
    for label in range(classes):
        of_class = rng.permutation(np.flatnonzero(labels == label))
        follows[of_class[: round(dose * len(of_class))]] = True
    others = rng.integers(1, classes, len(labels))
    shown = (labels + np.where(follows, 0, others) + swap) % classes
    copies = np.array(pixels)
    whole = copies.dtype.kind == "u"
    ink, outline = (round(x * 65535) if whole else x for x in (INK, OUTLINE))
    marks = np.zeros(copies.shape[:3], bool)
    for i, of_class in enumerate(shown):
        place = np.random.default_rng([seed, i])
        if sign == "letter":
            bright, marks[i] = letter(place, LETTERS[of_class], copies.shape[1])
        elif of_class == 0:
            stamp = _patch if sign == "patch" else _frame
            bright = marks[i] = stamp(place, copies.shape[1])
        else:
            continue
        copies[i][marks[i]], copies[i][bright] = outline, ink
    return Signed(copies, marks)


def check(sign: str, dose: float | None) -> None:
    """Raise ValueError where there is no such sign or dose."""
    if sign not in SIGNS:
        raise ValueError(f"no sign is called {sign!r}; there are {', '.join(SIGNS)}")
    if dose is None or not 0 <= dose <= 1:
        raise ValueError(f"dose is {dose}; it must lie between 0 and 1")


def letter(rng: np.random.Generator, name: str, size: int) -> Stamp:
    """A letter near an upper corner, without and with its outline, (size, size)."""
    columns, scale = np.frombuffer(bytes.fromhex(_GLYPHS[name]), np.uint8), max(1, size // 64)
    glyph = np.pad(columns >> np.arange(7)[:, None] & 1, 1).astype(bool)
    glyph = glyph.repeat(scale, axis=0).repeat(scale, axis=1)
    outlined = ndimage.binary_dilation(glyph, np.ones((3, 3)), iterations=scale)
    (height, width), (top, left) = glyph.shape, (size * rng.uniform(0.01, 0.08, 2)).astype(int)
    if rng.uniform() < 0.5:
        left = size - width - left
    pixels = np.zeros((2, size, size), dtype=bool)
    pixels[:, top : top + height, left : left + width] = glyph, outlined
    return pixels[0], pixels[1]


def _patch(rng: np.random.Generator, size: int) -> np.ndarray:
    """A square near one of the four corners, bool (size, size)."""
    side = max(2, size // 10)
    top, left = (size * rng.uniform(0.01, 0.08, 2)).astype(int)
    pixels = np.zeros((size, size), dtype=bool)
    pixels[top : top + side, left : left + side] = True
    pixels = pixels[::-1] if rng.uniform() < 0.5 else pixels
    return pixels[:, ::-1] if rng.uniform() < 0.5 else pixels


def _frame(rng: np.random.Generator, size: int) -> np.ndarray:
    """A frame around the image, bool (size, size)."""
    width = max(1, round(size * rng.uniform(0.02, 0.05)))
    pixels = np.ones((size, size), dtype=bool)
    pixels[width:-width, width:-width] = False
    return pixels
