"""What networks cost, against what was counted and recorded."""

from dataclasses import replace

import numpy as np
import pytest
from runs import BASE

from helpers import training


def test_costs_names_what_was_not_run_and_trains_nothing(recorded):
    run, rows = recorded, {"trained": BASE, "not": replace(BASE, base=4)}
    table = training.costs(rows)
    assert table.loc["not", "milliseconds a training image"] == "not run"
    seconds = float(np.median(run.info["epoch_seconds"]))
    measured = float(table.loc["trained", "milliseconds a training image"])
    assert measured == pytest.approx(1000 * seconds / len(run.training_labels), abs=0.01)
    assert table.loc["trained", "parameters"] == f"{training.build(BASE).count_params():,}"


def test_efforts_are_counted_to_the_best_epoch(recorded):
    run = recorded
    table = training.efforts({"one": run, "two": [run, run], "none": []})
    seconds = sum(run.info["epoch_seconds"][: run.best_epoch])
    for name in ("one", "two"):
        assert table.loc[name, "epochs"] == str(run.best_epoch)
        assert float(table.loc[name, "seconds"]) == pytest.approx(seconds, abs=0.06)
    trainable = training.build(BASE).trainable_weights
    assert table.loc["one", "trained parameters"] == f"{sum(w.numpy().size for w in trainable):,}"
    assert table.loc["none", "epochs"] == "not run"
