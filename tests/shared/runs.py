"""Runs for tests: two that train in a moment, and ones that are made up."""

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
    dense=(4,),
    batch_norm=False,
    learning_rate=1e-2,
    epochs=3,
    profile="smoke",
)
STATEFUL = replace(BASE, name="stateful", batch_norm=True, spatial_dropout=0.2)
IMAGES = 200
LABELS = np.repeat([0, 1], IMAGES // 2)
HERE = environment.processor()[0]
VERSIONS = environment.versions()


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


def answers(wrong, sure=0.9):
    """Of a network that is wrong on the given images and right on the others, so sure of each."""
    right = np.where(LABELS == 1, sure, 1 - sure)
    right[list(wrong)] = 1 - right[list(wrong)]
    return right


def run_of(name, seed, probabilities, fitted, labels=LABELS, training_labels=LABELS, **info):
    """A run with these answers: for validation images of each epoch, for training by the epoch."""
    told = np.where(labels == 1, probabilities, 1 - probabilities)
    epochs, accuracy = len(told), (told > 0.5).mean(axis=1)
    counts = {
        "train": dict(zip(("Mel", "Nev"), np.bincount(training_labels).tolist(), strict=True)),
        "validation": dict(zip(("Mel", "Nev"), np.bincount(labels).tolist(), strict=True)),
    }
    hardware = {"processor": HERE, "cores": 2, "gpus": []}
    return Run(
        experiment=replace(experiments.EXPERIMENTS[name], epochs=epochs, profile="quick"),
        seed=seed,
        folder=Path("nowhere"),
        history={
            "loss": np.full(epochs, 0.5),
            "accuracy": accuracy.copy(),
            "val_loss": -np.log(told).mean(axis=1),
            "val_accuracy": accuracy,
        },
        labels=labels,
        probabilities=probabilities,
        training_labels=training_labels,
        training_probabilities=fitted,
        info={
            "identity": {"train": "t", "validation": "v"},
            "kept": {"best": 1, "last": epochs},
            "made": [{"epochs": epochs, "versions": VERSIONS, "hardware": hardware}],
            "data": counts | {"classes": ["Mel", "Nev"], "positive": "Mel", "demo": True},
            "epoch_seconds": [1.0] * epochs,
            "features_seconds": 0.0,
        }
        | info,
    )


def made_up(
    name="task1a_plain",
    wrong=((0, 1, 2, 3), (0, 1)),
    fitted_wrong=(),
    seed=0,
    sure=0.9,
    fitted_best=None,
    **info,
):
    """A run with the given wrong images in each epoch, and of training images at the end.

    Args:
        name: of its row.
        wrong: for each epoch which validation images.
        fitted_wrong: which training images after the last epoch.
        seed: of the run.
        sure: the probability of what it says, one for all epochs or one each.
        fitted_best: which training images after the best epoch; None: not kept.
        info: what else its record says.
    """
    sure = np.broadcast_to(sure, len(wrong))
    run = run_of(name, seed, np.stack(list(map(answers, wrong, sure))), fitted={}, **info)
    if fitted_best is not None:
        run.training_probabilities[run.best_epoch] = answers(fitted_best)
    run.training_probabilities[run.epochs] = answers(fitted_wrong)
    return run


def seeds_of(name, wrong, fitted_wrong=None, seeds=3, sure=0.9, **history):
    """Seeds of a run of twelve epochs, of which each has one error more than the one before.

    Args:
        name: of its row.
        wrong: how many validation images are wrong after each epoch, or after all of them.
        fitted_wrong: how many training images are in the end; None: as many as in validation.
        seeds: how many.
        sure: as for `made_up`.
        history: curves to be recorded in place of those of the answers.
    """
    made = []
    for seed in range(seeds):
        counts = np.broadcast_to(wrong, 12) + seed
        run = made_up(
            name,
            [range(count) for count in counts],
            range(counts[-1] if fitted_wrong is None else fitted_wrong),
            seed,
            sure,
        )
        for metric, values in history.items():
            run.history[metric][:] = values
        made.append(run)
    return made


def good(name, wrong=10, **more):
    """Learns in four epochs, and stays."""
    return seeds_of(name, [60 + wrong, 40 + wrong, 20 + wrong] + [wrong] * 9, **more)


def overfitting(name, fitted_wrong=0, **more):
    """Everything right in training while the validation loss rises from epoch 4 on."""
    sure = np.r_[0.55, np.linspace(0.7, 0.95, 11)]
    return seeds_of(name, 50, fitted_wrong, sure=sure, **more)


def still_learning(name, **more):
    """Surer from epoch to epoch, to the end."""
    return seeds_of(name, 10, sure=np.linspace(0.52, 0.9, 12), **more)


def at_chance(name, fitted=False, **more):
    """Right for half of the images of either class; with `fitted`, for all training images."""
    runs = seeds_of(name, 0, **more)
    for run in runs:
        half = np.random.default_rng(run.seed).permutation(IMAGES // 2)[: IMAGES // 4]
        run.probabilities[:] = answers([*half, *half + IMAGES // 2], 0.6)
        run.history["val_loss"][:], run.history["val_accuracy"][:] = np.log(2), 0.5
        if not fitted:
            run.training_probabilities[12][:] = run.probabilities[-1]
    return runs


def unstable(name, **more):
    """Learns, with a validation loss that swings to the end."""
    return seeds_of(name, 50, 0, sure=[0.7, 0.9999] * 6, **more)


def alike(rng, name, seeds, difficulty, epochs=20):
    """Seeds of a run that learns, differ in what they learn, and waver from epoch to epoch.

    Args:
        rng: of all that is random.
        name: of its row.
        seeds: how many.
        difficulty: of the training and of the validation images; the same for runs on the same.
        epochs: how many.
    """
    made = []
    sure = np.interp(np.arange(epochs), [0, 8, epochs], [0.1, 1.5, 2.5])[:, None]
    for seed in range(seeds):
        skill, split = 1.2 + 0.3 * rng.normal(), []
        for hard in difficulty:
            labels = np.repeat([0, 1], hard.size // 2)
            image = skill + hard + 0.6 * rng.normal(size=hard.size)
            logits = sure * (image + 0.3 * rng.normal(size=(epochs, hard.size)))
            logits += 0.2 * rng.normal(size=(epochs, 1)) * (1 - 2 * labels)
            split.append((labels, 1 / (1 + np.exp(-np.where(labels == 1, logits, -logits)))))
        (training_labels, fitted), (labels, probabilities) = split
        seconds = np.exp(0.2 * rng.normal() + 0.1 * rng.normal(size=epochs))
        run = run_of(
            name,
            seed,
            probabilities,
            {epoch: fitted[epoch - 1] for epoch in range(1, epochs + 1)},
            labels,
            training_labels,
            epoch_seconds=seconds.tolist(),
        )
        made.append(run)
    return made
