"""Figures of one network's predictions, against scikit-learn, statsmodels and hand-made cases."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn import metrics
from statsmodels.stats.proportion import proportion_confint

from helpers.evidence.metrics import (
    accuracy,
    auc,
    clinical,
    correct,
    log_loss,
    log_losses,
    predicted,
    proportion,
)


@pytest.fixture
def two_classes():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200)
    return labels, np.clip(0.3 + 0.4 * labels + rng.normal(0, 0.3, 200), 0, 1).round(2)


@pytest.fixture
def three_classes():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, 150)
    logits = rng.normal(size=(150, 3)) + 1.5 * np.eye(3)[labels]
    return labels, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("successes", "n"), [(0, 96), (96, 96), (165, 200), (1, 1), (3, 7)])
def test_a_proportion_has_wilsons_interval(successes, n):
    low, high = proportion_confint(successes, n, method="wilson")
    estimate = proportion(successes, n)
    assert estimate.value == successes / n
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=1e-9)
    assert 0 <= estimate.low < estimate.high <= 1


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_a_share_above_one_or_of_nothing_is_an_error(successes, n):
    with pytest.raises(ValueError, match=f"{successes} of {n}"):
        proportion(successes, n)


def test_one_half_is_the_first_class_in_either_form():
    assert predicted([0.5, 0.5000001, 0.4999999]).tolist() == [0, 1, 0]
    assert predicted([[0.5], [0.9]]).tolist() == [0, 1]
    assert predicted([[0.5, 0.5], [0.4, 0.6]]).tolist() == [0, 1]


def test_accuracy_counts_the_images_predicted_correctly(two_classes, three_classes):
    for labels, p in (two_classes, three_classes):
        assert accuracy(labels, p).value == metrics.accuracy_score(labels, predicted(p))
    assert correct([0, 1, 1], [0.2, 0.3, 0.9]).tolist() == [True, False, True]
    assert correct([2, 0], [[0.1, 0.2, 0.7], [0.3, 0.4, 0.3]]).tolist() == [True, False]


@pytest.mark.parametrize("positive", [0, 1])
def test_clinical_figures_are_those_of_scikit_learn(two_classes, positive):
    labels, p = two_classes
    of_positive = p if positive == 1 else 1 - p
    figures = clinical(labels, p, positive)
    assert figures.sensitivity.value == metrics.recall_score(
        labels, predicted(p), pos_label=positive
    )
    assert figures.specificity.value == metrics.recall_score(
        labels, predicted(p), pos_label=1 - positive
    )
    expected = metrics.roc_auc_score(labels == positive, of_positive.round(9))
    assert figures.auc.value == pytest.approx(expected, abs=1e-12)
    assert clinical(labels, np.column_stack([1 - p, p]), positive).sensitivity == (
        figures.sensitivity
    )


def test_with_three_classes_one_stands_against_the_rest(three_classes):
    labels, p = three_classes
    figures = clinical(labels, p, 2)
    called, ill = p.argmax(axis=1) == 2, labels == 2
    assert figures.sensitivity.value == metrics.recall_score(ill, called)
    assert figures.specificity.value == metrics.recall_score(~ill, ~called)
    assert figures.auc.value == pytest.approx(metrics.roc_auc_score(ill, p[:, 2]), abs=1e-12)


def test_clinical_figures_counted_by_hand():
    figures = clinical([1, 1, 1, 1, 0, 0], [0.9, 0.8, 0.7, 0.1, 0.2, 0.6], positive=1)
    assert figures.sensitivity.value == 3 / 4
    assert figures.specificity.value == 1 / 2
    assert figures.auc.value == 6 / 8  # of the 8 pairs, 0.1 loses to both negatives


def test_tiny_probabilities_stay_apart_when_the_positive_class_is_the_first():
    assert auc([0, 0, 1, 1], [1e-30, 1e-25, 1e-20, 1e-19], positive=0).value == 1.0


def test_an_area_of_one_has_a_width_and_stays_inside():
    best = auc([0] * 48 + [1] * 48, [0.1] * 48 + [0.9] * 48, 1)
    worst = auc([0] * 48 + [1] * 48, [0.9] * 48 + [0.1] * 48, 1)
    assert (best.value, best.high) == (1.0, 1.0)
    assert 0.9 < best.low < 0.99
    assert (worst.value, worst.low) == (0.0, 0.0)
    assert worst.high == pytest.approx(1 - best.low)
    guess = auc([0] * 48 + [1] * 48, [0.5] * 96, 1)
    assert guess.value == 0.5
    assert guess.high - 0.5 == pytest.approx(0.5 - guess.low)


def test_the_ends_of_the_area_solve_newcombes_equation():
    def squared_error(theta, m, n):
        star = (m + n) / 2 - 1
        inner = 1 + star * (1 - theta) / (2 - theta) + star * theta / (1 + theta)
        return norm.ppf(0.975) ** 2 * theta * (1 - theta) * inner / (m * n)

    labels = [1] * 30 + [0] * 50
    estimate = auc(labels, np.linspace(1, 0, 80)[np.random.default_rng(3).permutation(80)], 1)
    for end in (estimate.low, estimate.high):
        assert (estimate.value - end) ** 2 == pytest.approx(squared_error(end, 30, 50), rel=1e-6)
    assert estimate.low < estimate.value < estimate.high


def test_the_width_of_the_area_is_about_delongs():
    rng = np.random.default_rng(4)
    labels = np.repeat([0, 1], 100)
    p = norm.cdf(rng.normal(size=200) + 1.2 * labels)
    wins = (p[labels == 1][:, None] > p[labels == 0]).astype(float)
    error = np.sqrt(wins.mean(1).var(ddof=1) / 100 + wins.mean(0).var(ddof=1) / 100)
    estimate = auc(labels, p, 1)
    assert estimate.high - estimate.low == pytest.approx(2 * 1.96 * error, rel=0.15)


def test_the_area_s_interval_covers_the_true_area():
    rng, true = np.random.default_rng(5), 0.9
    labels = np.repeat([0, 1], 48)
    shift = norm.ppf(true) * np.sqrt(2)
    hits = 0
    for _ in range(300):
        estimate = auc(labels, norm.cdf(rng.normal(size=96) + shift * labels), 1)
        hits += estimate.low <= true <= estimate.high
    assert 0.92 <= hits / 300 <= 0.995


def test_log_loss_is_that_of_scikit_learn_and_of_keras(two_classes, three_classes):
    labels, p = two_classes
    clipped = p.clip(1e-7, 1 - 1e-7)
    assert log_loss(labels, p) == pytest.approx(metrics.log_loss(labels, clipped), rel=1e-9)
    labels, p = three_classes
    assert log_loss(labels, p) == pytest.approx(metrics.log_loss(labels, p), rel=1e-9)
    assert log_loss([0, 1], [0.5, 0.5]) == pytest.approx(np.log(2))
    # What keras.losses.binary_crossentropy and categorical_crossentropy gave for the same:
    assert log_loss([1, 0, 1, 0], [0, 0.99, 1, 0.3]) == pytest.approx(5.269985, rel=1e-6)
    rows = [[0.2, 0.5, 0.3], [1, 0, 0], [0.1, 0.2, 0.7]]
    assert log_loss([1, 1, 2], rows) == pytest.approx(5.722639, rel=1e-6)
    assert log_loss([1], [0.0]) == pytest.approx(-np.log(1e-7))


@pytest.mark.parametrize(
    ("labels", "probabilities", "message"),
    [
        ([], [], "shape"),
        ([0, 1], [0.2, 0.3, 0.4], "as many"),
        ([[1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8]], "one-hot"),
        ([0, 2], [0.2, 0.3], "2 is among the labels"),
        ([0, -1], [0.2, 0.3], "-1 is among the labels"),
        ([0, 0.5], [0.2, 0.3], "0.5 is among the labels"),
        ([0, 1], [0.2, 1.3], r"\[0, 1\]"),
        ([0, 1], [0.2, -0.1], r"\[0, 1\]"),
        ([0, 1], [0.2, float("nan")], r"\[0, 1\]"),
        ([0, 1], [[0.9, 0.9], [0.2, 0.8]], "sum to 1"),
        ([0], [[[0.9, 0.1]]], "shape"),
    ],
)
@pytest.mark.parametrize("figure", [accuracy, log_loss, lambda y, p: clinical(y, p, 1)])
def test_what_is_no_prediction_is_an_error(labels, probabilities, message, figure):
    with pytest.raises(ValueError, match=message):
        figure(labels, probabilities)


def test_one_class_alone_has_no_area_under_the_curve():
    with pytest.raises(ValueError, match="2 images are of the positive class 1 and 0 are not"):
        clinical([1, 1], [0.2, 0.3], positive=1)
    with pytest.raises(ValueError, match="positive is 2"):
        auc([0, 1], [0.2, 0.3], positive=2)


def test_log_losses_are_those_of_each_image():
    labels, probabilities = [0, 1, 1], [[0.8, 0.2], [0.5, 0.5], [0.0, 1.0]]
    losses = log_losses(labels, probabilities)
    np.testing.assert_allclose(losses, [-np.log(0.8), np.log(2), 0], atol=1e-6)
    assert log_loss(labels, probabilities) == pytest.approx(losses.mean())
