"""Arrays made once and kept: what tells them apart; damage, full disks and second processes."""

import errno
import types
import warnings
import zlib
from pathlib import Path

import numpy as np
import processes
import pytest

from helpers import cache, environment, settings
from helpers.cache import CacheWarning, cached, fingerprint

VALUES = np.random.default_rng(0).integers(0, 2**16, (5, 8, 8, 3)).astype("<u2")


@pytest.fixture(autouse=True)
def _settings(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "_current", settings.Settings(build=tmp_path / "build"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture
def make():
    """Ask for the array; `make.rows` counts the rows that had to be made for it."""

    def make(name="numbers", code=("cache",), made_from=("abc",), values=VALUES):
        def rows():
            for row in values:
                make.rows += 1
                yield row

        return cached(name, code, made_from, values.shape, values.dtype.str, rows)

    make.rows = 0
    return make


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "build" / "cache"


def only(folder: Path) -> Path:
    (path,) = folder.glob("*.npy")
    return path


def test_an_array_is_made_once_and_then_mapped(make, folder):
    for array in (make(), make()):
        assert isinstance(array, np.memmap) and not array.flags.writeable
        assert array.dtype == VALUES.dtype and np.array_equal(array, VALUES)
    assert make.rows == 5
    assert np.array_equal(np.load(only(folder)), VALUES)  # an ordinary file


def test_the_file_is_named_by_what_it_holds(make, folder):
    make("features")
    name, parts = only(folder).stem.split("_")
    assert name == "features"
    assert len(parts) == 16 and set(parts) <= set("0123456789abcdef")


def test_other_versions_of_packages_make_another_file(make, folder, monkeypatch):
    make()
    monkeypatch.setattr(environment, "versions", lambda: {"pillow": "1.0"})
    make()
    assert make.rows == 10


def test_whatever_differs_makes_another_file(make, folder):
    every = [
        {},
        {"name": "others"},
        {"code": ("cache", "settings")},
        {"made_from": ["abd"]},
        {"made_from": ["abc", 1]},
        {"made_from": ["abc", np.zeros(3)]},
        {"made_from": ["abc", np.zeros(4)]},
        {"values": VALUES[:4]},
        {"values": VALUES.reshape(5, 64, 3)},
        {"values": VALUES.astype("<i2")},
        {"values": VALUES.astype("<f4")},
    ]
    for differing in every + every:
        values = differing.get("values", VALUES)
        array = make(**differing)
        assert array.dtype == values.dtype and np.array_equal(array, values)
    assert len(list(folder.glob("*.npy"))) == len(every)
    assert make.rows == sum(len(differing.get("values", VALUES)) for differing in every)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["ab", "c"], ["a", "bc"]),
        (["a", "b"], ["b", "a"]),
        ([1], ["1"]),
        ([1, 2], [12]),
        ([np.zeros(2)], [np.zeros(3)]),
        ([np.zeros((2, 3))], [np.zeros((3, 2))]),
        ([np.zeros(2, "<f4")], [np.zeros(2, "<i4")]),
        ([np.zeros(2)], [np.array([0.0, 1e-300])]),
    ],
)
def test_the_fingerprint_is_of_every_part_and_of_where_it_ends(one, other):
    assert fingerprint(one) == fingerprint(one) != fingerprint(other)
    assert fingerprint([{"a": 1, "b": 2}]) == fingerprint([{"b": 2, "a": 1}])
    columns = np.arange(6).reshape(2, 3).T
    assert fingerprint([columns]) == fingerprint([columns.copy()])


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


def replaced(path: Path, array: np.ndarray) -> None:
    """By an array that is whole, with its checksum."""
    np.save(path, array)
    with path.open("ab") as file:
        file.write(zlib.crc32(array.data).to_bytes(4, "little"))


def other_shape(path: Path) -> None:
    replaced(path, VALUES[:3])


def other_order(path: Path) -> None:
    replaced(path, VALUES.reshape(5, 8, 3, 8))


def other_type(path: Path) -> None:
    replaced(path, VALUES.view("<i2"))


