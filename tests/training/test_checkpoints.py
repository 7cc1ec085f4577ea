"""What is kept of a training while it goes on, and when it is written."""

from dataclasses import replace

import pytest
from runs import BASE

from helpers import datasets, records, training
from helpers.networks import models
from helpers.training import checkpoints
from helpers.training.checkpoints import dropout_states


def test_history_is_what_keras_would_measure(recorded):
    run = recorded
    _, validation = datasets.load_pair("skin")
    images, labels = validation.arrays(BASE.size)
    model = run.model("last")
    model.compile(loss="binary_crossentropy", metrics=["accuracy"])
    loss, accuracy = model.evaluate(images, labels, verbose=0)
    assert run.history["val_loss"][-1] == pytest.approx(loss, abs=1e-5)
    assert run.history["val_accuracy"][-1] == pytest.approx(accuracy)


def test_dropout_states_are_those_of_every_dropout_layer():
    model = models.alexnet((16, 16, 1), base=2, dropout=0.4, spatial_dropout=0.1)
    assert len(dropout_states(model)) == 5 + 2


class Clock:
    """Stands in for the module `time`: an epoch takes so many seconds, and so does a checkpoint."""

    def __init__(self, epoch, checkpoint, monkeypatch):
        self.now, self.written = 1000.0, []
        begin, write = checkpoints.Checkpoints.on_epoch_begin, records.write

        def on_epoch_begin(*arguments):
            begin(*arguments)
            self.now += epoch

        def written(record, info, save):
            self.written.append(info["epochs"])
            write(record, info, save)
            self.now += checkpoint

        monkeypatch.setattr(checkpoints, "time", self)
        monkeypatch.setattr(checkpoints.Checkpoints, "on_epoch_begin", on_epoch_begin)
        monkeypatch.setattr(records, "write", written)

    def monotonic(self):
        return self.now


@pytest.mark.parametrize(
    ("epoch", "checkpoint", "written"),
    [
        (0.5, 0.1, [8]),  # all within ten seconds: at the end alone
        (6, 0.1, [2, 4, 6, 8]),  # whenever more than ten seconds went by
        (10, 0.1, [2, 4, 6, 8]),  # ten are not more than ten
        (11, 0.1, [1, 2, 3, 4, 5, 6, 7, 8]),
        (11, 1.5, [1, 4, 7, 8]),  # a twentieth of the time at most: not before 30 seconds
        (11, 20, [1, 8]),
    ],
)
def test_checkpoints_are_written_while_a_run_goes_on(lab, monkeypatch, epoch, checkpoint, written):
    clock = Clock(epoch, checkpoint, monkeypatch)
    run = training.run(replace(BASE, epochs=8))
    assert clock.written == written
    assert run.epoch_seconds == [epoch] * 8


def test_each_epoch_can_be_written(lab, monkeypatch):
    clock = Clock(1, 0.1, monkeypatch)
    monkeypatch.setattr(checkpoints, "SAVE_EVERY", 0.0)
    monkeypatch.setattr(checkpoints, "SAVE_SHARE", 1e9)
    training.run(BASE)
    assert clock.written == [1, 2, 3]
