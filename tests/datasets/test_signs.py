"""Signs drawn into copies of images: where, how often, and nothing else changed."""

import numpy as np
import pytest

from helpers.datasets.signs import LETTERS, SIGNS, drawn

SIZE = 64
LABELS = np.repeat([0, 1], 50)
GREY = np.full((100, SIZE, SIZE, 1), 30000, np.uint16)


def shown(signed, sign):
    """Class whose sign each image has: of letters an R has more ink, of others 0 has one."""
    if sign != "letter":
        return np.where(signed.marks.any(axis=(1, 2)), 0, 1)
    ink = (signed.pixels[..., 0] > 60000).sum(axis=(1, 2))
    assert set(ink) == {18, 11}
    return np.where(ink == 18, 0, 1)


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("dose", [0.0, 0.5, 0.76, 1.0])
def test_the_sign_follows_each_class_in_the_share_asked_for(sign, dose):
    of_class = shown(drawn(GREY, LABELS, sign, dose), sign)
    for label in (0, 1):
        assert (of_class[label == LABELS] == label).mean() == dose


@pytest.mark.parametrize("sign", SIGNS)
def test_swapped_it_is_the_other_class_s_at_the_same_place(sign):
    own, other = (drawn(GREY, LABELS, sign, 0.8, swap=swap) for swap in (False, True))
    np.testing.assert_array_equal(shown(own, sign), 1 - shown(other, sign))
    if sign == "letter":
        for one, two in zip(own.marks, other.marks, strict=True):
            assert (np.argwhere(one).min(axis=0) == np.argwhere(two).min(axis=0)).all()


@pytest.mark.parametrize("sign", SIGNS)
def test_nothing_changes_outside_the_marks_nor_in_the_images_given(sign):
    rng = np.random.default_rng(0)
    for given in (rng.integers(0, 2**16, GREY.shape).astype(np.uint16), rng.random(GREY.shape)):
        before = given.copy()
        signed = drawn(given, LABELS, sign, 1.0)
        np.testing.assert_array_equal(given, before)
        assert signed.pixels.dtype == given.dtype
        np.testing.assert_array_equal(signed.pixels[~signed.marks], given[~signed.marks])
        assert (signed.pixels[signed.marks] != given[signed.marks]).mean() > 0.99
        white = 65535 if given.dtype == np.uint16 else 1
        values = np.unique(signed.pixels[signed.marks])
        bright = values[values > 0.9 * white]
        assert np.allclose(bright, 245 / 255 * white)


def test_signs_lie_near_the_border():
    inner = np.zeros((SIZE, SIZE), bool)
    inner[16:-16, 16:-16] = True
    for sign in SIGNS:
        marks = drawn(GREY, LABELS, sign, 1.0).marks
        assert not (marks & inner).any()
        places = marks[marks.any(axis=(1, 2))]
        assert 0.005 < places.mean() < 0.25
        assert len({place.tobytes() for place in places}) > 1


def test_a_higher_dose_adds_to_the_images_in_which_the_sign_follows():
    low, high = (shown(drawn(GREY, LABELS, "patch", dose), "patch") for dose in (0.6, 0.8))
    assert (high == LABELS)[low == LABELS].all()


def test_the_same_seed_gives_the_same_and_another_another():
    one, again, other = (drawn(GREY, LABELS, "letter", 0.5, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.pixels, again.pixels)
    assert (shown(one, "letter") != shown(other, "letter")).any()
    assert (one.marks != other.marks).any()


def test_several_classes_have_a_letter_each_and_one_of_them_the_other_signs():
    labels = np.repeat(np.arange(9), 4)
    images = np.zeros((36, SIZE, SIZE, 1), np.float32)
    letters = drawn(images, labels, "letter", 1.0, classes=9).pixels
    ink = [(image > 0.9).sum() for image in letters]
    assert len(set(ink)) > 4  # few letters have as many dots
    for sign in ("patch", "frame"):
        marks = drawn(images, labels, sign, 1.0, classes=9).marks
        np.testing.assert_array_equal(marks.any(axis=(1, 2)), labels == 0)


@pytest.mark.parametrize(
    ("sign", "dose", "classes", "message"),
    [
        ("word", 1.0, 2, "no sign is called 'word'; there are letter, patch, frame"),
        ("letter", 1.1, 2, "dose is 1.1; it must lie between 0 and 1"),
        ("letter", None, 2, "dose is None"),
        ("letter", 1.0, 12, f"12 classes; there are letters for {len(LETTERS)}"),
    ],
)
def test_what_cannot_be_drawn_is_refused(sign, dose, classes, message):
    with pytest.raises(ValueError, match=message):
        drawn(GREY, LABELS, sign, dose, classes)
