"""TIFF, by tifffile, and by Pillow where tifffile would need more packages."""

import contextlib
import io
import logging
from collections.abc import Iterator
from typing import Any

import numpy as np
import tifffile
from PIL import TiffImagePlugin

from helpers.datasets.formats import pillow
from helpers.datasets.formats.rules import (
    ORIENTATION,
    SIDEWAYS,
    FileKind,
    ImageError,
    check_size,
    to_unit_range,
    upright,
)

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# What tifffile decodes without other packages; Pillow's libtiff does the rest (LZW, JPEG, fax).
COMPRESSIONS = {1, 8, 32773, 32946}
DEPTHS = {1, 8, 16, 32, 64}
PHOTOMETRIC = 262  # the tag that says what a value means
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE = 0, 1, 2, 3

Pixels = tuple[np.ndarray, np.ndarray | None]

# tifffile logs what is wrong with a damaged file; here that becomes an ImageError.
logging.getLogger("tifffile").addHandler(logging.NullHandler())


def recognises(data: bytes) -> bool:
    """Whether the first bytes are those of a TIFF or BigTIFF file."""
    return data.startswith(MAGIC)


def decode(data: bytes) -> Pixels:
    """Decode a file; what it returns and raises is as in `pillow.decode`."""
    with _page(data) as (file, page, pages):
        check_size(page.imagewidth, page.imagelength)
        if pages > 1 or file.series[0].size > page.size:
            raise ImageError("holds several pages; save the one you want as a file of its own")
        others = page.samplesperpixel - (1 if _is_grey(page) else 3)  # one of them is transparency
        if page.axes not in ("YX", "YXS", "SYX") or others not in (0, 1):
            raise ImageError(f"has {page.samplesperpixel} channels; save it anew as grey or RGB")
        known = _is_grey(page) or page.photometric == RGB
        plain = page.compression in COMPRESSIONS and page.bitspersample in DEPTHS
        raw, opacity = _by_tifffile(page) if known and plain else _by_pillow(data, page)
        if raw.dtype == np.uint16 and page.bitspersample < 16:  # 12 bits, which Pillow leaves dark
            raw = raw / np.float32(2**page.bitspersample - 1)
        if page.photometric == WHITE_IS_ZERO:
            raw = 1 - to_unit_range(raw)
        return raw, opacity


def describe(data: bytes) -> FileKind:
    """What the header says; raises whatever tifffile raises over a damaged one."""
    with _page(data) as (_, page, _):
        height, width = page.imagelength, page.imagewidth
        if _orientation(page) in SIDEWAYS:
            height, width = width, height
        grey = _is_grey(page) and page.photometric != PALETTE
        return FileKind("TIFF", page.bitspersample, 1 if grey else 3, height, width)


@contextlib.contextmanager
def _page(data: bytes) -> Iterator[tuple[tifffile.TiffFile, Any, int]]:
    """The open file, its first full-size page, and how many of these there are."""
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        # Typed loosely: tifffile calls these pages or frames, and only pages have the tags.
        pages: list = [page for page in file.pages if not page.is_reduced]  # type: ignore[union-attr]
        if not pages:
            raise ValueError("no full-size image in it")
        yield file, pages[0], len(pages)


def _is_grey(page: Any) -> bool:
    """Whether a pixel has one value, grey or the number of a colour."""
    return page.photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO, PALETTE)


def _orientation(page: Any) -> object:
    tag = page.tags.get(ORIENTATION)
    return tag.value if tag else 1


def _by_tifffile(page: Any) -> Pixels:
    raw = page.asarray()
    if page.axes == "SYX":
        raw = np.moveaxis(raw, 0, 2)
    raw = upright(raw, _orientation(page))
    opacity = None
    if raw.ndim == 3:
        colours = 1 if _is_grey(page) else 3
        opacity = raw[:, :, colours] if raw.shape[2] > colours else None
        raw = raw[:, :, 0] if _is_grey(page) else raw[:, :, :3]
    if page.photometric == PALETTE:
        raw = (page.colormap >> 8).astype(np.uint8).T[raw]
    return raw, opacity


def _by_pillow(data: bytes, page: Any) -> Pixels:
    buffer = io.BytesIO(data)
    if page.photometric == WHITE_IS_ZERO:
        # Pillow exchanges black and white in 8 bits, not in 16; so here it is told that black is
        # zero, and `decode` exchanges them whatever the depth.
        with tifffile.TiffFile(buffer, mode="r+") as file:
            file.pages[page.index].tags[PHOTOMETRIC].overwrite(BLACK_IS_ZERO)  # type: ignore[union-attr]
        buffer = io.BytesIO(buffer.getvalue())
    raw, opacity = pillow.pixels_of(TiffImagePlugin.TiffImageFile(buffer))
    if page.dtype == np.uint32 and raw.dtype == np.int32:  # Pillow knows no other type of 32 bits
        raw = raw.view(np.uint32)
    return raw, opacity
