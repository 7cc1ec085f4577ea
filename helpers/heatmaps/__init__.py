"""Heat maps, and whether to believe them: methods, baselines, scores, limits of detection."""

# fmt: off
from helpers.heatmaps.audit import after_mixing, audited, curves_of, maps_of
from helpers.heatmaps.gradcam import HeatmapWarning, grad_cam, hires_cam, occlusion
from helpers.heatmaps.localization import agreement
from helpers.heatmaps.scoring import (
    about_masks, against_baselines, score_table, scores, where_they_look)
from helpers.heatmaps.shortcuts import dose
from helpers.heatmaps.targets import runner_up

__all__ = [
    "HeatmapWarning", "about_masks", "after_mixing", "against_baselines", "agreement", "audited",
    "curves_of", "dose", "grad_cam", "hires_cam", "maps_of", "occlusion", "runner_up",
    "score_table", "scores", "where_they_look",
]
