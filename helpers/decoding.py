"""Image files -> one array of their pixels, decoded and resized once and kept on disk.

What is kept are 16-bit values, value * 65535 rounded, which is exact for 8-bit images that keep
their size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np

from helpers import images, progress, settings
from helpers.folders import DatasetError, shortened
from helpers.keeping import kept

# To be raised when images.read or images.resize gives other values than before: arrays that were
# kept under another number are not used any more.
DECODING = 1
CHUNK = 64  # images in memory at a time while an array is made
STORED = np.dtype("<u2")

Result = TypeVar("Result")


def each(
    function: Callable[[Path], Result], files: Sequence[Path], description: str
) -> Iterator[Result]:
    """Give what `function` makes of every file, in order, worked on by the settings' threads.

    Raises:
        DatasetError: one or more files gave an ImageError; all were tried, the first ten are named.
    """

    def attempt(file: Path) -> Result | images.ImageError:
        try:
            return function(file)
        except images.ImageError as error:
            return error

    broken: list[str] = []
    with (
        ThreadPoolExecutor(settings.current().threads) as pool,
        progress.bar(len(files), description, "image") as bar,
    ):
        for start in range(0, len(files), CHUNK):
            for result in pool.map(attempt, files[start : start + CHUNK]):
                bar.update()
                if isinstance(result, images.ImageError):
                    broken.append(str(result))
                elif not broken:  # with one broken, the rest is only tried
                    yield result
    if broken:
        raise DatasetError(
            f"{len(broken)} of {len(files)} images cannot be used:\n{shortened(broken, chr(10))}"
        )


def decoded(files: Sequence[Path], fingerprint: str, size: int, channels: int) -> np.ndarray:
    """The pixels of all files, from disk where they were kept before.

    Args:
        files: the images, in order.
        fingerprint: of their contents and order; with size and channels it names what is kept.
        size: pixels a side after resizing.
        channels: 1 for grey, 3 for RGB.

    Returns:
        uint16 (N, size, size, channels), 65535 for white; a read-only memory map, or an array in
        memory where nothing can be kept.

    Raises:
        DatasetError: one or more images cannot be used.

    Warns:
        DatasetWarning: nothing can be kept, and why.
    """

    def decode(file: Path) -> np.ndarray:
        image = images.resize(images.read(file, channels), size)
        return np.rint(image * np.float32(65535)).astype(STORED)

    return kept(
        f"{fingerprint}_{size}x{size}x{channels}_v{DECODING}",
        (len(files), size, size, channels),
        STORED,
        lambda: each(decode, files, "decoding"),
        "decoded images",
    )


def unit_range(pixels: np.ndarray) -> np.ndarray:
    """Kept pixels as float32 in [0, 1]; an 8-bit value v becomes exactly float32(v / 255).

    What is not uint16 is taken to lie in [0, 1] already.
    """
    if pixels.dtype != STORED:
        return np.asarray(pixels, np.float32)
    values = np.empty(pixels.shape, np.float32)
    np.divide(pixels, np.float32(65535), out=values)
    return values
