"""The store: one folder a run, written whole or not at all.

`results/<experiment>/<fingerprint>/seed<k>/` holds `run.json` (settings, data, versions, hardware,
seconds, and checksums of itself and of every other file), `history.csv` (one row an epoch, metrics
alone), `validation.npz` (labels, and probabilities of every epoch), `training.npz` (the same of the
training images, with nothing dropped and after the best and the last epoch alone), `best.keras`
(the network of the lowest validation loss) and `last.keras` (network and optimizer, to go on from).
A run that was interrupted is a record of fewer epochs than were asked for.
"""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from filelock import FileLock, Timeout

from helpers import settings
from helpers.evidence import METRICS
from helpers.experiments import Experiment
from helpers.records.run import RecordError, Run

NUMBERS = ("history.csv", "validation.npz", "training.npz")
FILES = (*NUMBERS, "best.keras", "last.keras")
FORMAT = 3  # of run.json


def fingerprint(identity: Mapping[str, Any]) -> str:
    """Twelve hexadecimal digits that change with anything that can change a run's numbers."""
    text = json.dumps(identity, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def folder(experiment: Experiment, identity: Mapping[str, Any], seed: int) -> Path:
    """Where the record of this run is or will be."""
    return settings.current().results / experiment.name / fingerprint(identity) / f"seed{seed}"


def publish(run: Run, record: Path) -> None:
    """Copy a run's numbers, without its networks, into a new folder."""
    record.mkdir(parents=True)
    for name in ("run.json", *NUMBERS):
        shutil.copyfile(run.folder / name, record / name)


@contextlib.contextmanager
def locked(record: Path) -> Iterator[None]:
    """Hold a record for this process alone; the lock ends with the process, however it ends.

    Where another process holds it, this one says so and waits.

    Raises:
        RecordError: the folder cannot be written.
    """
    path = record.with_name(f".{record.name}.lock")
    lock = FileLock(path)
    try:
        record.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            path.unlink()
        elif path.is_dir():
            path.rmdir()
        try:
            lock.acquire(blocking=False)
        except Timeout:
            print(f"{record}: another process trains this run; waiting for it")
            lock.acquire()
    except OSError as error:
        raise _unwritable(record, error) from error
    try:
        _recover(record)
        yield
    finally:
        lock.release()


def write(record: Path, info: Mapping[str, Any], save: Mapping[str, Callable[[Path], Any]]) -> None:
    """Replace a record by a newer one of the same run; at no moment is half of one there.

    Call it with the lock held.

    Args:
        record: its folder.
        info: the content of run.json, without the checksums.
        save: for every name in `FILES` a function that writes it to the path it is given.

    Raises:
        RecordError: the disk is full or the folder read-only; the older record is still whole.
    """
    new, old = _neighbours(record)
    try:
        new.mkdir(parents=True)
        for name in FILES:
            save[name](new / name)
        found = {name: checksum(new / name) for name in FILES}
        text = signed(dict(info) | {"files": found})
        (new / "run.json").write_text(text, encoding="utf-8")
        for path in new.iterdir():  # on the disk before the rename that declares it valid
            with path.open("rb") as file:
                os.fsync(file.fileno())
        if record.exists():
            record.rename(old)
        new.rename(record)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        _recover(record)
        raise _unwritable(record, error) from error


def signed(info: Mapping[str, Any]) -> str:
    """The text of run.json, with a checksum of itself."""
    text = json.dumps(dict(info) | {"format": FORMAT, "checksum": ""}, indent=1)
    own = hashlib.sha256(text.encode()).hexdigest()
    return text.replace('"checksum": ""', f'"checksum": "{own}"') + "\n"


def save_history(history: Mapping[str, Sequence[float]], path: Path) -> None:
    """Write one row an epoch; the shortest decimals that give the same numbers back."""
    table = pd.DataFrame({name: history[name] for name in METRICS}, dtype=np.float64)
    table.index = pd.RangeIndex(1, len(table) + 1, name="epoch")
    table.to_csv(path, lineterminator="\n")


def _neighbours(record: Path) -> tuple[Path, Path]:
    return record.with_name(f".{record.name}.new"), record.with_name(f".{record.name}.old")


def _recover(record: Path) -> None:
    """Undo what a killed or failed `write` left half done, and name what is in the way.

    Raises:
        RecordError: where the record belongs there is something that is no folder.
    """
    new, old = _neighbours(record)
    if not record.exists() and (old / "run.json").is_file():
        old.rename(record)
    for leftover in (new, old):
        if leftover.is_symlink() or leftover.is_file():
            leftover.unlink()
        else:
            shutil.rmtree(leftover, ignore_errors=True)
    if not record.is_dir() and os.path.lexists(record):
        raise RecordError(
            f"{record}: is a file, or a link that leads nowhere, where the folder of a record "
            "belongs; move it away"
        )


def _unwritable(record: Path, error: OSError) -> RecordError:
    where = f" at {error.filename}" if error.filename else ""
    return RecordError(
        f"{record}: cannot be written ({error.strerror or error}{where}); free some space, make "
        "the folder writable, or set LAB_RESULTS to another. What was recorded before is kept"
    )


def checksum(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
