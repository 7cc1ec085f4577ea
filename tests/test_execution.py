"""Notebooks executed as a whole: which, where they are written, one by one or two together."""

import os
import signal
import subprocess
import sys
import time

import nbformat
import pytest

from helpers import execution, settings, training
from helpers.execution import NotebookError
from helpers.experiments import EXPERIMENTS

MEET = """
import pathlib, time
pathlib.Path("{mine}").touch()
until = time.monotonic() + {seconds}
while not pathlib.Path("{other}").exists() and time.monotonic() < until:
    time.sleep(0.05)
print("met" if pathlib.Path("{other}").exists() else "alone")
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
    assert execution.chosen() == sorted((settings.ROOT / "notebooks").glob("*.ipynb"))
    names = [path.stem for path in execution.chosen(["task4", "task1", "task1_dropout"])]
    assert names == ["task4_alexnet_augmented", "task1_dropout_bn"]
    with pytest.raises(NotebookError, match="no notebook notebooks/task9"):
        execution.chosen(["task1", "task9"])


def test_a_notebook_is_run_in_its_folder_and_written_with_its_outputs(write, tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "beside.txt").write_text("found it")
    path = write("task1", "text = open('beside.txt').read()", "print(text)")
    before, said = path.read_bytes(), []
    execution.execute([path], tmp_path / "out", said.append)
    assert said == ["task1.ipynb"]
    assert printed(tmp_path / "out" / "task1.ipynb") == "found it\n"
    assert path.read_bytes() == before
    execution.execute([path], path.parent)
    assert path.read_bytes() == (tmp_path / "out" / "task1.ipynb").read_bytes()
    cells = nbformat.read(path, as_version=4).cells
    assert [cell.execution_count for cell in cells] == [1, 2]
    assert not any("execution" in cell.metadata for cell in cells)  # no time of day


@pytest.mark.parametrize("trained", [True, False])
def test_two_run_beside_each_other_only_where_nothing_is_trained(
    write, tmp_path, monkeypatch, trained
):
    seconds = 60 if trained else 1
    a, b = (
        write(mine, MEET.format(mine=mine, other=other, seconds=seconds))
        for mine, other in (("a", "b"), ("b", "a"))
    )
    monkeypatch.setattr(execution, "trained", lambda: trained)
    monkeypatch.setattr(execution.settings, "usable_cores", lambda: 2)
    execution.execute([a, b], tmp_path)
    met = "met\n" if trained else "alone\n"
    assert [printed(tmp_path / "a.ipynb"), printed(tmp_path / "b.ipynb")] == [met, "met\n"]


@pytest.mark.parametrize(("cores", "order"), [(1, "abc"), (2, "acb")])
def test_the_longest_of_those_that_wait_is_the_next_where_there_is_a_second_core(
    write, tmp_path, monkeypatch, cores, order
):
    monkeypatch.setattr(execution, "trained", lambda: True)
    monkeypatch.setattr(execution.settings, "usable_cores", lambda: cores)
    cells = {"a": ["import time; time.sleep(1)"], "b": ["1"], "c": ["1", "1"]}
    said = []
    execution.execute([write(name, *cells[name]) for name in "abc"], tmp_path, said.append)
    assert said == [f"{name}.ipynb" for name in order]


def test_what_failed_is_named_kept_as_far_as_it_came_and_ends_it(write, tmp_path, monkeypatch):
    monkeypatch.setattr(execution, "trained", lambda: False)
    bad = write(
        "bad", "print('so far')", "raise ValueError('what is wrong')", "print('not so far')"
    )
    before, said = bad.read_bytes(), []
    with pytest.raises(NotebookError, match=r"(?s)bad\.ipynb.*what is wrong"):
        execution.execute([bad, write("next", "print(1)")], tmp_path / "out", said.append)
    assert said == ["bad.ipynb"]
    assert printed(tmp_path / "out" / "bad.ipynb") == "so far\n"
    with pytest.raises(NotebookError):
        execution.execute([bad], bad.parent)
    assert bad.read_bytes() == before


def test_an_interrupted_call_leaves_no_kernel_behind(write, tmp_path):
    there = tmp_path / "kernel"
    path = write(
        "long",
        f"import os, pathlib; pathlib.Path({str(there)!r}).write_text(str(os.getpid()))",
        "import time; time.sleep(600)",
    )
    code = (
        "import pathlib, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # it may be inherited, ignored
        "from helpers import execution\n"
        "execution.execute([pathlib.Path(sys.argv[1])], pathlib.Path(sys.argv[2]))"
    )
    caller = subprocess.Popen(
        [sys.executable, "-c", code, str(path), str(tmp_path)], stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 60
    while not (there.exists() and there.read_text()) and time.monotonic() < until:
        time.sleep(0.1)
    caller.send_signal(signal.SIGINT)
    _, said = caller.communicate(timeout=60)
    assert said.rstrip().endswith("KeyboardInterrupt")
    with pytest.raises(ProcessLookupError):
        os.kill(int(there.read_text()), 0)


def test_all_is_trained_when_every_seed_of_every_run_has_its_record(lab, monkeypatch):
    monkeypatch.setattr(execution, "EXPERIMENTS", {"task1a_plain": EXPERIMENTS["task1a_plain"]})
    assert not execution.trained()
    training.run(execution.scaled(EXPERIMENTS["task1a_plain"]))
    assert execution.trained()
    execution.settings.use(seeds=2)
    assert not execution.trained()
