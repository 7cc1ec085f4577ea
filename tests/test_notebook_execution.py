"""Notebooks executed as a whole: which, where they are written, one by one or two together."""

import asyncio
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import nbformat
import processes
import pytest

from helpers import notebooks, settings, training
from helpers.experiments import select
from helpers.notebooks import NotebookError

# A cell that waits for another notebook to have come as far as this.
MEET = f"""
import pathlib, sys
sys.path.insert(0, {str(settings.ROOT / "tests" / "shared")!r})
from processes import until
pathlib.Path("{{mine}}").touch()
until(pathlib.Path("{{other}}").exists)
print("met")
"""


@pytest.fixture
def write(tmp_path):
    def write(name, *cells):
        path = tmp_path / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        code = [nbformat.v4.new_code_cell(source) for source in cells]
        nbformat.write(nbformat.v4.new_notebook(cells=code), path)
        return path

    return write


def printed(path):
    return "".join(
        output.text
        for cell in nbformat.read(path, as_version=4).cells
        for output in cell.outputs
        if output.output_type == "stream"
    )


def test_notebooks_are_chosen_by_how_their_names_begin():
    assert notebooks.chosen() == sorted((settings.ROOT / "notebooks").glob("*.ipynb"))
    names = [path.stem for path in notebooks.chosen(["task4", "task1", "task1_dropout"])]
    assert names == ["task4_alexnet_augmented", "task1_dropout_bn"]
    with pytest.raises(NotebookError, match="no notebook notebooks/task9"):
        notebooks.chosen(["task1", "task9"])


def test_a_notebook_is_run_in_its_folder_and_written_with_its_outputs(write, tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "beside.txt").write_text("found it")
    path = write("task1", "text = open('beside.txt').read()", "print(text)")
    before, said = path.read_bytes(), []
    notebooks.execute([path], tmp_path / "out", said.append)
    assert said == ["task1.ipynb"]
    assert printed(tmp_path / "out" / "task1.ipynb") == "found it\n"
    assert path.read_bytes() == before
    notebooks.execute([path], path.parent)
    assert path.read_bytes() == (tmp_path / "out" / "task1.ipynb").read_bytes()
    cells = nbformat.read(path, as_version=4).cells
    assert [cell.execution_count for cell in cells] == [1, 2]
    assert not any("execution" in cell.metadata for cell in cells)  # no time of day


def test_two_run_beside_each_other(write, tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks.settings, "usable_cores", lambda: 2)
    a, b = (write(one, MEET.format(mine=one, other=other)) for one, other in ("ab", "ba"))
    notebooks.execute([a, b], tmp_path)
    assert [printed(tmp_path / f"{name}.ipynb") for name in "ab"] == ["met\n", "met\n"]


def test_on_one_core_they_run_one_after_the_other(write, tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks.settings, "usable_cores", lambda: 1)
    paths, written = [write(name, f"print({name!r})") for name in "abc"], []
    out = tmp_path / "out"
    notebooks.execute(paths, out, lambda _: written.append(len(list(out.glob("*.ipynb")))))
    assert written == [0, 1, 2]  # each begins when those before it are done
    assert [printed(out / f"{name}.ipynb") for name in "abc"] == ["a\n", "b\n", "c\n"]


def test_the_longest_is_the_first(write, tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks.settings, "usable_cores", lambda: 1)
    cells = {"a": ["1"], "b": ["1", "2", "3"], "c": ["1", "2"]}
    said = []
    notebooks.execute([write(name, *cells[name]) for name in "abc"], tmp_path, said.append)
    assert said == [f"{name}.ipynb" for name in "bca"]


def test_what_failed_is_named_kept_as_far_as_it_came_and_ends_it(write, tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks.settings, "usable_cores", lambda: 1)
    bad = write(
        "bad", "print('so far')", "raise ValueError('what is wrong')", "print('not so far')"
    )
    before, said = bad.read_bytes(), []
    with pytest.raises(NotebookError, match=r"(?s)bad\.ipynb.*what is wrong"):
        notebooks.execute([bad, write("next", "print(1)")], tmp_path / "out", said.append)
    assert said == ["bad.ipynb"]
    assert printed(tmp_path / "out" / "bad.ipynb") == "so far\n"
    with pytest.raises(NotebookError):
        notebooks.execute([bad], bad.parent)
    assert bad.read_bytes() == before


