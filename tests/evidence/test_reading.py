"""The reading of a training, on made-up ones whose answer is known."""

import numpy as np
import pytest
from scipy.special import expit

from helpers.evidence import (
    WORDS,
    Answers,
    Reading,
    best_epoch,
    constant_answer,
    diagnose,
    log_loss,
)
from helpers.evidence.reading import FEWEST

TRAIN, VALIDATION = np.repeat([0, 1], 80), np.repeat([0, 1], 30)
MOSTLY = np.repeat([0, 1], [128, 32]), np.repeat([0, 1], [32, 8])  # four of five of one class


def ramp(*corners, epochs=30):
    """One value an epoch, straight from corner to corner: (epoch, value)."""
    return np.interp(np.arange(1, epochs + 1), *zip(*corners, strict=True))


def answers(rng, labels, apart, sure, lean=0.0, jitter=0.05):
    """Probabilities of class 1 after each epoch, (epochs, N).

    Args:
        rng: decides how hard each image is.
        labels: class indices.
        apart: how far apart the classes are, in deviations of an image.
        sure: how large the logits are, one value an epoch.
        lean: how far all of them are towards class 1.
        jitter: how much an image's logit changes from epoch to epoch.
    """
    sure = np.asarray(sure, dtype=float)[:, None]
    image = apart * (2 * labels - 1) + rng.normal(size=labels.size)
    change = jitter * rng.normal(size=(len(sure), labels.size))
    return expit(sure * (image + change) + np.broadcast_to(lean, sure.shape[:1])[:, None])


def read(training, validation, labels=(TRAIN, VALIDATION), keep_best=True):
    """The reading of answers after every epoch, whose losses are the history."""
    losses = np.array([log_loss(labels[1], p) for p in validation])
    best = best_epoch(losses) - 1
    return diagnose(
        {"val_loss": losses},
        Answers(labels[0], training[best] if keep_best else None, training[-1]),
        Answers(labels[1], validation[best], validation[-1]),
    )


def read_curve(losses, training, best, last, labels=(TRAIN, VALIDATION)):
    """The reading of a curve of validation losses with answers for its best and last epoch."""
    return diagnose(
        {"val_loss": losses}, Answers(labels[0], training, training), Answers(labels[1], best, last)
    )


def learned(rng, sure, apart=(1.5, 1.5), **more):
    """Answers for training and validation images of a network that tells them apart so well."""
    return tuple(
        answers(rng, labels, by, sure, **more)
        for labels, by in zip((TRAIN, VALIDATION), apart, strict=True)
    )


RISES = ramp((1, 0.1), (8, 2), (30, 2))


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_losses_that_fell_and_lie_flat_and_close_are_a_fit(rng):
    found = read(*learned(rng, RISES))
    assert (found.word, str(found), found.decides) == ("fits", "fits", True)
    assert found.gap.side() == 0
    assert "in training and" in found.reason and "since its best at epoch" in found.reason


def test_every_image_right_is_a_fit(rng):
    found = read(*learned(rng, RISES, apart=(6, 6)))
    assert found.word == "fits" and found.gap.value == 0


@pytest.mark.parametrize(("turn", "best"), [(8, 9), (20, 21)])
def test_a_loss_that_turns_up_while_training_becomes_perfect_overfits(rng, turn, best):
    sure = ramp((1, 0.1), (turn, 0.8), (30, 6))
    found = read(*learned(rng, sure, apart=(4, 0.7)))
    assert found.word == "overfits" and found.decides
    assert abs(found.epoch - best) <= 3
    assert found.gap.low > 0 and found.rise.low > 0
    assert f"since its best at epoch {found.epoch}" in found.reason


def test_a_rise_alone_is_no_overfitting(rng):
    sure = ramp((1, 0.1), (8, 0.8), (30, 8))
    found = read(*learned(rng, sure, apart=(0.9, 0.9)))
    assert found.rise.low > 0 and found.gap.side() == 0
    assert found.word == "cannot tell" and "one sign of overfitting without" in found.reason


