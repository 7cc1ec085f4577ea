"""What a comparison cannot show, by simulation."""

import numpy as np
import pytest
from scipy.special import expit

from helpers.evidence import correct, log_loss, optimism, seeds_difference, smallest_difference
from helpers.evidence.differences import paired_difference
from helpers.evidence.limits import DISAGREE, SEED_SPREAD, SHARED

LABELS = np.repeat([0, 1], 40)


def answers(rng, epochs, apart, labels=LABELS, noise=1.0):
    """Of a network that is equally good after each epoch, with other errors."""
    return expit(apart * (2 * labels - 1) + noise * rng.normal(size=(epochs, labels.size)))


@pytest.mark.parametrize("images", [80, 400])
def test_of_two_trained_networks_the_smallest_difference_is_found_four_times_of_five(images):
    rng, found = np.random.default_rng(0), 0
    difference = smallest_difference(images, seeds=1)
    for _ in range(500):
        u = rng.random(images)
        gains = (DISAGREE + difference) / 2
        found += paired_difference(u >= gains, (u < gains) | (u >= DISAGREE)).side() > 0
    assert 0.74 < found / 500 < 0.88


@pytest.mark.parametrize(("images", "seeds"), [(80, 3), (80, 5)])
def test_over_seeds_the_smallest_difference_is_found_four_times_of_five(images, seeds):
    rng, found = np.random.default_rng(1), 0
    difference = smallest_difference(images, seeds)
    same, by_seed = (np.sqrt(share * DISAGREE / 2) for share in (SHARED, 1 - SHARED))

    def side(mean):
        return (
            mean
            + rng.normal(0, SEED_SPREAD, (seeds, 1))
            + rng.normal(0, same, images)
            + rng.normal(0, by_seed, (seeds, images))
        )

    for _ in range(300):
        found += seeds_difference(side(0.0), side(difference), resamples=200).side() > 0
    assert 0.73 < found / 300 < 0.88


def test_more_images_and_more_seeds_show_smaller_differences():
    by_images = [smallest_difference(images, 3) for images in (40, 100, 400, 2000)]
    by_seeds = [smallest_difference(100, seeds) for seeds in (2, 3, 5, 10)]
    for found in (by_images, by_seeds):
        assert found == sorted(found, reverse=True) and len(set(found)) == 4
    assert smallest_difference(400, 1) == pytest.approx(smallest_difference(100, 1) / 2)


@pytest.mark.parametrize(("images", "seeds"), [(0, 1), (10, 0)])
def test_nothing_shows_nothing(images, seeds):
    with pytest.raises(ValueError, match=f"{images} images and {seeds} seeds"):
        smallest_difference(images, seeds)


def test_the_best_of_many_equal_epochs_looks_better_than_it_is():
    found = optimism(LABELS, answers(np.random.default_rng(0), 40, 0.3))
    assert found.value > 0.02
    assert found.low < found.value < found.high


def test_the_only_epoch_is_not_picked():
    assert abs(optimism(LABELS, answers(np.random.default_rng(0), 1, 0.3)).value) < 0.01


def test_an_epoch_that_is_best_by_far_is_not_picked_by_luck():
    rng = np.random.default_rng(0)
    clear = np.concatenate([answers(rng, 20, 0.0), answers(rng, 1, 2.0)])
    assert abs(optimism(LABELS, clear).value) < 0.01


def test_it_is_about_what_the_best_epoch_loses_on_new_images():
    rng, said, lost = np.random.default_rng(3), [], []
    for _ in range(40):
        many = np.repeat([0, 1], 1000)
        new = answers(rng, 20, 0.3, many, noise=0.5)
        old = rng.choice(2000, 80, replace=False)
        best = int(np.argmin([log_loss(many[old], p[old]) for p in new]))
        lost.append(correct(many[old], new[best][old]).mean() - correct(many, new[best]).mean())
        said.append(optimism(many[old], new[:, old], resamples=100).value)
    assert np.mean(lost) / 2 < np.mean(said) < 2 * np.mean(lost)


def test_it_is_the_same_each_time():
    probabilities = answers(np.random.default_rng(0), 5, 0.3)
    assert optimism(LABELS, probabilities) == optimism(LABELS, probabilities)
    softmax = np.stack([1 - probabilities, probabilities], axis=2)
    assert optimism(LABELS, softmax).value == pytest.approx(optimism(LABELS, probabilities).value)
