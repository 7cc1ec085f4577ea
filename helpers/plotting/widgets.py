"""The transforms of Task 3 under sliders, and the picture that follows them."""

import io

import ipywidgets as widgets
import numpy as np

from helpers.datasets import AugmentationError
from helpers.plotting.pictures import transformed


def explorer(image: np.ndarray) -> widgets.VBox:
    """Sliders for the parameters of Task 3a, and one picture that follows.

    A slider takes the focus by a click or the tabulator key, and the arrow keys move it. None
    reaches a value that a transform refuses: the two bounds stay on either side of the median.

    Args:
        image: (H, W), values in [0, 1].
    """
    sliders = {
        "factor": widgets.FloatSlider(1, min=0.05, max=2, step=0.05, description="scale factor"),
        "angle": widgets.IntSlider(0, min=-180, max=180, step=5, description="angle, °"),
        "low": widgets.IntSlider(0, min=0, max=49, description="low bound, %"),
        "high": widgets.IntSlider(100, min=51, max=100, description="high bound, %"),
    }
    picture = widgets.Image(format="png", layout={"max_width": "100%"})
    message = widgets.HTML()

    def draw(_: object = None) -> None:
        values = {name: slider.value for name, slider in sliders.items()}
        file = io.BytesIO()
        try:
            transformed(image, **values).savefig(file, format="png")
        except AugmentationError as error:  # an image of one grey value has no bounds
            message.value = str(error)
        else:
            message.value, picture.value = "", file.getvalue()

    for slider in sliders.values():
        slider.style.description_width, slider.layout.width = "9em", "32em"
        slider.observe(draw, names="value")
    draw()
    return widgets.VBox([*sliders.values(), message, picture])
