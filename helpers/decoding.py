"""Image files -> one array of their pixels, decoded and resized once and kept on disk.

What is kept is an ordinary .npy file of 16-bit values, value * 65535 rounded, which is exact for
8-bit images that keep their size; after the array come four bytes, its CRC-32, so that a damaged
file is noticed and made again.
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
from filelock import FileLock

from helpers import images, progress, settings
from helpers.folders import DatasetError, DatasetWarning, quoted, shortened

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


def kept(files: Sequence[Path], fingerprint: str, size: int, channels: int) -> np.ndarray:
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
    shape = (len(files), size, size, channels)
    path = (
        settings.current().build
        / "cache"
        / f"{fingerprint}_{size}x{size}x{channels}_v{DECODING}.npy"
    )

    def decode(file: Path) -> np.ndarray:
        image = images.resize(images.read(file, channels), size)
        return np.rint(image * np.float32(65535)).astype(STORED)

    def rows() -> Iterator[np.ndarray]:
        return each(decode, files, "decoding")

    pixels = _opened(path, shape)
    if pixels is not None:
        return pixels
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):  # a second process waits here, and then finds it made
            pixels = _opened(path, shape)
            if pixels is None:
                _write(path, shape, rows())
                pixels = _opened(path, shape)
        if pixels is None:
            raise OSError("what was written reads back differently")
        return pixels
    except OSError as error:  # of the disk: those of the images are DatasetErrors by now
        warnings.warn(
            f"{quoted(path.parent)}: decoded images cannot be kept there "
            f"({error.strerror or error}), so they are held in memory and decoded again next time; "
            "free some space, make the folder writable, or set LAB_BUILD to another one",
            DatasetWarning,
            stacklevel=2,
        )
    in_memory = np.empty(shape, STORED)
    for i, row in enumerate(rows()):
        in_memory[i] = row
    return in_memory


def unit_range(pixels: np.ndarray) -> np.ndarray:
    """Kept pixels as float32 in [0, 1]; an 8-bit value v becomes exactly float32(v / 255).

    What is not uint16 is taken to lie in [0, 1] already.
    """
    if pixels.dtype != STORED:
        return np.asarray(pixels, np.float32)
    values = np.empty(pixels.shape, np.float32)
    np.divide(pixels, np.float32(65535), out=values)
    return values


def _write(path: Path, shape: tuple[int, ...], rows: Iterator[np.ndarray]) -> None:
    """Whole or not at all. Written, not mapped: on a full disk a map kills the process."""
    part = path.with_suffix(".part")
    try:
        with part.open("wb") as file:
            header = {"descr": STORED.str, "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            checksum = 0
            for row in rows:
                checksum = zlib.crc32(row.data, checksum)
                file.write(row.data)
            file.write(checksum.to_bytes(4, "little"))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _opened(path: Path, shape: tuple[int, ...]) -> np.ndarray | None:
    """The kept array as a memory map, or None where there is none or it is damaged."""
    try:
        pixels = np.lib.format.open_memmap(path, mode="r")
        checksum = 0
        for start in range(0, len(pixels), CHUNK):
            checksum = zlib.crc32(pixels[start : start + CHUNK].data, checksum)
        with path.open("rb") as file:
            file.seek(-4, 2)
            whole = file.read() == checksum.to_bytes(4, "little")
    except Exception:  # numpy raises all sorts of things over a damaged header
        return None
    return pixels if whole and pixels.shape == shape and pixels.dtype == STORED else None
