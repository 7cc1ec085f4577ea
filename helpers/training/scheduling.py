"""Runs side by side: those without a record are trained by Dask's workers, here or on a cluster."""

import functools
import threading
import uuid
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from tqdm.auto import tqdm

from helpers import datasets, runtime, settings
from helpers.experiments import Experiment, seeds_of
from helpers.records import Run
from helpers.settings import Settings
from helpers.training import cluster
from helpers.training.fitting import recorded, trained
from helpers.training.job import TrainingError, threads_of

STARTING = 300.0  # seconds that workers are given to start
Task = tuple[Experiment, int]  # a run and its seed
Failures = dict[Task, Exception]


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
    tasks = {
        name: [(row, seed) for seed in (seeds_of(row) if given is None else given)]
        for name, row in rows.items()
    }
    every = dict.fromkeys(task for of_row in tasks.values() for task in of_row)
    found, failures = _found(every)
    missing = [task for task in every if task not in found and task not in failures]
    if missing:
        failures |= _made(missing)
        there, unread = _found(task for task in missing if task not in failures)
        found, failures = found | there, failures | unread
        for task in every:
            if task not in found and task not in failures:
                failures[task] = TrainingError(
                    "what a worker recorded cannot be read here; workers must see the same folders "
                    "and run the same version of the lab"
                )
    _raise({task: failures[task] for task in every if task in failures}, len(every))
    return {name: [found[task] for task in of_row] for name, of_row in tasks.items()}


def _found(tasks: Iterable[Task]) -> tuple[dict[Task, Run], Failures]:
    """The runs of these that have their record, and those whose images cannot be used."""
    found: dict[Task, Run] = {}
    failures: Failures = {}
    for task in tasks:
        try:
            run = recorded(*task)
        except datasets.DatasetError as error:
            failures[task] = error
            continue
        if run is not None:
            found[task] = run
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


