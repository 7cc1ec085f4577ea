"""Single answers of a network: which images to look at, and what it said of them."""

from __future__ import annotations

import numpy as np

from helpers import evidence
from helpers.comparisons import At, right_in_validation
from helpers.runs import Run


def picked(run: Run, right: int = 4, wrong: int = 2, at: At = "best") -> np.ndarray:
    """Validation images to look at: some that the network has right, and its surest errors.

    Args:
        run: a run.
        right: how many of those it has right, evenly spread over all of them.
        wrong: how many of those it has wrong, the surest first; there may be fewer.
        at: the epoch.

    Returns:
        Their indices, the right ones first.
    """
    sure, hits = _sureness(run, at), right_in_validation(run, at)
    good, bad = np.flatnonzero(hits), np.flatnonzero(~hits)
    spread = np.linspace(0, len(good) - 1, min(right, len(good))).round().astype(int)
    return np.concatenate([good[spread], bad[np.argsort(-sure[bad], kind="stable")][:wrong]])


def captions(run: Run, chosen: np.ndarray, at: At = "best") -> list[str]:
    """What each of these images is, what the network says it is, and how sure it is."""
    classes = run.info["data"]["classes"]
    said = evidence.predicted(run.probabilities[run.epoch(at) - 1])
    sure = _sureness(run, at)
    return [
        f"{classes[run.labels[i]]}\nsays {classes[said[i]]}\n"
        f"{'right' if said[i] == run.labels[i] else 'WRONG'}, {sure[i]:.2f}"
        for i in chosen
    ]


def _sureness(run: Run, at: At) -> np.ndarray:
    """The probability of the predicted class of each image, (N,)."""
    p = run.probabilities[run.epoch(at) - 1]
    return np.maximum(p, 1 - p) if p.ndim == 1 else p.max(axis=1)
