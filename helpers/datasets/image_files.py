"""One image file -> one checked array: float32, grey or RGB, values in [0, 1].

The first bytes of a file tell its format, not the ending of its name. Values are scaled to [0, 1]
by the full range of their depth where they have up to 16 bits; float images in [0, 1] are kept;
everything else (other floats, signed and 32-bit images) is spread from the image's own smallest to
its largest value. DICOM goes through its own window first and is then spread. Transparency is
dropped and the stored colours are kept, as Pillow and Keras do. A 16-bit colour PNG is read with
8 bits per channel, which is all that Pillow gives. `formats` holds the decoders.
"""

import stat
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import numpy as np
from PIL import Image

from helpers.datasets.formats import dicom, pillow, tiff
from helpers.datasets.formats.rules import FileKind, ImageError, to_unit_range
from helpers.settings import quoted

__all__ = ["SUFFIXES", "FileKind", "ImageError", "content", "describe", "opacity", "read", "resize"]

SUFFIXES = dicom.SUFFIXES | {
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".gif", ".webp"),
    *(".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx", ".tif", ".tiff"),
}
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R 601, as in Pillow's mode L

Result = TypeVar("Result")


def content(path: Path) -> bytes:
    """The bytes of an ordinary file that is not empty.

    Raises:
        ImageError: it cannot be opened or read, is no ordinary file, or is empty.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a named pipe would wait for ever
            raise ImageError(f"{quoted(path)}: this is not an ordinary file; put an image here")
        data = path.read_bytes()
    except OSError as error:
        raise ImageError(
            f"{quoted(path)}: cannot be read ({error.strerror or error}); check its permissions, "
            "the disk, and, if it is a link, that it leads to a file"
        ) from error
    if not data:
        raise ImageError(f"{quoted(path)}: is empty (0 bytes); copy it again, or remove it")
    return data


def read(path: Path | str, channels: int = 1) -> np.ndarray:
    """Read one image.

    Args:
        path: a JPEG, PNG, BMP, GIF, WebP, JPEG 2000, TIFF or, where `pydicom` is installed, DICOM
            file.
        channels: 1 for grey (of a colour image its luminance, ITU-R 601), 3 for RGB (of a grey
            image its values three times).

    Returns:
        float32 (H, W, channels) with values in [0, 1], turned as its EXIF orientation says.

    Raises:
        ImageError: the file cannot be read or decoded, is damaged, is no such image, is smaller
            than 8 pixels a side, claims more than 50 million, holds NaN or infinity, or several
            pages or frames.
    """
    if channels not in (1, 3):
        raise ValueError(f"channels is {channels!r}; it must be 1 (grey) or 3 (RGB)")

    def in_unit_range(decoder: ModuleType, data: bytes) -> np.ndarray:
        raw: np.ndarray = decoder.decode(data)[0]
        if channels == 1 and raw.ndim == 3 and raw.dtype == np.uint8:
            raw = np.asarray(Image.fromarray(raw).convert("L"))  # rounded as everybody else's
        return to_unit_range(raw)

    pixels = _made(in_unit_range, Path(path))
    if pixels.ndim == 2:
        return np.repeat(pixels[:, :, np.newaxis], channels, axis=2)
    return pixels if channels == 3 else np.clip(pixels @ LUMINANCE, 0, 1)[:, :, np.newaxis]


def opacity(path: Path) -> np.ndarray | None:
    """The transparency that `read` drops.

    Returns:
        float32 (H, W), 0 for transparent and 1 for opaque; None where the file has none.

    Raises:
        ImageError: as `read`.
    """

    def in_unit_range(decoder: ModuleType, data: bytes) -> np.ndarray | None:
        alpha: np.ndarray | None = decoder.decode(data)[1]
        return None if alpha is None else to_unit_range(alpha)

    return _made(in_unit_range, path)


def describe(path: Path) -> FileKind:
    """What the header of an image file says: format, bits, channels, size; no pixel is decoded.

    Raises:
        ImageError: the file cannot be read, is no image, or its header is damaged.
    """

    def described(decoder: ModuleType, data: bytes) -> FileKind:
        kind: FileKind = decoder.describe(data)
        return kind

    return _made(described, path)


def resize(image: np.ndarray, size: int) -> np.ndarray:
    """Resize to a square, anti-aliased, without keeping the aspect ratio, as the course's loader.

    Args:
        image: float32 (H, W, channels) with values in [0, 1].
        size: pixels a side.

    Returns:
        float32 (size, size, channels) with values in [0, 1].
    """
    if image.shape[:2] == (size, size):
        return image.astype(np.float32)
    # Pillow widens the bilinear kernel by the scale factor, so every source pixel counts.
    planes = [
        np.asarray(Image.fromarray(plane).resize((size, size), Image.Resampling.BILINEAR))
        for plane in np.moveaxis(image, 2, 0).astype(np.float32)
    ]
    return np.clip(np.stack(planes, axis=2), 0, 1)


def _made(make: Callable[[ModuleType, bytes], Result], path: Path) -> Result:
    """What `make` makes of a file with the decoder of its format; every error names the file."""
    data = content(path)
    try:
        return make(_decoder(data), data)
    except ImageError as error:
        raise ImageError(f"{quoted(path)}: {_in_one_line(error)}") from None
    except Exception as error:  # decoders raise all sorts of things over damaged bytes
        raise ImageError(
            f"{quoted(path)}: cannot be decoded ({_in_one_line(error)}): it is damaged, cut short, "
            "or of a rare kind; copy it again, save it anew as PNG, or remove it"
        ) from error


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _decoder(data: bytes) -> ModuleType:
    """The decoder of a format, DICOM first: its preamble may make it look like a TIFF file."""
    for decoder in (dicom, pillow, tiff):
        if decoder.recognises(data):
            return decoder
    raise ImageError(
        f"starts with {data[:8]!r}, so it is not an image that is read here, whatever its name "
        "says; it must be JPEG, PNG, BMP, GIF, WebP, JPEG 2000, TIFF or DICOM"
    )
