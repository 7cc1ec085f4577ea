"""What numbers can show: metrics with intervals, differences, readings of curves; arrays alone."""

# fmt: off
from helpers.evidence.curves import METRICS, area, best_epoch, first_epoch_reaching
from helpers.evidence.differences import holm, mcnemar, mean, mean_difference, minus
from helpers.evidence.doses import Dose, Limits, detection_limits
from helpers.evidence.estimate import Estimate
from helpers.evidence.fluctuation import fluctuation
from helpers.evidence.limits import optimism, smallest_difference
from helpers.evidence.metrics import (
    Clinical, accuracy, auc, clinical, correct, log_loss, log_losses, predicted, proportion)
from helpers.evidence.reading import LEAST_RISE, WORDS, Reading, diagnose
from helpers.evidence.recall import balanced_accuracy, recalls
from helpers.evidence.seeds import (
    FEWEST_SEEDS, seeds_difference, seeds_gap, seeds_gap_difference, seeds_mean, seeds_paired,
    spread)
from helpers.evidence.shares import seeds_ratio, seeds_share
from helpers.evidence.signs import Answers, constant_answer
from helpers.evidence.verdict import Verdict

__all__ = [
    "FEWEST_SEEDS", "LEAST_RISE", "METRICS", "WORDS", "Answers", "Clinical", "Dose", "Estimate",
    "Limits", "Reading", "Verdict", "accuracy", "area", "auc", "balanced_accuracy", "best_epoch",
    "clinical", "constant_answer", "correct", "detection_limits", "diagnose",
    "first_epoch_reaching", "fluctuation", "holm", "log_loss", "log_losses", "mcnemar", "mean",
    "mean_difference", "minus", "optimism", "predicted", "proportion", "recalls",
    "seeds_difference", "seeds_gap", "seeds_gap_difference", "seeds_mean", "seeds_paired",
    "seeds_ratio", "seeds_share", "smallest_difference", "spread",
]
