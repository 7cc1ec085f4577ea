"""ROAD: what is put in the place of removed pixels, and what it says of maps."""

import numpy as np
import pytest

from helpers.heatmaps.road import NEIGHBOURS, imputed, road


def test_a_plane_is_filled_as_it_was():
    """Each pixel inside is the mean of its neighbours already."""
    rows, columns = np.mgrid[:16, :16] / 32
    image = (0.2 + rows + 0.5 * columns)[np.newaxis, ..., np.newaxis]
    removed = np.zeros((1, 16, 16), bool)
    removed[0, 3:12, 4:13] = True
    removed[0, 5, 5] = False
    filled = imputed(image, removed, noise=0)
    np.testing.assert_allclose(filled, image, atol=1e-6)


def test_every_removed_pixel_is_the_weighted_mean_of_its_neighbours():
    rng = np.random.default_rng(0)
    images = rng.random((3, 12, 10, 2)).astype(np.float32)
    removed = rng.random((3, 12, 10)) < 0.6
    filled = imputed(images, removed, noise=0)
    np.testing.assert_array_equal(filled[~removed], images[~removed])
    for image, row, column in np.argwhere(removed):
        total, weights = 0.0, 0.0
        for (down, right), weight in NEIGHBOURS.items():
            r, c = row + down, column + right
            if 0 <= r < 12 and 0 <= c < 10:
                total, weights = total + weight * filled[image, r, c], weights + weight
        np.testing.assert_allclose(filled[image, row, column], total / weights, atol=1e-5)


def test_noise_is_added_to_removed_pixels_alone_and_is_the_same_every_time():
    images, removed = np.full((2, 8, 8, 1), 0.5), np.zeros((2, 8, 8), bool)
    removed[:, 2:6] = True
    filled = imputed(images, removed)
    assert (filled[~removed] == 0.5).all() and 0.005 < filled[removed].std() < 0.02
    np.testing.assert_array_equal(filled, imputed(images, removed))


def test_maps_that_find_the_square_score_high_and_turned_over_low(network, scene):
    images, masks = scene
    near = np.where(masks, 1.0, 0.0)
    right, wrong = road(network, images, near), road(network, images, -near)
    assert right.mean() > 0.15 and wrong.mean() < -0.15
    nothing = road(network, images, np.random.default_rng(1).random(masks.shape))
    assert abs(nothing.mean()) < 0.05


@pytest.mark.parametrize("class_index", [0, 1])
def test_of_the_other_class_it_is_the_opposite(network, scene, class_index):
    images, masks = scene
    found = road(network, images, masks.astype(float), class_index)
    assert (found.mean() > 0) == (class_index == 1)


def test_it_is_what_the_package_grad_cam_puts_there():
    """The values of its `NoisyLinearImputer`, version 1.5.7, without noise."""
    image = [[0, 0.1, 0.2, 0.9], [0.4, 0.5, 0.6, 0.7], [0.8, 0.3, 1, 0.2], [0.6, 0.5, 0.1, 0]]
    hole = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [0, 0, 0, 1]], bool)
    filled = imputed(np.array(image)[np.newaxis, ..., np.newaxis], hole[np.newaxis], noise=0)
    theirs = [0.37739, 0.34723, 0.39250, 0.43809, 0.36194, 0.40094, 0.27276]
    np.testing.assert_allclose(filled[0, ..., 0][hole], theirs, atol=1e-5)
