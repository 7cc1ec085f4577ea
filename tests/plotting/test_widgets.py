import io

import numpy as np
import pytest
from PIL import Image
from skimage import data

from helpers.datasets import augmentation
from helpers.plotting import explorer


@pytest.fixture
def parts():
    *sliders, message, picture = explorer(data.camera()[::8, ::8] / 255).children
    return {slider.description.split(",")[0]: slider for slider in sliders}, message, picture


@pytest.mark.parametrize(
    ("slider", "value"),
    [("scale factor", 0.2), ("angle", 30), ("low bound", 20), ("high bound", 80)],
)
def test_the_picture_follows_each_slider(parts, slider, value):
    sliders, _, picture = parts
    before = picture.value
    sliders[slider].value = value
    assert picture.value != before
    assert Image.open(io.BytesIO(picture.value)).size == (900, 400)


def test_no_slider_reaches_what_a_transform_refuses(parts):
    sliders, message, _ = parts
    image = data.camera()[::8, ::8] / 255
    for factor in (sliders["scale factor"].min, sliders["scale factor"].max):
        augmentation.rescale(image, factor)
    assert sliders["low bound"].max < sliders["high bound"].min
    sliders["low bound"].value, sliders["high bound"].value = 90, 10  # clipped to the ends
    assert (sliders["low bound"].value, sliders["high bound"].value) == (49, 51)
    assert message.value == ""


def test_an_image_of_one_grey_value_gets_a_message_and_no_traceback():
    *_, message, _ = explorer(np.full((16, 16), 0.5)).children
    assert "same grey value, 0.500" in message.value
