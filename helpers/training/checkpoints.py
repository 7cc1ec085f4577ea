"""What is kept of a training while it goes on: metrics, probabilities, best and last network."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from helpers import environment, evidence, records, runtime
from helpers.evidence import METRICS
from helpers.networks import predictor
from helpers.records import Run
from helpers.runtime import keras
from helpers.training.job import Job, TrainingError

SAVE_EVERY = 10.0  # seconds between two checkpoints, at least
SAVE_SHARE = 0.05  # of the time that checkpoints may take, at most


def dropout_states(model: keras.Model) -> list[keras.Variable]:
    """The random states of the dropout layers, which a Keras file does not hold."""
    return [
        layer.seed_generator.state for layer in model.layers if hasattr(layer, "seed_generator")
    ]


class Checkpoints(keras.callbacks.Callback):
    """Records a training as it goes on, from where `start` had left it.

    Args:
        job: the run.
        start: the record it goes on from, or None.
        best: a network of the same shape, which is given the weights of the best epoch.
        told: is called after each epoch with how many there are.
    """

    def __init__(
        self, job: Job, start: Run | None, best: keras.Model, told: Callable[[int], object]
    ) -> None:
        super().__init__()
        self.job, self.best, self.told = job, best, told
        self.history = {name: start.history[name].tolist() if start else [] for name in METRICS}
        self.probabilities = list(start.probabilities) if start else []
        self.seconds = list(start.info["epoch_seconds"]) if start else []
        self.made = list(start.info["made"]) if start else []
        self.images, self.fitted = job.inputs(job.validation), job.inputs(job.train)
        self.saved_at, self.saving = time.monotonic(), 0.0

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Make the functions that predict, once for all epochs."""
        self.predict, self.predict_best = predictor(self.model), predictor(self.best)

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Start the epoch's clock."""
        self.started = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Keep what the epoch gave, and save it if it is time.

        Raises:
            TrainingError: the loss is NaN or infinite.
            records.RecordError: the record cannot be written.
        """
        probabilities = self.predict(self.images)
        if not (math.isfinite(logs["loss"]) and np.isfinite(probabilities).all()):
            raise TrainingError(
                f"{self.job.experiment.name}, seed {self.job.seed}: the loss became NaN or "
                f"infinite in epoch {epoch + 1}; the first thing to try is a lower learning rate "
                f"than {self.job.experiment.learning_rate:g}"
            )
        labels = self.job.validation.labels
        values = {
            "loss": logs["loss"],
            "accuracy": logs["accuracy"],
            "val_loss": evidence.log_loss(labels, probabilities),
            "val_accuracy": evidence.accuracy(labels, probabilities).value,
        }
        if values["val_loss"] < min(self.history["val_loss"], default=math.inf):
            self.best.set_weights(self.model.get_weights())
        for name, value in values.items():
            self.history[name].append(float(value))
        self.probabilities.append(probabilities)
        self.seconds.append(round(time.monotonic() - self.started, 3))
        self.told(epoch + 1)
        since = time.monotonic() - self.saved_at
        finished = epoch + 1 == self.job.experiment.epochs
        if finished or since > max(SAVE_EVERY, self.saving / SAVE_SHARE):
            self._save()

    def _save(self) -> None:
        begun = time.monotonic()
        labels, probabilities = self.job.validation.labels, np.stack(self.probabilities)
        info = self._info()
        kept = info["kept"]
        answers = {kept["last"]: self.predict(self.fitted)}
        if kept["best"] != kept["last"]:
            answers[kept["best"]] = self.predict_best(self.fitted)
        training = {
            "labels": self.job.labels,
            "epochs": np.array(sorted(answers)),
            "probabilities": np.stack([answers[epoch] for epoch in sorted(answers)]),
        }
        save = {
            "history.csv": lambda path: records.save_history(self.history, path),
            "validation.npz": lambda path: np.savez(
                path, labels=labels, probabilities=probabilities
            ),
            "training.npz": lambda path: np.savez(path, **training),  # type: ignore[arg-type]
            "best.keras": self.best.save,
            "last.keras": self.model.save,
        }
        records.write(self.job.record, info, save)
        self.saved_at = time.monotonic()
        self.saving = self.saved_at - begun

    def _made(self, epochs: int) -> list[dict[str, Any]]:
        """With what the epochs were made: one entry for each stretch, with its last epoch."""
        here = {"versions": environment.versions(), "hardware": runtime.hardware()}
        before = [part for part in self.made if part["epochs"] < epochs]
        if before and {name: before[-1][name] for name in here} == here:
            before.pop()
        return [*before, {"epochs": epochs} | here]

    def _info(self) -> dict[str, Any]:
        """The content of run.json."""
        train, validation = self.job.train, self.job.validation
        losses = self.history["val_loss"]
        return {
            "experiment": asdict(self.job.experiment),
            "seed": self.job.seed,
            "epochs": len(losses),
            "kept": {"best": evidence.best_epoch(losses), "last": len(losses)},
            "identity": self.job.identity,
            "data": {
                "train": train.counts(),
                "validation": validation.counts(),
                "classes": train.classes,
                "positive": train.positive,
                "demo": train.demo,
                "findings": self.job.findings,
            },
            "made": self._made(len(losses)),
            "epoch_seconds": self.seconds,
            "features_seconds": self.job.features_seconds,
            "dropout": [state.numpy().tolist() for state in dropout_states(self.model)],
        }
