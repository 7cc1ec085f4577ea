"""Training: an experiment becomes a recorded run."""

# fmt: off
from helpers.training.building import build, compiled
from helpers.training.costs import costs, efforts, milliseconds
from helpers.training.fitting import recorded, recorded_seeds, run, run_seeds
from helpers.training.job import TrainingError, images_of

__all__ = [
    "TrainingError", "build", "compiled", "costs", "efforts", "images_of", "milliseconds",
    "recorded", "recorded_seeds", "run", "run_seeds",
]
