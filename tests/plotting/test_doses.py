"""The figure of doses."""

import numpy as np

from helpers.evidence import Dose, Estimate
from helpers.plotting import doses


def made(sign, share, high):
    low, top = Estimate(0.1, 0.05, 0.2), Estimate(high, high - 0.1, high)
    maps = {"Grad-CAM": top, "HiResCAM": low, "occlusion": low}
    return Dose(sign, share, top, low, low, low, low, maps, maps)


def test_it_has_a_column_a_sign_and_a_line_a_row(tmp_path):
    seen = [made(sign, share, 0.9) for sign in ("letter", "patch") for share in (0.5, 0.75, 1.0)]
    figure = doses(seen, "title")
    above, below = np.reshape(figure.axes, (2, 2))
    assert [ax.get_title() for ax in above] == ["letter", "patch"]
    for row, labels in (
        (above, ["with the sign of its class", "without a sign", "with another class's sign"]),
        (below, ["Grad-CAM", "HiResCAM", "occlusion"]),
    ):
        assert [line.get_label() for line in row[1].lines] == labels
        np.testing.assert_allclose(row[0].lines[0].get_ydata(), 0.9)
        np.testing.assert_allclose(row[0].lines[0].get_xdata(), [50, 75, 100], atol=1)
        assert row[1].get_legend() is not None
        ends = row[0].collections[0].get_segments()
        np.testing.assert_allclose([segment[:, 1] for segment in ends], [[0.8, 0.9]] * 3)
