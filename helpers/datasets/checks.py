"""Whether two splits of a set can be trusted together: no picture in both, classes balanced."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from helpers.datasets import image_files
from helpers.datasets.folders import DatasetWarning, shortened
from helpers.datasets.image_set import ImageSet, list_pair
from helpers.settings import quoted

UNBALANCED = 1.5  # largest class over smallest: above it, accuracy alone misleads
THUMBNAIL = 32  # pixels a side of what is compared first to find the same picture twice


def load_pair(name: str, classes: Sequence[str] | None = None) -> tuple[ImageSet, ImageSet]:
    """Train and validation of a set, checked against each other; the rest is as in `list_pair`.

    Warns:
        DatasetWarning: the same picture is in both, or the classes are unbalanced.
    """
    train, validation = sets = list_pair(name, classes)
    counts = [one.counts().values() for one in sets]
    if any(max(numbers) > UNBALANCED * min(numbers) for numbers in counts):
        warnings.warn(
            f"{quoted(train.root)}: the classes are unbalanced, so judge by sensitivity and "
            f"specificity, not by accuracy alone: {'; '.join(one.sizes for one in sets)}",
            DatasetWarning,
            stacklevel=2,
        )
    if pairs := duplicates(train, validation):
        names = [" = ".join(quoted(at.relative_to(train.root)) for at in pair) for pair in pairs]
        warnings.warn(
            f"{quoted(train.root)}: the same picture is in train and in validation, {len(pairs)} "
            "times, which makes every validation metric wrong; remove one of each pair: "
            f"{shortened(names)}",
            DatasetWarning,
            stacklevel=2,
        )
    return sets


def duplicates(one: ImageSet, other: ImageSet) -> list[tuple[Path, Path]]:
    """All pairs of files, one of each set, with equal decoded pixels, however they were saved."""
    thumbnails: dict[bytes, list[int]] = {}
    for i, thumbnail in enumerate(one.pixels(THUMBNAIL)):
        thumbnails.setdefault(thumbnail.tobytes(), []).append(i)
    return [
        (one.files[i], other.files[k])
        for k, thumbnail in enumerate(other.pixels(THUMBNAIL))
        for i in thumbnails.get(thumbnail.tobytes(), [])
        if one.digests[i] == other.digests[k]
        or np.array_equal(image_files.read(one.files[i]), image_files.read(other.files[k]))
    ]
