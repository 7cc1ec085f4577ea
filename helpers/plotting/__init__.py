"""Every figure of the lab, and how it is saved."""

# fmt: off
from helpers.plotting.curves import differences, learning_curves, signals
from helpers.plotting.doses import doses
from helpers.plotting.heatmaps import agreements, exchanges, heat_maps
from helpers.plotting.pictures import examples, feature_maps, panel, planes, transformed
from helpers.plotting.style import save_figure
from helpers.plotting.suspects import suspects
from helpers.plotting.widgets import explorer

__all__ = [
    "agreements", "differences", "doses", "examples", "exchanges", "explorer", "feature_maps",
    "heat_maps", "learning_curves", "panel", "planes", "save_figure", "signals", "suspects",
    "transformed",
]
