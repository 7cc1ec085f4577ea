"""Does something simpler than what the pictures show predict their class?

Classifiers that see the size of an image, its file, its brightness, its corners or its edges alone
are trained on one split and judged on another. Where one of them succeeds, a network may learn the
same and never look at the lesion: shortcut learning (Geirhos et al. 2020, Nature Machine
Intelligence 2, 665-673).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from helpers import evidence
from helpers.datasets.image_files import LUMINANCE, FileKind, describe
from helpers.datasets.image_set import ImageSet
from helpers.datasets.pixels import each, unit_range
from helpers.evidence import Estimate

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestClassifier

SIZE = 64  # pixels a side of the small pictures, in which the strokes of a letter still show
CORNER = 16  # pixels a side of each corner
EDGE = 4  # pixels that an edge, which runs between two corners, reaches inwards
LEVELS = np.linspace(0, 1, 17)  # quantiles stay the same wherever in a corner a letter stands
LEAST = 0.1  # a predictor must surely be so far from chance on the way to certainty
ALPHA = 0.05  # the share of sets with nothing to find in which something may be found
BATCH = 256  # pictures in memory at a time
TREES, IMAGES = 200, 2000  # of a forest, and how many images each tree sees at most

CORNERS = {
    "upper left": np.s_[:, :CORNER, :CORNER],
    "upper right": np.s_[:, :CORNER, -CORNER:],
    "lower left": np.s_[:, -CORNER:, :CORNER],
    "lower right": np.s_[:, -CORNER:, -CORNER:],
}
EDGES = {
    "upper": np.s_[:, :EDGE, CORNER:-CORNER],
    "lower": np.s_[:, -EDGE:, CORNER:-CORNER],
    "left": np.s_[:, CORNER:-CORNER, :EDGE],
    "right": np.s_[:, CORNER:-CORNER, -EDGE:],
}
PLACES = {"corners": CORNERS, "edges": EDGES}
# What a predictor sees, and what to do where that predicts the class.
KINDS = {
    "image size": "Give the images of all classes the same sizes and shapes.",
    "kind of file": "Save all images the same way, from the same source: format, depth and bytes "
    "a pixel are what is seen.",
    "brightness": "That may be the lesion itself, or how the pictures of a class were taken: mean "
    "colour and contrast are what is seen.",
    "corners": "Look there for letters, rulers and frames, and cut them off in all images.",
    "edges": "Look there for rulers and frames, or for anatomy that reaches so far.",
}


@dataclass(frozen=True)
class Predictor:
    """How well one simple thing about an image predicts its class.

    Attributes:
        kind: what it sees, one of `KINDS`.
        score: area under the ROC curve of two classes, else balanced accuracy, in validation.
        classes: their number.
        images: the number of validation images.
        places: the corners or edges that decide more than others, the foremost first.
        found: whether it surely predicts the class, corrected for there being several kinds.
    """

    kind: str
    score: Estimate
    classes: int
    images: int
    places: tuple[str, ...]
    found: bool

    @property
    def figure(self) -> str:
        """The score and its interval: 'AUC 0.98 [0.95, 1.00]'."""
        return f"{'AUC' if self.classes == 2 else 'balanced accuracy'} {self.score:.2f}"

    def __str__(self) -> str:
        """What is seen, how well it predicts the class, and what to do."""
        verb = "predict" if self.kind in PLACES else "predicts"
        most = f" (mostly {', '.join(self.places)})" if self.places else ""
        return (
            f"The {self.kind} alone{most} {verb} the class: {self.figure} on {self.images} "
            f"validation images, where chance is {1 / self.classes:.2f}. A network may learn no "
            f"more than that. {KINDS[self.kind]}"
        )


def predictors(train: ImageSet, validation: ImageSet) -> list[Predictor]:
    """How well each of `KINDS` predicts the class by itself.

    A random forest learns from train and is judged on validation. A kind is found where its score
    surely exceeds chance by more than a tenth of what certainty would, at 5 % for all kinds
    together (Holm).

    Raises:
        DatasetError: images cannot be used.
    """
    formats = sorted({kind.format for kind in file_kinds(train)})
    seen, unseen = (_features(of, formats) for of in (train, validation))
    forests = {kind: _forest(features, train.labels) for kind, features in seen.items()}
    scores = {
        kind: _score(validation.labels, forest.predict_proba(unseen[kind]))
        for kind, forest in forests.items()
    }
    chance = 1 / len(train.classes)
    least = chance + LEAST * (1 - chance)
    p = evidence.holm([one.p(least) if one.value > least else 1.0 for one in scores.values()])
    return [
        Predictor(
            kind=kind,
            score=score,
            classes=len(train.classes),
            images=len(validation.files),
            places=_places(kind, forests[kind].feature_importances_),
            found=corrected < ALPHA,
        )
        for (kind, score), corrected in zip(scores.items(), p, strict=True)
    ]


@functools.lru_cache(maxsize=8)
def file_kinds(images: ImageSet) -> tuple[FileKind, ...]:
    """What the headers of a set's files say; raises what `predictors` does."""
    return tuple(each(describe, images.files, "reading headers"))


