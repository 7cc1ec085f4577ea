"""Training: an experiment becomes a recorded run."""

# fmt: off
from helpers.training.building import build, compiled
from helpers.training.costs import costs, efforts, milliseconds
from helpers.training.cluster import end_workers
from helpers.training.job import TrainingError, images_of
from helpers.training.lookup import recorded, recorded_seeds
from helpers.training.scheduling import run, run_all

__all__ = [
    "TrainingError", "build", "compiled", "costs", "efforts", "end_workers", "images_of",
    "milliseconds", "recorded", "recorded_seeds", "run", "run_all",
]
