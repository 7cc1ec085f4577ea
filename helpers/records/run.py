"""What came out of a training: the numbers of every epoch, and the networks that were kept."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers import evidence
from helpers.evidence import Answers, Reading
from helpers.experiments import Experiment
from helpers.records.archives import check_size

if TYPE_CHECKING:
    from helpers.runtime import keras


class RecordError(RuntimeError):
    """A record that cannot be read or written."""


@dataclass(frozen=True)
class Run:
    """What came out of one training.

    Attributes:
        experiment: the settings it was made with.
        seed: of initial weights, order of images and dropout.
        folder: where it is kept.
        history: for each of `evidence.METRICS` one value an epoch, float64 (epochs,).
        labels: class index of every validation image, int64 (N,).
        probabilities: of the validation images after every epoch, float32: of the second class
            (epochs, N) for one sigmoid, of every class (epochs, N, classes) for a softmax.
        training_labels: class index of every training image, int64 (M,).
        training_probabilities: of the training images, with nothing dropped, after the epochs that
            `kept` names: by the epoch's number, (M,) or (M, classes).
        info: the rest of `run.json`.
    """

    experiment: Experiment
    seed: int
    folder: Path
    history: Mapping[str, np.ndarray]
    labels: np.ndarray
    probabilities: np.ndarray
    training_labels: np.ndarray
    training_probabilities: Mapping[int, np.ndarray]
    info: Mapping[str, Any]

    @property
    def epochs(self) -> int:
        """How many epochs there are of it."""
        return len(self.history["loss"])

    @property
    def epoch_seconds(self) -> list[float]:
        """What each epoch took by the clock, validation and saving included.

        Others may have been trained beside it, which slows all of them.
        """
        return list(self.info["epoch_seconds"][: self.epochs])

    @property
    def made(self) -> list[Mapping[str, Any]]:
        """With what its epochs were made, in their order: hardware, versions, the last epoch."""
        ends = [0, *(part["epochs"] for part in self.info["made"])]
        begun = zip(ends, self.info["made"], strict=False)
        return [part for begins, part in begun if begins < self.epochs]

    @property
    def seconds_to_best(self) -> float | None:
        """What its features, if any, and the epochs up to the best one took; None: not known."""
        known = None if self.experiment.features else 0.0
        features = self.info.get("features_seconds", known)
        return None if features is None else features + sum(self.epoch_seconds[: self.best_epoch])

    @property
    def best_epoch(self) -> int:
        """The epoch of the lowest validation loss, the earliest of equals; counted from 1."""
        return evidence.best_epoch(self.history["val_loss"])

    def epoch(self, at: str | int = "best") -> int:
        """The epoch meant by 'best', 'last' or its number."""
        return {"best": self.best_epoch, "last": self.epochs}.get(str(at)) or int(at)

    def fitted(self, at: str | int = "last") -> np.ndarray:
        """What it answers for the training images, with nothing dropped: (M,) or (M, classes).

        Raises:
            RecordError: they were not kept for this epoch, since training was continued past it.
        """
        if (epoch := self.epoch(at)) not in self.training_probabilities:
            raise RecordError(
                f"{self.folder}: how epoch {epoch} fits the training images was not kept, only for "
                f"{', '.join(map(str, self.training_probabilities))}"
            )
        return self.training_probabilities[epoch]

    @functools.cached_property
    def reading(self) -> Reading:
        """What its learning curve shows; see `evidence.diagnose`.

        Raises:
            RecordError: training was continued past its last epoch, whose answers for the training
                images were not kept.
        """
        best = self.training_probabilities.get(self.best_epoch)
        return evidence.diagnose(
            self.history,
            Answers(self.training_labels, best, self.fitted()),
            Answers(self.labels, self.probabilities[self.best_epoch - 1], self.probabilities[-1]),
        )

    def until(self, epochs: int) -> Run:
        """The same run as it stood after so many epochs."""
        return replace(
            self,
            experiment=replace(self.experiment, epochs=epochs),
            history={name: values[:epochs] for name, values in self.history.items()},
            probabilities=self.probabilities[:epochs],
        )

    def model(self, at: str = "best") -> keras.Model:
        """The trained network: of the best epoch, or of the last.

        It is loaded for its answers, without the optimizer.

        Raises:
            RecordError: training was continued past this epoch, and its weights were not kept; or
                the record is a published one, of numbers alone.
            ArchiveError: its file claims to hold far more than a network.
        """
        if not (self.folder / f"{at}.keras").is_file():
            raise RecordError(
                f"{self.folder}: this record has no networks, only numbers; training.run makes them"
            )
        from helpers.runtime import keras  # noqa: PLC0415 - reading numbers needs no TensorFlow

        kept = self.info["kept"][at]
        if kept != self.epoch(at):
            raise RecordError(
                f"{self.folder}: the network of epoch {self.epoch(at)} was not kept, only that of "
                f"epoch {kept}, since training was continued to epoch {self.info['epochs']}"
            )
        check_size(self.folder / f"{at}.keras")
        return keras.models.load_model(self.folder / f"{at}.keras", compile=False)


Runs = Run | Sequence[Run]


def as_list(runs: Runs) -> list[Run]:
    """One run, or its seeds, as a list.

    Raises:
        ValueError: there is none.
    """
    listed = [runs] if isinstance(runs, Run) else list(runs)
    if not listed:
        raise ValueError("no runs were given; at least one is needed")
    return listed
