"""What the other profiles change in a row, so that what is tested is what is run, only smaller."""

from dataclasses import replace
from typing import Any

from helpers import settings
from helpers.experiments.experiment import Experiment

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
