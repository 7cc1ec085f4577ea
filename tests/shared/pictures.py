"""Image files for tests."""

from pathlib import Path

import numpy as np
from PIL import Image


def picture(path: Path, seed: int, size: tuple[int, int] = (20, 20), **options: object) -> Path:
    """Write an image of noise, made from a seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)
    Image.fromarray(pixels).save(path, **options)
    return path


def swap_classes(split: Path) -> None:
    """Give all images of a skin split the other class: what is learned from them is wrong."""
    (split / "Mel").rename(split / "other")
    (split / "Nev").rename(split / "Mel")
    (split / "other").rename(split / "Nev")