def _made(tasks: list[Task]) -> Failures:
    """Train these; returns those that failed, and with what."""
    failures: Failures = {}
    lab = settings.current()
    groups: dict[tuple[bool, int], list[Task]] = {}  # those that are large, by threads
    for task in tasks:
        groups.setdefault((task[0].threads > 1, threads_of(task[0])), []).append(task)
    epochs = sum(row.epochs for row, _ in tasks)
    what = f"{len(tasks)} runs" if len(tasks) > 1 else "".join(row.name for row, _ in tasks)
    silent = not lab.progress
    with tqdm(total=epochs, desc=what, unit="epoch", leave=False, disable=silent) as bar:
        told = _Display(tasks, bar).told
        for (large, threads), group in sorted(groups.items()):
            by_cores = max(1, settings.usable_cores() // threads)
            at_once = 1 if large else lab.workers or by_cores
            alone = at_once == 1 or len(group) == 1
            if alone and not lab.scheduler and runtime.startable(threads):
                failures |= _one_by_one(group, told)
            else:
                with cluster.connected(lab.scheduler, min(at_once, len(group)), threads) as client:
                    failures |= _side_by_side(client, group, told)
    return failures


def _checked(tasks: list[Task]) -> Failures:
    """Check the images of these, with the warnings that workers would not show."""
    failures: Failures = {}
    for data in dict.fromkeys(row.data for row, _ in tasks):
        try:
            datasets.load_pair(data)
        except datasets.DatasetError as error:
            failures |= {task: error for task in tasks if task[0].data == data}
    return failures


class _Display:
    """One bar of the epochs of all runs, and how many runs are left."""

    def __init__(self, tasks: list[Task], bar: Any) -> None:
        self.epochs, self.bar = dict.fromkeys(tasks, 0), bar

    def told(self, task: Task, epochs: int) -> None:
        """Show that a run has so many epochs."""
        self.epochs[task] = epochs
        left = sum(done < row.epochs for (row, _), done in self.epochs.items())
        self.bar.set_postfix_str(f"{left} left", refresh=False)
        self.bar.update(sum(self.epochs.values()) - self.bar.n)


def _one_by_one(tasks: list[Task], told: Callable[[Task, int], None]) -> Failures:
    """Train in this process."""
    failures: Failures = {}
    for task in tasks:
        try:
            trained(*task, functools.partial(told, task))
        except Exception as error:  # told at the end, with those of the others
            failures[task] = error
    return failures


def _side_by_side(client: Any, tasks: list[Task], told: Callable[[Task, int], None]) -> Failures:
    """Train on the workers of a Dask client."""
    from distributed import as_completed  # noqa: PLC0415 - takes a second, and few calls need it

    failures = _checked(tasks)  # while workers start
    tasks = [task for task in tasks if task not in failures]
    client.wait_for_workers(1, timeout=STARTING)
    lab = replace(settings.current(), progress=False, precision=runtime.precision())
    topic = f"epochs-{uuid.uuid4().hex}"
    futures: dict[Task, Any] = {}

    def submit(task: Task) -> Any:
        if task not in futures:
            before = [submit(other) for other in tasks if _precedes(other, task, tasks)]
            futures[task] = client.submit(
                _on_worker, *task, lab, topic, before, pure=False, priority=_urgency(task, tasks)
            )
        return futures[task]

    for task in tasks:
        submit(task)
    by_key = {future.key: task for task, future in futures.items()}
    client.subscribe_topic(topic, lambda event: told(by_key[event[1][0]], event[1][1]))
    try:
        for future in as_completed(list(futures.values())):
            task = by_key[future.key]
            said, error = ([], _reason(future)) if future.status != "finished" else future.result()
            for category, text in said:
                warnings.warn(text, category, stacklevel=4)
            if error is not None:
                failures[task] = error
    finally:
        client.unsubscribe_topic(topic)
        client.cancel(list(futures.values()))
    return failures


def _reason(future: Any) -> Exception:
    """Why a run was not made."""
    from distributed.scheduler import KilledWorker  # noqa: PLC0415

    error = future.exception()
    if isinstance(error, KilledWorker):
        return TrainingError(
            "its process died, and so did those that went on with it; most often for want of "
            "memory: set fewer workers"
        )
    return error


def _precedes(one: Task, other: Task, tasks: list[Task]) -> bool:
    """Whether the other run waits for the first: for its record, its weights, or its features."""
    (row, seed), (later, its_seed) = one, other
    read = _features(row)
    if read is not None and read == _features(later):  # the first of all makes them
        return one != other and one == next(task for task in tasks if _features(task[0]) == read)
    if seed != its_seed or row == later:
        return False
    start = later.starts_from
    continued = row.identity() == later.identity() and row.epochs < later.epochs
    return continued or (start is not None and row.identity() == start.identity())


def _features(row: Experiment) -> tuple[object, ...] | None:
    """What decides the features that a run reads; None for one on images."""
    if row.features is None:
        return None
    return row.data, row.images, row.size, row.features, row.scaled, row.network


def _urgency(task: Task, tasks: list[Task]) -> int:
    """About how long a run and those after it take, in no unit; the longest is begun first."""
    row, _ = task
    after = [_urgency(other, tasks) for other in tasks if _precedes(task, other, tasks)]
    return row.epochs * row.size**2 * row.base + max(after, default=0)


def _on_worker(
    row: Experiment, seed: int, lab: Settings, topic: str, _before: list[Any]
) -> tuple[list[tuple[type[Warning], str]], Exception | None]:
    """Make a run and tell of each epoch; returns what it warned of, and its error if it failed.

    The error is no error of the worker's, for which Dask would not begin what waits for this run.
    """
    from distributed import get_worker  # noqa: PLC0415

    worker = get_worker()
    key = worker.get_current_task()

    def told(epochs: int) -> None:
        state = worker.state.tasks.get(key)
        if state is None or state.state == "cancelled":  # nobody waits for it any more
            raise TrainingError("it was interrupted")
        worker.log_event(topic, (key, epochs))

    settings.use(**asdict(lab))
    tqdm.set_lock(threading.RLock())  # its own is one of processes, which a killed one leaves
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        error = None
        try:
            trained(row, seed, told)
        except Exception as failure:
            error = failure
    said = [
        (warning.category, str(warning.message))
        for warning in caught
        if warning.category.__module__.startswith("helpers.")
        and not issubclass(warning.category, datasets.DatasetWarning)  # said before
    ]
    return said, error
