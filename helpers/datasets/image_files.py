"""One image file -> one checked array: float32, grey or RGB, values in [0, 1].

The first bytes of a file tell its format, not the ending of its name. Values are scaled to [0, 1]
by the full range of their type where they have up to 16 bits; float images in [0, 1] are kept;
everything else (other floats, signed and 32-bit images) is spread from the image's own smallest to
its largest value. DICOM goes through its own window first and is then spread. Transparency is
dropped and the stored colours are kept, as Pillow and Keras do. A 16-bit colour PNG is read with
8 bits per channel, which is all that Pillow gives.
"""

import contextlib
import io
import logging
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tifffile
from PIL import BmpImagePlugin, Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin

from helpers.settings import quoted

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".dcm"})
MIN_SIDE = 8  # pixels; a network could learn nothing from a smaller picture
MAX_PIXELS = 50_000_000  # a mammogram has 20 million; below the number at which Pillow warns

ORIENTATION = 0x0112  # the EXIF and TIFF tag that says how a camera was held
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R 601, as in Pillow's mode L
# The plug-ins are called directly: Image.open would first warn of large images by way of Python's
# warning filters, which threads cannot change safely.
PLUGINS: dict[bytes, Callable[[io.BytesIO], Image.Image]] = {
    b"\xff\xd8\xff": JpegImagePlugin.JpegImageFile,
    b"\x89PNG\r\n\x1a\n": PngImagePlugin.PngImageFile,
    b"BM": BmpImagePlugin.BmpImageFile,
}
TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# What tifffile decodes without other packages; Pillow's libtiff does the rest (LZW, JPEG, fax).
TIFF_COMPRESSIONS = {1, 8, 32773, 32946}
TIFF_WHITE_IS_ZERO, TIFF_BLACK_IS_ZERO, TIFF_RGB, TIFF_PALETTE = 0, 1, 2, 3

# tifffile logs what is wrong with a damaged file; here that becomes an ImageError.
logging.getLogger("tifffile").addHandler(logging.NullHandler())


