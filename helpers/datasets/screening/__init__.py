"""What is said of a set of images before anything is trained on it."""

# fmt: off
from helpers.datasets.screening.leaks import Findings, findings

__all__ = ["Findings", "findings"]
