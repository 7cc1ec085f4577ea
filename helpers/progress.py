"""A progress bar for long work, silent when nobody is watching."""

from typing import Any

from tqdm.auto import tqdm

from helpers import settings


def bar(total: int, description: str, unit: str) -> Any:
    """A tqdm bar over `total` units, for `with` and `update()`; it is wiped away when it closes."""
    silent = not settings.current().progress
    return tqdm(total=total, desc=description, unit=unit, leave=False, disable=silent)
