"""Masks: which pixels of each image decide its class.

The mask of `train/Mel/1.jpg` is `masks/train/Mel/1.png` below the set's folder, or a file of any
other format that is read: white where the lesion is, black elsewhere, as large as the image.
`mask_files` says where else it may be, and by which name. A mask may be drawn in transparency
alone, in any colour but black. Some grey along its edges is no fault: that is how JPEG and resizing
leave them.
"""

from pathlib import Path

import numpy as np
from scipy import ndimage

from helpers.datasets import image_files
from helpers.datasets.errors import DatasetError
from helpers.datasets.image_set import ImageSet
from helpers.datasets.mask_files import masks_of
from helpers.datasets.pixels import each
from helpers.settings import quoted

GREY = (0.1, 0.9)  # of white: what lies between is neither black nor white
FLAT = 10 / 255  # values of an area that differ no more than this are one level; a JPEG has noise
LEVEL = 0.002  # of a mask: a grey area as large as this is a third level
MOST_GREY = 0.25  # of a mask: more is no edge but a picture


def masks(of: ImageSet, size: int, kind: str = "masks") -> np.ndarray | None:
    """The masks of a split's images.

    Args:
        of: the images.
        size: height and width that they are resized to.
        kind: the folder they are in: masks, or markers (of demo images with a letter).

    Returns:
        bool (N, size, size), True where at least half of a pixel is white; None where the set
        has no masks.

    Raises:
        DatasetError: an image has no mask or two, or one that is another image's too; a mask cannot
            be read, is not as large as its image, has more than two levels or is too dark; or every
            mask is white all over.
    """
    found = masks_of(of.root, of.files, kind)
    if found is None:
        return None

    def read(image: Path) -> np.ndarray:
        shape = image_files.read(image).shape[:2]
        marked = np.max([_marked(mask, shape) for mask in found[image]], axis=0)
        return image_files.resize(marked[..., np.newaxis], size)[..., 0] >= 0.5

    marked = np.stack(list(each(read, of.files, kind)))
    if marked.all():
        raise DatasetError(
            f"{quoted(of.root)}: every mask of {of.split} is white all over, so nothing is told "
            "apart; a mask must be white where the lesion is and black elsewhere"
        )
    return marked


def _marked(mask: Path, shape: tuple[int, ...]) -> np.ndarray:
    """How white each pixel of a mask is, float32 (H, W); raises ImageError."""
    white = image_files.read(mask)[..., 0]
    opacity = image_files.opacity(mask)
    if opacity is not None and np.ptp(opacity) > 0:
        white = _by_opacity(mask, white, opacity)
    if white.shape != shape:
        (height, width), (rows, columns) = white.shape, shape
        raise image_files.ImageError(
            f"{quoted(mask)}: is {width} x {height} pixels and its image {columns} x {rows}; "
            "a mask must be as large as its image"
        )
    if 0 < white.max() < 0.5:
        raise image_files.ImageError(
            f"{quoted(mask)}: its brightest pixel is {white.max():.3f} of white, so nothing is "
            "marked; a mask must be white where the lesion is"
        )
    _check_levels(mask, white)
    return white


def _by_opacity(mask: Path, white: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    """A mask that is drawn in transparency: one colour, not black, on nothing."""
    drawn = white[opacity > 0.5]
    if drawn.size and (np.ptp(drawn) > FLAT or drawn.max() < GREY[0]):
        raise image_files.ImageError(
            f"{quoted(mask)}: marks something by its colours and something by its transparency; "
            "save it anew in black and white, without transparency"
        )
    return opacity


def _check_levels(mask: Path, white: np.ndarray) -> None:
    between = (white > GREY[0]) & (white < GREY[1])
    if not between.any():
        return
    around = ndimage.maximum_filter(white, 3) - ndimage.minimum_filter(white, 3)
    level = between & (around <= FLAT)
    if level.mean() <= LEVEL and between.mean() <= MOST_GREY:
        return
    values, counts = np.unique(np.rint(255 * white).astype(int), return_counts=True)
    most = sorted(values[np.argsort(counts)[-4:]].tolist())
    raise image_files.ImageError(
        f"{quoted(mask)}: has grey areas, so it is not clear what is marked (its most frequent "
        f"values, of 255, are {', '.join(map(str, most))}); make each of them 0 or 255"
    )
