"""The reading of learning curves, on made-up curves whose answer is known."""

import numpy as np
import pytest

from helpers.evidence.curves import area, best_epoch, diagnose, first_epoch_reaching

BALANCED = (500, 500), (100, 100)
BONE = (556, 556), (48, 48)


def history(loss, accuracy, val_loss, val_accuracy):
    series = np.broadcast_arrays(loss, accuracy, val_loss, val_accuracy)
    return dict(zip(("loss", "accuracy", "val_loss", "val_accuracy"), series, strict=True))


def noisy_plateau(rng, epochs, deviation, correlation=0.0):
    """A network that has learned and rests at 0.45 and 0.82 on both sets alike."""
    noise = rng.normal(size=epochs)
    for i in range(1, epochs):
        noise[i] = correlation * noise[i - 1] + np.sqrt(1 - correlation**2) * noise[i]
    return history(
        0.45 + rng.normal(0, 0.01, epochs),
        0.82 + rng.normal(0, 0.012, epochs),
        0.45 + deviation * noise,
        0.82 + rng.normal(0, 0.02, epochs),
    )


def overfitted(epochs=50, best=10, lowest=0.4905, last=0.9767):
    epoch = np.arange(1, epochs + 1)
    val_loss = np.interp(epoch, [1, best, epochs], [0.69, lowest, last])
    val_accuracy = np.interp(epoch, [1, best, epochs], [0.55, 0.79, 0.73])
    return history(
        np.geomspace(0.69, 0.01, epochs), np.linspace(0.55, 1, epochs), val_loss, val_accuracy
    )


def test_chance_on_both_sets_is_not_learning():
    rng = np.random.default_rng(0)
    found = diagnose(history(0.6935, rng.normal(0.5, 0.01, 80), 0.7135, 0.5), *BONE)
    assert found.verdict == str(found) == "not learning"
    assert "0.500" in found.reason
    assert "0.7135" in found.reason
    assert "0.6931" in found.reason


@pytest.mark.parametrize("rising", [False, True])
def test_the_same_validation_with_a_high_training_accuracy_is_overfitting(rising):
    accuracy = np.linspace(0.5, 0.95, 80) if rising else 0.95
    loss = np.linspace(0.69, 0.15, 80)
    found = diagnose(history(loss, np.minimum(accuracy, 0.95), 0.7135, 0.5), *BONE)
    assert (found.verdict, str(found)) == ("overfitting", "overfitting from epoch 1")
    assert "0.7135" in found.reason


@pytest.mark.parametrize("epochs", [12, 20, 50, 150])
def test_a_validation_loss_that_turns_is_overfitting_from_its_lowest(epochs):
    found = diagnose(overfitted(epochs), *BALANCED)
    assert str(found) == "overfitting from epoch 10"
    assert found.epoch == 10
    assert "0.4905 at epoch 10" in found.reason


def test_the_rise_alone_tells_even_where_the_accuracies_agree():
    curves = overfitted()
    curves["accuracy"] = curves["val_accuracy"]
    assert str(diagnose(curves, *BALANCED)) == "overfitting from epoch 10"


def test_a_steep_trend_is_not_taken_for_noise():
    curves = overfitted(epochs=20, best=10, last=0.69)
    curves["accuracy"] = curves["val_accuracy"]
    assert str(diagnose(curves, *BALANCED)) == "overfitting from epoch 10"


def test_a_turn_is_seen_through_noise_and_spikes():
    rng, found = np.random.default_rng(1), []
    for _ in range(40):
        curves = overfitted()
        curves["val_loss"] = curves["val_loss"] + rng.normal(0, 0.03, 50)
        curves["val_loss"] = curves["val_loss"] + (rng.random(50) < 0.06)
        curves["accuracy"] = curves["val_accuracy"]
        found.append(diagnose(curves, *BALANCED).verdict)
    assert found.count("overfitting") == 40


@pytest.mark.parametrize("epochs", [5, 12, 50, 150])
def test_a_validation_loss_falling_to_the_end_is_still_learning(epochs):
    falling = np.linspace(0.69, 0.45, epochs)
    found = diagnose(history(falling, 0.75, falling, 0.75), *BALANCED)
    assert found.verdict == "still learning"
    assert found.epoch == epochs
    # Nor is it overfitting where training is ahead, so long as validation gains.
    ahead = diagnose(history(falling / 2, 0.95, falling, 0.75), *BALANCED)
    assert ahead.verdict == "still learning"


def test_a_noisy_fall_is_still_learning():
    rng = np.random.default_rng(2)
    falling = np.linspace(0.69, 0.45, 150)
    noisy = falling + rng.normal(0, 0.02, 150)
    assert diagnose(history(falling, 0.75, noisy, 0.75), *BALANCED).verdict == "still learning"


@pytest.mark.parametrize(
    ("epochs", "deviation", "correlation", "allowed"),
    [(8, 0.05, 0, 3), (20, 0.1, 0, 2), (50, 0.01, 0, 1), (50, 0.1, 0, 2), (50, 0.05, 0.7, 5)],
)
def test_noise_alone_is_not_called_overfitting(epochs, deviation, correlation, allowed):
    rng = np.random.default_rng(3)
    found = [
        diagnose(noisy_plateau(rng, epochs, deviation, correlation), *BALANCED).verdict
        for _ in range(100)
    ]
    assert found.count("overfitting") <= allowed
    assert found.count("good") >= 80


def test_one_lucky_epoch_and_one_bad_end_are_not_overfitting():
    curves = noisy_plateau(np.random.default_rng(4), 50, 0.005)
    curves["val_loss"][20] = 0.3
    curves["val_loss"][-1] = 0.9
    assert diagnose(curves, *BALANCED).verdict == "good"


