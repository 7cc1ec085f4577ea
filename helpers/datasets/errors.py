"""What is wrong with a set of images, as an error or as a warning."""

from collections.abc import Iterable


class DatasetError(ValueError):
    """A folder that is no image set; says which, what is wrong, and what would be right."""


class DatasetWarning(UserWarning):
    """Something about an image set that changes what its metrics mean."""


def shortened(items: Iterable[str], between: str = ", ", most: int = 10) -> str:
    """The first ten items and the number of the others, for messages."""
    names = list(items)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return between.join(names[:most]) + more
