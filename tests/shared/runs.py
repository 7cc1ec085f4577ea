"""Runs for tests: one that trains in a moment, and ones that are made up."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from helpers import environment, experiments
from helpers.evidence import METRICS
from helpers.records import Run

BASE = replace(
    experiments.EXPERIMENTS["task1b_dropout"],
    name="tiny",
    size=16,
    base=2,
    dense=(4, 4),
    learning_rate=1e-2,
    epochs=3,
    profile="smoke",
)
IMAGES = 200
LABELS = np.repeat([0, 1], IMAGES // 2)


def same(a, b):
    """Whether two runs have the same numbers, to the last bit."""
    return (
        all(np.array_equal(a.history[name], b.history[name]) for name in METRICS)
        and np.array_equal(a.probabilities, b.probabilities)
        and a.training_probabilities.keys() == b.training_probabilities.keys()
        and all(
            np.array_equal(answers, b.training_probabilities[epoch])
            for epoch, answers in a.training_probabilities.items()
        )
    )


def count_trainings(monkeypatch):
    """A list that gets what each training from here on starts from."""
    from helpers.training import fitting

    trained = []
    train = fitting._train
    monkeypatch.setattr(
        fitting, "_train", lambda job, start, told: trained.append(start) or train(job, start, told)
    )
    return trained


def probabilities(wrong):
    """Of a network that is wrong on the given images and right on the others."""
    right = np.where(LABELS == 1, 0.9, 0.1)
    right[list(wrong)] = 1 - right[list(wrong)]
    return right


def made_up(name="task1a_plain", wrong=((0, 1, 2, 3), (0, 1)), fitted_wrong=(), seed=0, **info):
    """A run with the given wrong images in each epoch; its losses are chosen to have it best."""
    epochs = [probabilities(images) for images in wrong]
    accuracy = [1 - len(images) / IMAGES for images in wrong]
    history = {m: np.array(accuracy if "accuracy" in m else [0.5] * len(wrong)) for m in METRICS}
    history["val_loss"] = np.array([1 - a for a in accuracy])
    counts = {"Mel": IMAGES // 2, "Nev": IMAGES // 2}
    return Run(
        experiment=replace(experiments.EXPERIMENTS[name], epochs=len(wrong), profile="quick"),
        seed=seed,
        folder=Path("nowhere"),
        history=history,
        labels=LABELS,
        probabilities=np.stack(epochs),
        training_labels=LABELS,
        training_probabilities={len(wrong): probabilities(fitted_wrong)},
        info={
            "identity": {"train": "t", "validation": "v"},
            "kept": {"best": 1, "last": len(wrong)},
            "made": [
                {
                    "epochs": len(wrong),
                    "versions": environment.versions(),
                    "hardware": {"processor": environment.processor()[0], "cores": 2, "gpus": []},
                }
            ],
            "data": {
                "train": counts,
                "validation": counts,
                "classes": ["Mel", "Nev"],
                "positive": "Mel",
                "demo": True,
            },
        }
        | info,
    )


def seeds_of(name, wrong, fitted_wrong=(), seeds=2, **history):
    """Seeds of a made-up run that ends as it began, or with other curves."""
    made = []
    for seed in range(seeds):
        run = made_up(name, wrong=[wrong] * 12, fitted_wrong=fitted_wrong, seed=seed)
        for metric, values in history.items():
            run.history[metric][:] = values
        run.info["epoch_seconds"] = [1.0] * 12
        made.append(run)
    return made


def overfitting(name, **more):
    """Everything right in training while the validation loss rises from epoch 2 on."""
    return seeds_of(
        name,
        range(50),
        loss=np.linspace(0.6, 0.01, 12),
        accuracy=np.linspace(0.7, 1, 12),
        val_loss=[0.7, 0.5, *np.linspace(0.6, 2, 10)],
        **more,
    )


def good(name, wrong=range(10), **more):
    """Falls at first, and stays."""
    falls = [0.6, 0.4, 0.3, *[0.25] * 9]
    accuracy = 1 - len(wrong) / IMAGES
    history = {"loss": falls, "val_loss": falls, "accuracy": accuracy, "val_accuracy": accuracy}
    return seeds_of(name, wrong, fitted_wrong=wrong, **history | more)