def test_a_rise_too_small_to_matter_is_none(rng):
    training, (best, _) = learned(rng, [2.0, 2.0], apart=(6, 1.5))
    right = best.round() == VALIDATION
    last = best - 0.01 * np.where(VALIDATION, 1, -1) * right  # each that is right a little less so
    found = read_curve(ramp((1, 0.69), (8, 0.3), (30, 0.31)), training[1], best, last)
    assert found.rise.low > 0 and found.rise.value < 0.03
    assert found.gap.low > 0 and found.word == "fits"


def test_losses_that_fall_to_the_end_are_still_learning(rng):
    found = read(*learned(rng, ramp((1, 0.05), (30, 1.0))))
    assert found.word == "still learning" and found.epoch == 30
    ahead = read(*learned(rng, ramp((1, 0.05), (30, 1.0)), apart=(4, 1.5)))
    assert ahead.gap.low > 0 and ahead.word == "still learning"


@pytest.mark.parametrize("epochs", [FEWEST, 12, 50, 150])
def test_a_slow_fall_that_goes_on_is_still_learning(rng, epochs):
    training, validation = learned(rng, [0.1, 0.1], apart=(0.5, 0.5))
    losses = np.linspace(0.693, 0.683, epochs)  # a hundredth, half of it in the second half
    losses += rng.normal(0, 1e-5, epochs)
    found = read_curve(losses, training[0], *validation)
    assert found.word == "still learning" and found.epoch == epochs


def test_a_late_start_is_still_learning_though_nothing_is_right_yet(rng):
    late = ramp((1, 0.5004), (20, 0.5004), (30, 0.45)) + rng.normal(0, 1e-4, 30)
    training, validation = (answers(rng, labels, 0.5, [1.0, 1.0], lean=-4) for labels in MOSTLY)
    found = read_curve(late, training[0], *validation, labels=MOSTLY)
    assert found.word == "still learning"


def test_answers_without_relation_to_the_class_have_learned_nothing(rng):
    found = read(*learned(rng, np.full(30, 0.1), apart=(0, 0)))
    assert found.word == "learned nothing" and not found.decides
    assert "do not tell their classes apart" in found.reason and "came apart" not in found.reason


def test_answers_that_are_the_wrong_way_round_have_learned_nothing(rng):
    found = read(*learned(rng, RISES, apart=(-1.5, 1.5)))
    assert found.word == "learned nothing"
    assert "do not tell their classes apart" in found.reason


def test_one_answer_for_every_image_has_learned_nothing(rng):
    training, validation = (np.full((30, labels.size), 0.2) for labels in MOSTLY)
    found = read(training, validation, labels=MOSTLY)
    assert found.word == "learned nothing"
    assert "0.800 by one constant answer" in found.reason


def test_answers_all_on_one_side_have_learned_nothing_however_low_the_loss(rng):
    training = answers(rng, MOSTLY[0], 0.0, np.full(30, 0.3), lean=-1.4)
    lucky = answers(rng, MOSTLY[1], 0.9, np.full(30, 0.3), lean=-1.4)
    assert (lucky < 0.5).all() and log_loss(MOSTLY[1], lucky[-1]) < constant_answer(MOSTLY[1])[1]
    assert read(training, lucky, labels=MOSTLY).word == "learned nothing"
    told = answers(rng, MOSTLY[0], 0.5, np.full(30, 0.3), lean=-1.4)  # apart, and yet one answer
    found = read(told, lucky, labels=MOSTLY)
    assert found.word == "learned nothing" and "is not above the 0.800" in found.reason


def test_a_training_that_came_apart_says_so(rng):
    training, validation = learned(rng, ramp((1, 0.1), (6, 1.5), epochs=6))
    gone = [np.full((24, labels.size), 0.4) for labels in (TRAIN, VALIDATION)]
    found = read(np.vstack([training, gone[0]]), np.vstack([validation, gone[1]]))
    assert found.word == "learned nothing" and not found.decides
    assert "though they did at epoch 6: it came apart" in found.reason


