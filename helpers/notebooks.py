"""Notebooks executed from first cell to last, as `make run` and `make publish` do.

First all that they need is trained, as many runs beside each other as the machine bears; then they
are executed, two beside each other, and find the records.
"""

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import nbformat
from filelock import FileLock, Timeout
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal
from nbformat import NotebookNode

from helpers import experiments, settings
from helpers.cache import fingerprint, replaced

FOLDER = settings.ROOT / "notebooks"
ENDING = 5.0  # seconds that a kernel is given to end


class NotebookError(RuntimeError):
    """A notebook that is not there, or did not come to its end."""


def chosen(names: Sequence[str] = ()) -> list[Path]:
    """The notebooks whose names begin with one of these; all of them for none.

    Raises:
        NotebookError: there is no such notebook.
    """
    found: dict[Path, None] = {}
    for name in names or [""]:
        paths = sorted(FOLDER.glob(f"{name}*.ipynb"))
        if not paths:
            raise NotebookError(f"there is no notebook notebooks/{name}*.ipynb")
        found |= dict.fromkeys(paths)
    return list(found)


def execute(
    paths: Iterable[Path], folder: Path, said: Callable[[str], None] = lambda _: None
) -> None:
    """Execute notebooks, each in a kernel of its own, and write them with their outputs.

    Args:
        paths: of the notebooks.
        folder: where they are written, under their own names; may be the one they are in.
        said: is told what is trained, what of it failed, and the name of each as it begins; and
            where another process executes notebooks into this folder, which is waited for.

    Raises:
        NotebookError: a cell failed; the notebook is written as far as it came, but to `folder`
            only where that is another than its own, and no other begins.
        KeyboardInterrupt: Ctrl-C was pressed; no kernel is left behind.
    """
    notebooks = {path: nbformat.read(path, as_version=4) for path in paths}
    with _alone(folder, said):  # which makes the folder, before hours of training
        _train(notebooks, said)
        with asyncio.Runner(loop_factory=_Loop) as runner:
            runner.run(_execute(notebooks, folder, said))


@contextlib.contextmanager
def _alone(folder: Path, said: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other process executes notebooks into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    name = fingerprint([str(folder.resolve())])
    lock = FileLock(settings.current().build / "locks" / f"notebooks-{name}.lock")
    Path(lock.lock_file).parent.mkdir(parents=True, exist_ok=True)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        said(f"another process executes notebooks into {folder}; waiting for it to end")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _train(paths: Iterable[Path], said: Callable[[str], None]) -> None:
    """Make the runs of these notebooks; what fails is told, and fails in its notebook again."""
    tasks = [found[1] for path in paths if (found := re.match(r"task(\d+)_", path.name))]
    rows = {n: row for n, row in experiments.select().items() if row.task.rstrip("abcd") in tasks}
    if not rows:
        return
    from helpers import training  # noqa: PLC0415 - TensorFlow takes seconds

    said(f"training {len(rows)} experiments, or reading their records")
    try:
        training.run_all(rows)
    except training.TrainingError as error:
        said(str(error))
    training.end_workers()


class _Loop(asyncio.SelectorEventLoop):
    """Leaves Ctrl-C to the runner, which ends all; nbclient would end one kernel and wait."""

    def add_signal_handler(self, *_: object) -> None:  # nbclient goes on without
        raise RuntimeError("signals are the runner's")


async def _execute(
    notebooks: Mapping[Path, NotebookNode], folder: Path, said: Callable[[str], None]
) -> None:
    # The longest first, so that none is left alone at the end.
    waiting = deque(sorted(notebooks, key=lambda path: -len(notebooks[path].cells)))

    async def one_by_one() -> None:
        while waiting:
            path = waiting.popleft()
            said(path.name)
            await _through(path, notebooks[path], folder)

    lanes = min(2, settings.usable_cores())
    workers = [asyncio.create_task(one_by_one()) for _ in range(lanes)]
    try:
        ended, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
        for worker in ended:
            worker.result()  # or what it failed with
    finally:  # where one failed, or Ctrl-C was pressed, the other ends its kernel
        # Again and again, since Python 3.11 loses one that comes just as what is awaited ends
        # (`asyncio.wait_for`, which nbclient uses).
        while left := [worker for worker in workers if not worker.done()]:
            for worker in left:
                worker.cancel()
            await asyncio.wait(left, timeout=ENDING)
        await asyncio.gather(*workers, return_exceptions=True)


async def _through(path: Path, notebook: NotebookNode, folder: Path) -> None:
    client = NotebookClient(
        notebook,
        timeout=None,
        record_timing=False,
        shutdown_kernel="immediate",  # else one that is interrupted complains
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=["--log-level=40"],  # errors, not that it listens on the own network
    )
    try:
        # What shows how far it is would stay in the outputs.
        await client.async_execute(env=settings.variables(progress=0))
    except (CellControlSignal, RuntimeError) as error:
        if folder != path.parent:
            _write(notebook, folder / path.name)
        raise NotebookError(f"{path}: {error}") from error
    _write(notebook, folder / path.name)


def _write(notebook: NotebookNode, path: Path) -> None:
    with replaced(path) as part:
        part.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
