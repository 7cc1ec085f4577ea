"""How much a curve jumps, and the interval of a ratio of two."""

import numpy as np
import pytest

from helpers.evidence.fluctuation import fluctuation, fluctuation_ratio


def test_fluctuation_is_of_the_changes_and_not_of_a_trend():
    assert fluctuation([0.5, 0.7, 0.5, 0.7]) == pytest.approx(0.4 / np.sqrt(3))
    assert fluctuation(np.linspace(0.9, 0.1, 20)) == pytest.approx(0, abs=1e-12)
    assert np.isnan(fluctuation([0.5, 0.7]))


def curves(rng, seeds, epochs, size, draw):
    trend = 0.7 * np.exp(-np.arange(epochs) / 10)
    return trend + size * draw(rng, (seeds, epochs))


@pytest.mark.parametrize("seeds", [1, 4])
@pytest.mark.parametrize(
    "draw",
    [lambda rng, shape: rng.normal(size=shape), lambda rng, shape: rng.standard_t(5, size=shape)],
)
def test_the_interval_holds_the_truth_as_often_as_it_says(seeds, draw):
    rng, hits = np.random.default_rng(0), 0
    for _ in range(600):
        a, b = curves(rng, seeds, 30, 0.05, draw), curves(rng, seeds, 30, 0.10, draw)
        ratio = fluctuation_ratio(a, b)
        hits += ratio.low <= 2 <= ratio.high
    assert 0.93 <= hits / 600 <= 0.995


def test_the_ratio_is_of_b_over_a_and_has_no_unit():
    rng = np.random.default_rng(1)
    a = rng.normal(size=40)
    ratio = fluctuation_ratio(a, 3 * a)
    assert ratio.value == pytest.approx(3)
    assert ratio.low < 3 < ratio.high
    turned = fluctuation_ratio(3 * a, a)
    assert (turned.value, turned.low, turned.high) == pytest.approx(
        (1 / ratio.value, 1 / ratio.high, 1 / ratio.low)
    )
    assert fluctuation_ratio(a * 100, a * 300).low == pytest.approx(ratio.low)


def test_too_few_epochs_and_flat_curves_have_no_ratio():
    for a in ([0.5, 0.7], [0.5, 0.5, 0.5, 0.5]):
        assert np.isnan(fluctuation_ratio(a, [0.1, 0.5, 0.2, 0.4]).value)


def test_bad_values():
    with pytest.raises(ValueError, match="NaN or infinite"):
        fluctuation([0.5, np.nan, 0.4])
    with pytest.raises(ValueError, match="one an epoch"):
        fluctuation([])
    with pytest.raises(ValueError, match="1 and 2 seeds"):
        fluctuation_ratio(np.ones((1, 5)), np.ones((2, 5)))
