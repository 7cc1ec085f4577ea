"""Where maps point, on maps whose figures can be written down."""

import numpy as np
import pytest

from helpers.heatmaps import localization

MASK = np.zeros((1, 32, 32), bool)
MASK[0, 8:16, 8:16] = True


def at(row, column, size=32):
    one = np.zeros((1, size, size), np.float32)
    one[0, row, column] = 1
    return one


def test_a_peak_is_the_middle_of_a_plateau():
    corner = np.zeros((1, 32, 32))
    corner[0, :5, :5] = 0.7
    np.testing.assert_array_equal(localization.peaks(corner), [[2, 2]])
    np.testing.assert_array_equal(localization.peaks(at(3, 30)), [[3, 30]])
    for flat in (np.zeros((1, 4, 4)), np.ones((1, 4, 4))):
        assert np.isnan(localization.peaks(flat)).all()


def test_the_pointing_game_hits_in_the_mask_and_near_it():
    assert localization.pointing(at(10, 10), MASK) == 1
    assert localization.pointing(at(17, 10), MASK) == 1  # two pixels of 32 beside it
    assert localization.pointing(at(18, 10), MASK) == 0
    assert localization.pointing(at(16, 10), MASK, tolerance=0) == 0
    for flat in (np.zeros((1, 32, 32)), np.ones((1, 32, 32))):
        assert localization.pointing(flat, np.ones_like(MASK)) == 0
    assert np.isnan(localization.pointing(at(10, 10), np.zeros((1, 32, 32), bool)))


def test_energy_is_the_share_inside():
    maps = at(10, 10) + 3 * at(0, 0)
    assert localization.energy(maps, MASK) == 0.25
    assert localization.energy(np.ones((1, 32, 32)), MASK) == 64 / 1024
    assert localization.energy(np.zeros((1, 32, 32)), MASK) == 0
    assert np.isnan(localization.energy(maps, np.zeros((1, 32, 32), bool)))


def test_average_precision_of_a_perfect_a_flat_and_a_reversed_map():
    assert localization.precision(MASK.astype(float), MASK) == 1
    assert localization.precision(np.zeros((1, 32, 32)), MASK) == pytest.approx(64 / 1024)
    assert localization.precision(1.0 - MASK, MASK) < 64 / 1024 + 1e-9


def test_the_border_is_the_outer_tenth():
    even = np.ones((2, 20, 20))
    np.testing.assert_allclose(localization.border(even), 1 - 16**2 / 20**2)
    assert localization.border(at(10, 1, 20)) == 1
    assert localization.border(at(10, 2, 20)) == 0


def test_agreement_is_spearmans():
    one = np.random.default_rng(0).random((3, 8, 8))
    np.testing.assert_allclose(localization.agreement(one, one**3), 1)
    np.testing.assert_allclose(localization.agreement(one, -one), -1)
    np.testing.assert_array_equal(localization.agreement(one, np.ones_like(one)), 0)


def test_random_maps_are_noise_of_so_many_cells():
    maps = localization.random_maps((50, 32, 32), 4)
    assert maps.shape == (50, 32, 32) and maps.min() >= 0 and maps.max() <= 1
    np.testing.assert_array_equal(maps, localization.random_maps((50, 32, 32), 4))
    assert not np.array_equal(maps, localization.random_maps((50, 32, 32), 4, seed=1))
    assert np.abs(np.diff(maps, axis=2)).max() < 0.2  # neighbours are alike: cells of 8 pixels
    peaks = localization.peaks(maps)
    assert peaks.std(axis=0).min() > 5  # anywhere


def test_edge_maps_are_high_where_the_image_changes():
    image = np.zeros((1, 16, 16, 1), np.float32)
    image[:, :, 8:] = 1
    edges = localization.edge_maps(image)[0]
    assert edges[:, 7:9].min() > 0.5 and edges[:, :6].max() == 0


def test_maps_and_masks_must_fit():
    with pytest.raises(ValueError, match="both must be the same"):
        localization.energy(np.ones((1, 8, 8)), MASK)


def test_the_centre_is_where_the_masks_of_the_other_images_lie():
    masks = np.zeros((3, 32, 32), bool)
    masks[0, 9:12, 9:12] = masks[1, 9:12, 9:12] = masks[2, 20:23, 20:23] = True
    centre = localization.centre_maps((3, 32, 32), masks)
    assert localization.pointing(centre, masks, tolerance=0).tolist()[2] == 0
    assert np.abs(localization.peaks(centre)[2] - 10).max() < 2
    assert centre[2, 21, 21] < centre[0, 21, 21]  # it does not know its own
    for none in (None, masks[:, ::-1] & masks, np.stack([masks[0], masks[0] * 0, masks[0] * 0])):
        middle = localization.centre_maps((3, 32, 32), none)
        np.testing.assert_array_equal(localization.peaks(middle), [[15.5, 15.5]] * 3)


def test_where_few_masks_lie_apart_the_centre_is_between_them():
    """Their mean alone would be highest at any one of them."""
    masks = np.zeros((4, 64, 64), bool)
    for mask, (row, column) in zip(masks, [(30, 20), (24, 32), (36, 33), (30, 40)], strict=True):
        mask[row - 1 : row + 2, column - 1 : column + 2] = True
    centre = localization.centre_maps((4, 64, 64), masks)
    assert (np.abs(localization.peaks(centre) - (30, 31)) < 8).all()
    for none in (None, masks[:, ::-1] & masks, np.stack([masks[0], masks[0] * 0, masks[0] * 0])):
        middle = localization.centre_maps((3, 8, 8), none)
        np.testing.assert_array_equal(localization.peaks(middle), [[3.5, 3.5]] * 3)


def test_a_mean_of_others_does_not_know_its_own_image():
    maps = np.random.default_rng(0).random((5, 4, 4))
    others = localization.means_of_others(maps)
    np.testing.assert_allclose(others[2], np.delete(maps, 2, axis=0).mean(axis=0), rtol=1e-6)
    assert not localization.means_of_others(maps[:1]).any()
