"""Records read back: each file as it was written, and all of them of one run."""

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers import settings
from helpers.evidence import METRICS
from helpers.experiments import Experiment
from helpers.records.archives import check_size
from helpers.records.run import RecordError, Run
from helpers.records.store import FILES, FORMAT, NUMBERS, checksum, fingerprint, signed


class RecordWarning(UserWarning):
    """Doubt about a record: it is damaged, or was made with something else than is here."""


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


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, OSError | ValueError) else repr(error)


def _read(record: Path, files: Sequence[str]) -> Run:
    """The run of a record, of which these files must be as they were written."""
    info = _info(record / "run.json")
    wrong = [name for name in files if checksum(record / name) != info["files"][name]]
    if wrong:
        raise ValueError(f"{', '.join(wrong)} changed since it was written")
    history = pd.read_csv(record / "history.csv")
    validation = _arrays(record / "validation.npz", info, "validation")
    training = _arrays(record / "training.npz", info, "train")
    run = Run(
        experiment=_experiment(info["experiment"]),
        seed=info["seed"],
        folder=record,
        history={name: history[name].to_numpy(np.float64) for name in METRICS},
        labels=validation["labels"],
        probabilities=validation["probabilities"],
        training_labels=training["labels"],
        training_probabilities=dict(
            zip(training["epochs"].tolist(), training["probabilities"], strict=True)
        ),
        info=info,
    )
    _check(run)
    return run


def _arrays(path: Path, info: Mapping[str, Any], split: str) -> dict[str, np.ndarray]:
    """The labels and answers of one split, which hold no more than its images and epochs need."""
    images, answers = sum(info["data"][split].values()), len(info["data"]["classes"])
    check_size(path, 8 * images * (1 + answers * info["epochs"]))
    with np.load(path) as file:
        return dict(file)


def _info(path: Path) -> dict[str, Any]:
    """What run.json holds, if it is as it was written."""
    raw = path.read_bytes()
    info = json.loads(raw)
    if info["format"] != FORMAT:
        raise ValueError(f"its format is {info['format']}, and {FORMAT} is read")
    if raw.decode() != signed(info):
        raise ValueError("run.json changed since it was written")
    return info


def _check(run: Run) -> None:
    """Whether a record is of one run: its folder, its settings and its arrays agree."""
    info, epochs = run.info, len(run.history["loss"])
    fitted = run.training_probabilities.values()
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
        and epochs in run.training_probabilities
        and all(x.shape[:1] == run.training_labels.shape for x in fitted)
        and all(((x >= 0) & (x <= 1)).all() for x in (run.probabilities, *fitted)),
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
