"""Do 95 % intervals hold the truth in 95 of 100 cases? By simulation, where the truth is known.

`python benchmarks/coverage.py` prints a table in Markdown, on two idle cores in some three minutes:
the intervals that the lab uses, for 1, 3 and 5 seeds, and for as many validation images as there
are of skin (76) and in a demo set (200). The truth is that of new seeds and new images; for one
seed a side, that of new images for these networks. A row's share is known to within 1.4 points, by
1,000 simulated sets; `--sets 4000` simulates more.

What is simulated is like the lab's records. An image is difficult for all networks in part, with
heavy tails, in part for one experiment alone, and in part for one network alone; some seeds are
better than others on all images; few images have most of the loss.
"""

from __future__ import annotations

import argparse
import functools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Literal, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm

from helpers import evidence
from helpers.evidence import Estimate

Array = NDArray[np.float64]
Value = Literal["right", "loss"]
Found = tuple[Estimate, float]  # an interval, and the truth that it should hold
SHARED, OWN, ALONE = 0.65, 0.15, 0.2  # of the variance of an image's margin: see `margins`
TAILS = 6  # degrees of freedom of what all networks find difficult
CONFIDENCE = 2.5  # of a network in its answers
MEANS = np.array([0.95, 1.2])[:, None, None]  # of two networks: accuracy 0.84 and 0.89
SMALL, LARGE = 0.08, 0.15  # of seeds: 0.034 and 0.064 nats, or 1.6 and 3 points
TRAINING = {76: 240, 200: 400}  # images, where so many validate
EPOCHS, RESAMPLES = 20, 500


def margins(rng: Generator, seeds: int, images: int) -> Array:
    """How far each image is on its right side, of mean 0 and variance 1: (2, seeds, images)."""
    shared = rng.standard_t(TAILS, images) * np.sqrt(SHARED * (TAILS - 2) / TAILS)
    own = np.sqrt(OWN) * rng.normal(size=(2, 1, images))
    return shared + own + np.sqrt(ALONE) * rng.normal(size=(2, seeds, images))


def values(margin: Array, what: Value) -> Array:
    """Whether each image is right, 0 or 1, or its loss."""
    right = (margin > 0).astype(np.float64)
    return right if what == "right" else np.logaddexp(0, -CONFIDENCE * margin)


@functools.cache
def expected(what: Value) -> tuple[Array, Array]:
    """Mean margins, and the mean over very many images for each."""
    many, grid = margins(np.random.default_rng(1), 1, 200_000).ravel(), np.linspace(-1, 6, 141)
    return grid, np.array([values(many + mean, what).mean() for mean in grid])


def truth(what: Value, mean: float, shifts: Array, spread: float) -> float:
    """The mean over new images: of new seeds with that spread, or of the only network."""
    if shifts.size > 1:
        shifts = spread * norm.ppf((np.arange(500) + 0.5) / 500)
    return float(np.interp(mean + shifts, *expected(what)).mean())


def difference(
    rng: Generator, seeds: int, images: int, what: Value, spread: float, alone: bool = False
) -> Found:
    """Two experiments; with `alone` only one network of the second."""
    shifts = spread * rng.normal(size=(2, seeds, 1))
    a, b = values(MEANS + shifts + margins(rng, seeds, images), what)
    found = evidence.seeds_difference(a, b[: 1 if alone else None], resamples=RESAMPLES)
    low, high = (truth(what, m.item(), s, spread) for m, s in zip(MEANS, shifts, strict=True))
    return found, high - low


def skewed_difference(rng: Generator, seeds: int, images: int) -> Found:
    """Overfitted networks: the loss of a seed is all of it larger or smaller by a factor."""
    factors = np.exp(0.3 * rng.normal(size=(2, seeds, 1)) - 0.3**2 / 2)  # 0.1 nats, mean 1
    a, b = factors * values(MEANS + margins(rng, seeds, images), "loss")
    means = [truth("loss", mean.item(), np.zeros(1), 0) for mean in MEANS]
    if seeds == 1:
        means = [f.item() * mean for f, mean in zip(factors, means, strict=True)]
    return evidence.seeds_difference(a, b, resamples=RESAMPLES), means[1] - means[0]


def accuracy(rng: Generator, seeds: int, images: int, mean: float) -> Found:
    """Of one network."""
    answers = expit(mean + margins(rng, 1, images)[0, 0])
    return evidence.accuracy(np.ones(images, int), answers), truth("right", mean, np.zeros(1), 0)


