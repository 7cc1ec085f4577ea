"""Images: a folder becomes a checked set, a set becomes arrays or shuffled batches."""

# fmt: off
from helpers.datasets import augmentation, phantoms, signs
from helpers.datasets.augmentation import Augmentation, AugmentationError
from helpers.datasets.checks import duplicates, findings, load_pair
from helpers.datasets.demo import demo_images
from helpers.datasets.errors import DatasetError, DatasetWarning
from helpers.datasets.generators import stream
from helpers.datasets.image_files import ImageError, read
from helpers.datasets.image_set import ImageSet, list_pair, load
from helpers.datasets.masks import masks
from helpers.datasets.pixels import DECODING, unit_range
from helpers.datasets.screening.copies import alike
from helpers.datasets.screening.summary import Check, check, summary

__all__ = [
    "DECODING", "Augmentation", "AugmentationError", "Check", "DatasetError",
    "DatasetWarning", "ImageError", "ImageSet", "alike", "augmentation", "check", "demo_images",
    "duplicates", "findings", "list_pair", "load", "load_pair", "masks", "phantoms", "read",
    "signs", "stream", "summary", "unit_range",
]
