"""Does mixed precision change the science? Validation accuracy in `auto` beside float32.

`python benchmarks/equivalence.py` trains runs of Tasks 1a, 1b, 7 and 8 in the profile `quick` with
ten seeds in both precisions, on demo images of which many are kept for validation, and prints a
table in Markdown. Two precisions are called equivalent where the whole 95 % interval of the mean
difference, over seeds and images, lies within 2 points: a difference that cannot be told from zero
would not be enough. Records are kept in build/equivalence, and an interrupted call goes on.
"""

from __future__ import annotations

import sys

from helpers import experiments, phantoms, results, runtime, settings, training
from helpers.comparisons import Comparison

SEEDS = 10
VALIDATION = 500  # images of each class
BOUND = 2.0  # points
NAMES = (
    "task1a_plain",
    "task1a_dropout",
    "task1b_plain",
    "task1b_dropout",
    "task7_skin",
    "task8",
    "task8_batch_norm",
)


def prepare() -> str:
    """Draw the images and point the lab to them; returns the precision that `auto` is here."""
    place = settings.current().build / "equivalence"
    for name in ("skin", "bone"):
        if not (place / "images" / name).is_dir():
            counts = {"train": 200, "validation": VALIDATION}
            phantoms.write(name, place / "images" / name, counts=counts)
    settings.use(
        profile="quick", seed=0, seeds=SEEDS, data=place / "images", results=place / "results"
    )
    return runtime.precision()


def line(row: Comparison) -> str:
    """A row of the table."""
    d = row.difference.points
    verdict = "equivalent" if d.low > -BOUND and d.high < BOUND else "not shown"
    means = [sum(values) / len(values) for values in (row.accuracy_a, row.accuracy_b)]
    cells = [row.a, row.at, *(f"{mean:.3f}" for mean in means), f"{d:+.2f}", verdict]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    auto = prepare()
    if auto == "float32":
        sys.exit("Here auto is float32: there is nothing to compare.")
    print(f"{SEEDS} seeds, {2 * VALIDATION} validation images; auto is {auto}.\n")
    print("| run | epoch | float32 | auto | difference, points | within 2 points |")
    print("|---|---|---|---|---|---|")
    for name in NAMES:
        runs = []
        for precision in ("float32", auto):
            settings.use(precision=precision)
            runs.append(training.run_seeds(experiments.select(name)[name]))
        for at in results.EPOCHS:
            print(line(results.compare(*runs, at)), flush=True)
