"""Processes that tests start, and how they wait for each other: for events, never for a time."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

LIMIT = 300  # seconds after which an event is given up that never comes


def start(code: str, *arguments: object, **environment: object) -> subprocess.Popen[str]:
    """A Python process in the lab's folder, which can import what is in this one."""
    more = {name: str(value) for name, value in environment.items()}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)} | more,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def outputs(*processes: subprocess.Popen[str]) -> list[str]:
    """What processes print until they end, which each must do well."""
    printed = [process.communicate(timeout=LIMIT)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return printed


def until(event: Callable[[], object]) -> None:
    """Wait for an event."""
    end = time.monotonic() + LIMIT
    while not event():
        assert time.monotonic() < end, "what was waited for did not come"
        time.sleep(0.01)


def meet_at_lock(module: object, folder: Path | str) -> None:
    """Let this process lock no file by `module` before another one is about to, for the first time.

    Both have then seen that there is nothing yet, and both want to make it.
    """
    lock, here = module.FileLock, Path(folder)

    def met(*arguments: object) -> object:
        here.mkdir(exist_ok=True)
        (here / str(os.getpid())).touch()
        until(lambda: len(list(here.iterdir())) == 2)
        return lock(*arguments)

    module.FileLock = met


def let_in() -> None:
    """Give the other process the time to come in too, if nothing keeps it out.

    A lock that works keeps it out for any time; one that does not is only found out by waiting.
    """
    time.sleep(0.5)
