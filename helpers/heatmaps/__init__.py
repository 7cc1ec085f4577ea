"""Heat maps, and whether to believe them: methods, baselines, scores, and the shortcut drill."""

# fmt: off
from helpers.heatmaps.audit import after_mixing, curves_of, maps_of
from helpers.heatmaps.gradcam import grad_cam, hires_cam, occlusion
from helpers.heatmaps.localization import agreement
from helpers.heatmaps.scoring import about_masks, against_baselines, score_table, scores
from helpers.heatmaps.shortcuts import Drill, drill, drill_table, drills, judge_drill
from helpers.heatmaps.targets import runner_up

__all__ = [
    "Drill", "about_masks", "after_mixing", "against_baselines", "agreement", "curves_of", "drill",
    "drill_table", "drills", "grad_cam", "hires_cam", "judge_drill", "maps_of", "occlusion",
    "runner_up", "score_table", "scores",
]
