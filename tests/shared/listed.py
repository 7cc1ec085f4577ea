"""Image sets by the names of their files alone, and pictures that differ as real ones do."""

from pathlib import Path

import numpy as np
from PIL import Image

from helpers.datasets import ImageSet

ROOT = Path("/images/skin")


def listed(
    split: str, by_class: dict[str, list[str]], groups: tuple[str, ...] | None = None
) -> ImageSet:
    """A split with these files in a folder for each class; none of them is there."""
    names = tuple(sorted(by_class))
    files = tuple(ROOT / split / name / file for name in names for file in by_class[name])
    return ImageSet(
        name="skin",
        split=split,
        root=ROOT,
        demo=False,
        files=files,
        labels=np.repeat(np.arange(len(names)), [len(by_class[name]) for name in names]),
        classes=names,
        positive=None,
        groups=groups,
        layout="",
        digests=("00",) * len(files),
    )


def scene(seed: int, side: int = 96, common: int = 0) -> Image.Image:
    """A smooth grey picture with structure at all scales; what is coarse is that of `common`."""
    levels = np.zeros((side, side))
    for cells, strength, of in ((4, 60, common or seed), (9, 40, seed), (24, 25, seed)):
        rng = np.random.default_rng([of, cells])
        grid = Image.fromarray(rng.normal(0, strength, (cells, cells)).astype(np.float32))
        levels += np.asarray(grid.resize((side, side), Image.Resampling.BICUBIC))
    return Image.fromarray(np.clip(levels + 128, 0, 255).astype(np.uint8))
