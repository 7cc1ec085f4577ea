"""Which runs are trained, how many at once, and by whom: this process, or Dask's workers."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from tqdm.auto import tqdm

from helpers import datasets, runtime, settings
from helpers.experiments import Experiment, seeds_of
from helpers.records import Run
from helpers.training import cluster
from helpers.training.dispatch import Failures, Trial, side_by_side
from helpers.training.fitting import trained
from helpers.training.job import TrainingError, threads_of
from helpers.training.lookup import recorded


def run(experiment: Experiment, seed: int | None = None) -> Run:
    """Train an experiment and record it, or read the record where it was trained before.

    The same experiment, seed, images, precision, threads, code, versions and kind of processor give
    the same numbers to the last bit, also where the training was interrupted and goes on from its
    record.

    Args:
        experiment: a row of the table, or a changed copy of one.
        seed: of initial weights, order of images and dropout; default the settings' seed.

    Raises:
        TrainingError: the loss became NaN or infinite, or the experiment asks for what the lab
            does not have.
        records.RecordError: the record cannot be written.
        datasets.DatasetError: there is something wrong with the images.
    """
    seed = settings.current().seed if seed is None else seed
    return run_all({experiment.name: experiment}, [seed])[experiment.name][0]


def run_all(
    rows: Mapping[str, Experiment], seeds: Iterable[int] | None = None
) -> dict[str, list[Run]]:
    """Each of these runs with each of its seeds: from its record, or trained now, side by side.

    So many are trained at once as the settings' `workers` say, each in a process of its own; in
    this process where that is one, or where one run is missing. Where `scheduler` is the address of
    a Dask scheduler, its workers train; they must see the same folders. A script that calls this
    does so under `if __name__ == "__main__":`, since its workers import it.

    Args:
        rows: experiments by name, as `experiments.select` gives them.
        seeds: default those of each row, see `experiments.seeds_of`.

    Returns:
        By name the runs of all seeds, in their order.

    Raises:
        TrainingError: some runs could not be made; all others were. A single one raises its own
            error, see `run`.
        KeyboardInterrupt: what was recorded so far is kept, and the next call goes on from it.
    """
    given = None if seeds is None else list(seeds)
    trials = {
        name: [(row, seed) for seed in (seeds_of(row) if given is None else given)]
        for name, row in rows.items()
    }
    every = dict.fromkeys(trial for of_row in trials.values() for trial in of_row)
    found, failures = _found(every)
    missing = [trial for trial in every if trial not in found and trial not in failures]
    if missing:
        failures |= _made(missing)
        there, unread = _found(trial for trial in missing if trial not in failures)
        found, failures = found | there, failures | unread
        for trial in every:
            if trial not in found and trial not in failures:
                failures[trial] = TrainingError(
                    "what a worker recorded cannot be read here; workers must see the same folders "
                    "and run the same version of the lab"
                )
    _raise({trial: failures[trial] for trial in every if trial in failures}, len(every))
    return {name: [found[trial] for trial in of_row] for name, of_row in trials.items()}


def _found(trials: Iterable[Trial]) -> tuple[dict[Trial, Run], Failures]:
    """The runs of these that have their record, and those whose images cannot be used."""
    found: dict[Trial, Run] = {}
    failures: Failures = {}
    for trial in trials:
        try:
            run = recorded(*trial)
        except datasets.DatasetError as error:
            failures[trial] = error
            continue
        if run is not None:
            found[trial] = run
    return found, failures


def _raise(failures: Failures, tried: int) -> None:
    """Tell what failed, if anything did."""
    if not failures:
        return
    first = next(iter(failures.values()))
    if tried == 1:
        raise first
    lines = [f"{row.name}, seed {seed}: {error}" for (row, seed), error in failures.items()]
    raise TrainingError(
        f"{len(failures)} of {tried} runs could not be made:\n" + "\n".join(lines)
    ) from first


def _made(trials: list[Trial]) -> Failures:
    """Train these; returns those that failed, and with what."""
    failures: Failures = {}
    lab = settings.current()
    groups: dict[tuple[bool, int], list[Trial]] = {}  # those that are large, by threads
    for trial in trials:
        groups.setdefault((trial[0].threads > 1, threads_of(trial[0])), []).append(trial)
    epochs = sum(row.epochs for row, _ in trials)
    what = f"{len(trials)} runs" if len(trials) > 1 else "".join(row.name for row, _ in trials)
    silent = not lab.progress
    with tqdm(total=epochs, desc=what, unit="epoch", leave=False, disable=silent) as bar:
        display = _Display(trials, bar)
        for (large, threads), group in sorted(groups.items()):
            by_cores = max(1, settings.usable_cores() // threads)
            at_once = 1 if large else lab.workers or by_cores
            alone = at_once == 1 or len(group) == 1
            if alone and not lab.scheduler and runtime.startable(threads):
                failures |= _one_by_one(group, display)
            else:
                with cluster.connected(lab.scheduler, min(at_once, len(group)), threads) as client:
                    failures |= side_by_side(client, group, display)
    return failures


class _Display:
    """One bar of the epochs of all runs, and how many runs are left."""

    def __init__(self, trials: list[Trial], bar: Any) -> None:
        self.epochs, self.left, self.bar = dict.fromkeys(trials, 0), set(trials), bar

    def told(self, trial: Trial, epochs: int) -> None:
        """Show that a run has so many epochs."""
        self.epochs[trial] = epochs
        self.bar.update(sum(self.epochs.values()) - self.bar.n)

    def ended(self, trial: Trial) -> None:
        """Show that a run is made, or has failed."""
        self.left.discard(trial)
        self.bar.set_postfix_str(f"{len(self.left)} left")


def _one_by_one(trials: list[Trial], display: _Display) -> Failures:
    """Train in this process."""
    failures: Failures = {}
    for trial in trials:
        try:
            trained(*trial, partial(display.told, trial))
        except Exception as error:  # told at the end, with those of the others
            failures[trial] = error
        display.ended(trial)
    return failures
