"""The demo images: which sets there are, and the folder of each, drawn if it is missing."""

from pathlib import Path
from typing import Any

from filelock import FileLock

from helpers import settings
from helpers.datasets import phantoms
from helpers.datasets.errors import DatasetError
from helpers.settings import quoted

# Demo images of Task 8, used whatever images a student has: bones with a letter in a corner that
# follows their class, that is random, that is the other class's, and bones without a letter. The
# last two are to validate on.
DRILL: dict[str, dict[str, Any]] = {
    "bone_marked": {"shortcut": 1.0},
    "bone_unrelated": {"shortcut": 0.5},
    "bone_swapped": {"shortcut": 1.0, "swap": True, "counts": {"validation": 100}},
    "bone_unmarked": {"counts": {"validation": 100}},
}


def demo_images() -> Path:
    """The folder of all demo images, drawn where they are missing.

    It holds a folder for each set, those of `DRILL` among them, and `skin_flat`, the same skin
    images in the flat layout.

    Raises:
        DatasetError: they cannot be written.
    """
    for name in (*settings.SETS, *DRILL):
        folder(name)
    return folder("skin", "flat").parent


def folder(name: str, layout: str = "folders") -> Path:
    """The folder of one set's demo images, drawn if missing; raises what `demo_images` does."""
    place = settings.current().build / "demo" / (name if layout == "folders" else f"{name}_flat")
    if place.is_dir():  # it appears whole or not at all
        return place
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{place}.lock"):  # a second process waits here, and then finds them made
            if not place.is_dir():
                phantoms.write(name.partition("_")[0], place, layout, **DRILL.get(name, {}))
    except OSError as error:
        raise DatasetError(
            f"{quoted(place)}: the demo images cannot be written ({error.strerror or error}); "
            "free some space, make the folder writable, or set LAB_BUILD to another one"
        ) from error
    return place