class ImageError(ValueError):
    """A file that cannot be used as an image: says which, what is wrong, what would be right."""


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
        path: a JPEG, PNG, BMP, TIFF or, where `pydicom` is installed, DICOM file.
        channels: 1 for grey (of a colour image its luminance, ITU-R 601), 3 for RGB (of a grey
            image its values three times).

    Returns:
        float32 (H, W, channels) with values in [0, 1], turned as its EXIF orientation says.

    Raises:
        ImageError: the file cannot be read or decoded, is no such image, is smaller than
            `MIN_SIDE`, claims more than `MAX_PIXELS`, holds NaN or infinity, or several pages.
    """
    if channels not in (1, 3):
        raise ValueError(f"channels is {channels!r}; it must be 1 (grey) or 3 (RGB)")
    path = Path(path)
    data = content(path)
    try:
        raw = _decode(data, path.suffix.lower())
        if channels == 1 and raw.ndim == 3 and raw.dtype == np.uint8:
            raw = np.asarray(Image.fromarray(raw).convert("L"))  # rounded as everybody else's
        pixels = _to_unit_range(raw)
    except ImageError as error:
        raise ImageError(f"{quoted(path)}: {error}") from None
    except Exception as error:  # decoders raise all sorts of things over damaged bytes
        raise ImageError(
            f"{quoted(path)}: cannot be decoded ({error}): it is damaged, cut short, or of a rare "
            "kind; copy it again, save it anew as PNG, or remove it"
        ) from error
    if pixels.ndim == 2:
        return np.repeat(pixels[:, :, np.newaxis], channels, axis=2)
    return pixels if channels == 3 else np.clip(pixels @ LUMINANCE, 0, 1)[:, :, np.newaxis]


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


def _decode(data: bytes, suffix: str) -> np.ndarray:
    """(H, W) or (H, W, 3) in the type it is stored in; raises ImageError without the path."""
    for magic, plugin in PLUGINS.items():
        if data.startswith(magic):
            return _from_pillow(plugin(io.BytesIO(data)))
    if data.startswith(TIFF_MAGIC):
        return _from_tiff(data)
    if data[128:132] == b"DICM" or suffix == ".dcm":
        return _from_dicom(data)
    raise ImageError(
        f"starts with {data[:8]!r}, so it is not an image that is read here, whatever its name "
        "says; it must be JPEG, PNG, BMP, TIFF or DICOM"
    )


def _check_size(width: int, height: int) -> None:
    """Called with what the header claims, before any pixel is decoded."""
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"its header claims {width} x {height} pixels, more than the {MAX_PIXELS:,} that are "
            "read; save a smaller version, or check whether it is an image at all"
        )
    if min(width, height) < MIN_SIDE:
        raise ImageError(
            f"is {width} x {height} pixels; an image must have at least {MIN_SIDE} pixels a side"
        )


def _from_pillow(image: Image.Image) -> np.ndarray:
    _check_size(*image.size)
    image.load()
    image.info.pop("transparency", None)  # else converting a palette warns
    orientation = 1
    with contextlib.suppress(Exception):  # broken EXIF does not spoil the pixels
        orientation = image.getexif().get(ORIENTATION, 1)
    if image.mode in ("1", "LA", "La"):
        image = image.convert("L")
    elif not image.mode.startswith(("L", "I", "F")) or image.mode == "LAB":
        image = image.convert("RGB")
    pixels = np.asarray(image)
    return _upright(pixels.astype(pixels.dtype.newbyteorder("=")), orientation)


def _from_tiff(data: bytes) -> np.ndarray:
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        # Typed loosely: tifffile calls these pages or frames, and only pages have the tags.
        pages: list = [page for page in file.pages if not page.is_reduced]  # type: ignore[union-attr]
        if not pages:
            raise ValueError("no full-size image in it")
        page = pages[0]
        _check_size(page.imagewidth, page.imagelength)
        if len(pages) > 1 or file.series[0].size > page.size:
            raise ImageError("holds several pages; save the one you want as a file of its own")
        grey = page.photometric in (TIFF_WHITE_IS_ZERO, TIFF_BLACK_IS_ZERO, TIFF_PALETTE)
        others = page.samplesperpixel - (1 if grey else 3)  # one of them is transparency
        if page.axes not in ("YX", "YXS", "SYX") or others not in (0, 1):
            raise ImageError(f"has {page.samplesperpixel} channels; save it anew as grey or RGB")
        if page.compression not in TIFF_COMPRESSIONS or not (grey or page.photometric == TIFF_RGB):
            return _from_pillow(TiffImagePlugin.TiffImageFile(io.BytesIO(data)))
        raw = page.asarray()
        if page.axes == "SYX":
            raw = np.moveaxis(raw, 0, 2)
        if raw.ndim == 3:
            raw = raw[:, :, 0] if grey else raw[:, :, :3]
        if page.photometric == TIFF_PALETTE:
            raw = (page.colormap >> 8).astype(np.uint8).T[raw]
        elif raw.dtype.kind == "u" and page.bitspersample < 8 * raw.dtype.itemsize:
            raw = raw / np.float32(2**page.bitspersample - 1)
        if page.photometric == TIFF_WHITE_IS_ZERO:
            raw = 1 - _to_unit_range(raw)
        tag = page.tags.get(ORIENTATION)
        return _upright(raw, tag.value if tag else 1)


def _from_dicom(data: bytes) -> np.ndarray:
    try:
        import pydicom  # noqa: PLC0415 - a package that few need
        from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut  # noqa: PLC0415
    except ImportError:
        raise ImageError("is DICOM, which needs one more package: pip install pydicom") from None
    dataset = pydicom.dcmread(io.BytesIO(data))
    _check_size(int(dataset.Columns), int(dataset.Rows))
    if int(dataset.get("NumberOfFrames") or 1) > 1:
        raise ImageError("holds several frames; save the one you want as a file of its own")
    raw = dataset.pixel_array
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        return apply_color_lut(raw, dataset)
    if raw.ndim == 3:
        return raw
    # By the image's own range, whatever the number of bits stored.
    values = _spread(apply_voi_lut(apply_modality_lut(raw, dataset), dataset))
    return 1 - values if dataset.PhotometricInterpretation == "MONOCHROME1" else values


def _upright(pixels: np.ndarray, orientation: object) -> np.ndarray:
    """Undo the eight ways of EXIF; any other value counts as upright."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def _to_unit_range(raw: np.ndarray) -> np.ndarray:
    """Values as float32 in [0, 1]; the rule is in the module's docstring."""
    if raw.dtype == bool:
        return raw.astype(np.float32)
    if raw.dtype in (np.uint8, np.uint16):
        return raw.astype(np.float32) / np.float32(np.iinfo(raw.dtype).max)
    if wrong := raw.size - int(np.isfinite(raw).sum()):
        raise ImageError(f"{wrong} of its values are NaN or infinite; replace them, or remove it")
    if raw.dtype.kind == "f" and raw.min() >= 0 and raw.max() <= 1:
        return raw.astype(np.float32)
    return _spread(raw)


def _spread(values: np.ndarray) -> np.ndarray:
    """Smallest value to 0, largest to 1; an image of one value becomes 0."""
    values = values.astype(np.float64)
    low, high = values.min(), values.max()
    return ((values - low) / (high - low if high > low else 1)).astype(np.float32)
