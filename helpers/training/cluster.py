"""Dask's workers: our own on this machine, kept for further calls, or those of a scheduler."""

import atexit
import contextlib
import logging
import os
import signal
from collections.abc import Iterator
from typing import Any

from helpers import runtime
from helpers.training.job import TrainingError

SETTINGS = {
    # A worker that waits for memory would wait for ever, since TensorFlow gives none back.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    # Dask would have its workers give memory back at once, which costs time.
    "distributed.nanny.pre-spawn-environ": {},
    "distributed.worker.profile.enabled": False,  # it looks a hundred times a second
}
ANSWERING = 10.0  # seconds that a scheduler is given to answer

_own: dict[str, Any] = {}  # our cluster, its client, and what they were started with


@contextlib.contextmanager
def connected(scheduler: str, workers: int, threads: int) -> Iterator[Any]:
    """A Dask client for `with`; an exception in it ends the workers that are our own at once.

    They are being started when it is given; `client.wait_for_workers` waits for them.

    Args:
        scheduler: the address of one; empty: workers of our own.
        workers: how many, of our own.
        threads: that a run on them needs.

    Raises:
        TrainingError: no scheduler answers, or it has no workers that can have so many threads.
    """
    if scheduler:
        with _client(scheduler) as client:
            _restart_others(client, threads)
            yield client
        return
    try:
        yield _own_client(workers, threads)
    except BaseException:
        end_workers()
        raise


def _client(scheduler: str) -> Any:
    from distributed import Client  # noqa: PLC0415 - takes a second, and few calls need it

    try:
        client = Client(scheduler, timeout=ANSWERING)
        client.wait_for_workers(1, timeout=ANSWERING)
    except (OSError, ValueError, TimeoutError) as error:
        raise TrainingError(
            f"scheduler: no Dask scheduler with workers answers at {scheduler!r} ({error}); start "
            "one with 'dask scheduler' and workers with 'dask worker ADDRESS --nthreads 1', or "
            "leave it out"
        ) from error
    return client


def _restart_others(client: Any, threads: int) -> None:
    """Restart workers whose TensorFlow runs with another number of threads."""
    try:
        fit = client.run(runtime.startable, threads)
    except ImportError as error:
        raise TrainingError(
            f"scheduler: its workers cannot load the lab ({error}); start them from the lab's "
            "own environment"
        ) from error
    if others := [address for address, does in fit.items() if not does]:
        client.restart_workers(others)


def _own_client(workers: int, threads: int) -> Any:
    import dask  # noqa: PLC0415
    from distributed import Client, LocalCluster  # noqa: PLC0415
    from distributed.system import MEMORY_LIMIT  # noqa: PLC0415

    wanted = {"workers": workers, "threads": threads}
    if _own.get("wanted") != wanted:
        end_workers()
        with dask.config.set(SETTINGS):
            cluster = LocalCluster(
                n_workers=0,
                threads_per_worker=1,
                memory_limit=MEMORY_LIMIT // workers,
                preload=["helpers.training"],  # TensorFlow takes seconds
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
            )
            _own["cluster"] = cluster  # from now on, whatever happens, `end_workers` finds its own
            # Ctrl-C reaches all processes of a terminal or kernel; the first decides what ends.
            cluster.sync(_deaf)
            cluster.scale(workers)
            _own["client"] = Client(cluster)
        _own["wanted"] = wanted
    return _own["client"]


async def _deaf() -> None:
    """Let the processes that this thread starts hear nothing of Ctrl-C."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


@atexit.register
def end_workers() -> None:
    """End the workers that were started here, if there are any."""
    if _own:
        client, cluster = _own.get("client"), _own["cluster"]
        _own.clear()
        for nanny in cluster.workers.values():  # a record is whole whenever its writer is killed
            nanny.auto_restart = False
            if nanny.pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(nanny.pid, signal.SIGKILL)
        if client is not None:
            client.close()
        cluster.close()
