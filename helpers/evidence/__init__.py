"""What numbers can show: metrics with intervals, differences, learning curves; arrays alone."""

# fmt: off
from helpers.evidence.curves import (
    METRICS, Diagnosis, area, best_epoch, diagnose, first_epoch_reaching)
from helpers.evidence.differences import (
    mcnemar, mean, mean_difference, minus, paired_difference, seeds_difference, spread)
from helpers.evidence.estimate import Estimate
from helpers.evidence.fluctuation import fluctuation, fluctuation_ratio
from helpers.evidence.metrics import (
    Clinical, accuracy, auc, clinical, correct, log_loss, log_losses, predicted, proportion)
from helpers.evidence.verdict import Verdict

__all__ = [
    "METRICS", "Clinical", "Diagnosis", "Estimate", "Verdict", "accuracy", "area", "auc",
    "best_epoch", "clinical", "correct", "diagnose", "first_epoch_reaching", "fluctuation",
    "fluctuation_ratio", "log_loss", "log_losses", "mcnemar", "mean", "mean_difference", "minus",
    "paired_difference", "predicted", "proportion", "seeds_difference", "spread",
]
