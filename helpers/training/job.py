"""A run to be made: what decides its numbers, and where it is recorded."""

import functools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from helpers import datasets, environment, networks, records, runtime, settings
from helpers.datasets import ImageSet
from helpers.experiments import Experiment
from helpers.records import Run

# The code that makes numbers of settings and images. A record is of one state of it.
CODE = (
    *datasets.DECODING,
    "datasets.augmentation",
    "datasets.generators",
    "datasets.signs",
    "evidence.metrics",
    "networks.inference",
    "networks.layers",
    "networks.models",
    "networks.pretrained",
    "training.building",
    "training.checkpoints",
    "training.fitting",
    "training.job",
)


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
            "code": environment.code(CODE),
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
            pixels = images.pixels(e.size)
            if e.sign is None or e.dose is None:
                return pixels
            # Validated on one set of images, whatever the seed.
            seed = self.seed if images.split == "train" else 0
            classes = len(images.classes)
            return datasets.signs.drawn(pixels, images.labels, e.sign, e.dose, classes, seed).pixels
        return networks.features(images, *self._extraction(e.features))

    @property
    def features_seconds(self) -> float | None:
        """What computing the features of both splits took; 0 without any, None: not known."""
        if self.experiment.features is None:
            return 0.0
        how = self._extraction(self.experiment.features)
        took = [networks.features_seconds(split, *how) for split in (self.train, self.validation)]
        return None if None in took else sum(filter(None, took))

    def _extraction(self, base: str) -> tuple[int, str, str, str, str]:
        e = self.experiment
        return e.size, base, e.scaled or "unit", networks.READ_BY[e.network], self.precision

    def described(self, run: Run) -> Run:
        """A run of these images, with what is said of them now: which class is positive."""
        data = run.info["data"] | {"positive": self.train.positive, "findings": self.findings}
        return replace(run, info={**run.info, "data": data})

    @property
    def findings(self) -> str:
        """What is wrong with the images, in one line; empty where nothing was found."""
        return datasets.findings(self.train.name)

    @property
    def record(self) -> Path:
        """The folder that it is recorded in."""
        return records.folder(self.experiment, self.identity, self.seed)


def job_of(experiment: Experiment, seed: int | None = None) -> Job:
    """The experiment with a seed (None: the settings'), on the images and machine at hand.

    Its images are named by their content; none is decoded.

    Raises:
        datasets.DatasetError: there is something wrong with the images.
    """
    pair = _used(experiment, *datasets.list_pair(experiment.data))
    seed = settings.current().seed if seed is None else seed
    return Job(experiment, seed, *pair, runtime.precision(), threads_of(experiment))


def threads_of(experiment: Experiment) -> int:
    """Threads of its training: the settings', else its own."""
    return settings.current().threads or experiment.threads


def images_of(experiment: Experiment) -> tuple[ImageSet, ImageSet]:
    """The images that a run is trained on, and those it is validated on, checked.

    Raises:
        datasets.DatasetError: there is something wrong with them.

    Warns:
        datasets.DatasetWarning: see `datasets.load_pair`.
    """
    return _used(experiment, *datasets.load_pair(experiment.data))


def _used(
    experiment: Experiment, train: ImageSet, validation: ImageSet
) -> tuple[ImageSet, ImageSet]:
    return train.subset(experiment.images), validation.subset(experiment.validation_images)
