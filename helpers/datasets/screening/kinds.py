"""Whether the files of one class differ from those of the others by something that is no content.

A network that is shown PNG files of one class and JPEG files of the other learns the traces of
JPEG. And pictures that are nearly black, most often 12 bits stored in 16, teach it little.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from helpers.datasets.image_files import FileKind

DARK = 0.1  # of white
TWELVE_IN_16 = 4095 / 65535  # of white: the brightest that 12 bits can be in 16
NEARLY_ALL = 0.9  # of the pictures of a class
FEWEST = 6  # pictures of a class: fewer may be alike by chance

# What is compared as it is, and how it is called. Sizes are also compared by more and less.
PROPERTIES: dict[str, Callable[[FileKind], str]] = {
    "file type": lambda kind: kind.format,
    "bit depth": lambda kind: f"{kind.bits} bits",
    "colour": lambda kind: "grey" if kind.channels == 1 else "colour",
    "size": lambda kind: f"{kind.width} x {kind.height} pixels",
}
MEASURES: dict[str, Callable[[FileKind], float]] = {
    "width": lambda kind: kind.width,
    "height": lambda kind: kind.height,
    "width by height": lambda kind: kind.width / kind.height,
}


def dark(brightest: Mapping[str, Sequence[float] | np.ndarray]) -> list[str]:
    """Say which classes are nearly black.

    Args:
        brightest: by class the brightest pixel of each picture, 1 for white.

    Returns:
        A sentence for each class in which at least half of the pictures have no pixel brighter than
        `DARK`; one for all together where that is so in every class.
    """
    darks = {name: np.asarray(of)[np.asarray(of) <= DARK] for name, of in brightest.items()}
    found = [name for name, of in darks.items() if len(of) and 2 * len(of) >= len(brightest[name])]
    if len(found) == len(brightest) > 1:
        of = np.concatenate(list(darks.values()))
        return [_dark("pictures", of, sum(map(len, brightest.values())))]
    return [_dark(f"pictures of {name}", darks[name], len(brightest[name])) for name in found]


def _dark(what: str, of: np.ndarray, total: int) -> str:
    twelve = " (no more than 12 bits stored in 16 can be)" if of.max() <= TWELVE_IN_16 else ""
    return (
        f"{len(of)} of {total} {what} are nearly black, their brightest pixel {of.max():.3g} of "
        f"white{twelve}; spread their values to the full range of their type and save them anew"
    )


def differences(kinds: Mapping[str, Sequence[FileKind]]) -> list[str]:
    """Say by what property of its files alone a class can be told from the others.

    Args:
        kinds: by class the kind of each file.

    Returns:
        A sentence for each class and property that at least `NEARLY_ALL` of the class have and at
        most `1 - NEARLY_ALL` of all others, or the other way round, where both are at least
        `FEWEST` files. Of two classes only the first is compared. A width, a height or a shape up
        to some value counts as a property too, where the size itself is none.
    """
    found = []
    for name in list(kinds)[: 1 if len(kinds) == 2 else None]:
        of_class = kinds[name]
        of_others = [kind for other, of in kinds.items() if other != name for kind in of]
        if min(len(of_class), len(of_others)) < FEWEST:
            continue
        told = {what: _by_value(of, of_class, of_others) for what, of in PROPERTIES.items()}
        if not told["size"]:
            by_threshold = (_by_threshold(of, of_class, of_others) for of in MEASURES.items())
            told["size"] = next(filter(None, by_threshold), "")
        others = (
            next(other for other in kinds if other != name) if len(kinds) == 2 else "the others"
        )
        found += [
            f"{name} can be told from {others} by {what} alone: {of_whom.format(name, others)}; "
            "save all pictures in the same way, or a network may learn that"
            for what, of_whom in told.items()
            if of_whom
        ]
    return found


def _by_value(
    property_of: Callable[[FileKind], str], one: Sequence[FileKind], other: Sequence[FileKind]
) -> str:
    """The value that tells two groups apart, and of how many it is so; empty where none does."""
    counts = [Counter(map(property_of, group)) for group in (one, other)]
    for value in counts[0] | counts[1]:
        if _tells(counts[0][value] / len(one), counts[1][value] / len(other)):
            return (
                f"{value} are {counts[0][value]} of {len(one)} of {{}} and "
                f"{counts[1][value]} of {len(other)} of {{}}"
            )
    return ""


def _by_threshold(
    measure: tuple[str, Callable[[FileKind], float]],
    one: Sequence[FileKind],
    other: Sequence[FileKind],
) -> str:
    """The same of the value that best separates the groups; nothing is said of values between."""
    what, of = measure
    values = [np.array([of(kind) for kind in group]) for group in (one, other)]
    limits = np.unique(np.concatenate(values))
    shares = [(group[:, np.newaxis] <= limits).mean(axis=0) for group in values]
    best = int(np.abs(shares[0] - shares[1]).argmax())
    if not _tells(shares[0][best], shares[1][best]):
        return ""
    counts = [int((group <= limits[best]).sum()) for group in values]
    return (
        f"{what} is at most {limits[best]:.4g} in {counts[0]} of {len(one)} of {{}} and in "
        f"{counts[1]} of {len(other)} of {{}}"
    )


def _tells(one: float, other: float) -> bool:
    return max(one, other) >= NEARLY_ALL and min(one, other) <= 1 - NEARLY_ALL + 1e-9