def test_without_the_best_epochs_training_answers_it_is_read_all_the_same(rng):
    training, validation = learned(rng, RISES)
    assert read(training, validation, keep_best=False) == read(training, validation)
    gone = [np.full((24, labels.size), 0.4) for labels in (TRAIN, VALIDATION)]
    found = read(
        np.vstack([training[:6], gone[0]]), np.vstack([validation[:6], gone[1]]), keep_best=False
    )
    assert found.word == "learned nothing" and "came apart" not in found.reason
    with pytest.raises(ValueError, match="validation answers of the best epoch are missing"):
        diagnose({"val_loss": [0.5] * 9}, Answers([0, 1], None, [0, 1]), Answers([1], None, [1]))


def test_a_loss_that_swings_to_the_end_is_unstable(rng):
    lean = np.where(np.arange(30) % 2, 6.0, 0.0)
    training = answers(rng, TRAIN, 3, RISES)
    found = read(training, answers(rng, VALIDATION, 1.5, np.full(30, 2.0), lean=lean))
    assert found.word == "unstable" and not found.decides
    assert "jumps by" in found.reason


def lagging(rng, epochs):
    """Batch norm's averages: every image gets one answer, more and more surely, until epoch 10."""
    sure = ramp((1, 0.2), (20, 2), epochs=epochs)
    lean = ramp((1, 0), (3, 0), (6, 5), (10, 6), (11, 0), epochs=epochs)
    return answers(rng, TRAIN, 3, sure), answers(rng, VALIDATION, 1.5, sure, lean=lean)


@pytest.mark.parametrize("epochs", [10, 20])
def test_averages_of_batch_norm_that_lag_behind_are_unstable_and_no_overfitting(rng, epochs):
    found = read(*lagging(rng, epochs))
    assert found.word == "unstable"
    if epochs == 10:
        assert found.gap.low > 0 and found.rise.low > 0  # both signs, and yet not the network


def test_one_answer_for_all_validation_images_is_unstable_however_slowly_it_comes(rng):
    """The loss climbs by less than a jump from epoch to epoch, as that of overfitting does."""
    training, _ = learned(rng, [3.0, 3.0], apart=(4, 4))
    best = answers(rng, VALIDATION, 1.5, np.array([1.0]))[0]
    lopsided = np.clip(best * 0.02, 0.01, 0.4)
    found = read_curve(ramp((1, 0.69), (4, 0.6), (30, 1.6)), training[1], best, lopsided)
    assert found.gap.low > 0 and found.rise.low > 0
    assert found.word == "unstable" and "get one answer" in found.reason


def test_small_swings_of_a_network_that_learned_little_are_not_unstable(rng):
    training, validation = learned(rng, [0.1, 0.1], apart=(0.5, 0.5))
    losses = 0.68 + np.where(np.arange(30) % 2, 0.05, 0.0)
    assert read_curve(losses, training[0], *validation).word != "unstable"


def test_too_few_epochs_cannot_be_read(rng):
    training, validation = learned(rng, RISES[:FEWEST])
    few = read(training[:3], validation[:3])
    assert few.word == "cannot tell" and "3 epochs are too few" in few.reason
    assert read(training[: FEWEST - 1], validation[: FEWEST - 1]).word == "cannot tell"
    assert "too few" not in read(training, validation).reason


def test_a_gap_whose_rise_is_not_beyond_its_interval_cannot_be_told(rng):
    training, (best, last) = learned(rng, [1.8, 5.0], apart=(4, 0.9), jitter=0)
    found = read_curve(ramp((1, 0.69), (8, 0.4), (30, 0.5)), training[1], best, last)
    assert found.gap.low > 0
    assert found.rise.low <= 0 and found.rise.value > 0.05
    assert found.word == "cannot tell" and "one sign of overfitting without" in found.reason


def test_validation_answers_at_chance_cannot_be_told_to_fit(rng):
    few = np.repeat([0, 1], 5)
    training = answers(rng, TRAIN, 0.6, np.full(30, 1.0))
    validation = answers(rng, few, 0.0, np.full(30, 0.1))
    found = read(training, validation, labels=(TRAIN, few))
    assert found.word == "cannot tell" and "no better than a constant one" in found.reason


