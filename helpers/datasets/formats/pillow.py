"""JPEG, PNG, BMP, GIF, WebP and JPEG 2000, and the TIFF files that tifffile leaves to Pillow."""

import contextlib
import io
import re
from collections.abc import Callable

import numpy as np
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from helpers.datasets.formats import jpeg
from helpers.datasets.formats.rules import (
    ORIENTATION,
    SIDEWAYS,
    FileKind,
    ImageError,
    check_size,
    upright,
)

MAGIC = re.compile(
    rb"(?P<JPEG>\xff\xd8\xff)|(?P<PNG>\x89PNG\r\n\x1a\n)|(?P<BMP>BM)|(?P<GIF>GIF8[79]a)"
    rb"|(?P<WEBP>RIFF....WEBP)|(?P<JPEG2000>\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51)",
    re.DOTALL,
)
# The plug-ins are called directly: Image.open would first warn of large images by way of Python's
# warning filters, which threads cannot change safely.
PLUGINS: dict[str, Callable[[io.BytesIO], Image.Image]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "JPEG2000": Jpeg2KImagePlugin.Jpeg2KImageFile,
}
BITS = {"1": 1, "I": 32, "F": 32}  # of the modes that have neither 8 nor 16
PNG_BIT_DEPTH = 24  # the byte of the header; Pillow's mode does not tell 1 to 8 bits apart


def recognises(data: bytes) -> bool:
    """Whether the first bytes are those of one of these formats."""
    return MAGIC.match(data) is not None


def decode(data: bytes) -> tuple[np.ndarray, np.ndarray | None]:
    """Decode a file.

    Returns:
        Its pixels (H, W) or (H, W, 3) in the type they are stored in, without transparency, and
        their opacity, uint8 (H, W), or None where the file has none.

    Raises:
        ImageError: it has a wrong size or several frames; the message does not name the file.
        Exception: whatever the decoder raises over damaged data.
    """
    image = _opened(data)
    check_size(*image.size)
    if getattr(image, "n_frames", 1) > 1:
        raise ImageError("holds several frames; save the one you want as a file of its own")
    if image.format == "JPEG":
        jpeg.check(data, "CMYK" if image.mode == "CMYK" else "GRAY")
    return pixels_of(image)


def describe(data: bytes) -> FileKind:
    """What the header says; raises whatever Pillow raises over a damaged one."""
    image = _opened(data)
    bits = BITS.get(image.mode, 16 if image.mode.startswith("I;16") else 8)
    width, height = image.size
    if _orientation(image) in SIDEWAYS:
        width, height = height, width
    return FileKind(
        format=image.format or "",
        bits=data[PNG_BIT_DEPTH] if image.format == "PNG" else bits,
        channels=1 if _is_grey(image) else 3,
        height=height,
        width=width,
    )


def pixels_of(image: Image.Image) -> tuple[np.ndarray, np.ndarray | None]:
    """What `decode` returns, of an image that is open and has the right size."""
    image.load()
    orientation = _orientation(image)
    opacity = None
    if image.has_transparency_data:
        alpha = image if "A" in image.getbands() else image.convert("RGBA")
        opacity = upright(np.asarray(alpha.getchannel("A")), orientation)
    image.info.pop("transparency", None)  # else converting a palette warns
    if image.mode in ("1", "LA", "La"):
        image = image.convert("L")
    elif not _is_grey(image):
        image = image.convert("RGB")
    pixels = np.asarray(image)
    return upright(pixels.astype(pixels.dtype.newbyteorder("=")), orientation), opacity


def _opened(data: bytes) -> Image.Image:
    found = MAGIC.match(data)
    assert found is not None and found.lastgroup is not None, "asked before recognises(data)"
    return PLUGINS[found.lastgroup](io.BytesIO(data))


def _is_grey(image: Image.Image) -> bool:
    return image.mode == "1" or (image.mode.startswith(("L", "I", "F")) and image.mode != "LAB")


def _orientation(image: Image.Image) -> object:
    with contextlib.suppress(Exception):  # broken EXIF does not spoil the pixels
        return image.getexif().get(ORIENTATION, 1)
    return 1
