"""What came out of a training: its epochs, and the networks that were kept."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pictures import swap_classes
from runs import BASE, STATEFUL, made_up

from helpers import datasets, settings, training
from helpers.evidence import METRICS
from helpers.networks import predictor
from helpers.records import RecordError, Run, as_list


def test_the_best_epoch_is_the_earliest_of_equals():
    run = Run(
        experiment=BASE,
        seed=0,
        folder=Path(),
        history={name: np.array([0.7, 0.5, 0.6, 0.5]) for name in METRICS},
        labels=np.zeros(1),
        probabilities=np.zeros((4, 1)),
        training_labels=np.zeros(1),
        training_probabilities={},
        info={"epoch_seconds": [9.0, 2.0, 1.0, 1.0, 5.0]},  # a record that was trained on
    )
    assert (run.best_epoch, run.epoch("best"), run.epoch("last"), run.epoch(3)) == (2, 2, 4, 3)
    assert run.until(1).best_epoch == 1
    assert (run.epoch_seconds, run.seconds_to_best) == ([9.0, 2.0, 1.0, 1.0], 11.0)


def test_best_and_last_network_give_the_recorded_probabilities(recorded):
    run = recorded
    _, validation = datasets.load_pair("skin")
    images, labels = validation.arrays(BASE.size)
    assert np.array_equal(run.labels, labels)
    for at in ("best", "last"):
        again = predictor(run.model(at))(images)
        np.testing.assert_allclose(again, run.probabilities[run.epoch(at) - 1], atol=1e-6)


def test_training_answers_of_best_and_last_epoch_are_those_of_their_networks(lab):
    swap_classes(lab.data / "skin" / "validation")  # it is worse the more it learns
    run = training.run(replace(BASE, epochs=8), seed=1)
    assert run.best_epoch < run.epochs
    assert sorted(run.training_probabilities) == [run.best_epoch, run.epochs]
    images = datasets.load("skin", "train").pixels(BASE.size)
    for at in ("best", "last"):
        np.testing.assert_allclose(predictor(run.model(at))(images), run.fitted(at), atol=1e-6)
    assert not np.allclose(run.fitted("best"), run.fitted("last"))
    assert np.array_equal(run.fitted(), run.fitted(run.epochs))


def test_training_answers_of_other_epochs_are_not_made_up():
    run = made_up(wrong=[range(30), range(10), range(20)], fitted_best=range(3))
    assert run.fitted("best").sum() != run.fitted("last").sum()
    with pytest.raises(RecordError, match=r"how epoch 1 fits .* was not kept, only for 2, 3"):
        run.fitted(1)
    with pytest.raises(RecordError, match="how epoch 1 fits"):
        run.until(1).fitted()


def test_the_time_to_the_best_epoch_includes_that_of_the_features():
    wrong = [range(30), range(10), range(20)]
    head = made_up("task7_skin", wrong, epoch_seconds=[2.0, 3.0, 5.0], features_seconds=40.0)
    assert (head.best_epoch, head.seconds_to_best) == (2, 45.0)
    assert head.until(1).seconds_to_best == 42.0
    head.info["features_seconds"] = None
    assert head.seconds_to_best is None
    del head.info["features_seconds"]  # a record of before it was measured
    assert head.seconds_to_best is None
    whole = made_up("task5_skin", wrong, epoch_seconds=[2.0, 3.0, 5.0])
    assert whole.seconds_to_best == 5.0
    del whole.info["features_seconds"]
    assert whole.seconds_to_best == 5.0


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_a_network_is_opened_for_its_answers_without_optimizer_or_warning(lab, precision):
    settings.use(precision=precision)
    run = training.run(STATEFUL)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        best, last = run.model(), run.model("last")
    for model in (best, last):
        assert getattr(model, "optimizer", None) is None and not model.compiled
    images = datasets.load("skin", "validation").pixels(BASE.size)
    for model, epoch in ((best, run.best_epoch), (last, run.epochs)):
        np.testing.assert_allclose(
            predictor(model)(images), run.probabilities[epoch - 1], atol=0.01
        )


def test_a_published_record_has_no_networks():
    with pytest.raises(RecordError, match=r"nowhere: .* only numbers; training\.run makes them"):
        made_up().model()


def test_one_run_is_a_list_of_one_and_none_is_refused():
    run = made_up()
    assert as_list(run) == [run] and as_list((run, run)) == [run, run]
    with pytest.raises(ValueError, match="at least one is needed"):
        as_list([])
