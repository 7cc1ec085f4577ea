"""Which class a map is about, and the logit of that class."""

import numpy as np
import pytest

from helpers.heatmaps import targets

TWO = np.array([[2.0, -1.0], [0.5, 0.7]], np.float32)
ONE = np.array([[1.5], [-0.5]], np.float32)


def test_the_class_is_the_one_asked_for_or_the_predicted_one():
    np.testing.assert_array_equal(targets.classes_of(TWO, None), [0, 1])
    np.testing.assert_array_equal(targets.classes_of(ONE, None), [1, 0])
    np.testing.assert_array_equal(targets.classes_of(TWO, 1), [1, 1])
    np.testing.assert_array_equal(targets.classes_of(ONE, [0, 1]), [0, 1])


def test_a_single_sigmoid_has_the_negated_logit_for_class_0():
    np.testing.assert_array_equal(targets.of_class(ONE, [0, 0]), [-1.5, 0.5])
    np.testing.assert_array_equal(targets.of_class(ONE, [1, 1]), [1.5, -0.5])
    np.testing.assert_array_equal(targets.of_class(TWO, [1, 0]), [-1.0, 0.5])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (2, "class_index reaches 2; the network tells 2 classes apart"),
        ([0, 3], "class_index reaches 3"),
        (-1, "must be 0 or more"),
        (0.5, "a whole number"),
    ],
)
def test_a_class_that_is_not_there_is_named(wrong, words):
    for outputs in (1, 2):
        with pytest.raises(ValueError, match=words):
            targets.asked(wrong, outputs, 2)
