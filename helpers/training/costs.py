"""What networks cost: parameter and multiplication counts, and measured training time."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers import datasets
from helpers.experiments import Experiment
from helpers.networks import multiplications
from helpers.records import Runs, as_list
from helpers.training.building import build
from helpers.training.lookup import recorded


def milliseconds(row: Experiment) -> float | None:
    """The median epoch's time, validation and saving included, by training image.

    None where there is no record with these settings and images.
    """
    run = recorded(row)
    if run is None:
        return None
    return 1000 * float(np.median(run.epoch_seconds)) / len(run.training_labels)


def costs(rows: Mapping[str, Experiment]) -> pd.DataFrame:
    """What networks cost by counting, and by the clock where they were trained on this machine.

    For the time see `milliseconds`; 'not run' where there is no record.
    """
    table = []
    for name, row in rows.items():
        model = build(row, classes=len(datasets.load(row.data, "train").classes))
        time = milliseconds(row)
        table.append(
            {
                "run": name,
                "parameters": f"{model.count_params():,}",
                "million multiplications an image": f"{multiplications(model) / 1e6:,.1f}",
                "milliseconds a training image": "not run" if time is None else f"{time:.2f}",
            }
        )
    return pd.DataFrame(table).set_index("run")


def efforts(rows: Mapping[str, Runs]) -> pd.DataFrame:
    """What runs cost to their best epoch: epochs, seconds by the clock, trained parameters.

    Over several seeds epochs and seconds are their means. Computing the features of a frozen
    network counts in full for each run, though several share them.
    """
    table = []
    for name, runs in rows.items():
        listed = as_list(runs) if runs else []
        if not listed:
            table.append(
                {"run": name, "epochs": "not run", "seconds": "", "trained parameters": ""}
            )
            continue
        model = build(listed[0].experiment, classes=len(listed[0].info["data"]["classes"]))
        trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
        seconds = [run.seconds_to_best for run in listed]
        known = [one for one in seconds if one is not None]
        table.append(
            {
                "run": name,
                "epochs": f"{np.mean([run.best_epoch for run in listed]):.0f}",
                "seconds": f"{np.mean(known):.1f}" if len(known) == len(seconds) else "not known",
                "trained parameters": f"{trained:,}",
            }
        )
    return pd.DataFrame(table).set_index("run")
