"""Masks: which pixels of each image decide its class.

The mask of `train/Mel/1.jpg` is `masks/train/Mel/1.png` below the set's folder, or a file of any
other format that is read: white where the lesion is, black elsewhere, as large as the image.
"""

from pathlib import Path

import numpy as np

from helpers.datasets import image_files
from helpers.datasets.folders import DatasetError, shortened
from helpers.datasets.image_set import ImageSet
from helpers.datasets.pixels import each
from helpers.settings import quoted


def masks(of: ImageSet, size: int, kind: str = "masks") -> np.ndarray | None:
    """The masks of a split's images.

    Args:
        of: the images.
        size: height and width that they are resized to.
        kind: the folder they are in: masks, or markers (of demo images with a letter).

    Returns:
        bool (N, size, size), True where at least half of a pixel is white; None where the set
        has no such folder.

    Raises:
        DatasetError: an image has no mask, a mask cannot be read, or is not as large as its image.
    """
    folder = of.root / kind
    if not folder.is_dir():
        return None

    def mask_of(image: Path) -> Path:
        """The mask, of whatever format; where there is none, the place that it should be in."""
        place = folder / image.relative_to(of.root)
        suffixes = (place.suffix, *sorted(image_files.SUFFIXES))
        return next(filter(Path.is_file, map(place.with_suffix, suffixes)), place)

    missing = [str(file.relative_to(of.root)) for file in of.files if not mask_of(file).is_file()]
    if missing:
        raise DatasetError(
            f"{quoted(of.root)}: {len(missing)} of {len(of.files)} images of {of.split} have no "
            f"mask; draw those, or move {kind}/ away: {shortened(missing)}"
        )

    def read(image: Path) -> np.ndarray:
        mask = mask_of(image)
        white = image_files.read(mask)
        (height, width, _), (rows, columns, _) = white.shape, image_files.read(image).shape
        if (height, width) != (rows, columns):
            raise image_files.ImageError(
                f"{quoted(mask)}: is {width} x {height} pixels and its image {columns} x {rows}; "
                "a mask must be as large as its image"
            )
        if 0 < white.max() < 0.5:
            raise image_files.ImageError(
                f"{quoted(mask)}: its brightest pixel is {white.max():.3f} of white, so nothing is "
                "marked; a mask must be white where the lesion is"
            )
        return image_files.resize(white, size)[..., 0] >= 0.5

    return np.stack(list(each(read, of.files, kind)))
