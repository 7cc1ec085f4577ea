"""Image files -> one array of their pixels, decoded and resized once, then cached.

The cache holds 16-bit values, value * 65535 rounded, which is exact for 8-bit images that keep
their size.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
from tqdm.auto import tqdm

from helpers import settings
from helpers.cache import cached
from helpers.datasets import image_files
from helpers.datasets.errors import DatasetError, shortened

DECODING = (  # the code that decides their values
    "datasets.image_files",
    "datasets.pixels",
    *(f"datasets.formats.{name}" for name in ("rules", "jpeg", "pillow", "tiff", "dicom")),
)
CHUNK = 64  # images in memory at a time while an array is made
STORED = "<u2"

Result = TypeVar("Result")


def each(
    function: Callable[[Path], Result], files: Sequence[Path], description: str
) -> Iterator[Result]:
    """Yield what `function` makes of each file, in order, on all cores.

    Raises:
        DatasetError: one or more files gave an ImageError; all were tried, the first ten are named.
    """

    def attempt(file: Path) -> Result | image_files.ImageError:
        try:
            return function(file)
        except image_files.ImageError as error:
            return error

    broken: list[str] = []
    silent = not settings.current().progress
    with (
        ThreadPoolExecutor(settings.usable_cores()) as pool,
        tqdm(total=len(files), desc=description, unit="image", leave=False, disable=silent) as bar,
    ):
        for start in range(0, len(files), CHUNK):
            for result in pool.map(attempt, files[start : start + CHUNK]):
                bar.update()
                if isinstance(result, image_files.ImageError):
                    broken.append(str(result))
                elif not broken:  # with one broken, the rest is only tried
                    yield result
    if broken:
        raise DatasetError(
            f"{len(broken)} of {len(files)} images cannot be used:\n{shortened(broken, chr(10))}"
        )


def decoded(files: Sequence[Path], fingerprint: str, size: int, channels: int) -> np.ndarray:
    """The pixels of all files, as `ImageSet.pixels` says; the fingerprint is that of the set."""

    def decode(file: Path) -> np.ndarray:
        image = image_files.resize(image_files.read(file, channels), size)
        return np.rint(image * np.float32(65535)).astype(STORED)

    shape = (len(files), size, size, channels)
    rows = functools.partial(each, decode, files, "decoding")
    return cached("images", DECODING, [fingerprint], shape, STORED, rows)


def unit_range(pixels: np.ndarray) -> np.ndarray:
    """Cached pixels as float32 in [0, 1]; an 8-bit value v becomes exactly float32(v / 255).

    Pixels that are not uint16 are taken to lie in [0, 1] already.
    """
    if pixels.dtype == np.dtype(STORED):
        return pixels / np.float32(65535)
    return np.asarray(pixels, np.float32)