def test_four_validation_images_are_too_few_to_fit_even_if_all_are_right(rng):
    few = np.repeat([0, 1], 2)
    training = answers(rng, TRAIN, 3, np.full(30, 1.0))
    validation = np.tile([0.2, 0.21, 0.79, 0.8], (30, 1))
    found = read(training, validation, labels=(TRAIN, few))
    assert found.word == "cannot tell" and "no better than a constant one" in found.reason


def test_a_loss_that_stays_above_a_constant_answers_is_no_fit(rng):
    training, validation = learned(rng, np.full(30, 9.0), apart=(1.5, 1.0), jitter=0)
    assert log_loss(VALIDATION, validation[-1]) > np.log(2)
    found = read(training, validation)
    assert found.word == "cannot tell" and "no better than a constant one" in found.reason


def shares_of_words(seed, sure, apart, count=200):
    """How often each word is said, of 100 validation images a class and answers that waver."""
    rng, labels = np.random.default_rng(seed), (TRAIN, np.repeat([0, 1], 100))
    words = []
    for _ in range(count):
        split = [
            answers(rng, of, by, sure, jitter=0.3) for of, by in zip(labels, apart, strict=True)
        ]
        words.append(read(*split, labels=labels).word)
    return {word: words.count(word) / count for word in WORDS}


def test_a_plateau_with_noise_is_not_called_overfitting():
    shares = shares_of_words(1, ramp((1, 0.3), (10, 1.8), (30, 1.8)), apart=(0.9, 0.9))
    assert shares["overfits"] <= 0.05
    assert shares["fits"] >= 0.6


def test_a_loss_that_rises_by_half_is_found_through_noise():
    # 0.40 at best and 0.60 at the end
    shares = shares_of_words(2, ramp((1, 0.3), (10, 1.8), (30, 5.1)), apart=(4, 0.9), count=100)
    assert shares["overfits"] >= 0.8


def test_several_classes_are_read_as_two_are(rng):
    labels = np.repeat([0, 1, 2], 40)

    def softmax(apart, sure):
        logits = np.asarray(sure)[:, None, None] * (
            apart * np.eye(3)[labels] + rng.normal(size=(labels.size, 3))
        )
        return np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)

    both = labels, labels
    assert read(softmax(4, RISES), softmax(4, RISES), labels=both).word == "fits"
    assert read(softmax(0, RISES / 9), softmax(0, RISES / 9), labels=both).word == "learned nothing"
    first = np.repeat([0, 1], 60)
    two = softmax(0, RISES)[:, :, :2]
    sigmoid = answers(rng, first, 1.5, RISES)
    two = np.stack([1 - sigmoid, sigmoid], axis=2)
    assert read(two, two, labels=(first, first)) == read(sigmoid, sigmoid, labels=(first, first))


def test_one_constant_answer_is_as_good_as_the_shares_of_the_classes():
    assert constant_answer([0, 1, 0, 1]) == pytest.approx((0.5, np.log(2)))
    share, loss = constant_answer(MOSTLY[0])
    assert (share, loss) == pytest.approx((0.8, -0.8 * np.log(0.8) - 0.2 * np.log(0.2)))
    assert loss == pytest.approx(log_loss(MOSTLY[0], np.full(160, 0.2)))
    assert constant_answer([2, 2]) == (1, 0)


def test_each_word_has_its_rule_and_two_of_them_decide_nothing(rng):
    nothing = read(*learned(rng, RISES)).gap
    decide = [word for word in WORDS if Reading(word, 1, "", nothing, nothing).decides]
    assert set(WORDS) - set(decide) == {"learned nothing", "unstable"}
    assert all(WORDS.values())


def test_a_loss_that_is_none_is_an_error_that_names_its_epoch(rng):
    training, validation = learned(rng, [1.0, 1.0])
    with pytest.raises(ValueError, match="val_loss is nan at epoch 7"):
        read_curve([0.5] * 6 + [np.nan], training[0], *validation)
    with pytest.raises(KeyError, match="val_loss"):
        diagnose({}, Answers(TRAIN, None, training[0]), Answers(VALIDATION, *validation))
