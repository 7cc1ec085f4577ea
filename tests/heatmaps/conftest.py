"""A network whose one true map is known, and images for it."""

import keras
import numpy as np
import pytest

from helpers import settings
from helpers.heatmaps import audit, scoring

SIZE = 16


@pytest.fixture(scope="module", autouse=True)
def _build(tmp_path_factory):
    """A cache of its own, so that nothing is read that other code has made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "_current", settings.current())
        settings.use(build=tmp_path_factory.mktemp("build"))
        yield


@pytest.fixture(scope="module")
def network():
    """Goes by a bright square alone, wherever it is: the greatest mean of 3 x 3 pixels."""
    inputs = keras.Input((SIZE, SIZE, 1))
    x = keras.layers.Conv2D(1, 3, padding="same", name="Last_ConvLayer")(inputs)
    x = keras.layers.Activation("relu")(x)
    x = keras.layers.GlobalMaxPooling2D()(x)
    x = keras.layers.Dense(1, name="top")(x)
    model = keras.Model(inputs, keras.layers.Activation("sigmoid")(x))
    model.get_layer("Last_ConvLayer").set_weights([np.full((3, 3, 1, 1), 1 / 9), np.zeros(1)])
    model.get_layer("top").set_weights([np.array([[20.0]]), np.array([-10.0])])
    return model


@pytest.fixture(scope="module")
def scene():
    """Images with the square somewhere, its masks, and a thin line whose edges are stronger."""
    rng = np.random.default_rng(0)
    images = 0.3 * rng.random((40, SIZE, SIZE, 1)).astype(np.float32)
    masks = np.zeros((40, SIZE, SIZE), bool)
    images[:, 14] = 1
    for image, mask, (row, column) in zip(images, masks, rng.integers(1, 9, (40, 2)), strict=True):
        image[row : row + 3, column : column + 3] = 0.8
        mask[row : row + 3, column : column + 3] = True
    return images, masks


@pytest.fixture(scope="module")
def found(network, scene):
    images, masks = scene
    maps = audit.maps_of(network, images, masks=masks)
    return scoring.scores(maps, audit.curves_of(network, images, maps), masks)
