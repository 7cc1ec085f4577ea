"""The metrics of a run at one epoch, as the cells of a table's row."""

from collections.abc import Sequence

import numpy as np

from helpers import evidence
from helpers.evidence import Estimate
from helpers.records import Run
from helpers.results.measures import At, right_in_training

FEW_CLASSES = 4  # so many are told one by one, in columns and in titles
NO_BREAK = "\N{NO-BREAK SPACE}"  # keeps an interval on one line of a narrow table


def metrics(runs: Sequence[Run], at: At) -> dict[str, str]:
    """The cells of one row, by column, over the seeds of a run.

    How well single classes are told is called sensitivity and specificity only where it is known
    which of two classes is the positive one. Elsewhere it is the recall of each class; of more
    than `FEW_CLASSES` it is the balanced accuracy and the lowest recall, with its class; the
    interval of that one takes no account of its being the lowest of several.
    """
    epochs = [run.epoch(at) for run in runs]
    of_epoch = [run.probabilities[epoch - 1] for run, epoch in zip(runs, epochs, strict=True)]
    losses = [run.history["val_loss"][e - 1] for run, e in zip(runs, epochs, strict=True)]
    row = {
        "epoch": _few(epochs),
        "loss": mean_and_spread(losses),
        "accuracy": _estimates(
            [evidence.accuracy(r.labels, p) for r, p in zip(runs, of_epoch, strict=True)]
        ),
    }
    row |= _of_classes(runs, of_epoch)
    row["training accuracy"] = "not kept"
    if all(epoch in run.training_probabilities for run, epoch in zip(runs, epochs, strict=True)):
        fitted = [right_in_training(run, at).mean() for run in runs]
        row["training accuracy"] = mean_and_spread(fitted)
    row["constant"] = f"{evidence.constant_answer(runs[0].labels)[0]:.3f}"
    if at == "best":
        picked = [evidence.optimism(run.labels, run.probabilities).points.value for run in runs]
        row["picked"] = f"{np.mean(picked):+.1f}"
    return row


def mean_and_spread(values: Sequence[float]) -> str:
    """The mean of one value a seed, with its standard deviation where there are several."""
    mean, deviation = evidence.spread(values)
    return f"{mean:.3f}" + (f" ± {deviation:.3f}" if len(values) > 1 else "")


def _of_classes(runs: Sequence[Run], of_epoch: Sequence[np.ndarray]) -> dict[str, str]:
    """How well single classes are told; `of_epoch` are the probabilities of each seed."""
    data = runs[0].info["data"]
    classes, positive = data["classes"], data["positive"]
    answers = [(run.labels, p) for run, p in zip(runs, of_epoch, strict=True)]
    if positive is not None:
        told = [evidence.clinical(*of_seed, classes.index(positive)) for of_seed in answers]
        return {
            f"sensitivity ({positive})": _estimates([seed.sensitivity for seed in told]),
            "specificity": _estimates([seed.specificity for seed in told]),
            "AUC": _estimates([seed.auc for seed in told]),
        }
    of_seeds = [evidence.recalls(*of_seed) for of_seed in answers]
    by_class = dict(zip(classes, zip(*of_seeds, strict=True), strict=True))
    if len(classes) > FEW_CLASSES:
        means = {name: np.mean([r.value for r in recalls]) for name, recalls in by_class.items()}
        lowest, *others = (name for name in classes if means[name] == min(means.values()))
        whose = lowest + (f" and {len(others)} more" if others else "")
        return {
            "balanced accuracy": _estimates(list(map(evidence.balanced_accuracy, of_seeds))),
            "lowest recall": f"{_estimates(by_class[lowest])} ({whose})",
        }
    row = {f"recall of {name}": _estimates(recalls) for name, recalls in by_class.items()}
    if len(classes) == 2:  # the same of either; a column for each would seem to say more
        row[f"AUC of {classes[1]}"] = _estimates([evidence.auc(*seed, 1) for seed in answers])
    return row


def _few(epochs: Sequence[int]) -> str:
    """Each of a few numbers; of many the range."""
    distinct = sorted(set(epochs))
    if len(distinct) == 1:
        return str(distinct[0])
    if len(epochs) <= evidence.FEWEST_SEEDS:
        return ", ".join(map(str, epochs))
    return f"{distinct[0]} to {distinct[-1]}"


def _estimates(estimates: Sequence[Estimate]) -> str:
    low, high = (np.mean([getattr(e, end) for e in estimates]) for end in ("low", "high"))
    interval = f"[{low:.3f},{NO_BREAK}{high:.3f}]"
    return f"{mean_and_spread([e.value for e in estimates])} {interval}"
