"""Temporary files: in a folder of the command's own, which the next one clears."""

import os
import signal
import tempfile
from pathlib import Path

import processes
import pytest

from helpers.cache import scratch

WAIT = """
import sys, tempfile
from helpers.cache import scratch
with scratch():
    print(tempfile.mkstemp()[1], flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)


def test_temporary_files_are_in_it_and_gone_after_it(tmp_path):
    with scratch() as folder:
        assert folder.parent == tmp_path and os.environ["TMPDIR"] == str(folder)
        handle, name = tempfile.mkstemp()
        os.close(handle)
        assert Path(name).parent == folder
    assert list(tmp_path.iterdir()) == []
    assert os.environ["TMPDIR"] == str(tmp_path) == tempfile.gettempdir()


def test_what_a_killed_command_left_is_cleared_by_the_next_and_not_before(tmp_path):
    process = processes.start(WAIT, TMPDIR=tmp_path)
    left = Path(process.stdout.readline().strip())
    with scratch():
        assert left.exists()  # it still runs
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert left.exists()
    (tmp_path / "cnn-lab-of-somebody").mkdir()
    with scratch():
        assert not left.parent.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["cnn-lab-of-somebody"]