def _features(images: ImageSet, formats: list[str]) -> dict[str, NDArray[np.float64]]:
    """Of each kind what a classifier sees of an image, (N, features)."""
    kinds = file_kinds(images)
    size = np.array([(kind.height, kind.width) for kind in kinds], np.float64)
    stored = np.array([file.stat().st_size for file in images.files]) / size.prod(axis=1)
    file = [(*(kind.format == one for one in formats), kind.bits, kind.channels) for kind in kinds]
    pixels = images.pixels(SIZE, 3)
    parts = [_of_pixels(unit_range(pixels[i : i + BATCH])) for i in range(0, len(pixels), BATCH)]
    return {
        "image size": np.column_stack([size, size[:, 1] / size[:, 0]]),
        "kind of file": np.column_stack([file, stored]),
    } | {kind: np.concatenate([part[kind] for part in parts]) for kind in parts[0]}


def _of_pixels(pictures: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """The kinds of features that are of the picture itself; (N, SIZE, SIZE, 3)."""
    grey = pictures @ LUMINANCE
    mean = pictures.mean(axis=(1, 2))
    return {
        "brightness": np.column_stack([mean, grey.std(axis=(1, 2))]),
    } | {
        kind: np.hstack([_profile(pictures[place]) for place in places.values()])
        for kind, places in PLACES.items()
    }


def _profile(part: NDArray[np.float32]) -> NDArray[np.float32]:
    """Quantiles of the brightness, and the mean colour, of a part of each picture."""
    grey = (part @ LUMINANCE).reshape(len(part), -1)
    return np.hstack([np.quantile(grey, LEVELS, axis=1).T, part.mean(axis=(1, 2))])


def _forest(features: NDArray, labels: NDArray) -> RandomForestClassifier:
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415 - slow to load

    # In one thread: those of scikit-learn change Python's warning filters under each other.
    forest = RandomForestClassifier(
        TREES,
        max_samples=min(len(labels), IMAGES),
        min_samples_leaf=2,
        class_weight="balanced",
        random_state=0,
    )
    return forest.fit(features, labels)


def _score(labels: NDArray, probabilities: NDArray) -> Estimate:
    if probabilities.shape[1] == 2:
        return evidence.auc(labels, probabilities, positive=1)
    return evidence.balanced_accuracy(evidence.recalls(labels, probabilities))


def _places(kind: str, importances: NDArray) -> tuple[str, ...]:
    """The corners or edges with more than their share of what the forest goes by."""
    names = list(PLACES.get(kind, ()))
    if not names:
        return ()
    shares = importances.reshape(len(names), -1).sum(axis=1)
    return tuple(names[i] for i in np.argsort(-shares) if shares[i] > 1 / len(names))


def mean_borders(images: ImageSet) -> dict[str, NDArray[np.float32]]:
    """The mean of each class' small pictures where corners and edges are, and NaN inside.

    Returns:
        By class (SIZE, SIZE, 3), values in [0, 1].
    """
    pixels = images.pixels(SIZE, 3)
    seen = np.zeros((1, SIZE, SIZE), bool)
    for place in (*CORNERS.values(), *EDGES.values()):
        seen[place] = True
    means = {}
    for label, name in enumerate(images.classes):
        of_class = np.flatnonzero(images.labels == label)
        batches = (of_class[i : i + BATCH] for i in range(0, len(of_class), BATCH))
        mean = sum(unit_range(pixels[batch]).sum(axis=0) for batch in batches) / len(of_class)
        means[name] = np.where(seen[0, :, :, np.newaxis], mean, np.float32("nan"))
    return means
