"""The demo images: which sets there are, and the folder of each, drawn if it is missing."""

from pathlib import Path

from filelock import FileLock

from helpers import settings
from helpers.datasets import phantoms
from helpers.datasets.errors import DatasetError
from helpers.settings import quoted


def demo_images() -> Path:
    """The folder of all demo images, drawn where they are missing.

    It holds a folder for each set, and `skin_flat`, the same skin images in the flat layout.

    Raises:
        DatasetError: they cannot be written.
    """
    for name in settings.SETS:
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
                phantoms.write(name, place, layout)
    except OSError as error:
        raise DatasetError(
            f"{quoted(place)}: the demo images cannot be written ({error.strerror or error}); "
            "free some space, make the folder writable, or set LAB_BUILD to another one"
        ) from error
    return place
