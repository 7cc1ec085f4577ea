"""What a profile changes of the assignment's settings, by sub-task; `full` changes nothing."""

from __future__ import annotations

from typing import Any

# What `quick` changes, by sub-task: smaller images and networks and a higher learning rate, so
# that the demo images are learned in seconds. The ratios the lab is about are kept: 1c and 1d
# at a lower rate than 1a, 1d and 2b the same runs as 1c and 2a, trained on, 4 and 5 of one base.
_SMALL = {"size": 64, "profile": "quick"}
_HEAD = {"size": 128, "learning_rate": 1e-4, "epochs": 20, "profile": "quick"}
_SMOKE_EPOCHS = {"1a": 3, "1b": 3, "1c": 2, "1d": 3, "2a": 2, "2b": 3, "4": 3, "5a": 3, "5b": 3}
_SMOKE_EPOCHS |= {"6": 3, "7a": 3, "7b": 3, "7c": 3, "8a": 3, "8b": 3}
SCALES: dict[str, dict[str, dict[str, Any]]] = {
    "full": {},
    "quick": {
        "1a": _SMALL | {"learning_rate": 5e-4, "epochs": 30},
        "1b": _SMALL | {"learning_rate": 5e-4, "epochs": 30},
        "1c": _SMALL | {"learning_rate": 2e-4, "epochs": 30},
        "1d": _SMALL | {"learning_rate": 2e-4, "epochs": 50},
        "2a": _SMALL | {"base": 16, "learning_rate": 2e-4, "epochs": 25},
        "2b": _SMALL | {"base": 16, "learning_rate": 2e-4, "epochs": 40},
        "4": _SMALL | {"base": 8, "learning_rate": 5e-4, "epochs": 30},
        "5a": _SMALL | {"base": 8, "learning_rate": 2e-4, "epochs": 20},
        "5b": _SMALL | {"base": 8, "learning_rate": 2e-4, "epochs": 20},
        "6": _HEAD,
        "7a": _HEAD,
        "7b": _HEAD,
        "7c": _HEAD | {"learning_rate": 1e-5, "epochs": 2},
        "8a": _SMALL | {"learning_rate": 5e-4, "epochs": 20},
        "8b": {"profile": "quick"},
    },
    "smoke": {
        task: {
            "size": 32,
            "base": 2,
            "learning_rate": 1e-3,
            "epochs": epochs,
            "images": 16,
            "profile": "smoke",
        }
        for task, epochs in _SMOKE_EPOCHS.items()
    },
}
