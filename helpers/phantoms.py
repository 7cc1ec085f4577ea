"""Demo images: what the lab runs on where a student has put no images of their own.

They are drawn, not photographed, and the same on every machine for a seed. With each comes a mask
of the pixels that decide its class, so that a heat map can be held against the truth. The classes
of skin and of bone overlap: no network can tell all of their images apart (see `anatomy`).
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from helpers import anatomy

# Chest, hand, skull, pelvis, knee, spine, foot, elbow, shoulder: see `anatomy.radiograph`.
_RIBS = "; ".join(f"ribs .035 .1 {y} .46 {y + 0.05} .64 {y + 0.28}" for y in np.arange(-5, 5) / 6.5)
_VERTEBRAE = "; ".join(
    f"rib .09 -.13 {y} .13 {y}; ribs .03 .1 {y} .3 {y - 0.04}; rib .02 0 {y} 0 {y + 0.15}"
    for y in np.arange(-4, 5) * 0.26
)
DRAWINGS = {
    "C1": "tissue .72:.85 0 -.4 0 1.2; tissues .3 .5 -.6 .9 -.3; airs .18:.3 .32 -.45 .42 .35;"
    "organ .16:.25 .05 .1 .2 .42; organs .3 .5 .85 .6 .9; rib .08 0 -1.2 0 1.2;"
    f"ribs .045 .08 -.68 .45 -.78 .85 -.7; {_RIBS}",
    "C2": "tissue .22:.36 0 1.2 0 .2; tissue .1 -.24 0 -.4 -.7; tissue .1 -.08 0 -.12 -.85;"
    "tissue .1 .08 0 .14 -.8; tissue .1 .22 0 .4 -.55; tissue .13 -.25 .3 -.66 -.15;"
    "bone .055 -.14 .36 -.24 0 -.32 -.32 -.37 -.52 -.4 -.68;"
    "bone .055 -.05 .34 -.08 -.03 -.1 -.4 -.11 -.64 -.12 -.82;"
    "bone .055 .05 .35 .08 0 .11 -.34 .13 -.58 .14 -.75;"
    "bone .05 .13 .37 .23 .06 .31 -.2 .36 -.38 .4 -.52;"
    "bone .055 -.2 .44 -.42 .16 -.56 -.04 -.66 -.2;"
    "rib .08 -.12 .47 .12 .45; rib .07 -.08 .58 .08 .56; rib .11 -.13 .78 -.13 1.2;"
    "rib .08 .14 .76 .12 1.2",
    "C3": "tissue .66:.48 0 -.2 0 .4; shell .6:.5 0 -.24 0 .06; shell .38:.24 0 .34 0 .62;"
    "airs .15 .23 .1 .26 .1; air .05:.09 0 .2 0 .36; ribs .05 .46 .1 .38 .34 .14 .42;"
    "bones .035 .05 .5 .05 .62; bones .035 .13 .49 .13 .6; rib .14 0 .6 0 1.2;"
    "ribs .03 .08 -.06 .3 -.1 .42 0; organ .3 0 1.1 0 1.3",
    "C4": "tissue .9:1 0 -1 0 1; shells .32:.12 .48 -.38 .3 .12; bone .14 0 -1.2 0 -.88 0 -.56;"
    "rib .17:.07 0 -.36 0 .1; ribs .06 .34 .16 .08 .34 .16 .62 .36 .56 .42 .24;"
    "ribs .13 .52 .16 .54 .17; ribs .1 .54 .18 .76 .38 .72 1.2",
    "C5": "tissue .55:.45 0 -1.2 0 1.2; rib .2:.3 0 -1.2 0 -.3; ribs .18 .17 -.18 .19 -.16;"
    "rib .1 -.28 .2 .28 .2; rib .29:.17 0 .4 0 1.2; rib .06 -.36 .34 -.36 1.2;"
    "shell .16 0 -.36 0 -.32",
    "C6": f"tissue .8:.9 0 -1 0 1; organs .2 .45 -.9 .4 1; {_VERTEBRAE}",
    "C7": "tissue .24 -.3 -1.2 -.3 .1; tissue .26:.13 -.5 .22 .85 .42; rib .13 -.28 -1.2 -.3 -.28;"
    "rib .06 -.42 -1.2 -.44 -.15; rib .14 -.28 -.02 -.12 .02; rib .17:.13 -.58 .28 -.3 .24;"
    "rib .09 .05 .06 .07 .1; rib .08 .0 .26 .02 .28; bone .06 .12 .1 .6 .34 .78 .42 .92 .46;"
    "bone .05 .08 .22 .52 .42 .7 .47 .84 .5; bone .04 .06 .3 .44 .47 .6 .5",
    "C8": "tissue .26 -.42 -1.2 -.25 .1; tissue .3:.2 -.2 .15 1.2 .35; rib .12 -.42 -1.2 -.3 -.15;"
    "rib .17:.12 -.27 -.06 -.16 .08; rib .12:.07 -.34 .24 1.2 .5; rib .1:.07 .06 .12 1.2 .24",
    "C9": "tissue .6:.5 -.7 0 -.7 1.2; tissue .4:.28 .1 -.25 .5 1.2; air .3 -.95 -.1 -.95 .9;"
    "rib .2 .3 -.27 .33 -.22; rib .12:.1 .38 -.12 .52 1.2; rib .05 -1.2 -.5 -.6 -.66 .1 -.6;"
    "rib .07 .12 -.6 .4 -.54; shell .2:.08 -.08 -.2 -.22 .5; rib .035 -1.2 -.4 -.7 -.3 -.45 0;"
    "rib .035 -1.2 -.15 -.7 -.05 -.45 .25; rib .035 -1.2 .1 -.7 .2 -.45 .5;"
    "rib .035 -1.2 .35 -.7 .45 -.45 .75",
}

# The first of two classes is the positive one, the disease looked for.
CLASSES: dict[str, tuple[str, ...]] = {"skin": ("Mel", "Nev"), "bone": ("AFF", "NFF")}
CLASSES["xray"] = tuple(DRAWINGS)
_EACH = {"skin": (200, 200), "bone": (200, 200), "xray": (120, 102, 90, 74, 64, 50, 40, 34, 26)}
COUNTS: dict[str, dict[str, dict[str, int]]] = {  # images of each set, split and class
    name: {
        "train": dict(zip(CLASSES[name], each, strict=True)),
        "validation": dict(zip(CLASSES[name], (n // 2 for n in each), strict=True)),
    }
    for name, each in _EACH.items()
}
# Each layout's folder of a split; what the flat layout calls test is what the lab validates on.
LAYOUTS = {
    "folders": {"train": "train", "validation": "validation"},
    "flat": {"train": "train", "validation": "test"},
}
LETTERS = {"skin": "RL", "bone": "RL", "xray": "ABCDEFGHJ"}  # one for each class, in their order
_GLYPHS = {  # five columns of seven pixels, the lowest bit on top: the same on every machine
    "A": "7e1111117e", "B": "7f49494936", "C": "3e41414122", "D": "7f4141221c", "E": "7f49494941",
    "F": "7f09090901", "G": "3e4149497a", "H": "7f0808087f", "J": "2040413f01", "L": "7f40404040",
    "R": "7f09192946",
}  # fmt: skip


@dataclass(frozen=True)
class Phantom:
    """One demo image and what is known of it.

    Attributes:
        image: uint8, (H, W, 3) for skin and (H, W) for the radiographs.
        mask: bool (H, W), what decides the class: lesion, fracture, or bones and organs.
        marker: bool (H, W), the printed letter and its outline; all False without one.
        label: the name of the class.
    """

    image: np.ndarray
    mask: np.ndarray
    marker: np.ndarray
    label: str


def draw(
    name: str,
    label: str,
    index: int = 0,
    split: str = "train",
    seed: int = 0,
    size: int = 192,
    shortcut: float = 0.0,
    swap: bool = False,
) -> Phantom:
    """Draw one demo image.

    The scene depends on `name`, `label`, `index`, `split` and `seed` alone: a marker changes no
    pixel outside itself, and another `size` changes nothing but the grain.

    Args:
        name: the set: skin, bone or xray.
        label: the class, one of `CLASSES[name]`.
        index: which image of this class and split, from 0.
        split: train or validation.
        seed: another seed gives other images throughout.
        size: height and width in pixels, at least 32.
        shortcut: how often the letter printed near an upper corner is the one of the class, from
            0 to 1; otherwise it is another class's. 0 prints no letter at all.
        swap: print the letter of the next class instead; with two classes, that of the other one.

    Raises:
        ValueError: an argument that is none of these.
    """
    _check(name, shortcut, size=(size, 32), seed=(seed, 0), index=(index, 0))
    classes = CLASSES[name]
    _check_among("class", label, classes, f" of {name}")
    _check_among("split", split, COUNTS[name])
    number = classes.index(label)
    key = [seed, list(CLASSES).index(name), list(COUNTS[name]).index(split), number, index]
    rng = np.random.default_rng([*key, 0])
    if name == "skin":
        picture, mask = anatomy.skin(rng, number == 0, size)
    elif name == "bone":
        picture, mask = anatomy.femur(rng, number == 0, size)
    else:
        picture, mask = anatomy.radiograph(rng, DRAWINGS[label], size)
    image = np.round(picture * 255).astype(np.uint8)
    marker = np.zeros((size, size), dtype=bool)
    if shortcut > 0:
        rng = np.random.default_rng([*key, 1])  # apart, so that the picture does not depend on it
        follows, other = rng.uniform() < shortcut, int(rng.integers(1, len(classes)))
        shown = number + (0 if follows else other) + swap
        letter, marker = _marker(rng, LETTERS[name][shown % len(classes)], size)
        image[marker], image[letter] = 12, 245
    return Phantom(image, mask, marker, label)


def write(
    name: str,
    folder: Path | str,
    layout: str = "folders",
    seed: int = 0,
    shortcut: float = 0.0,
    counts: Mapping[str, int | Mapping[str, int]] | None = None,
    size: int = 192,
    swap: bool = False,
) -> Path:
    """Draw a set and write it as PNG files, in one of the course's two layouts.

    `folders` gives train/<class>/ and validation/<class>/, `flat` gives train/ and test/ with the
    class in the file's name alone; the files are the same. Below masks/, and with a shortcut below
    markers/, lies a black and white picture for each image, under the image's own path.

    The folder appears whole or not at all: the files are written beside it and then moved.

    Args:
        name: the set: skin, bone or xray.
        folder: where to; it must not exist yet, or be empty. It is also what is returned.
        layout: folders or flat.
        seed: as in `draw`.
        shortcut: as in `draw`.
        counts: images of each class, by split: {"train": 20, "validation": 10}; a number may
            be a mapping from class to number instead, as in `COUNTS[name]`, the default.
        size: as in `draw`.
        swap: as in `draw`.

    Raises:
        ValueError: an argument that is none of these.
        OSError: it cannot be written; FileExistsError where the folder holds something already.
    """
    _check(name, shortcut, size=(size, 32), seed=(seed, 0))
    _check_among("layout", layout, LAYOUTS)
    wanted: list[tuple[str, str, int]] = []
    for split, each in (COUNTS[name] if counts is None else counts).items():
        _check_among("split", split, COUNTS[name])
        of_class = dict.fromkeys(CLASSES[name], each) if isinstance(each, int) else each
        for label, count in of_class.items():
            _check_among("class", label, CLASSES[name], f" of {name}")
            wanted += [(split, label, index) for index in range(count)]
    folder = Path(folder).absolute()
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; name a new folder, or move this one away")
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(f".{folder.name}.partial-*"):
        if time.time() - left.stat().st_mtime > 3600:  # of a call that was killed, not one at work
            shutil.rmtree(left, ignore_errors=True)
    partial = folder.with_name(f".{folder.name}.partial-{secrets.token_hex(4)}")
    try:
        for split, label, index in wanted:
            phantom = draw(name, label, index, split, seed, size, shortcut, swap)
            place = Path(LAYOUTS[layout][split]) / (label if layout == "folders" else "")
            path = place / f"{label}_{index + 1:04d}.png"
            _save(partial / path, phantom.image)
            _save(partial / "masks" / path, phantom.mask)
            if shortcut > 0:
                _save(partial / "markers" / path, phantom.marker)
        if folder.exists():
            folder.rmdir()
        partial.replace(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return folder


def _check(name: str, shortcut: float, **numbers: tuple[int, int]) -> None:
    _check_among("set", name, CLASSES)
    if not 0 <= shortcut <= 1:
        raise ValueError(f"shortcut is {shortcut}; it must lie between 0 and 1")
    for what, (value, least) in numbers.items():
        if value < least:
            raise ValueError(f"{what} is {value}; it must be at least {least}")


def _check_among(what: str, value: str, allowed: Iterable[str], of: str = "") -> None:
    if value not in allowed:
        raise ValueError(f"no {what}{of} is called {value!r}; there are {', '.join(allowed)}")


def _marker(rng: np.random.Generator, letter: str, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The pixels of a letter near an upper corner, without and with its outline, (size, size)."""
    columns, scale = np.frombuffer(bytes.fromhex(_GLYPHS[letter]), np.uint8), max(1, size // 64)
    glyph = np.pad(columns >> np.arange(7)[:, None] & 1, 1).astype(bool)
    glyph = glyph.repeat(scale, axis=0).repeat(scale, axis=1)
    outlined = ndimage.binary_dilation(glyph, np.ones((3, 3)), iterations=scale)
    (height, width), (top, left) = glyph.shape, (size * rng.uniform(0.01, 0.08, 2)).astype(int)
    if rng.uniform() < 0.5:
        left = size - width - left
    pixels = np.zeros((2, size, size), dtype=bool)
    pixels[:, top : top + height, left : left + width] = glyph, outlined
    return pixels[0], pixels[1]


def _save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if pixels.dtype == bool:
        pixels = pixels.astype(np.uint8) * 255
    Image.fromarray(pixels).save(path, compress_level=1)
