"""Pictures that belong together, such as those of one patient, and must not be in two splits."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from helpers.datasets.errors import DatasetError, shortened
from helpers.settings import quoted

Groups = Sequence[str | None]  # of each picture; None where it belongs with no other


def by_pattern(root: Path, files: Sequence[Path], pattern: str) -> list[str | None]:
    """The group of each file by a regular expression, which is searched for in its path.

    Args:
        root: the set's folder; paths are below it, with '/' between.
        files: the pictures.
        pattern: its first group that matches is the name, or the whole match where it has none.

    Returns:
        A name for each file; None for all where the pattern is in no path of this set.

    Raises:
        DatasetError: it is no regular expression, or is in some of the paths only.
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise DatasetError(f"LAB_GROUPS: {pattern!r} is no regular expression ({error})") from error
    names: list[str | None] = []
    for file in files:
        found = compiled.search(file.relative_to(root).as_posix())
        names.append(next(filter(None, found.groups()), found[0]) if found else None)
    without = [str(at.relative_to(root)) for at, name in zip(files, names, strict=True) if not name]
    if 0 < len(without) < len(files):
        raise DatasetError(
            f"{quoted(root)}: LAB_GROUPS={pattern!r} fits the paths of some pictures, but not of "
            f"{len(without)} others: {shortened(without)}; make it fit all of them"
        )
    return names


def joined(*kinds: Groups) -> list[str | None]:
    """Groups such that what any of the given ones keeps together is together.

    One patient's pictures, and the copies of each, are one group.
    """
    count = len(kinds[0])
    pairs: list[tuple[int, int]] = []
    for groups in kinds:
        first: dict[str, int] = {}
        pairs += [(first.setdefault(g, i), i) for i, g in enumerate(groups) if g is not None]
    edges = np.array(pairs, np.int64).reshape(-1, 2)
    links = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(count, count))
    _, component = connected_components(links, directed=False)
    sizes = np.bincount(component, minlength=1)
    return [f"{c}" if sizes[c] > 1 else None for c in component]