def area(rng: Generator, seeds: int, images: int, true: float) -> Found:
    """Under the ROC curve of two normal distributions."""
    labels = np.arange(images) % 2
    scores = rng.normal(size=images) + labels * np.sqrt(2) * norm.ppf(true)
    return evidence.auc(labels, expit(scores), 1), true


def mean_of_shares(rng: Generator, seeds: int, images: int) -> Found:
    """Such as how much of a heat map lies on the lesion."""
    return evidence.mean(rng.beta(0.5, 1.5, images)), 0.25


def accuracy_of_seeds(rng: Generator, seeds: int, images: int, spread: float) -> Found:
    """Of an experiment."""
    shifts = spread * rng.normal(size=(seeds, 1))
    found = evidence.seeds_mean(values(1 + shifts + margins(rng, seeds, images)[0], "right"))
    return found, truth("right", 1.0, shifts, spread)


def rise(rng: Generator, seeds: int, images: int, factor: float) -> Found:
    """The loss grows by half, on other images too, and by more in some seeds than in others."""
    factors = 1.5 * np.exp(factor * rng.normal(size=(seeds, 1)) - factor**2 / 2)
    best, last = values(1 + margins(rng, seeds, images), "loss")
    mean = truth("loss", 1.0, np.zeros(1), 0)
    true = (factors.item() if seeds == 1 else 1.5) * mean - mean
    return evidence.seeds_mean(factors * last - best), true


def linked(rng: Generator, shape: tuple[int, ...], spread: float, link: float) -> Array:
    """Shifts in training and in validation that correlate so: (2, *shape)."""
    one, other = rng.normal(size=(2, *shape))
    return spread * np.stack([one, link * one + np.sqrt(1 - link**2) * other])


def gap(
    rng: Generator, seeds: int, images: int, fits: float, spread: float, link: float = 0
) -> Found:
    """Training and validation accuracy of an experiment."""
    shifts = linked(rng, (seeds, 1), spread, link)
    sides = [
        (mean, shift, values(mean + shift + margins(rng, seeds, count)[0], "right"))
        for mean, shift, count in zip((fits, 1.0), shifts, (TRAINING[images], images), strict=True)
    ]
    fitted, validated = (truth("right", mean, shift, spread) for mean, shift, _ in sides)
    return evidence.seeds_gap(*(right for *_, right in sides)), fitted - validated


def gaps(rng: Generator, seeds: int, images: int, spread: float, link: float) -> Found:
    """How much wider that of the second of two experiments is."""
    sides, true = [], []
    shifts = linked(rng, (2, seeds, 1), spread, link)
    counts = TRAINING[images], images
    for means, shift, count in zip((MEANS + 0.6, MEANS), shifts, counts, strict=True):
        a, b = values(means + shift + margins(rng, seeds, count), "right")
        of = [truth("right", m.item(), s, spread) for m, s in zip(means, shift, strict=True)]
        sides.append((a, b))
        true.append(of[1] - of[0])
    return evidence.seeds_gap_difference(*sides), true[0] - true[1]


def jumps(rng: Generator, seeds: int, images: int, what: Value) -> Array:
    """Logarithm of how much curves on the same images fluctuate: (2, seeds)."""
    sizes = np.array([[0.15], [0.25]]) * np.exp(0.3 * rng.normal(size=(2, seeds)))
    epochs = sizes[..., None] * rng.standard_t(4, (2, seeds, EPOCHS))
    steady = 1 + margins(rng, seeds, images)[:, :, None]
    # As much as a network is alone in finding difficult, it does anew in every epoch.
    anew = np.sqrt(ALONE) * rng.normal(size=(2, seeds, EPOCHS, images))
    curves = values(steady + epochs[..., None] + anew, what).mean(axis=-1)
    return np.log([[evidence.fluctuation(curve) for curve in side] for side in curves])


@functools.cache
def true_ratio(images: int, what: Value) -> float:
    """Logarithm, over new seeds and new images."""
    rng = np.random.default_rng(1)
    found = np.mean([jumps(rng, 5, images, what).mean(axis=1) for _ in range(1000)], axis=0)
    return float(found[1] - found[0])


def fluctuation_ratio(rng: Generator, seeds: int, images: int, what: Value) -> Found:
    """Of two experiments, paired by seed."""
    return evidence.seeds_paired(*jumps(rng, seeds, images, what)), true_ratio(images, what)


def seconds(rng: Generator, seeds: int, images: int) -> Found:
    """Twice as long, on a machine that is now and then disturbed."""
    noise = 0.05 * rng.standard_t(3, (2, seeds))
    return evidence.seeds_paired(noise[0], np.log(2) + noise[1]), float(np.log(2))


