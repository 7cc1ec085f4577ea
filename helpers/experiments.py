"""Every run of the lab, as data: what is trained, on what, for how long.

`EXPERIMENTS` is the assignment to the letter, which the profile `full` runs. The other
profiles change what `helpers.scales` says, so that what is tested is what is run, only smaller.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from helpers import settings
from helpers.scales import SCALES


@dataclass(frozen=True)
class Experiment:
    """One run of the lab; every field but `name`, `task` and `epochs` identifies its record.

    Attributes:
        name: what its record, its figure and its row are called.
        task: the sub-task that asks for it.
        network: one of those that `training.build` makes.
        data: the set of images: skin, bone or xray, or one of `demo.DRILL`.
        size: height and width of an image in pixels.
        base: filters of the first convolution.
        dense: units of the dense layers before the output.
        dropout: share of units dropped after each dense layer.
        batch_norm: batch normalisation after each convolution.
        spatial_dropout: share of feature maps dropped after each convolution.
        augmented: random rotation, shift and flip of the training images.
        softmax: two softmax outputs instead of one sigmoid.
        learning_rate: of the optimizer Adam.
        epochs: passes over the training images.
        batch_size: images a step.
        images: how many training images of each class are used, and half as many to
            validate (None: all).
        features: a network on features of a frozen VGG16: whose they are, that of imagenet or a
            random one (None: a network on images).
        scaled: how images were scaled for these features, see `pretrained.scaling`.
        starts_from: the run with whose best weights this one begins (None: with new weights).
        labels: shuffled: the training images' labels are dealt out anew, by the seed (None: as
            they are).
        profile: the profile these settings belong to.
    """

    name: str
    task: str
    network: str = "alexnet"
    data: str = "skin"
    size: int = 128
    base: int = 8
    dense: tuple[int, ...] = (64, 64)
    dropout: float = 0.0
    batch_norm: bool = False
    spatial_dropout: float = 0.0
    augmented: bool = False
    softmax: bool = False
    learning_rate: float = 1e-4
    epochs: int = 50
    batch_size: int = 8
    images: int | None = None
    features: str | None = None
    scaled: str | None = None
    starts_from: Experiment | None = None
    labels: str | None = None
    profile: str = "full"

    @property
    def validation_images(self) -> int | None:
        """How many validation images of each class are used (None: all)."""
        return None if self.images is None else max(1, self.images // 2)

    def identity(self) -> dict[str, Any]:
        """The settings that make a record this run's: all but its names and its length.

        What does not apply is left out, so that a new setting leaves older records valid.
        """
        values = {
            name: value
            for name, value in asdict(self).items()
            if name not in ("name", "task", "epochs") and value is not None
        }
        values["dense"] = list(self.dense)  # as JSON gives it back
        if self.starts_from is not None:  # its length decides with what this one begins
            values["starts_from"] = self.starts_from.identity() | {
                "epochs": self.starts_from.epochs
            }
        return values


def _table(*rows: Experiment) -> dict[str, Experiment]:
    return {row.name: row for row in rows}


_1A = Experiment("task1a_plain", "1a")
_1C = Experiment("task1c_no_batch_norm", "1c", dropout=0.4, learning_rate=1e-5, epochs=80)
_2A = Experiment(
    "task2a_no_spatial_dropout", "2a", base=32, dropout=0.4, learning_rate=1e-5, epochs=150
)
_4 = Experiment(
    "task4_not_augmented",
    "4",
    size=256,
    base=64,
    dense=(128, 64),
    dropout=0.4,
    batch_norm=True,
    learning_rate=1e-5,
    epochs=80,
)
_5 = replace(_4, name="task5_skin", task="5a", network="vgg16", dense=(64, 64, 64), augmented=True)
_7 = Experiment(
    "task7_skin",
    "7a",
    network="dense_head",
    size=224,
    dense=(128,),
    dropout=0.5,
    learning_rate=1e-5,
    epochs=150,
    features="imagenet",
    scaled="unit",
)
_7_BONE = replace(_7, name="task7_bone", data="bone")
# The last block of the pretrained network trained with the head, as the step after Task 7.
_THAWED: dict[str, Any] = {"task": "7c", "network": "thawed", "epochs": 10}
_8 = replace(
    _5, name="task8", task="8a", data="bone", size=128, base=8, batch_norm=False, softmax=True
)
# The drill of heat maps, on drawn bones whatever images there are, with a network whose maps can
# be read: its last convolution sees 34 pixels and has 32 x 32 places (that of VGG16 sees more
# than the whole image), and what follows does not know the place.
_DRILL = replace(
    _8,
    name="task8_unrelated",
    task="8b",
    network="alexnet_global_pool",
    data="bone_unrelated",
    dense=(64, 64),
    dropout=0.0,
    batch_norm=True,
    learning_rate=5e-4,
    epochs=20,
)

EXPERIMENTS: dict[str, Experiment] = _table(
    _1A,
    replace(_1A, name="task1a_dropout", dropout=0.4),
    replace(_1A, name="task1b_plain", task="1b", batch_norm=True),
    replace(_1A, name="task1b_dropout", task="1b", batch_norm=True, dropout=0.4),
    _1C,
    replace(_1C, name="task1c_batch_norm", batch_norm=True),
    replace(_1C, name="task1d_no_batch_norm", task="1d", epochs=150),
    replace(_1C, name="task1d_batch_norm", task="1d", batch_norm=True, epochs=150),
    _2A,
    replace(_2A, name="task2a_spatial_dropout", spatial_dropout=0.1),
    replace(_2A, name="task2b_no_spatial_dropout", task="2b", epochs=250),
    replace(_2A, name="task2b_spatial_dropout", task="2b", spatial_dropout=0.1, epochs=250),
    _4,
    replace(_4, name="task4_augmented", augmented=True),
    _5,
    replace(_5, name="task5_bone", data="bone"),
    # What each of the two is there for: task5_skin without it, for its first epochs.
    replace(_5, name="task5_no_batch_norm", task="5b", batch_norm=False, epochs=20),
    replace(_5, name="task5_no_dropout", task="5b", dropout=0.0, epochs=20),
    replace(_7, name="task6_skin_imagenet", task="6", scaled="imagenet"),
    replace(_7_BONE, name="task6_bone_imagenet", task="6", scaled="imagenet"),
    _7,
    _7_BONE,
    # The same heads on the features of a network that was trained on nothing.
    replace(_7, name="task7_skin_random", task="7b", features="random"),
    replace(_7_BONE, name="task7_bone_random", task="7b", features="random"),
    replace(_7, name="task7_skin_thawed", starts_from=_7, **_THAWED),
    replace(_7_BONE, name="task7_bone_thawed", starts_from=_7_BONE, **_THAWED),
    _8,
    replace(_8, name="task8_batch_norm", batch_norm=True),
    _DRILL,
    replace(_DRILL, name="task8_marked", data="bone_marked"),
    replace(_DRILL, name="task8_shuffled", labels="shuffled", epochs=10),
)


def scaled(experiment: Experiment, profile: str | None = None) -> Experiment:
    """The run as `profile` makes it (default: the profile in force).

    Raises:
        ValueError: the profile is unknown, or says nothing of this task.
    """
    profile = profile or settings.current().profile
    if profile not in SCALES:
        raise ValueError(f"no profile {profile!r}; the profiles are {', '.join(SCALES)}")
    if profile == "full":
        return experiment
    if not is_scaled(experiment, profile):
        raise ValueError(f"the profile {profile} does not scale task {experiment.task} yet")
    start = experiment.starts_from
    return replace(
        experiment,
        starts_from=start and scaled(start, profile),
        **SCALES[profile][experiment.task],
    )


def is_scaled(experiment: Experiment, profile: str) -> bool:
    """Whether a profile says how this run is made in it."""
    return profile == "full" or experiment.task in SCALES[profile]


def select(which: str, profile: str | None = None) -> dict[str, Experiment]:
    """Runs by name, as `profile` makes them.

    Args:
        which: a task ('1'), a sub-task ('1a') or a run ('task1a_plain').
        profile: smoke, quick or full; default the one in force.

    Raises:
        ValueError: there is no such task or run.
    """
    rows = {
        name: row
        for name, row in EXPERIMENTS.items()
        if which in (name, row.task, row.task.rstrip("abcd"))
    }
    if not rows:
        tasks = ", ".join(dict.fromkeys(row.task for row in EXPERIMENTS.values()))
        raise ValueError(f"no run or task is called {which!r}; the tasks are {tasks}")
    return {name: scaled(row, profile) for name, row in rows.items()}


def table(rows: dict[str, Experiment]) -> pd.DataFrame:
    """The runs as a table: one row each, a column for each setting that a reader compares.

    Networks on features have settings of their own, which are shown where there are no others.
    """
    columns = ["network", "data", "size", "base", "dense", "dropout", "batch_norm"]
    columns += ["spatial_dropout", "augmented", "learning_rate", "epochs"]
    if all(row.features for row in rows.values()):
        columns = ["network", "data", "size", "features", "scaled", "dense", "dropout"]
        columns += ["learning_rate", "epochs"]
    if any(row.labels for row in rows.values()):
        columns.append("labels")
    return pd.DataFrame(
        [[getattr(row, column) for column in columns] for row in rows.values()],
        index=pd.Index(rows, name="run"),
        columns=[column.replace("_", " ") for column in columns],
    ).fillna("")
