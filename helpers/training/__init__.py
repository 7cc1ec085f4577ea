"""Training: an experiment becomes a recorded run."""

# fmt: off
from helpers.training.building import build, compiled
from helpers.training.costs import costs, efforts, milliseconds
from helpers.training.cluster import close
from helpers.training.fitting import recorded, recorded_seeds
from helpers.training.job import TrainingError, images_of
from helpers.training.scheduling import run, run_all

__all__ = [
    "TrainingError", "build", "close", "compiled", "costs", "efforts", "images_of", "milliseconds",
    "recorded", "recorded_seeds", "run", "run_all",
]
