"""The store: one folder a run, written whole or not at all, checked when read.

`results/<experiment>/<fingerprint>/seed<k>/` holds `run.json` (settings, data, versions, hardware,
seconds, and checksums of itself and of every other file), `history.csv` (one row an epoch, metrics
alone), `validation.npz` (labels, and probabilities of every epoch), `training.npz` (the same of the
training images, after the last epoch alone and with nothing dropped), `best.keras` (the network of
the lowest validation loss) and `last.keras` (network and optimizer, to go on from). A run that was
interrupted is a record of fewer epochs than were asked for.
"""

import contextlib
import hashlib
import json
import os
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
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
FORMAT = 2  # of run.json


class RecordWarning(UserWarning):
    """Doubt about a record: it is damaged, or was made with something else than is here."""


def fingerprint(identity: Mapping[str, Any]) -> str:
    """Twelve hexadecimal digits that change with anything that can change a run's numbers."""
    text = json.dumps(identity, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def folder(experiment: Experiment, identity: Mapping[str, Any], seed: int) -> Path:
    """Where the record of this run is or will be."""
    return settings.current().results / experiment.name / fingerprint(identity) / f"seed{seed}"


def read(record: Path, warn: bool = True) -> Run | None:
    """The record in this folder; None where there is none or where it is damaged.

    Call it with the lock held, or else with `warn=False`: a record seen while another process
    replaces it can look damaged.

    Warns:
        RecordWarning: it is damaged, and will be made again.
    """
    if not record.exists():
        return None
    try:
        run = _read(record, FILES)
        if fingerprint(run.info["identity"]) != record.parent.name:
            raise ValueError("its settings are not those of its folder")
        return run
    except Exception as error:  # damaged bytes raise all sorts of things
        if warn:
            warnings.warn(
                f"{record}: the record is damaged ({_why(error)}); the run is made again",
                RecordWarning,
                stacklevel=2,
            )
        return None


def numbers(record: Path) -> Run:
    """A record of which the numbers alone were kept, as `publish` leaves it.

    Raises:
        RecordError: it is damaged.
    """
    try:
        return _read(record, NUMBERS)
    except Exception as error:
        raise RecordError(
            f"{record}: the record is damaged ({_why(error)}); get it anew"
        ) from error


def publish(run: Run, record: Path) -> None:
    """Copy a run's numbers, without its networks, into a new folder."""
    record.mkdir(parents=True)
    for name in ("run.json", *NUMBERS):
        shutil.copyfile(run.folder / name, record / name)


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, OSError | ValueError) else repr(error)


def _read(record: Path, files: Sequence[str]) -> Run:
    """The run of a record, of which these files must be as they were written."""
    info = _info(record / "run.json")
    wrong = [name for name in files if _checksum(record / name) != info["files"][name]]
    if wrong:
        raise ValueError(f"{', '.join(wrong)} changed since it was written")
    history = pd.read_csv(record / "history.csv")
    with np.load(record / "validation.npz") as file:
        validation = dict(file)
    with np.load(record / "training.npz") as file:
        training = dict(file)
    run = Run(
        experiment=_experiment(info["experiment"]),
        seed=info["seed"],
        folder=record,
        history={name: history[name].to_numpy(np.float64) for name in METRICS},
        labels=validation["labels"],
        probabilities=validation["probabilities"],
        training_labels=training["labels"],
        training_probabilities=training["probabilities"],
        info=info,
    )
    _check(run)
    return run


def _info(path: Path) -> dict[str, Any]:
    """What run.json holds, if it is as it was written."""
    raw = path.read_bytes()
    info = json.loads(raw)
    if info["format"] != FORMAT:
        raise ValueError(f"its format is {info['format']}, and {FORMAT} is read")
    if raw.decode() != signed(info):
        raise ValueError("run.json changed since it was written")
    return info


def signed(info: Mapping[str, Any]) -> str:
    """The text of run.json, with a checksum of itself."""
    text = json.dumps(dict(info) | {"format": FORMAT, "checksum": ""}, indent=1)
    checksum = hashlib.sha256(text.encode()).hexdigest()
    return text.replace('"checksum": ""', f'"checksum": "{checksum}"') + "\n"


def _check(run: Run) -> None:
    """Whether a record is of one run: its folder, its settings and its arrays agree."""
    info, epochs = run.info, len(run.history["loss"])
    labels = {"train": run.training_labels, "validation": run.labels}
    agreeing = {
        "the seed": run.folder.name == f"seed{run.seed}",
        "the settings": run.experiment.identity().items() <= info["identity"].items(),
        "the epochs": epochs == info["epochs"] == len(run.probabilities)
        and epochs == len(info["epoch_seconds"]) == info["kept"]["last"],
        "the best epoch": info["kept"]["best"] == run.best_epoch,
        "the labels": all(
            np.array_equal(np.bincount(of_split), list(info["data"][split].values()))
            for split, of_split in labels.items()
        ),
        "the answers": run.probabilities[0].shape[:1] == run.labels.shape
        and run.training_probabilities.shape[:1] == run.training_labels.shape
        and all(
            ((x >= 0) & (x <= 1)).all() for x in (run.probabilities, run.training_probabilities)
        ),
        "the machines": info["made"][-1]["epochs"] == epochs,
        "the metrics": all(np.isfinite(values).all() for values in run.history.values()),
    }
    wrong = [what for what, agrees in agreeing.items() if not agrees]
    if wrong:
        raise ValueError(f"{', '.join(wrong)} in it cannot be right")


def _experiment(saved: Mapping[str, Any]) -> Experiment:
    """As it was before it became JSON."""
    known = {field.name for field in fields(Experiment)}
    values = {name: value for name, value in saved.items() if name in known}
    values["dense"] = tuple(values["dense"])
    if values.get("starts_from"):
        values["starts_from"] = _experiment(values["starts_from"])
    return Experiment(**values)


def longest(identity: Mapping[str, Any], seed: int, epochs: int) -> Run | None:
    """Of all records of these settings, under whatever name, the one to go on from.

    That is the longest with fewer than so many epochs: of a longer one the state at an earlier
    epoch is not kept.
    """
    folders = settings.current().results.glob(f"*/{fingerprint(identity)}/seed{seed}")
    runs = [read(folder, warn=False) for folder in sorted(folders)]
    shorter = [run for run in runs if run and run.epochs < epochs]
    return max(shorter, key=lambda run: run.epochs, default=None)


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
        checksums = {name: _checksum(new / name) for name in FILES}
        text = signed(dict(info) | {"files": checksums})
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


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
