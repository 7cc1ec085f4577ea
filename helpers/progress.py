"""A progress bar for long work, silent when nobody watches."""

from __future__ import annotations

from typing import Any

from tqdm.auto import tqdm

from helpers import settings


def bar(total: int, description: str, unit: str) -> Any:
    """A tqdm bar over `total` units; it leaves nothing behind when it closes.

    Use as a context manager and call `update()` on what it gives.
    """
    return tqdm(
        total=total,
        desc=description,
        unit=unit,
        leave=False,
        disable=not settings.current().progress,
    )
