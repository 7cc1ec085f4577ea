"""Files are written whole, or what was there before stays."""

import multiprocessing
import os
import signal
import time

import pytest

from helpers.cache import FileError, replaced


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("before")
    return path


def beside(path):
    return sorted(other.name for other in path.parent.iterdir())


def test_the_new_file_takes_the_place_of_the_old_one_at_the_end(path):
    with replaced(path) as part:
        part.write_text("after")
        assert path.read_text() == "before" and part.suffix == ".part"
    assert path.read_text() == "after"
    assert beside(path) == ["table.csv"]


def test_folders_are_made(tmp_path):
    with replaced(tmp_path / "a" / "b.txt") as part:
        part.write_text("there")
    assert (tmp_path / "a" / "b.txt").read_text() == "there"


def test_what_fails_in_between_leaves_the_old_file(path):
    with pytest.raises(ZeroDivisionError), replaced(path) as part:
        part.write_text("half")
        _ = 1 / 0
    assert path.read_text() == "before"
    assert beside(path) == ["table.csv"]


@pytest.mark.parametrize("target", ["fsync", "replace"])
def test_a_full_disk_is_one_line_with_what_to_do(path, monkeypatch, target):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, target, full)
    with pytest.raises(FileError) as raised, replaced(path, "LAB_FIGURES") as part:
        part.write_text("after")
    assert str(raised.value) == (
        f"'{path}': cannot be written (No space left on device); free some space or make the "
        "folder writable, or set LAB_FIGURES to another one. What was there before is kept"
    )
    assert path.read_text() == "before"
    assert beside(path) == ["table.csv"]


def test_a_file_in_place_of_a_folder_is_named(path):
    match = r"table\.csv/b\.txt': cannot be written \(.+\)"
    with pytest.raises(FileError, match=match), replaced(path / "b.txt"):
        pytest.fail("there is nowhere to write")


def test_a_folder_in_place_of_the_file_is_named_and_kept(tmp_path):
    place = tmp_path / "table.csv"
    place.mkdir()
    with pytest.raises(FileError, match=r"table\.csv': cannot be written"), replaced(place) as part:
        part.write_text("after")
    assert beside(place) == ["table.csv"] and place.is_dir()


def write_until_killed(path):
    with replaced(path) as part:
        part.write_text("half")
        time.sleep(600)


def test_what_a_killed_process_left_is_cleared_by_the_next_and_not_before(path):
    other = multiprocessing.get_context("spawn").Process(target=write_until_killed, args=[path])
    other.start()
    while len(beside(path)) == 1:
        time.sleep(0.01)
    with replaced(path) as part:
        part.write_text("mine")
    assert len(beside(path)) == 2 and path.read_text() == "mine"  # the other still writes
    os.kill(other.pid, signal.SIGKILL)
    other.join()
    with replaced(path) as part:
        part.write_text("mine again")
    assert beside(path) == ["table.csv"] and path.read_text() == "mine again"
