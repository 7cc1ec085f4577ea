"""Files -> one array, decoded once and kept; damage, full disks and second processes."""

import errno
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helpers import decoding, images, keeping, settings
from helpers.folders import DatasetError, DatasetWarning


@pytest.fixture(autouse=True)
def _settings(tmp_path, monkeypatch):
    monkeypatch.setattr(
        settings, "_current", settings.Settings(build=tmp_path / "build", threads=2)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture
def files(tmp_path):
    rng = np.random.default_rng(0)
    paths = [tmp_path / f"{i}.png" for i in range(5)]
    for path in paths:
        Image.fromarray(rng.integers(0, 256, (16, 16, 3), np.uint8)).save(path)
    return paths


@pytest.fixture
def reads(monkeypatch):
    """The files that were decoded."""
    done: list[Path] = []
    read = images.read

    def counted(path: Path, channels: int = 1) -> np.ndarray:
        done.append(path)
        return read(path, channels)

    monkeypatch.setattr(images, "read", counted)
    return done


def expected(files: list[Path], size: int, channels: int) -> np.ndarray:
    return np.stack([images.resize(images.read(file, channels), size) for file in files])


def cache_file(tmp_path: Path) -> Path:
    (path,) = (tmp_path / "build/cache").glob("*.npy")
    return path


def test_eight_bit_images_of_that_size_are_exact(files):
    pixels = decoding.decoded(files, "abc", 16, 3)
    assert pixels.shape == (5, 16, 16, 3) and pixels.dtype == np.uint16
    assert isinstance(pixels, np.memmap) and not pixels.flags.writeable
    assert np.array_equal(decoding.unit_range(pixels), expected(files, 16, 3))


def test_resized_images_are_within_half_a_step(files):
    values = decoding.unit_range(decoding.decoded(files, "abc", 9, 1))
    assert values.dtype == np.float32
    assert np.abs(values - expected(files, 9, 1)).max() < 0.51 / 65535


def test_unit_range_leaves_float_images_alone():
    values = np.random.default_rng(0).random((2, 8, 8, 1)).astype(np.float32)
    assert np.array_equal(decoding.unit_range(values), values)


def test_order_is_that_of_the_files(tmp_path):
    paths = []
    for i in range(150):  # more than two chunks
        paths.append(tmp_path / f"{i}.png")
        Image.fromarray(np.full((8, 8), i, np.uint8)).save(paths[-1])
    pixels = decoding.decoded(paths, "abc", 8, 1)
    assert (pixels[:, 0, 0, 0] // 257).tolist() == list(range(150))


def test_decoded_once(files, reads):
    first = np.array(decoding.decoded(files, "abc", 8, 1))
    assert len(reads) == 5
    assert np.array_equal(decoding.decoded(files, "abc", 8, 1), first)
    assert len(reads) == 5


def test_other_images_size_and_channels_are_kept_apart(files, reads):
    every = [("abc", 8, 1), ("abd", 8, 1), ("abc", 9, 1), ("abc", 8, 3)]
    for arguments in every + every:
        decoding.decoded(files, *arguments)
    assert len(reads) == 5 * len(every)


def test_arrays_of_an_earlier_way_of_decoding_are_not_used(files, reads, monkeypatch):
    decoding.decoded(files, "abc", 8, 1)
    monkeypatch.setattr(decoding, "DECODING", decoding.DECODING + 1)
    decoding.decoded(files, "abc", 8, 1)
    assert len(reads) == 10


def short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def one_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[300] ^= 1
    path.write_bytes(data)


def header(path: Path) -> None:
    path.write_bytes(b"\x93NUMPY\x01\x00\xff\xff" + path.read_bytes()[10:])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def other_shape(path: Path) -> None:
    np.save(path, np.zeros((3, 8, 8, 1), np.uint16))


@pytest.mark.parametrize("damage", [short, one_bit, header, empty, other_shape])
def test_damaged_file_is_noticed_and_made_again(tmp_path, files, reads, damage):
    first = np.array(decoding.decoded(files, "abc", 8, 1))
    damage(cache_file(tmp_path))
    assert np.array_equal(decoding.decoded(files, "abc", 8, 1), first)
    assert len(reads) == 10
    decoding.decoded(files, "abc", 8, 1)
    assert len(reads) == 10  # and is whole again


def test_checksum_does_not_make_up_for_another_shape(tmp_path, files, reads):
    decoding.decoded(files[:3], "abc", 8, 1)
    assert decoding.decoded(files, "abc", 8, 1).shape == (5, 8, 8, 1)
    assert len(reads) == 8


def test_remains_of_a_killed_process_are_no_hindrance(tmp_path, files):
    whole = np.array(decoding.decoded(files, "abc", 8, 1))
    path = cache_file(tmp_path)
    path.with_suffix(".part").write_bytes(path.read_bytes()[:-100])
    path.unlink()
    assert np.array_equal(decoding.decoded(files, "abc", 8, 1), whole)
    assert not path.with_suffix(".part").exists()


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), PermissionError(13, "Permission denied")],
)
@pytest.mark.parametrize("where", ["mkdir", "replace"])
def test_disk_full_or_read_only_falls_back_to_memory(tmp_path, files, monkeypatch, error, where):
    def fail(*args: object, **kwargs: object) -> None:
        raise error

    monkeypatch.setattr(Path, where, fail)
    with pytest.warns(DatasetWarning) as caught:
        pixels = decoding.decoded(files, "abc", 16, 3)
    (message,) = [str(warning.message) for warning in caught]
    for part in (str(tmp_path / "build/cache"), error.strerror, "held in memory", "LAB_BUILD"):
        assert part in message
    assert np.array_equal(decoding.unit_range(pixels), expected(files, 16, 3))
    assert not list((tmp_path / "build").rglob("*.part"))