def test_an_interrupted_call_leaves_no_kernel_behind(write, tmp_path):
    there = tmp_path / "kernel"
    path = write(
        "long",
        f"import os, pathlib; pathlib.Path({str(there)!r}).write_text(f'{{os.getpid()}}\\n')",
        "import time\nwhile True: time.sleep(1)",
    )
    code = (
        "import pathlib, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # it may be inherited, ignored
        "from helpers import notebooks\n"
        "notebooks.execute([pathlib.Path(sys.argv[1])], pathlib.Path(sys.argv[2]))"
    )
    caller = subprocess.Popen(
        [sys.executable, "-c", code, str(path), str(tmp_path)], stderr=subprocess.PIPE, text=True
    )
    processes.until(lambda: there.exists() and there.read_text().endswith("\n"))
    caller.send_signal(signal.SIGINT)
    _, said = caller.communicate(timeout=processes.LIMIT)
    assert said.rstrip().endswith("KeyboardInterrupt")
    with pytest.raises(ProcessLookupError):
        os.kill(int(there.read_text()), 0)


def test_one_that_does_not_hear_that_it_is_to_end_is_told_again(write, tmp_path, monkeypatch):
    told = []

    async def execute(client, **_):
        if client.nb.cells[0].source == "bad":
            raise RuntimeError("it failed")
        while len(told) < 3:
            try:
                await asyncio.sleep(processes.LIMIT)
            except asyncio.CancelledError:
                told.append(client)
        raise asyncio.CancelledError

    monkeypatch.setattr(notebooks.NotebookClient, "async_execute", execute)
    monkeypatch.setattr(notebooks, "ENDING", 0.01)
    monkeypatch.setattr(settings, "usable_cores", lambda: 2)
    with pytest.raises(NotebookError, match="it failed"):
        notebooks.execute([write("deaf", "deaf"), write("bad", "bad")], tmp_path)
    assert len(told) == 3


def test_what_they_need_is_trained_before_and_what_fails_is_told(write, tmp_path, monkeypatch):
    asked = []

    def run_all(rows):
        asked.extend(rows)
        raise training.TrainingError("one of them failed")

    monkeypatch.setattr(training, "run_all", run_all)
    paths, said = [write(f"task{n}_of_it", "print('run')") for n in (3, 4, 6)], []
    notebooks.execute(paths, tmp_path, said.append)
    assert asked == [*select("4"), *select("6")]
    assert said[:2] == ["training 4 experiments, or reading their records", "one of them failed"]
    assert sorted(said[2:]) == [path.name for path in paths]


def test_of_two_calls_the_second_says_that_it_waits(write, tmp_path):
    """The second begins while a cell of the first waits for it to have said so."""
    begun, waits = tmp_path / "begun", tmp_path / "waits"
    first = write("first", MEET.format(mine=begun, other=waits))
    second = write("second", "print('second')")
    into, said = tmp_path / "made", []

    def told(text):
        said.append(text)
        waits.touch()

    with ThreadPoolExecutor() as pool:
        one = pool.submit(notebooks.execute, [first], into)
        processes.until(begun.exists)
        notebooks.execute([second], into, told)
        one.result()
    assert said[0] == f"another process executes notebooks into {into}; waiting for it to end"
    assert printed(into / "first.ipynb") == "met\n" and printed(into / "second.ipynb") == "second\n"


def test_the_doses_of_the_profile_are_trained_and_no_others(write, monkeypatch):
    trained = {}
    monkeypatch.setattr(training, "run_all", trained.update)
    notebooks._train([write("task8_gradcam", "")], print)
    assert trained == {n: row for task in ("8a", "8b") for n, row in select(task).items()}


def test_no_bar_of_how_far_it_is_stays_in_the_outputs(write, tmp_path, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "a terminal in JupyterLab")
    path = write("task3", "from helpers import settings; print(settings.current().progress)")
    notebooks.execute([path], tmp_path / "out")
    assert printed(tmp_path / "out" / "task3.ipynb") == "False\n"
