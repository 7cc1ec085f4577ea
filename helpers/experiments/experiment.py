"""One run of the lab, as data: what is trained, on what, for how long."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

NOT_IDENTIFYING = ("name", "task", "epochs", "threads", "seeds")


@dataclass(frozen=True)
class Experiment:
    """One run of the lab; all but its names, its length and its seeds identifies its record."""

    name: str  # what its record, its figure and its row are called
    task: str  # the sub-task that asks for it
    network: str = "alexnet"  # one of those that `training.build` knows
    data: str = "skin"  # the set of images: skin, bone or xray
    size: int = 128  # height and width of an image in pixels
    base: int = 8  # filters of the first convolution
    dense: tuple[int, ...] = (64, 64)  # units of the dense layers before the output
    dropout: float = 0.0  # share of units dropped after each dense layer
    batch_norm: bool = False  # batch normalisation after each convolution
    momentum: float | None = None  # of its moving averages; None: Keras's, 0.99
    spatial_dropout: float = 0.0  # share of feature maps dropped after each convolution
    augmented: bool = False  # random rotation, shift and flip of the training images
    softmax: bool = False  # two softmax outputs instead of one sigmoid
    learning_rate: float = 1e-4  # of the optimizer Adam
    epochs: int = 50  # passes over the training images
    batch_size: int = 8  # images a step
    images: int | None = None  # training images of each class, half as many to validate; None: all
    # For a network on the features of a frozen VGG16: its weights, imagenet or random, and how
    # images are scaled for it, see `networks.scaling`; None for a network on images.
    features: str | None = None
    scaled: str | None = None
    starts_from: Experiment | None = None  # the run whose best weights it starts with; None: new
    labels: str | None = None  # shuffled: training labels in random order, by the seed; None: as is
    sign: str | None = None  # drawn into copies of the images, see `datasets.signs`; None: none
    dose: float | None = None  # share of each class's images in which the sign is that of the class
    profile: str = "full"  # the profile that these settings belong to
    # Threads of its training; a run that needs several is also too large to have others beside it.
    threads: int = 1
    seeds: int = 1  # with how many it is run, where the settings say nothing

    @property
    def validation_images(self) -> int | None:
        """How many validation images of each class are used (None: all)."""
        return None if self.images is None else max(1, self.images // 2)

    def identity(self) -> dict[str, Any]:
        """The settings that make a record this run's: all but names, length, seeds and threads.

        Threads are the job's, since the settings may say otherwise. What does not apply is left
        out, so that a new setting leaves older records valid.
        """
        values = {
            name: value
            for name, value in asdict(self).items()
            if name not in NOT_IDENTIFYING
            and value is not None
            and (name != "momentum" or self.batch_norm)
        }
        values["dense"] = list(self.dense)  # as JSON gives it back
        if self.starts_from is not None:  # its length decides with what this one begins
            values["starts_from"] = self.starts_from.identity() | {
                "epochs": self.starts_from.epochs
            }
        return values
