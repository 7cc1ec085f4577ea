"""Names of classes: which can be shown, which are none, and the choice of some of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpers import settings
from helpers.datasets.errors import DatasetError, shortened

# Folders that are called as parts of a set are, not as classes: images, part_1, HAM_images_part_2.
GENERIC = re.compile(
    r"(images?|imgs?|pictures?|photos?|jpe?gs?|pngs?|dicoms?|data|dataset|folder|labels?|masks?"
    r"|annotations?|ground[-_ ]?truths?|segmentations?|rois?)[-_ ]?\d*"
    r"|(.*[-_ ])?(part|fold|split|batch|chunk|volume)[-_ ]?\d*"
)
NUMBERED = re.compile(r"(\D*)\d+\D*")
MANY = 30  # folders: so many with numbers in their names are patients or cases, not classes


@dataclass(frozen=True)
class Choice:
    """The classes that are wanted, and the names that each is made of."""

    sources: dict[str, tuple[str, ...]]
    exact: bool  # given as names alone: no other class may be there

    def target(self, name: str) -> str | None:
        """The class that a name belongs to, or None where it is left out."""
        return next((to for to, of in self.sources.items() if name in of), None)

    @property
    def names(self) -> list[str]:
        """All names that it is made of."""
        return [name for of in self.sources.values() for name in of]


def check(names: Sequence[str], where: object) -> None:
    """Refuse names that a figure, a table or a terminal cannot show.

    Raises:
        DatasetError: a name holds control characters, or bytes that are no text.
    """
    for name in names:
        printable = name.isprintable() and not re.search("[\ud800-\udfff]", name)
        if not printable or not name.strip():
            raise DatasetError(
                f"{where}: {name!a} is no name that can be shown: it holds control characters, "
                "or bytes that are no text, or nothing; rename it"
            )


def refuse_generic(names: Sequence[str], where: object) -> None:
    """Refuse folders that are called as parts of a set are, not as classes.

    Raises:
        DatasetError: one or more are.
    """
    what = "parts of a set"
    parts = [name for name in names if GENERIC.fullmatch(name.lower())]
    if any("fold" in name.lower() for name in parts):
        what = "folds of a cross-validation"
    numbered = [NUMBERED.fullmatch(name) for name in names]
    if not parts and len(names) > MANY and len({found and found[1] for found in numbered}) == 1:
        parts, what = list(names), "patients or cases"
    if parts:
        raise DatasetError(
            f"{where}: {shortened(f'{name}/' for name in parts)} look like {what}, not like "
            "classes; name each folder by its class, or put a table of labels (file, class) beside "
            "them, see data_README.md"
        )


def parsed(given: str | Sequence[str] | Mapping[str, str | Sequence[str]] | None) -> Choice | None:
    """Chosen classes.

    Args:
        given: 'Mel=melanoma; Nev=nevus, atypical', or the same as a mapping: these classes of these
            names, and no others; or names alone, 'Mel; Nev', of which all must be there, and no
            others.

    Raises:
        DatasetError: a name is missing, or stands twice.
    """
    if not given:
        return None
    text = settings.written(given)
    sources: dict[str, tuple[str, ...]] = {}
    for part in filter(None, map(str.strip, text.split(";"))):
        name, _, listed = (piece.strip() for piece in part.partition("="))
        names = tuple(filter(None, map(str.strip, listed.split(","))))
        if not name or name in sources:
            raise DatasetError(f"classes {text!r}: each needs its own name: 'Mel=melanoma; ...'")
        sources[name] = names or (name,)
    choice = Choice(sources, exact="=" not in text)
    if twice := {name for name in choice.names if choice.names.count(name) > 1}:
        raise DatasetError(
            f"classes {text!r}: {', '.join(map(repr, sorted(twice)))} cannot be in two classes"
        )
    return choice
