"""Which class a map is about, and the logit of that class."""

import numpy as np
import pytest

from helpers import evidence
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
            targets.classes_of(np.zeros((2, outputs)), wrong)


def test_after_the_predicted_class_comes_the_most_probable_of_the_others():
    three = np.array([[0.1, 0.6, 0.3], [0.5, 0.1, 0.4], [1 / 3, 1 / 3, 1 / 3]])
    assert targets.runner_up(three).tolist() == [2, 2, 1]


@pytest.mark.parametrize("p", [0.0, 1e-9, 0.5, 0.500001, 1.0])
def test_of_two_classes_the_other_one_comes_after_the_predicted(p):
    of_two = np.array([p], np.float32)
    other = 1 - evidence.predicted(of_two)
    assert targets.runner_up(of_two) == other
    assert targets.runner_up(np.stack([1 - of_two, of_two], axis=1)) == other
