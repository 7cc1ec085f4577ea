"""Every run of the lab as data, and what a profile makes of it."""

# fmt: off
from helpers.experiments.choosing import get, select, table
from helpers.experiments.experiment import Experiment
from helpers.experiments.profiles import CHANGES, at_profile, seeds_of
from helpers.experiments.rows import EXPERIMENTS

__all__ = [
    "CHANGES", "EXPERIMENTS", "Experiment", "at_profile", "get", "seeds_of", "select", "table",
]
