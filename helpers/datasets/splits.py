"""Which split a folder, or a cell of a table, names; and how a set without splits is divided."""

import re
from collections.abc import Sequence

import numpy as np

SPLITS = ("train", "validation", "test")
NAMES = {
    "train": ("train", "training", "tr"),
    "validation": ("validation", "valid", "val", "dev", "eval"),
    "test": ("test", "testing", "holdout"),
}
FILLERS = "sets?|images?|imgs?|pictures?|data|dataset|files?"  # train_images, Data-Train
VALIDATION_SHARE = 0.2  # of each class, where a set comes without a split
SPLIT_SEED = 0  # not the seed of the training: the split is part of the data

_OF = {name: split for split, names in NAMES.items() for name in names}
_SPLIT = re.compile(
    rf"(?:(?:{FILLERS})[-_ .]*)?({'|'.join(sorted(_OF, key=len, reverse=True))})"
    rf"(?:[-_ .]*(?:{FILLERS}))*"
)


def split_of(name: str) -> str | None:
    """The split that a name says, such as 'Valid' or 'test_set'; None where it says none."""
    found = _SPLIT.fullmatch(re.sub(r"hold[-_ ]?out", "holdout", name.strip().lower()))
    return _OF[found[1]] if found else None


def in_validation(labels: np.ndarray, groups: Sequence[str | None] | None = None) -> np.ndarray:
    """Which images of a set without a split belong to its validation split.

    A fifth of each class, the same at every call. Without groups they are drawn one by one; with
    groups, such as patients, a group is on one side as a whole, and the shares are met as nearly as
    the groups allow.

    Args:
        labels: class indices (N,), each class's images in the order of their names.
        groups: the group of each image, None where it belongs to no other.

    Returns:
        bool (N,).

    Raises:
        ValueError: a class has one image, or its groups cannot be divided; says why.
    """
    chosen = np.zeros(len(labels), bool)
    smallest = np.unique_counts(labels).counts.min()
    if smallest < 2:
        raise ValueError("a class holds one image")
    if groups is None:
        for label in np.unique(labels):
            of_class = np.flatnonzero(labels == label)
            count = max(1, round(VALIDATION_SHARE * len(of_class)))
            drawn = np.random.default_rng(SPLIT_SEED).permutation(len(of_class))[:count]
            chosen[of_class[drawn]] = True
        return chosen
    from sklearn.model_selection import StratifiedGroupKFold  # noqa: PLC0415 - slow to load

    named = np.array([f"group {group}" if group else f"{i}" for i, group in enumerate(groups)])
    fewest = min(len(np.unique(named[labels == label])) for label in np.unique(labels))
    if fewest < 2:
        raise ValueError("a class is of one patient alone, or of copies of one picture")
    folds = StratifiedGroupKFold(
        min(round(1 / VALIDATION_SHARE), fewest), shuffle=True, random_state=SPLIT_SEED
    )
    for _, held_out in folds.split(labels, labels, named):
        chosen = np.isin(np.arange(len(labels)), held_out)
        if all(0 < chosen[labels == label].mean() < 1 for label in np.unique(labels)):
            return chosen
    raise ValueError("its patients have too many pictures each")