@pytest.mark.parametrize(
    "damage", [short, one_bit, header, empty, other_shape, other_order, other_type]
)
def test_a_damaged_file_is_noticed_and_made_again(make, folder, damage):
    make()
    damage(only(folder))
    assert np.array_equal(make(), VALUES) and make().dtype == VALUES.dtype
    assert make.rows == 10  # and is whole again
    only(folder)


@pytest.mark.parametrize("other", [other_shape, other_order, other_type])
def test_an_array_of_another_shape_or_type_is_not_read(make, folder, monkeypatch, other):
    make()
    other(only(folder))
    unread = types.SimpleNamespace(crc32=lambda *_: pytest.fail("its data were read"))
    monkeypatch.setattr(cache, "zlib", unread)

    def rows():
        monkeypatch.setattr(cache, "zlib", zlib)
        yield from VALUES

    assert np.array_equal(cached("numbers", ["cache"], ["abc"], VALUES.shape, "<u2", rows), VALUES)


def test_remains_of_a_killed_process_are_no_hindrance(make, folder):
    make()
    path = only(folder)
    remains = path.with_name(f".{path.name}.{2**22 + 1}.part")  # of no process: above the most
    remains.write_bytes(path.read_bytes()[:-100])
    path.unlink()
    assert np.array_equal(make(), VALUES)
    assert not remains.exists()


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), PermissionError(13, "Permission denied")],
)
@pytest.mark.parametrize("where", ["mkdir", "replace"])
def test_disk_full_or_read_only_falls_back_to_memory(make, folder, monkeypatch, error, where):
    def fail(*args: object, **kwargs: object) -> None:
        raise error

    monkeypatch.setattr(Path, where, fail)
    with pytest.warns(CacheWarning) as caught:
        array = make()
    (message,) = [str(warning.message) for warning in caught]
    for part in (str(folder), "numbers", error.strerror, "held in memory", "LAB_BUILD"):
        assert part in message
    assert np.array_equal(array, VALUES) and array.dtype == VALUES.dtype
    assert not list(folder.parent.rglob("*.part"))


def test_disk_that_fills_up_while_writing(make, folder, monkeypatch):
    class Full:
        def __init__(self, file):
            self.file, self.written = file, 0

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def write(self, data):
            self.written += memoryview(data).nbytes
            if self.written > 1000:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self.file.write(data)

    normal = Path.open

    def opened(self: Path, mode: str = "r", **options: object):
        return Full(normal(self, mode, **options)) if "w" in mode else normal(self, mode, **options)

    monkeypatch.setattr(Path, "open", opened)
    with pytest.warns(CacheWarning, match="No space left"):
        array = make()
    assert np.array_equal(array, VALUES)
    assert not [p for p in folder.iterdir() if p.suffix != ".lock"]


def test_read_only_folder_with_a_whole_array_is_used(make, monkeypatch):
    make()

    def fail(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(cache, "FileLock", fail)
    assert np.array_equal(make(), VALUES)
    assert make.rows == 5


def test_what_cannot_be_made_is_no_matter_of_the_disk_and_leaves_nothing(folder):
    def rows():
        yield VALUES[0]
        raise ValueError("no second row")

    with pytest.raises(ValueError, match="no second row"):
        cached("numbers", ["cache"], ["abc"], VALUES.shape, "<u2", rows)
    assert not [p for p in folder.iterdir() if p.suffix != ".lock"]


SCRIPT = """
import sys
import numpy as np
from helpers import cache, settings
from processes import let_in, meet_at_lock
def rows():
    with open(sys.argv[2], "a") as log:
        log.write("x")
    let_in()
    yield from np.arange(12.0).reshape(3, 4)
settings.use(build=sys.argv[1])
meet_at_lock(cache, sys.argv[3])
print(cache.cached("numbers", ["cache"], [], (3, 4), "<f8", rows).sum())
"""


def test_of_two_processes_one_makes_it(tmp_path):
    places = [tmp_path / name for name in ("build", "log", "met")]
    both = [processes.start(SCRIPT, *places) for _ in range(2)]
    assert processes.outputs(*both) == ["66.0\n"] * 2
    assert (tmp_path / "log").read_text() == "x"
