"""Runs handed to Dask's workers, and what comes back from them."""

import threading
import uuid
import warnings
from dataclasses import asdict, replace
from typing import Any, Protocol

from tqdm.auto import tqdm

from helpers import datasets, runtime, settings
from helpers.experiments import Experiment
from helpers.settings import Settings
from helpers.training.fitting import trained
from helpers.training.job import TrainingError
from helpers.training.order import Trial, predecessors, urgencies

STARTING = 300.0  # seconds that workers are given to start
Failures = dict[Trial, Exception]


class Display(Protocol):
    """What shows how far runs are."""

    def told(self, trial: Trial, epochs: int) -> None:
        """Show that a run has so many epochs."""

    def ended(self, trial: Trial) -> None:
        """Show that a run is made, or has failed."""


def side_by_side(client: Any, trials: list[Trial], display: Display) -> Failures:
    """Train on the workers of a Dask client.

    Returns:
        Those that failed, and with what.

    Raises:
        TrainingError: no worker started.
    """
    from distributed import as_completed  # noqa: PLC0415 - takes a second, and few calls need it

    failures = _checked(trials)  # while workers start
    trials = [trial for trial in trials if trial not in failures]
    try:
        client.wait_for_workers(1, timeout=STARTING)
    except TimeoutError as late:
        raise TrainingError(f"no worker has started within {STARTING:g} seconds") from late
    lab = replace(settings.current(), progress=False, precision=runtime.precision())
    topic = f"epochs-{uuid.uuid4().hex}"
    before = predecessors(trials)
    urgency = urgencies(before)
    futures: dict[Trial, Any] = {}

    def submit(trial: Trial) -> Any:
        if trial not in futures:
            waited_for = [submit(other) for other in before[trial]]
            futures[trial] = client.submit(
                _on_worker, *trial, lab, topic, waited_for, pure=False, priority=urgency[trial]
            )
        return futures[trial]

    for trial in trials:
        submit(trial)
    by_key = {future.key: trial for trial, future in futures.items()}
    client.subscribe_topic(topic, lambda event: display.told(by_key[event[1][0]], event[1][1]))
    try:
        for future in as_completed(list(futures.values())):
            trial = by_key[future.key]
            said, error = ([], _reason(future)) if future.status != "finished" else future.result()
            for category, text in said:
                warnings.warn(text, category, stacklevel=4)
            if error is None:
                display.told(trial, trial[0].epochs)
            else:
                failures[trial] = error
            display.ended(trial)
    finally:
        client.unsubscribe_topic(topic)
        client.cancel(list(futures.values()))
    return failures


def _checked(trials: list[Trial]) -> Failures:
    """Check the images of these, with the warnings that workers would not show."""
    failures: Failures = {}
    for data in dict.fromkeys(row.data for row, _ in trials):
        try:
            datasets.load_pair(data)
        except datasets.DatasetError as error:
            failures |= {trial: error for trial in trials if trial[0].data == data}
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
