"""Files -> one array, decoded once and kept, and what is said of files that cannot be used."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helpers import settings
from helpers.cache import CacheWarning
from helpers.datasets import DatasetError, image_files, pixels


@pytest.fixture(autouse=True)
def _settings(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "_current", settings.Settings(build=tmp_path / "build"))
    monkeypatch.setattr(settings, "usable_cores", lambda: 2)
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
    read = image_files.read

    def counted(path: Path, channels: int = 1) -> np.ndarray:
        done.append(path)
        return read(path, channels)

    monkeypatch.setattr(image_files, "read", counted)
    return done


def expected(files: list[Path], size: int, channels: int) -> np.ndarray:
    return np.stack([image_files.resize(image_files.read(file, channels), size) for file in files])


def test_eight_bit_images_of_that_size_are_exact(files):
    found = pixels.decoded(files, "abc", 16, 3)
    assert found.shape == (5, 16, 16, 3) and found.dtype == np.uint16
    assert isinstance(found, np.memmap) and not found.flags.writeable
    assert np.array_equal(pixels.unit_range(found), expected(files, 16, 3))


def test_resized_images_are_within_half_a_step(files):
    values = pixels.unit_range(pixels.decoded(files, "abc", 9, 1))
    assert values.dtype == np.float32
    assert np.abs(values - expected(files, 9, 1)).max() < 0.51 / 65535


def test_unit_range_leaves_float_images_alone():
    values = np.random.default_rng(0).random((2, 8, 8, 1)).astype(np.float32)
    assert np.array_equal(pixels.unit_range(values), values)


def test_order_is_that_of_the_files(tmp_path):
    paths = []
    for i in range(150):  # more than two chunks
        paths.append(tmp_path / f"{i}.png")
        Image.fromarray(np.full((8, 8), i, np.uint8)).save(paths[-1])
    found = pixels.decoded(paths, "abc", 8, 1)
    assert (found[:, 0, 0, 0] // 257).tolist() == list(range(150))


def test_decoded_once(files, reads):
    first = np.array(pixels.decoded(files, "abc", 8, 1))
    assert len(reads) == 5
    assert np.array_equal(pixels.decoded(files, "abc", 8, 1), first)
    assert len(reads) == 5


def test_other_images_size_and_channels_are_kept_apart(files, reads):
    every = [("abc", 8, 1), ("abd", 8, 1), ("abc", 9, 1), ("abc", 8, 3)]
    for arguments in every + every:
        pixels.decoded(files, *arguments)
    assert len(reads) == 5 * len(every)


def test_arrays_of_an_earlier_way_of_decoding_are_not_used(files, reads, monkeypatch):
    pixels.decoded(files, "abc", 8, 1)
    monkeypatch.setattr(pixels, "DECODING", pixels.DECODING[:-1])
    pixels.decoded(files, "abc", 8, 1)
    assert len(reads) == 10


def test_fewer_images_of_one_name_are_another_array(files, reads):
    pixels.decoded(files[:3], "abc", 8, 1)
    assert pixels.decoded(files, "abc", 8, 1).shape == (5, 8, 8, 1)
    assert len(reads) == 8


def test_where_nothing_can_be_kept_images_are_decoded_into_memory(files, monkeypatch):
    def fail(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", fail)
    with pytest.warns(CacheWarning, match="images cannot be kept there .Permission denied"):
        found = pixels.decoded(files, "abc", 16, 3)
    assert np.array_equal(pixels.unit_range(found), expected(files, 16, 3))


def test_all_broken_images_are_in_one_error(tmp_path, files):
    files[1].write_bytes(b"")
    files[3].write_text("<html>")
    with pytest.raises(DatasetError) as caught:
        pixels.decoded(files, "abc", 8, 1)
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
        pixels.decoded(paths, "abc", 8, 1)
    message = str(caught.value)
    assert "100 of 100 images" in message
    assert "09.png" in message and "10.png" not in message and message.endswith("and 90 more")


def test_memory_is_bounded_by_the_chunk(files, monkeypatch):
    """No file of a later chunk is decoded before the rows of an earlier one were taken."""
    monkeypatch.setattr(pixels, "CHUNK", 2)
    begun: list[Path] = []
    rows = pixels.each(lambda file: begun.append(file) or file, files, "test")
    assert next(rows) == files[0]
    assert len(begun) <= 2
    assert list(rows) == files[1:]


@pytest.mark.parametrize("watched", [True, False])
def test_whoever_watches_sees_what_is_done_and_nobody_else(files, capsys, watched):
    settings.use(progress=watched)
    list(pixels.each(lambda file: file, files, "decoding"))
    shown = capsys.readouterr().err
    assert "decoding" in shown if watched else shown == ""
    assert not shown or shown.endswith("\r")  # it is wiped away at the end
