"""Learning curves as series of one value an epoch."""

import numpy as np
import pytest

from helpers.evidence import area, best_epoch, first_epoch_reaching


def test_the_best_epoch_is_the_earliest_of_equals_and_counts_from_one():
    assert best_epoch([0.7, 0.5, 0.6, 0.5]) == 2
    assert best_epoch([0.7]) == 1


def test_the_first_epoch_that_reaches_a_target():
    assert first_epoch_reaching([0.5, 0.8, 0.7, 0.9], 0.8) == 2
    assert first_epoch_reaching([0.5, 0.8], 0.5) == 1
    assert first_epoch_reaching([0.5, 0.8], 0.81) is None


def test_area_is_of_a_whole_of_one():
    np.testing.assert_allclose(area(np.ones((3, 5))), 1)
    np.testing.assert_allclose(area(np.array([[1, 0.5, 0]])), 0.5)


@pytest.mark.parametrize("of", [best_epoch, lambda values: first_epoch_reaching(values, 0.5)])
def test_what_is_no_curve_is_an_error_that_names_the_epoch(of):
    with pytest.raises(ValueError, match="inf at epoch 2; training went wrong there"):
        of([0.5, np.inf])
    for shape in ([], [[0.5, 0.4]]):
        with pytest.raises(ValueError, match="one value per epoch"):
            of(shape)