def epochs_earlier(rng: Generator, seeds: int, images: int, means: tuple[float, float]) -> Found:
    """Whole epochs, the fifth or so; as `results` compares when a value is reached."""
    a, b = (1 + rng.poisson(mean, seeds) for mean in means)
    return evidence.seeds_paired(a, b, least=float(np.sqrt(1 / 6))), means[1] - means[0]


class Row(NamedTuple):
    """An interval in a situation, and with which numbers of seeds and images it is used."""

    name: str
    simulate: Callable[[Generator, int, int], Found]
    seeds: Sequence[int] = (1, 3, 5)
    images: Sequence[int] = (76, 200)


ONE, MORE, NO_IMAGES = (1,), (3, 5), (0,)
by = functools.partial
# fmt: off
ROWS = [
    Row("accuracy, 0.85", by(accuracy, mean=1.0), ONE),
    Row("accuracy, 0.97", by(accuracy, mean=2.0), ONE),
    Row("auc, 0.90", by(area, true=0.9), ONE),
    Row("auc, 0.98", by(area, true=0.98), ONE),
    Row("mean, of skewed shares", mean_of_shares, ONE),
    Row("seeds_difference, right, 0 points", by(difference, what="right", spread=0)),
    Row("seeds_difference, right, 3 points", by(difference, what="right", spread=LARGE)),
    Row("the same, the second side with one seed",
        by(difference, what="right", spread=LARGE, alone=True), MORE),
    Row("seeds_difference, loss, 0.034 nats", by(difference, what="loss", spread=SMALL)),
    Row("seeds_difference, loss, 0.064 nats", by(difference, what="loss", spread=LARGE)),
    Row("seeds_difference, loss, 0.1 nats, skewed", skewed_difference),
    Row("seeds_mean, right, 3 points", by(accuracy_of_seeds, spread=LARGE), MORE),
    Row("seeds_mean, rise, 0.02 nats", by(rise, factor=0.04)),
    Row("seeds_mean, rise, 0.1 nats, skewed", by(rise, factor=0.2)),
    Row("seeds_gap, 0 points", by(gap, fits=1.6, spread=0)),
    Row("seeds_gap, 3 points", by(gap, fits=1.6, spread=LARGE)),
    Row("seeds_gap, 3 points, correlated 0.6", by(gap, fits=1.6, spread=LARGE, link=0.6)),
    Row("seeds_gap, all but none wrong in training", by(gap, fits=4.0, spread=LARGE)),
    Row("seeds_gap_difference, 0 points", by(gaps, spread=0, link=0)),
    Row("seeds_gap_difference, 3 points", by(gaps, spread=LARGE, link=0)),
    Row("seeds_gap_difference, 3 points, correlated 0.6", by(gaps, spread=LARGE, link=0.6)),
    Row("seeds_gap_difference, 3 points, correlated -0.6", by(gaps, spread=LARGE, link=-0.6)),
    Row("fluctuation ratio, accuracy", by(fluctuation_ratio, what="right"), MORE),
    Row("fluctuation ratio, loss", by(fluctuation_ratio, what="loss"), MORE),
    Row("ratio of seconds", seconds, MORE, NO_IMAGES),
    Row("epochs, mostly the same", by(epochs_earlier, means=(0.1, 0.2)), MORE, NO_IMAGES),
    Row("epochs, spread by 2", by(epochs_earlier, means=(4.0, 6.0)), MORE, NO_IMAGES),
]
# fmt: on


def share(job: tuple[int, int, int, int]) -> float:
    """Of so many simulated sets of a row, those whose interval holds the truth."""
    number, seeds, images, sets = job
    rng, held = np.random.default_rng(job), 0
    for _ in range(sets):
        found, true = ROWS[number].simulate(rng, seeds, images)
        held += found.low <= true <= found.high
    return held / sets


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--sets", type=int, default=1000, help="simulated for each row")
    sets = parser.parse_args().sets
    jobs = [
        (number, seeds, images, sets)
        for number, row in enumerate(ROWS)
        for seeds in row.seeds
        for images in row.images
    ]
    print("| interval | seeds | images | coverage |\n|---|---|---|---|")
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # of each process, which all have a core
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for (number, seeds, images, _), found in zip(jobs, pool.map(share, jobs), strict=True):
            print(f"| {ROWS[number].name} | {seeds} | {images or '-'} | {found:.1%} |", flush=True)
