"""An array that is made once, kept on disk and mapped from there.

What is kept is an ordinary .npy file; after the array come four bytes, its CRC-32, so that a
damaged file is noticed and made again.
"""

from __future__ import annotations

import hashlib
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from filelock import FileLock

from helpers import settings
from helpers.folders import DatasetWarning, quoted

CHUNK = 64  # rows in memory at a time while a kept array is checked


def code() -> bytes:
    """A checksum of all files of this package as they are now."""
    whole = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.digest()


_IMPORTED = code()  # what runs here, unless part of it is loaded again


def fingerprint(parts: Iterable[bytes]) -> str:
    """Sixteen hexadecimal digits that change with any of these, and with the code of the lab."""
    whole = hashlib.sha256(_IMPORTED + code())
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()[:16]


def kept(
    name: str,
    shape: tuple[int, ...],
    dtype: np.dtype,
    rows: Callable[[], Iterator[np.ndarray]],
    what: str,
) -> np.ndarray:
    """The array of this name, from disk where it was kept before.

    Args:
        name: of the file, which must tell apart whatever differs.
        shape: of the array.
        dtype: of the array, little-endian.
        rows: makes it, row by row, each of `shape[1:]`.
        what: is kept, for the warning: 'decoded images'.

    Returns:
        A read-only memory map, or an array in memory where nothing can be kept.

    Warns:
        DatasetWarning: nothing can be kept, and why.
    """
    path = settings.current().build / "cache" / f"{name}.npy"
    array = _opened(path, shape, dtype)
    if array is not None:
        return array
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):  # a second process waits here, and then finds it made
            array = _opened(path, shape, dtype)
            if array is None:
                _write(path, shape, dtype, rows())
                array = _opened(path, shape, dtype)
        if array is None:
            raise OSError("what was written reads back differently")
        return array
    except OSError as error:  # of the disk: those of images are DatasetErrors by now
        warnings.warn(
            f"{quoted(path.parent)}: {what} cannot be kept there ({error.strerror or error}), so "
            "they are held in memory and made again next time; free some space, make the folder "
            "writable, or set LAB_BUILD to another one",
            DatasetWarning,
            stacklevel=3,
        )
    in_memory = np.empty(shape, dtype)
    for i, row in enumerate(rows()):
        in_memory[i] = row
    return in_memory


def _write(path: Path, shape: tuple[int, ...], dtype: np.dtype, rows: Iterator[np.ndarray]) -> None:
    """Whole or not at all. Written, not mapped: on a full disk a map kills the process."""
    part = path.with_suffix(".part")
    try:
        with part.open("wb") as file:
            header = {"descr": dtype.str, "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            checksum = 0
            for row in rows:
                checksum = zlib.crc32(row.data, checksum)
                file.write(row.data)
            file.write(checksum.to_bytes(4, "little"))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _opened(path: Path, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray | None:
    """The kept array as a memory map, or None where there is none or it is damaged."""
    try:
        array = np.lib.format.open_memmap(path, mode="r")
        checksum = 0
        for start in range(0, len(array), CHUNK):
            checksum = zlib.crc32(array[start : start + CHUNK].data, checksum)
        with path.open("rb") as file:
            file.seek(-4, 2)
            whole = file.read() == checksum.to_bytes(4, "little")
    except Exception:  # numpy raises all sorts of things over a damaged header
        return None
    return array if whole and array.shape == shape and array.dtype == dtype else None
