"""What holds for images of every format: error, kind, size, range and orientation."""

from dataclasses import dataclass

import numpy as np

MIN_SIDE = 8  # pixels; a network could learn nothing from a smaller picture
MAX_PIXELS = 50_000_000  # a mammogram has 20 million; below the number at which Pillow warns
ORIENTATION = 0x0112  # the EXIF and TIFF tag that says how a camera was held
SIDEWAYS = (5, 6, 7, 8)  # of its values those that exchange height and width


class ImageError(ValueError):
    """A file that cannot be used as an image: says which, what is wrong, what would be right."""


@dataclass(frozen=True)
class FileKind:
    """What the header of an image file says of it."""

    format: str  # JPEG, PNG, BMP, GIF, WEBP, JPEG2000, TIFF or DICOM
    bits: int  # per channel, as stored
    channels: int  # 1 for grey, 3 for colour; transparency is not counted
    height: int  # pixels, turned as the orientation says
    width: int


def check_size(width: int, height: int) -> None:
    """Refuse an image by what its header claims, before any pixel is decoded.

    Raises:
        ImageError: it is smaller than `MIN_SIDE` or larger than `MAX_PIXELS`.
    """
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"its header claims {width} x {height} pixels, more than the {MAX_PIXELS:,} that are "
            "read; save a smaller version, or check whether it is an image at all"
        )
    if min(width, height) < MIN_SIDE:
        raise ImageError(
            f"is {width} x {height} pixels; an image must have at least {MIN_SIDE} pixels a side"
        )


def upright(pixels: np.ndarray, orientation: object) -> np.ndarray:
    """Undo the eight ways of EXIF; any other value counts as upright."""
    if orientation in SIDEWAYS:
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def to_unit_range(raw: np.ndarray) -> np.ndarray:
    """Values as float32 in [0, 1].

    Boolean values and 8 or 16 bits are scaled by the full range of their type, floats in [0, 1]
    are kept, and everything else is spread.

    Raises:
        ImageError: some values are NaN or infinite.
    """
    if raw.dtype == bool:
        return raw.astype(np.float32)
    if raw.dtype in (np.uint8, np.uint16):
        return raw.astype(np.float32) / np.float32(np.iinfo(raw.dtype).max)
    if wrong := raw.size - int(np.isfinite(raw).sum()):
        raise ImageError(f"{wrong} of its values are NaN or infinite; replace them, or remove it")
    if raw.dtype.kind == "f" and raw.min() >= 0 and raw.max() <= 1:
        return raw.astype(np.float32)
    return spread(raw)


def spread(values: np.ndarray) -> np.ndarray:
    """Smallest value to 0, largest to 1, as float32; an image of one value becomes 0."""
    values = values.astype(np.float64)
    low, high = values.min(), values.max()
    return ((values - low) / (high - low if high > low else 1)).astype(np.float32)
