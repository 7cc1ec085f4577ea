"""How much a curve jumps from one epoch to the next."""

import numpy as np
import pytest

from helpers.evidence import fluctuation


def test_fluctuation_is_of_the_changes_and_not_of_a_trend():
    assert fluctuation([0.5, 0.7, 0.5, 0.7]) == pytest.approx(0.4 / np.sqrt(3))
    assert fluctuation(np.linspace(0.9, 0.1, 20)) == pytest.approx(0, abs=1e-12)


def test_it_has_the_unit_of_its_values():
    values = np.random.default_rng(0).normal(size=40)
    assert fluctuation(3 * values) == pytest.approx(3 * fluctuation(values))


def test_two_epochs_cannot_show_it():
    assert np.isnan(fluctuation([0.5, 0.7]))
    assert fluctuation([0.5, 0.5, 0.5]) == 0


def test_what_is_no_curve_is_an_error():
    with pytest.raises(ValueError, match="values is nan at epoch 2"):
        fluctuation([0.5, np.nan, 0.4])
    with pytest.raises(ValueError, match="one value per epoch"):
        fluctuation([])