def test_disk_that_fills_up_while_writing(tmp_path, files, monkeypatch):
    class Full:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def write(self, data):
            if memoryview(data).nbytes > 1000:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self.file.write(data)

    normal = Path.open

    def opened(self: Path, mode: str = "r", **options: object):
        return Full(normal(self, mode, **options)) if "w" in mode else normal(self, mode, **options)

    monkeypatch.setattr(Path, "open", opened)
    with pytest.warns(DatasetWarning, match="No space left"):
        pixels = decoding.decoded(files, "abc", 16, 3)
    assert np.array_equal(decoding.unit_range(pixels), expected(files, 16, 3))
    assert not [p for p in (tmp_path / "build/cache").iterdir() if p.suffix != ".lock"]


def test_read_only_folder_with_a_whole_array_is_used(files, monkeypatch, reads):
    decoding.decoded(files, "abc", 8, 1)

    def fail(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(keeping, "FileLock", fail)
    decoding.decoded(files, "abc", 8, 1)
    assert len(reads) == 5


def test_all_broken_images_are_in_one_error(tmp_path, files):
    files[1].write_bytes(b"")
    files[3].write_text("<html>")
    with pytest.raises(DatasetError) as caught:
        decoding.decoded(files, "abc", 8, 1)
    first, *others = str(caught.value).split("\n")
    assert first == "2 of 5 images cannot be used:"
    assert len(others) == 2
    assert "1.png" in others[0] and "empty (0 bytes)" in others[0]
    assert "3.png" in others[1] and "not an image" in others[1]
    left = [p.name for p in (tmp_path / "build/cache").iterdir() if p.suffix != ".lock"]
    assert left == []


def test_of_many_broken_images_ten_are_named(tmp_path):
    paths = [tmp_path / f"{i:02}.png" for i in range(100)]
    for path in paths:
        path.touch()
    with pytest.raises(DatasetError) as caught:
        decoding.decoded(paths, "abc", 8, 1)
    message = str(caught.value)
    assert "100 of 100 images" in message
    assert "09.png" in message and "10.png" not in message and message.endswith("and 90 more")


def test_memory_is_bounded_by_the_chunk(files, monkeypatch):
    """No file of a later chunk is decoded before the rows of an earlier one were taken."""
    monkeypatch.setattr(decoding, "CHUNK", 2)
    begun: list[Path] = []
    rows = decoding.each(lambda file: begun.append(file) or file, files, "test")
    assert next(rows) == files[0]
    assert len(begun) <= 2
    assert list(rows) == files[1:]


SCRIPT = """
import sys
from pathlib import Path
from helpers import decoding, images, keeping, settings
settings.use(build=sys.argv[1])
read = images.read
def slow(*arguments):
    import time
    time.sleep(0.1)
    with open(sys.argv[2], "a") as log:
        log.write("x")
    return read(*arguments)
images.read = slow
print(int(decoding.decoded([Path(name) for name in sys.argv[3:]], "abc", 8, 1).sum()))
"""


def test_of_two_processes_one_decodes(tmp_path, files):
    command = [sys.executable, "-c", SCRIPT, tmp_path / "build", tmp_path / "log", *files]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ})
        for _ in range(2)
    ]
    sums = {process.communicate(timeout=60)[0] for process in both}
    assert len(sums) == 1 and all(process.returncode == 0 for process in both)
    assert (tmp_path / "log").read_text() == "x" * 5
