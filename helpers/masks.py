"""Masks: where in each image is what decides its class, drawn beside the images.

The mask of `train/Mel/1.jpg` is `masks/train/Mel/1.png` below the set's folder, or of any other
format that is read: white where the lesion is, black elsewhere, as large as the image.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from helpers import images
from helpers.datasets import ImageSet
from helpers.decoding import each
from helpers.folders import DatasetError, quoted, shortened


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
    mask_of = {file: _file(folder / file.relative_to(of.root)) for file in of.files}
    missing = [str(file.relative_to(of.root)) for file, mask in mask_of.items() if not mask]
    if missing:
        raise DatasetError(
            f"{quoted(of.root)}: {len(missing)} of {len(of.files)} images of {of.split} have no "
            f"mask; draw those, or move {kind}/ away: {shortened(missing)}"
        )

    def read(image: Path) -> np.ndarray:
        mask = mask_of[image]
        assert mask is not None  # those without one were named above
        white = images.read(mask)
        (height, width), wanted = white.shape[:2], images.read(image).shape[:2]
        if (height, width) != wanted:
            raise images.ImageError(
                f"{quoted(mask)}: is {width} x {height} pixels and its image {wanted[1]} x "
                f"{wanted[0]}; a mask must be as large as its image"
            )
        if 0 < white.max() < 0.5:
            raise images.ImageError(
                f"{quoted(mask)}: its brightest pixel is {white.max():.3f} of white, so nothing is "
                "marked; a mask must be white where the lesion is"
            )
        return images.resize(white, size)[..., 0] >= 0.5

    return np.stack(list(each(read, of.files, kind)))


def _file(place: Path) -> Path | None:
    """The mask at this place, of whatever format."""
    same = (place.with_suffix(suffix) for suffix in (place.suffix, *sorted(images.SUFFIXES)))
    return next((file for file in same if file.is_file()), None)
