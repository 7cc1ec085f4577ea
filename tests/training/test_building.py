"""The network of an experiment, and what does not go together."""

from dataclasses import replace

import numpy as np
import pytest
from runs import BASE

from helpers import networks, training


def test_what_the_lab_does_not_have_is_named(lab):
    with pytest.raises(training.TrainingError, match="no network 'lenet'; there are alexnet"):
        training.run(replace(BASE, network="lenet"))


def test_a_seed_gives_the_weights_that_a_run_begins_with():
    one, same_seed, other = (training.build(BASE, seed=seed).get_weights() for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one, same_seed, strict=True))
    assert not np.array_equal(one[0], other[0])


@pytest.mark.parametrize(("momentum", "built"), [(0.9, 0.9), (None, networks.MOMENTUM)])
def test_a_rows_momentum_is_that_of_its_network(momentum, built):
    model = training.build(replace(BASE, batch_norm=True, momentum=momentum))
    assert {layer.momentum for layer in model.layers if "batch_norm" in layer.name} == {built}


@pytest.mark.parametrize(
    "change",
    [
        {"network": "dense_head"},
        {"network": "dense_head", "features": "imagenet", "dense": (8, 8)},
        {"network": "dense_head", "features": "imagenet", "dense": (8,), "augmented": True},
        {"features": "imagenet"},
    ],
)
def test_settings_that_do_not_go_together_are_refused(lab, change):
    with pytest.raises(training.TrainingError, match=r"tiny: the network .* is trained on"):
        training.run(replace(BASE, **change))
