"""Does mixed precision change the science? Validation accuracy in `auto` beside float32.

`python benchmarks/equivalence.py` trains runs of Tasks 1a, 1b, 7 and 8 in the profile `quick` with
ten seeds in both precisions, and prints a table in Markdown. It draws demo images, more than the
lab has: few images to learn from, and a network comes out differently after any rounding; few to
judge it by, and the difference is not known well. `--train 800 task1b_plain` trains that run alone,
on twice as many. Two precisions are called equivalent where the whole 95 % interval of the mean
difference, over seeds and images, lies within 2 points: a difference that cannot be told from zero
would not be enough. Above it stands how alike the features of VGG16 are. Records are kept in
build/equivalence, and an interrupted call goes on.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from helpers import datasets, experiments, networks, results, runtime, settings, training
from helpers.datasets import phantoms
from helpers.records import Run
from helpers.results import Comparison

SEEDS = 10
TRAIN, VALIDATION = 400, 1000  # images of each class
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


def prepare(count: int) -> str:
    """Draw the images and point the lab to them; returns the precision that `auto` is here."""
    place = settings.current().build / "equivalence" / str(count)
    counts = {"train": count, "validation": VALIDATION}
    for name in ("skin", "bone"):
        if not (place / "images" / name).is_dir():
            phantoms.write(name, place / "images" / name, counts=counts)
    settings.use(
        profile="quick",
        seed=0,
        seeds=SEEDS,
        data=place / "images",
        results=place / "results",
        precision="auto",
    )
    return runtime.precision()


def trained(name: str, precision: str) -> list[Run]:
    """A run of the lab with every seed, in a precision."""
    settings.use(precision=precision)
    return training.run_all({name: experiments.get(name)})[name]


def line(row: Comparison) -> str:
    """A row of the table."""
    d = row.difference.points
    verdict = "equivalent" if d.low > -BOUND and d.high < BOUND else "not shown"
    means = [sum(values) / len(values) for values in (row.accuracy_a, row.accuracy_b)]
    cells = [row.a, row.at, *(f"{mean:.3f}" for mean in means), f"{d:+.2f}", verdict]
    return f"| {' | '.join(cells)} |"


def least_cosine(auto: str) -> float:
    """Of the features of a validation image in float32 with those of the same image in `auto`."""
    images = datasets.load("skin", "validation").subset(20).pixels(224, channels=3)
    one, other = (
        np.concatenate(list(networks.extractor(224, precision=precision)(images)))
        for precision in ("float32", auto)
    )
    one, other = (features.reshape(len(images), -1) for features in (one, other))
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return float(((one * other).sum(axis=1) / lengths).min())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", nargs="*", default=NAMES, metavar="run", help=", ".join(NAMES))
    parser.add_argument("--train", type=int, default=TRAIN, help="images of each class to learn")
    asked = parser.parse_args()
    auto = prepare(asked.train)
    if auto == "float32":
        sys.exit("Here auto is float32: there is nothing to compare.")
    print(f"{SEEDS} seeds, {2 * asked.train:,} training images, ", end="")
    print(f"{2 * VALIDATION:,} validation images; auto is {auto}.")
    print(f"Least cosine of an image's features in float32 and in auto: {least_cosine(auto):.5f}\n")
    print("| run | epoch | float32 | auto | difference, points | within 2 points |")
    print("|---|---|---|---|---|---|")
    for name in asked.runs:
        pair = [trained(name, precision) for precision in ("float32", auto)]
        for at in results.EPOCHS:
            print(line(results.compare(*pair, at)), flush=True)
