"""What is kept of a training while it goes on: metrics, probabilities, best and last network."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from helpers import runtime  # first: it keeps TensorFlow's import quiet

# isort: split
import keras
import numpy as np
import tensorflow as tf

from helpers import decoding, evidence, pretrained, records
from helpers.datasets import ImageSet
from helpers.experiments import Experiment
from helpers.runs import METRICS, Run

SAVE_EVERY = 10.0  # seconds between two checkpoints, at least
SAVE_SHARE = 0.05  # of the time that checkpoints may take, at most


class TrainingError(RuntimeError):
    """A run that cannot go on."""


@dataclass(frozen=True)
class Job:
    """A run to be made: everything that decides its numbers."""

    experiment: Experiment
    seed: int
    train: ImageSet
    validation: ImageSet
    precision: str
    threads: int

    @functools.cached_property
    def identity(self) -> dict[str, Any]:
        """What the fingerprint is taken of."""
        return self.experiment.identity() | {
            "train": self.train.fingerprint,
            "validation": self.validation.fingerprint,
            "precision": self.precision,
            "threads": self.threads,
        }

    @functools.cached_property
    def labels(self) -> np.ndarray:
        """Class index of every training image, as the network is told it, int64 (N,)."""
        if self.experiment.labels is None:
            return self.train.labels
        return np.random.default_rng([self.seed, len(self.train.labels)]).permutation(
            self.train.labels
        )

    def inputs(self, images: ImageSet) -> np.ndarray:
        """What the network is given: pixels, uint16, or features of a frozen VGG16, float32."""
        e = self.experiment
        if e.features is None:
            return images.pixels(e.size)
        layer = pretrained.READ_BY[e.network]
        return pretrained.features(
            images, e.size, e.features, e.scaled or "unit", layer, self.precision
        )

    @property
    def record(self) -> Path:
        """The folder that it is recorded in."""
        return records.folder(self.experiment, self.identity, self.seed)


def predictor(model: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """A function from images, or features, to the probabilities that the network gives them.

    It takes (N, H, W, C), float32 or uint16 as `ImageSet.pixels` gives them, and gives float32
    (N,) of a sigmoid or (N, classes) of a softmax. It works in batches of about a million
    numbers, so that memory stays bounded.
    """
    shape = model.input_shape[1:]
    infer = tf.function(
        lambda batch: model(batch, training=False),
        input_signature=[tf.TensorSpec((None, *shape), tf.float32)],
    )
    batch = max(1, (1 << 20) // math.prod(shape))

    def predict(images: np.ndarray) -> np.ndarray:
        starts = range(0, len(images), batch)
        parts = [infer(decoding.unit_range(images[i : i + batch])).numpy() for i in starts]
        outputs = np.concatenate(parts).astype(np.float32)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    return predict


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
        bar: a progress bar of epochs.
    """

    def __init__(self, job: Job, start: Run | None, best: keras.Model, bar: Any) -> None:
        super().__init__()
        self.job, self.best, self.bar = job, best, bar
        self.history = {name: start.history[name].tolist() if start else [] for name in METRICS}
        self.probabilities = list(start.probabilities) if start else []
        self.seconds = list(start.info["epoch_seconds"]) if start else []
        self.images, self.fitted = job.inputs(job.validation), job.inputs(job.train)
        self.saved_at, self.saving = time.monotonic(), 0.0

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Make the function that predicts, once for all epochs."""
        self.predict = predictor(self.model)

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
        self.bar.update()
        since = time.monotonic() - self.saved_at
        finished = epoch + 1 == self.job.experiment.epochs
        if finished or since > max(SAVE_EVERY, self.saving / SAVE_SHARE):
            self._save()

    def _save(self) -> None:
        begun = time.monotonic()
        fitted = self.predict(self.fitted)
        records.write(
            self.job.record,
            self._info(),
            {
                "history.csv": lambda path: records.save_history(self.history, path),
                "validation.npz": lambda path: np.savez(
                    path,
                    labels=self.job.validation.labels,
                    probabilities=np.stack(self.probabilities),
                ),
                "training.npz": lambda path: np.savez(
                    path, labels=self.job.labels, probabilities=fitted
                ),
                "best.keras": self.best.save,
                "last.keras": self.model.save,
            },
        )
        self.saved_at = time.monotonic()
        self.saving = self.saved_at - begun

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
            },
            "versions": runtime.versions(),
            "hardware": runtime.hardware(),
            "epoch_seconds": self.seconds,
            "dropout": [state.numpy().tolist() for state in dropout_states(self.model)],
        }
