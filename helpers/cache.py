"""Files on disk: written whole or not at all, arrays that take long to make, temporary ones.

A cached array is an ordinary .npy file followed by four bytes, its CRC-32, so that a damaged file
is noticed and made again. Its name says what it holds, and changes with what it was made from, the
code that makes it and the versions of packages.
"""

import contextlib
import glob
import hashlib
import json
import os
import re
import shutil
import tempfile
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from filelock import FileLock

from helpers import environment, settings

CHUNK = 64  # rows in memory at a time while a cached array is checked
SCRATCH = "cnn-lab-"  # how a command's folder for temporary files is called


class CacheWarning(UserWarning):
    """An array cannot be kept, so it is made again the next time."""


class FileError(RuntimeError):
    """A file cannot be written: no space, no permission, or something else in its place.

    Attributes:
        strerror: what the system says, as an OSError has it.
    """

    def __init__(self, message: str, strerror: str) -> None:
        super().__init__(message)
        self.strerror = strerror


def fingerprint(parts: Iterable[object]) -> str:
    """Sixteen hexadecimal digits that change with any of these arrays or JSON values."""
    whole = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            whole.update(f"{part.shape} {part.dtype.str};".encode())
            whole.update(np.ascontiguousarray(part).data)
        else:
            whole.update(f"{json.dumps(part, sort_keys=True)};".encode())
    return whole.hexdigest()[:16]


def cached(
    name: str,
    code: Iterable[str],
    made_from: Iterable[object],
    shape: tuple[int, ...],
    dtype: str,
    rows: Callable[[], Iterator[np.ndarray]],
) -> np.ndarray:
    """The array made from these parts: from disk, or made now and kept there.

    Args:
        name: what the array holds, for its file and for the warning: 'features'.
        code: the modules that make it, see `environment.code`.
        made_from: everything else that its values depend on: arrays and JSON values.
        shape: of the array.
        dtype: of the array, little-endian: '<f4'.
        rows: makes it, row by row, each of `shape[1:]`.

    Returns:
        A read-only memory map, or an array in memory where it cannot be kept.

    Warns:
        CacheWarning: it cannot be kept, and why.
    """
    kind = np.dtype(dtype)
    folder = settings.current().build / "cache"
    made_by = [environment.code(code), environment.versions()]
    path = folder / f"{name}_{fingerprint([*made_by, *made_from, shape, dtype])}.npy"
    array = _opened(path, shape, kind)
    if array is not None:
        return array
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):  # a second process waits here, and then finds it made
            array = _opened(path, shape, kind)
            if array is None:
                _write(path, shape, kind, rows())
                array = _opened(path, shape, kind)
        if array is None:
            raise OSError("what was written reads back differently")
        return array
    except (OSError, FileError) as error:  # of the disk: images' are DatasetErrors by now
        warnings.warn(
            f"{settings.quoted(folder)}: {name} cannot be kept there ({error.strerror or error}), "
            "so they are held in memory and made again next time; free some space, make the "
            "folder writable, or set LAB_BUILD to another one",
            CacheWarning,
            stacklevel=3,
        )
    in_memory = np.empty(shape, kind)
    for i, row in enumerate(rows()):
        in_memory[i] = row
    return in_memory


def _write(path: Path, shape: tuple[int, ...], kind: np.dtype, rows: Iterator[np.ndarray]) -> None:
    """Written, not mapped: on a full disk a map kills the process."""
    with replaced(path) as part, part.open("wb") as file:
        header = {"descr": kind.str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        checksum = 0
        for row in rows:
            checksum = zlib.crc32(row.data, checksum)
            file.write(row.data)
        file.write(checksum.to_bytes(4, "little"))


def _opened(path: Path, shape: tuple[int, ...], kind: np.dtype) -> np.ndarray | None:
    """The cached array as a memory map, or None where there is none or it is damaged."""
    try:
        array = np.lib.format.open_memmap(path, mode="r")
        if array.shape != shape or array.dtype != kind:
            return None
        checksum = 0
        for start in range(0, len(array), CHUNK):
            checksum = zlib.crc32(array[start : start + CHUNK].data, checksum)
        with path.open("rb") as file:
            file.seek(-4, 2)
            return array if file.read() == checksum.to_bytes(4, "little") else None
    except Exception:  # numpy raises all sorts of things over a damaged header
        return None


@contextlib.contextmanager
def replaced(path: Path, variable: str | None = None) -> Iterator[Path]:
    """A path to write to, which takes the place of `path` at the end of the `with`.

    Until then, and where writing fails or the process is killed, what was there stays as it was.
    Written to a path beside it, whose suffix is `.part`; its folder is made where it is missing.

    Args:
        path: of the file.
        variable: of the shell, that names another folder, for the message: `LAB_FIGURES`.

    Raises:
        FileError: the disk or the path does not allow it.
    """
    prefix = f".{path.name}."
    part = path.with_name(f"{prefix}{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        clear_abandoned(path.parent, prefix, ".part")
        try:
            yield part
            with part.open("rb") as file:
                os.fsync(file.fileno())  # on the disk before it takes the other's place
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        other = f", or set {variable} to another one" if variable else ""
        why = error.strerror or str(error)
        raise FileError(
            f"{settings.quoted(path)}: cannot be written ({why}); free some space or make the "
            f"folder writable{other}. What was there before is kept",
            why,
        ) from error


def clear_abandoned(folder: Path, prefix: str, rest: str = "-*") -> None:
    """Remove the files and folders that processes left which were killed.

    Args:
        folder: where they are.
        prefix: how their names begin, before the number of the process.
        rest: how their names go on after it, as a pattern.
    """
    for left in folder.glob(f"{glob.escape(prefix)}*{rest}"):
        number = re.match(r"\d+", left.name.removeprefix(prefix))
        if number is None or _is_running(int(number[0])):
            continue
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Let this process, and those that it starts, put temporary files into one folder of its own.

    TensorFlow, pip and Jupyter leave theirs where a process is killed. What killed commands have
    left is removed first.

    Raises:
        OSError: no folder can be made.
    """
    clear_abandoned(Path(tempfile.gettempdir()), SCRATCH)
    prefix = f"{SCRATCH}{os.getpid()}-"
    made = tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)
    with made as folder, settings.temporary_files_in(folder):
        yield Path(folder)
