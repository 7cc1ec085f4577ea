"""Single images: which ones to look at, and what a network answered for them."""

import numpy as np

from helpers import evidence
from helpers.records import Run
from helpers.results.measures import right_in_validation


def picked(run: Run, right: int = 4, wrong: int = 2) -> np.ndarray:
    """Validation images to look at: some classified correctly, and the most confident errors.

    Args:
        run: a run, asked at its best epoch.
        right: how many of those it gets right, evenly spread over all of them.
        wrong: how many of its errors, the most confident first; there may be fewer.

    Returns:
        Their indices, the right ones first.
    """
    confidence, hits = _confidence(run), right_in_validation(run, "best")
    good, bad = np.flatnonzero(hits), np.flatnonzero(~hits)
    spread = np.linspace(0, len(good) - 1, min(right, len(good))).round().astype(int)
    return np.concatenate([good[spread], bad[np.argsort(-confidence[bad], kind="stable")][:wrong]])


def captions(run: Run, chosen: np.ndarray) -> list[str]:
    """What each of these images is, what the network says it is, and how confidently."""
    classes = run.info["data"]["classes"]
    said = evidence.predicted(run.probabilities[run.best_epoch - 1])
    confidence = _confidence(run)
    return [
        f"{classes[run.labels[i]]}\nsays {classes[said[i]]}\n"
        f"{'right' if said[i] == run.labels[i] else 'WRONG'}, {confidence[i]:.2f}"
        for i in chosen
    ]


def _confidence(run: Run) -> np.ndarray:
    """The probability of the predicted class of each image, (N,)."""
    p = run.probabilities[run.best_epoch - 1]
    return np.maximum(p, 1 - p) if p.ndim == 1 else p.max(axis=1)
