"""Networks: built, pretrained, applied in batches, taken apart and inspected."""

# fmt: off
from helpers.networks import passes, surgery
from helpers.networks.imagenet_weights import WeightsError, imagenet
from helpers.networks.inference import batch_size, batched, predictor
from helpers.networks.inspection import feature_maps, multiplications, receptive_field, signal
from helpers.networks.layers import Adam
from helpers.networks.models import LAST_CONVOLUTION, MOMENTUM, alexnet, dense_head, vgg16
from helpers.networks.pretrained import (
    READ_BY, extractor, feature_shape, features, features_seconds, imagenet_vgg16, joined, scaling,
    with_last_block)

__all__ = [
    "LAST_CONVOLUTION", "MOMENTUM", "READ_BY", "Adam", "WeightsError", "alexnet", "batch_size",
    "batched", "dense_head", "extractor", "feature_maps", "feature_shape",
    "features", "features_seconds", "imagenet", "imagenet_vgg16", "joined", "multiplications",
    "passes", "predictor", "receptive_field", "scaling", "signal", "surgery", "vgg16",
    "with_last_block",
]
