"""Sentences that are worded by numbers, for notebooks and the report alike."""

from collections.abc import Sequence

import numpy as np

from helpers import evidence
from helpers.evidence import FEWEST_SEEDS, Estimate
from helpers.records import Run, Runs, as_list
from helpers.results.comparisons import Comparison
from helpers.results.measures import compare_gaps
from helpers.results.readings import deciding, diagnose


def can_show(images: int, seeds: int) -> str:
    """Before anything is trained: the smallest difference that so many images and seeds show."""
    least = 100 * evidence.smallest_difference(images, seeds)
    of = f"{images} validation images and {seeds} seed{'s' * (seeds > 1)}"
    verdict = "" if seeds >= FEWEST_SEEDS else f"; below {FEWEST_SEEDS} seeds there is no verdict"
    return (
        f"{of}: a single comparison finds a true difference of {least:.1f} points of accuracy in "
        f"four cases of five, and needs a larger one where it is one of a family{verdict}."
    )


def gap_change(a: Runs, b: Runs) -> str:
    """How much wider b's gap between training and validation accuracy is than a's, and of whom.

    Raises:
        ValueError: the runs' images differ.
        records.RecordError: a run was continued past its last epoch.
    """
    (first, second), left_out = deciding(as_list(a), as_list(b))
    change = compare_gaps(first, second)
    without = f"; left out: {left_out}" if left_out else ""
    if any(not diagnose(run).decides for run in (*first, *second)):
        verdict, without = f"no verdict, since {left_out}", ""
    elif min(len(first), len(second)) < FEWEST_SEEDS:
        verdict = "this is said of these trained networks, and of no others"
    else:
        verdict = {1: "it is wider", 0: "this cannot be told from no change", -1: "it is narrower"}[
            change.side()
        ]
    return (
        f"From {first[0].experiment.name} to {second[0].experiment.name} the gap between training "
        f"and validation accuracy at the last epoch changes by {change.points:+.1f} points "
        f"({_seeds(first, second)}{without}): {verdict}."
    )


def decided(rows: Sequence[Comparison]) -> str:
    """Which comparisons of a family are decided, as a list in Markdown; see `family`."""
    found = [row for row in rows if row.decided]
    return (
        f"Of {len(rows)} comparisons, {len(found)} are decided. They are one family: if nothing "
        "differed at all, some of them would be decided in one such family of twenty."
        + "".join(f"\n- {row}" for row in found)
    )


def in_words(ratio: Estimate) -> str:
    """What may be said of the logarithm of a ratio: more, less, or that it cannot be told."""
    if np.isnan(ratio.value):
        return "cannot be compared: one of the two has too few epochs, or does not change"
    verdict = {1: "more", 0: "cannot be told apart", -1: "less"}[ratio.side()]
    if np.isnan(ratio.low):
        verdict = f"fewer than {FEWEST_SEEDS} seeds, no verdict"
    return f"{ratio.exp:.2f} times: {verdict}"


def _seeds(*sides: Sequence[Run]) -> str:
    """'seeds 0 to 9', or each one by number."""
    numbers = sorted({run.seed for side in sides for run in side})
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"seeds {numbers[0]} to {numbers[-1]}"
    return f"seed{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"
