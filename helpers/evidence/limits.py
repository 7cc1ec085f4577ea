"""What a comparison cannot show: too small a difference, and a best epoch picked by luck."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm
from scipy.stats import t as student

from helpers.evidence.estimate import LEVEL, Estimate, Z
from helpers.evidence.metrics import correct, log_losses
from helpers.evidence.seeds import resampled

POWER = 0.8
# Middling among the lab's runs:
DISAGREE = 0.2  # share of the images that one of two networks alone has right
SHARED = 0.2  # share of that which is the same for all seeds, and not made smaller by more of them
SEED_SPREAD = 0.01  # standard deviation of a network's true accuracy over seeds


def smallest_difference(images: int, seeds: int) -> float:
    """The difference of two accuracies that is found in four of five cases, from sizes alone.

    Two networks are taken to differ, image by image and seed by seed, as the lab's mostly do: see
    the constants above.

    Args:
        images: how many both networks are validated on.
        seeds: of each; with one, the difference is of those two trained networks.

    Raises:
        ValueError: there are no images or no seeds.
    """
    if images < 1 or seeds < 1:
        raise ValueError(f"{images} images and {seeds} seeds; there must be 1 or more of both")
    of_images = DISAGREE / images
    if seeds == 1:
        return (Z + float(norm.ppf(POWER))) * of_images**0.5
    of_seeds = ((1 - SHARED) * of_images + 2 * SEED_SPREAD**2) / seeds
    total = SHARED * of_images + of_seeds
    freedom = total**2 / (of_seeds**2 / (2 * (seeds - 1)) + (SHARED * of_images) ** 2 / images)
    halves = student.ppf(0.5 + LEVEL / 2, freedom) + student.ppf(POWER, freedom)
    return float(halves * total**0.5)


def optimism(
    labels: ArrayLike, probabilities: ArrayLike, resamples: int = 500, seed: int = 0
) -> Estimate:
    """How much too high the accuracy of the best epoch is, being picked on the images it judges.

    Efron's bootstrap (1983, Journal of the American Statistical Association 78, 316-331): in each
    resample of the images the epoch of the lowest loss is picked, and its accuracy there is held
    against that on all images.

    Args:
        labels: class indices, (N,).
        probabilities: of every epoch, (epochs, N) or (epochs, N, C).
        resamples: how often to resample.
        seed: of the resampling.

    Returns:
        The mean over resamples, and the range that 95 % of them lie in.
    """
    p = np.asarray(probabilities)
    epochs, n = p.shape[:2]
    every, told = np.tile(np.asarray(labels), epochs), p.reshape(epochs * n, *p.shape[2:])
    right = correct(every, told).reshape(epochs, n).astype(np.float64)
    losses = log_losses(every, told).reshape(epochs, n)
    weights = resampled(n, resamples, seed)
    picked = (weights @ losses.T).argmin(axis=1)
    excess = (weights * right[picked]).sum(axis=1) - right.mean(axis=1)[picked]
    low, high = np.quantile(excess, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    return Estimate(float(excess.mean()), float(low), float(high))
