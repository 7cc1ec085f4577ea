"""Which runs wait for which, and which are begun first."""

from collections.abc import Sequence

from helpers.experiments import Experiment

Trial = tuple[Experiment, int]  # a run and its seed


def predecessors(trials: Sequence[Trial]) -> dict[Trial, list[Trial]]:
    """For each run those that it waits for: for a record, for weights, or for features.

    Several that read the same features wait for the first of them, which makes them.
    """
    makers: dict[object, Trial] = {}
    for trial in trials:
        makers.setdefault(_features(trial[0]), trial)
    before = {}
    for trial in trials:
        before[trial] = [other for other in trials if _goes_on_from(trial, other)]
        maker = makers[_features(trial[0])]
        if trial[0].features is not None and maker != trial and maker not in before[trial]:
            before[trial].append(maker)
    return before


def urgencies(before: dict[Trial, list[Trial]]) -> dict[Trial, int]:
    """About how long each run and the longest after it take, in no unit; the largest is first."""
    after: dict[Trial, list[Trial]] = {trial: [] for trial in before}
    for trial, others in before.items():
        for other in others:
            after[other].append(trial)

    def urgency(trial: Trial) -> int:
        row, _ = trial
        later = max(map(urgency, after[trial]), default=0)
        return row.epochs * row.size**2 * row.base + later

    return {trial: urgency(trial) for trial in before}


def _goes_on_from(trial: Trial, other: Trial) -> bool:
    """Whether it continues the other's training, or starts with its weights."""
    (row, seed), (earlier, its_seed) = trial, other
    if seed != its_seed or row == earlier:
        return False
    start = row.starts_from
    if start is not None and start.identity() == earlier.identity():
        return True
    return earlier.epochs < row.epochs and earlier.identity() == row.identity()


def _features(row: Experiment) -> tuple[object, ...]:
    """What decides the features that a run reads, if it does."""
    return row.data, row.images, row.size, row.features, row.scaled, row.network
