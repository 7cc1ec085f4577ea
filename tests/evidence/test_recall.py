"""Recalls of classes and their mean, by hand and against scikit-learn."""

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.metrics import balanced_accuracy_score, recall_score

from helpers import evidence

LABELS = np.repeat([0, 1, 2], [50, 30, 20])


def softmax(answers, classes=3):
    """Probabilities of a network that gives these answers."""
    return np.where(np.arange(classes) == np.asarray(answers)[:, None], 0.9, 0.1 / (classes - 1))


def test_recalls_are_those_of_scikit_learn_with_wilson_intervals():
    answers = np.random.default_rng(0).permutation(LABELS)
    found = evidence.recalls(LABELS, softmax(answers))
    expected = recall_score(LABELS, answers, average=None)
    assert [recall.value for recall in found] == pytest.approx(expected.tolist())
    right = int((answers[:50] == 0).sum())
    assert found[0] == evidence.proportion(right, 50)
    balanced = evidence.balanced_accuracy(found).value
    assert balanced == pytest.approx(balanced_accuracy_score(LABELS, answers))


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_of_two_classes_they_are_sensitivity_and_specificity(shape):
    labels = np.repeat([0, 1], [30, 70])
    p = np.random.default_rng(1).random(100).reshape(shape)
    clinical = evidence.clinical(labels, p, positive=1)
    assert evidence.recalls(labels, p) == (clinical.specificity, clinical.sensitivity)


def test_a_class_that_is_never_answered_has_a_recall_of_zero():
    found = evidence.recalls(LABELS, softmax(np.zeros(100, int)))
    assert [recall.value for recall in found] == [1, 0, 0]


def test_a_class_without_images_is_refused():
    with pytest.raises(ValueError, match="class 2 has no image"):
        evidence.recalls([0, 1, 1, 3], softmax([0, 1, 1, 3], classes=4))


def test_the_mean_of_two_recalls_is_half_their_difference_with_the_other_turned_round():
    one, other = evidence.proportion(9, 10), evidence.proportion(30, 40)
    missed = evidence.proportion(10, 40)
    difference = evidence.minus(one, missed)  # one + other - 1
    mean = evidence.balanced_accuracy((one, other))
    assert (mean.low, mean.high) == pytest.approx(
        ((difference.low + 1) / 2, (difference.high + 1) / 2)
    )


def test_its_interval_holds_the_truth_in_some_95_of_100_cases():
    images, truth = np.array([40, 25, 15, 10]), np.array([0.9, 0.7, 0.8, 0.5])
    rng, inside = np.random.default_rng(2), []
    for found in binom.rvs(images, truth, size=(1000, 4), random_state=rng):
        shares = [evidence.proportion(int(k), int(n)) for k, n in zip(found, images, strict=True)]
        mean = evidence.balanced_accuracy(shares)
        inside.append(mean.low <= truth.mean() <= mean.high)
    assert 0.93 < np.mean(inside) < 0.975
