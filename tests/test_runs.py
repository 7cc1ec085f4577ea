from pathlib import Path

import numpy as np
from test_training import BASE

from helpers import datasets, training
from helpers.checkpoints import predictor
from helpers.runs import METRICS, Run


def test_the_best_epoch_is_the_earliest_of_equals():
    run = Run(
        experiment=BASE,
        seed=0,
        folder=Path(),
        history={name: np.array([0.7, 0.5, 0.6, 0.5]) for name in METRICS},
        labels=np.zeros(1),
        probabilities=np.zeros((4, 1)),
        training_labels=np.zeros(1),
        training_probabilities=np.zeros(1),
        info={"epoch_seconds": [9.0, 2.0, 1.0, 1.0, 5.0]},  # a record that was trained on
    )
    assert (run.best_epoch, run.epoch("best"), run.epoch("last"), run.epoch(3)) == (2, 2, 4, 3)
    assert run.until(1).best_epoch == 1
    assert (run.epoch_seconds, run.seconds_to_best) == ([9.0, 2.0, 1.0, 1.0], 11.0)


def test_best_and_last_network_give_the_recorded_probabilities(lab):
    run = training.run(BASE)
    _, validation = datasets.load_pair("skin")
    images, labels = validation.arrays(BASE.size)
    assert np.array_equal(run.labels, labels)
    for at in ("best", "last"):
        again = predictor(run.model(at))(images)
        np.testing.assert_allclose(again, run.probabilities[run.epoch(at) - 1], atol=1e-6)
