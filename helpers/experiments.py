"""Every run of the lab, as data: what is trained, on what, for how long.

`EXPERIMENTS` is the assignment to the letter, which the profile `full` runs. The other profiles
change what `CHANGES` says, so that what is tested is what is run, only smaller.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from helpers import settings

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


# fmt: off
_1A = Experiment("task1a_plain", "1a")
_1C = Experiment("task1c_no_batch_norm", "1c", dropout=0.4, learning_rate=1e-5, epochs=80)
_2A = Experiment("task2a_no_spatial_dropout", "2a", base=32, dropout=0.4, learning_rate=1e-5,
                 epochs=150)
_4 = Experiment("task4_not_augmented", "4", size=256, base=64, dense=(128, 64), dropout=0.4,
                batch_norm=True, learning_rate=1e-5, epochs=80, threads=4)
_5 = replace(_4, name="task5_skin", task="5a", network="vgg16", dense=(64, 64, 64), augmented=True)
_7 = Experiment("task7_skin", "7a", network="dense_head", size=224, dense=(128,), dropout=0.5,
                learning_rate=1e-5, epochs=150, features="imagenet", scaled="unit")
_7_BONE = replace(_7, name="task7_bone", data="bone")
# The last block of the pretrained network fine-tuned with the head, as the step after Task 7.
_FINE_TUNED: dict[str, Any] = {"task": "7c", "network": "thawed", "epochs": 10}
_8 = replace(_5, name="task8", task="8a", data="bone", size=128, base=8, batch_norm=False,
             softmax=True, threads=1)
# The shortcut: a sign drawn into the bones follows the class in a share of them, the dose. The
# network is one whose maps can be read: its last convolution sees 34 pixels and has 32 x 32 places
# (that of VGG16 sees more than the whole image), and what follows does not know the place.
_SIGNED = replace(_8, name="", task="8b", network="alexnet_global_pool", dense=(64, 64),
                  dropout=0.0, batch_norm=True, momentum=0.9, learning_rate=1e-3, epochs=20,
                  augmented=False, seeds=3)
_DOSES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_ROWS = (
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
    replace(_5, name="task5_not_augmented", task="5b", augmented=False),
    replace(_7, name="task6_skin_imagenet", task="6", scaled="imagenet"),
    replace(_7_BONE, name="task6_bone_imagenet", task="6", scaled="imagenet"),
    _7,
    _7_BONE,
    # The same heads on the features of an untrained network.
    replace(_7, name="task7_skin_random", task="7b", features="random"),
    replace(_7_BONE, name="task7_bone_random", task="7b", features="random"),
    replace(_7, name="task7_skin_thawed", starts_from=_7, **_FINE_TUNED),
    replace(_7_BONE, name="task7_bone_thawed", starts_from=_7_BONE, **_FINE_TUNED),
    _8,
    replace(_8, name="task8_batch_norm", batch_norm=True),
    *(
        replace(_SIGNED, name=f"task8_{sign}_{100 * dose:.0f}", sign=sign, dose=dose)
        for sign in ("letter", "patch", "frame")
        for dose in _DOSES
    ),
    replace(_SIGNED, name="task8_shuffled", sign="letter", dose=0.5, labels="shuffled", epochs=10),
)
# fmt: on
EXPERIMENTS = {row.name: row for row in _ROWS}

# What `quick` changes: smaller images and networks and a higher learning rate, so that the demo
# images are learned in seconds; and three seeds in place of one, but for Tasks 5, 7b and 7c, for
# which ten minutes in all leave no time. The ratios the lab is about are kept: 1c and 1d at a lower
# rate than 1a, 1d and 2b the runs of 1c and 2a continued, 4 and 5 of one base. Its epochs have 50
# steps, so that averages with Keras's momentum would lag behind the weights for several epochs, and
# validation with them. The heads on random features learn slowly, and are given the time they need.
_SMALL = {"size": 64, "momentum": 0.9, "threads": 1, "seeds": 3, "profile": "quick"}
_HEAD = {"size": 96, "learning_rate": 1e-4, "epochs": 20, "seeds": 3, "profile": "quick"}
_QUICK: dict[str, dict[str, Any]] = {
    "1a": _SMALL | {"learning_rate": 5e-4, "epochs": 25},
    "1b": _SMALL | {"learning_rate": 5e-4, "epochs": 25},
    "1c": _SMALL | {"learning_rate": 2e-4, "epochs": 25},
    "1d": _SMALL | {"learning_rate": 2e-4, "epochs": 40},
    "2a": _SMALL | {"base": 8, "learning_rate": 3e-4, "epochs": 36},
    "2b": _SMALL | {"base": 8, "learning_rate": 3e-4, "epochs": 56},
    "4": _SMALL | {"base": 8, "learning_rate": 1e-4, "epochs": 35},
    "5a": _SMALL | {"base": 8, "learning_rate": 2e-4, "epochs": 20, "seeds": 1},
    "5b": _SMALL | {"base": 8, "learning_rate": 2e-4, "epochs": 20, "seeds": 1},
    "6": _HEAD,
    "7a": _HEAD,
    "7b": _HEAD | {"epochs": 600, "seeds": 1},
    "7c": _HEAD | {"learning_rate": 1e-5, "epochs": 2, "seeds": 1},
    "8a": _SMALL | {"learning_rate": 5e-4, "epochs": 15},
    "8b": {"size": 64, "epochs": 10, "profile": "quick"},
}
_TINY: dict[str, Any] = {"size": 32, "base": 2, "learning_rate": 1e-3, "images": 16, "threads": 1}
_TINY |= {"seeds": 1, "profile": "smoke"}
CHANGES: dict[str, dict[str, dict[str, Any]]] = {
    "full": {task: {} for task in _QUICK},
    "quick": _QUICK,
    "smoke": {task: _TINY | {"epochs": 2 if task in ("1c", "2a") else 3} for task in _QUICK},
}
DOSES = {"full": settings.DOSES, "quick": 3, "smoke": 2}  # of a sign, for which a profile has time


def seeds_of(row: Experiment) -> range:
    """The seeds that a run is made with: as many as the settings say, else as many as its row."""
    lab = settings.current()
    return range(lab.seed, lab.seed + (lab.seeds or row.seeds))


def at_profile(row: Experiment, profile: str | None = None) -> Experiment:
    """A row of `EXPERIMENTS` as `profile` runs it (default: the current profile).

    Raises:
        ValueError: the profile is unknown.
    """
    profile = profile or settings.current().profile
    if profile not in CHANGES:
        raise ValueError(f"no profile {profile!r}; the profiles are {', '.join(CHANGES)}")
    start = row.starts_from and at_profile(row.starts_from, profile)
    return replace(row, starts_from=start, **CHANGES[profile][row.task])


def get(name: str, profile: str | None = None) -> Experiment:
    """The run of this name, as `profile` runs it.

    Args:
        name: a key of `EXPERIMENTS`, such as 'task1a_plain'.
        profile: smoke, quick or full; default the current one.

    Raises:
        ValueError: there is no such run or profile.
    """
    if name not in EXPERIMENTS:
        raise ValueError(f"no run is called {name!r}; the runs are {', '.join(EXPERIMENTS)}")
    return at_profile(EXPERIMENTS[name], profile)


def select(which: str | None = None, profile: str | None = None) -> dict[str, Experiment]:
    """Runs by name, as `profile` runs them.

    Args:
        which: a task ('1' or 'task1'), a sub-task ('1a') or a run ('task1a_plain'); None: all.
        profile: as for `get`.

    Raises:
        ValueError: there is no such task, run or profile.
    """
    if which in EXPERIMENTS:
        return {which: get(which, profile)}
    of_task = (which or "").removeprefix("task")
    lab = settings.current()
    most = lab.doses or DOSES.get(profile or lab.profile, settings.DOSES)
    doses = (None, _DOSES[0], *_DOSES[1 - most :])  # the one that says nothing, and the highest
    names = [
        name
        for name, row in EXPERIMENTS.items()
        if (which is None or of_task in (row.task, row.task.rstrip("abcd"))) and row.dose in doses
    ]
    if not names:
        tasks = ", ".join(dict.fromkeys(row.task for row in EXPERIMENTS.values()))
        raise ValueError(f"no run or task is called {which!r}; the tasks are {tasks}")
    return {name: get(name, profile) for name in names}


def table(rows: dict[str, Experiment]) -> pd.DataFrame:
    """The runs as a table: one row each, a column for each setting that a reader compares.

    Networks on features have settings of their own, which are shown where there are no others. With
    how many seeds they are run is said of the current profile's runs alone.
    """
    columns = ["network", "data", "size", "base", "dense", "dropout", "batch_norm"]
    columns += ["spatial_dropout", "augmented", "learning_rate", "epochs"]
    if all(row.features for row in rows.values()):
        columns = ["network", "data", "size", "features", "scaled", "dense", "dropout"]
        columns += ["learning_rate", "epochs"]
    if any(row.batch_norm and row.momentum for row in rows.values()):
        columns.insert(columns.index("batch_norm") + 1, "momentum")
    columns += [c for c in ("sign", "dose", "labels") if any(getattr(r, c) for r in rows.values())]
    table = pd.DataFrame(
        [[_shown(row, column) for column in columns] for row in rows.values()],
        index=pd.Index(rows, name="run"),
        columns=[column.replace("_", " ") for column in columns],
    ).astype(object)
    if all(row.profile == settings.current().profile for row in rows.values()):
        table["seeds"] = [len(seeds_of(row)) for row in rows.values()]
    return table.fillna("")


def _shown(row: Experiment, column: str) -> Any:
    """A setting of a row; without batch normalisation there is no momentum."""
    return None if column == "momentum" and not row.batch_norm else getattr(row, column)
