"""Demo images: what the lab runs on where a student has put no images of their own.

They are drawn, not photographed, and a seed gives the same ones on every machine. With each comes a
mask of the pixels that decide its class, to compare heat maps with. The classes of skin and of bone
overlap: no network can tell all of their images apart (see `phantom_painting`).
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from helpers.cache import clear_abandoned
from helpers.datasets import phantom_painting as painting
from helpers.datasets import signs

# By class what is drawn of it, stroke by stroke: see `phantom_painting.radiograph`.
DRAWINGS = json.loads(Path(__file__).with_name("radiographs.json").read_text(encoding="utf-8"))

# The first of two classes is the positive one, the disease looked for.
CLASSES = {"skin": ("Mel", "Nev"), "bone": ("AFF", "NFF"), "xray": tuple(DRAWINGS)}
_TRAIN = {"skin": (200, 200), "bone": (200, 200), "xray": (120, 102, 90, 74, 64, 50, 40, 34, 26)}
COUNTS = {  # images of each set, split and class
    name: {
        split: {label: n // share for label, n in zip(CLASSES[name], numbers, strict=True)}
        for split, share in (("train", 1), ("validation", 2))
    }
    for name, numbers in _TRAIN.items()
}
LAYOUTS = ("folders", "flat")
LETTERS = {"skin": "RL", "bone": "RL", "xray": "ABCDEFGHJ"}  # one for each class, in their order


@dataclass(frozen=True)
class Phantom:
    """One demo image and what is known of it."""

    image: np.ndarray  # uint8, (H, W, 3) for skin and (H, W) for the radiographs
    mask: np.ndarray  # bool (H, W), what decides the class: lesion, fracture, or bones and organs
    marker: np.ndarray  # bool (H, W), the printed letter and its outline; all False without one
    label: str  # the name of the class


def draw(
    name: str,
    label: str,
    index: int = 0,
    split: str = "train",
    seed: int = 0,
    size: int = 192,
    shortcut: float = 0.0,
) -> Phantom:
    """Draw one demo image.

    The scene depends on `name`, `label`, `index`, `split` and `seed` alone: a marker changes no
    pixel outside itself, and another `size` changes only the grain.

    Args:
        name: the set: skin, bone or xray.
        label: the class, one of `CLASSES[name]`.
        index: which image of this class and split, from 0.
        split: train or validation.
        seed: another seed gives other images throughout.
        size: height and width in pixels, at least 32.
        shortcut: how often, from 0 to 1, the letter printed near an upper corner is that of the
            class and not of another one. 0 prints no letter at all.

    Raises:
        ValueError: an argument has no such value.
    """
    _check(name, shortcut, size, seed, index)
    classes = CLASSES[name]
    _check_among("class", label, classes, f" of {name}")
    _check_among("split", split, COUNTS[name])
    number = classes.index(label)
    key = [seed, list(CLASSES).index(name), list(COUNTS[name]).index(split), number, index]
    rng = np.random.default_rng([*key, 0])
    if name == "xray":
        picture, mask = painting.radiograph(rng, DRAWINGS[label]["strokes"], size)
    else:
        paint = painting.skin if name == "skin" else painting.femur
        picture, mask = paint(rng, number == 0, size)
    image = np.round(picture * 255).astype(np.uint8)
    marker = np.zeros((size, size), dtype=bool)
    if shortcut > 0:
        rng = np.random.default_rng([*key, 1])  # its own, so that the picture stays the same
        follows, other = rng.uniform() < shortcut, int(rng.integers(1, len(classes)))
        shown = number + (0 if follows else other)
        letter, marker = signs.letter(rng, LETTERS[name][shown % len(classes)], size)
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
) -> Path:
    """Draw a set and write it as PNG files, in one of the course's two layouts.

    `folders` gives train/<class>/ and validation/<class>/, `flat` gives train/ and test/ with the
    class only in the file's name; the files are the same. masks/, and with a shortcut markers/,
    holds a black and white picture for each image, under the image's own path. The folder appears
    whole or not at all: the files are written beside it and then moved.

    Args:
        name: the set: skin, bone or xray.
        folder: where to write; it must not exist yet, or be empty. It is also returned.
        layout: folders or flat.
        seed: as in `draw`.
        shortcut: as in `draw`.
        counts: images of each class, by split: {"train": 20, "validation": 10}; instead of a number
            there may be one for each class, as in `COUNTS[name]`, the default.
        size: as in `draw`.

    Raises:
        ValueError: an argument has no such value.
        OSError: it cannot be written; FileExistsError where the folder is not empty.
    """
    _check(name, shortcut, size, seed)
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
    prefix = f".{folder.name}.partial-"
    clear_abandoned(folder.parent, prefix)
    prefix += f"{os.getpid()}-"
    with TemporaryDirectory(prefix=prefix, dir=folder.parent, ignore_cleanup_errors=True) as work:
        for split, label, index in wanted:
            phantom = draw(name, label, index, split, seed, size, shortcut)
            flat = "test" if split == "validation" else split  # what the course validates on
            place = Path(flat) if layout == "flat" else Path(split, label)
            path = place / f"{label}_{index + 1:04d}.png"
            _save(Path(work, "set", path), phantom.image)
            _save(Path(work, "set", "masks", path), phantom.mask)
            if shortcut > 0:
                _save(Path(work, "set", "markers", path), phantom.marker)
        if folder.exists():
            folder.rmdir()
        Path(work, "set").replace(folder)
    return folder


def _check(name: str, shortcut: float, size: int, seed: int, index: int = 0) -> None:
    _check_among("set", name, CLASSES)
    if not 0 <= shortcut <= 1:
        raise ValueError(f"shortcut is {shortcut}; it must lie between 0 and 1")
    for what, value, least in (("size", size, 32), ("seed", seed, 0), ("index", index, 0)):
        if value < least:
            raise ValueError(f"{what} is {value}; it must be at least {least}")


def _check_among(what: str, value: str, allowed: Iterable[str], of: str = "") -> None:
    if value not in allowed:
        raise ValueError(f"no {what}{of} is called {value!r}; there are {', '.join(allowed)}")


def _save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if pixels.dtype == bool:
        pixels = pixels.astype(np.uint8) * 255
    Image.fromarray(pixels).save(path, compress_level=1)