def test_a_gap_that_so_few_images_cannot_show_is_not_overfitting():
    curves = history(0.4, 0.90, np.full(50, 0.45), 0.84)
    assert diagnose(curves, (500, 500), (48, 48)).verdict == "good"
    assert diagnose(curves, (500, 500), (2000, 2000)).verdict == "overfitting"
    near = history(0.4, 0.88, np.full(50, 0.45), 0.84)  # sure, but too small to matter
    assert diagnose(near, (5000, 5000), (5000, 5000)).verdict == "good"


def test_both_losses_rising_is_not_overfitting():
    curves = overfitted()
    curves["loss"] = curves["val_loss"]
    curves["accuracy"] = curves["val_accuracy"]
    found = diagnose(curves, *BALANCED)
    assert found.verdict == "not learning"
    assert "both losses" in found.reason


def test_a_constant_answer_is_not_learning():
    for epochs in (3, 30):
        curves = history(0.6931, 0.5, np.full(epochs, 0.6931), 0.5)
        assert diagnose(curves, *BALANCED).verdict == "not learning"


def test_what_so_few_images_cannot_tell_from_chance_is_not_learning():
    curves = history(0.69, 0.53, np.full(30, 0.69), 0.6)
    assert diagnose(curves, *BONE).verdict == "not learning"
    assert diagnose(curves, (5000, 5000), (5000, 5000)).verdict == "good"


def test_the_majoritys_share_is_chance_on_unbalanced_data():
    curves = history(0.5, 0.8, np.full(30, 0.51), 0.8)
    assert diagnose(curves, (800, 200), (160, 40)).verdict == "not learning"
    assert diagnose(curves, *BALANCED).verdict == "good"


def test_a_loss_well_below_a_constant_answers_is_learning_even_at_the_majoritys_share():
    falling = np.linspace(0.5, 0.3, 30)
    found = diagnose(history(falling, 0.8, falling, 0.8), (800, 200), (160, 40))
    assert found.verdict == "still learning"


def test_a_perfect_network_is_good():
    tail = np.geomspace(0.69, 1e-5, 150)
    assert diagnose(history(tail, 1.0, tail, 1.0), *BONE).verdict == "good"


@pytest.mark.parametrize("epochs", [1, 2])
def test_one_or_two_epochs_are_too_short_to_tell(epochs):
    found = diagnose(history(0.69, 0.5, np.linspace(0.7, 0.69, epochs), 0.5), *BALANCED)
    assert found.verdict == "still learning"
    assert "too few to tell" in found.reason


def test_three_epochs_are_too_short_for_overfitting():
    found = diagnose(history([0.6, 0.3, 0.1], 0.9, [0.5, 0.45, 0.95], 0.8), *BALANCED)
    assert found.verdict == "still learning"
    assert "too few to tell" in found.reason


@pytest.mark.parametrize("key", ["loss", "val_accuracy"])
def test_nan_is_an_error_that_names_series_and_epoch(key):
    curves = {name: values.copy() for name, values in overfitted().items()}
    curves[key][6] = np.nan
    with pytest.raises(ValueError, match=f"{key} is nan at epoch 7"):
        diagnose(curves, *BALANCED)


def test_a_history_that_is_none_is_an_error():
    good = overfitted()
    with pytest.raises(ValueError, match="no val_loss"):
        diagnose({key: good[key] for key in good if key != "val_loss"}, *BALANCED)
    with pytest.raises(ValueError, match="lengths differ"):
        diagnose({**good, "loss": good["loss"][:-1]}, *BALANCED)
    with pytest.raises(ValueError, match="one value per epoch"):
        diagnose({key: [] for key in good}, *BALANCED)
    with pytest.raises(ValueError, match="percentage"):
        diagnose({**good, "accuracy": good["accuracy"] * 100}, *BALANCED)
    with pytest.raises(ValueError, match="inf at epoch 2"):
        best_epoch([0.5, np.inf])


@pytest.mark.parametrize(
    "classes", [((5,), (5,)), ((5, 5), (5, 5, 5)), ((0, 0), (5, 5)), ((5, -1), (5, 5)), (5, 5)]
)
def test_classes_must_be_counts_of_two_or_more(classes):
    with pytest.raises(ValueError, match="the same two or more classes"):
        diagnose(overfitted(), *classes)


def test_the_best_epoch_is_the_earliest_of_equals_and_counts_from_one():
    assert best_epoch([0.7, 0.5, 0.6, 0.5]) == 2
    assert best_epoch([0.7]) == 1


def test_the_first_epoch_that_reaches_a_target():
    assert first_epoch_reaching([0.5, 0.8, 0.7, 0.9], 0.8) == 2
    assert first_epoch_reaching([0.5, 0.8], 0.5) == 1
    assert first_epoch_reaching([0.5, 0.8], 0.81) is None


def test_a_network_that_begins_to_learn_at_the_end_has_not_failed():
    """As VGG16 without batch normalisation was seen to, after 60 of 80 epochs at chance."""
    flat, fall = np.full(70, 0.693), np.geomspace(0.69, 0.45, 10)
    loss = np.r_[flat, fall] + 0.001 * np.random.default_rng(0).normal(size=80)
    accuracy = np.r_[np.full(70, 0.5), np.linspace(0.52, 0.85, 10)]
    assert diagnose(history(loss, accuracy, loss, accuracy), *BONE).verdict == "still learning"


def test_area_is_of_a_whole_of_one():
    np.testing.assert_allclose(area(np.ones((3, 5))), 1)
    np.testing.assert_allclose(area(np.array([[1, 0.5, 0]])), 0.5)
