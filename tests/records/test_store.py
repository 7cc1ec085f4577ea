"""The store: records that are whole or not there, whatever happens, and what is not one."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import processes
import pytest
from filelock import FileLock
from runs import BASE, count_trainings, same

from helpers import records, settings, training
from helpers.records import store


def full_disk(*_, **__):
    raise OSError(28, "No space left on device")


def test_a_record_holds_what_it_promises(lab, recorded):
    run = recorded
    assert run.folder == lab.results / "tiny" / run.folder.parent.name / "seed0"
    assert sorted(path.name for path in run.folder.iterdir()) == sorted(
        [*records.FILES, "run.json"]
    )
    lines = (run.folder / "history.csv").read_text().splitlines()
    assert lines[0] == "epoch,loss,accuracy,val_loss,val_accuracy"
    assert [line.split(",")[0] for line in lines[1:]] == ["1", "2", "3"]
    assert float(lines[3].split(",")[3]) == run.history["val_loss"][2]
    info = run.info
    assert info["data"]["train"] == {"Mel": 8, "Nev": 8}
    assert (info["data"]["classes"], info["data"]["positive"]) == (["Mel", "Nev"], "Mel")
    assert not info["data"]["demo"]
    (made,) = info["made"]
    assert made["epochs"] == 3
    assert {"tensorflow", "keras", "numpy", "python"} <= set(made["versions"])
    assert made["hardware"]["processor"]
    assert len(info["epoch_seconds"]) == 3


def write_again(run, copy):
    """Write a run's record as a training does, its files from a copy."""
    save = {name: partial(shutil.copyfile, copy / name) for name in records.FILES}
    with records.locked(run.folder):
        records.write(run.folder, run.info, save)


def put(path: Path, kind: str) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    if kind == "folder":
        path.mkdir()
        return
    if kind == "file":
        path.write_text("not a record")
    else:
        path.symlink_to(path if kind == "loop" else path.with_name("nowhere"))


@pytest.mark.parametrize("kind", ["file", "folder", "dangling", "loop"])
@pytest.mark.parametrize("name", ["seed0", ".seed0.old", ".seed0.new", ".seed0.lock"])
def test_what_stands_in_a_records_way_is_cleared_or_named(recorded, tmp_path, name, kind):
    first, copy = recorded, tmp_path / "copy"
    shutil.copytree(first.folder, copy)
    place = first.folder.with_name(name)
    put(place, kind)
    if name == "seed0" and kind != "folder":
        with pytest.raises(
            records.RecordError, match=r"seed0: is a file, or a link .* move it away"
        ):
            write_again(first, copy)
        assert os.path.lexists(place)  # nothing of a person's is removed
        put(place, "folder")
    write_again(first, copy)
    assert same(records.read(first.folder), first)
    (record,) = [p for p in first.folder.parent.iterdir() if not p.name.endswith(".lock")]
    assert record.name == "seed0" and record.is_dir()


def test_a_full_disk_is_said_and_leaves_the_older_record_whole(recorded, tmp_path, monkeypatch):
    first, copy = recorded, tmp_path / "copy"
    shutil.copytree(first.folder, copy)
    for target, name in ((shutil, "copyfile"), (os, "fsync"), (Path, "rename")):
        with monkeypatch.context() as broken:
            broken.setattr(target, name, full_disk)
            with pytest.raises(records.RecordError, match="No space left on device.*LAB_RESULTS"):  # noqa: RUF043
                write_again(first, copy)
        beside = sorted(path.name for path in first.folder.parent.iterdir())
        assert beside == [".seed0.lock", "seed0"]
        assert same(records.read(first.folder), first)
    longer = replace(BASE, epochs=4)
    with monkeypatch.context() as broken:  # what a training that meets it says
        broken.setattr(np, "savez", full_disk)
        with pytest.raises(records.RecordError, match="No space left on device.*LAB_RESULTS"):  # noqa: RUF043
            training.run(longer)
    assert same(records.read(first.folder), first)
    assert training.run(longer).epochs == 4


def test_a_read_only_results_folder_is_said_but_finished_runs_are_read(lab, recorded, monkeypatch):
    run = recorded

    def read_only(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", read_only)
    monkeypatch.setattr(os, "open", read_only)
    assert same(training.run(BASE), run)
    settings.use(results=lab.results.parent / "new")
    with pytest.raises(records.RecordError, match="Read-only file system"):
        training.run(BASE)


def test_leftovers_of_a_killed_write_are_no_obstacle(recorded, monkeypatch):
    run = recorded
    trained = count_trainings(monkeypatch)
    run.folder.rename(run.folder.with_name(".seed0.old"))  # killed between the two renames
    shutil.copytree(run.folder.with_name(".seed0.old"), run.folder.with_name(".seed0.new"))
    (run.folder.with_name(".seed0.new") / "run.json").unlink()
    assert same(training.run(BASE), run)
    assert trained == []  # the older record was put back
    assert sorted(path.name for path in run.folder.parent.iterdir()) == [".seed0.lock", "seed0"]


SCRIPT = """
import sys
from helpers import training
from helpers.records import store
from helpers.training import fitting
from processes import meet_at_lock
from runs import BASE
train = fitting._train
fitting._train = lambda *given: print("TRAINED") or train(*given)
meet_at_lock(store, sys.argv[1])
training.run(BASE)
"""


def test_two_processes_at_once_train_once(lab, tmp_path):
    folders = {"LAB_DATA": lab.data, "LAB_BUILD": lab.build, "LAB_RESULTS": lab.results}
    both = [processes.start(SCRIPT, tmp_path / "met", **folders) for _ in range(2)]
    assert "".join(processes.outputs(*both)).count("TRAINED") == 1
    (record,) = lab.results.glob("tiny/*/seed0")
    assert records.read(record).epochs == BASE.epochs


HOLDER = """
import select, sys
from filelock import FileLock
from processes import LIMIT
with FileLock(sys.argv[1]):
    print("held", flush=True)
    select.select([sys.stdin], [], [], LIMIT)
"""


def test_who_has_to_wait_for_another_process_says_so(lab, monkeypatch):
    record = lab.results / "tiny" / "abc" / "seed0"
    record.parent.mkdir(parents=True)
    lock, said = record.with_name(".seed0.lock"), []
    other = processes.start(HOLDER, lock)
    assert other.stdout.readline() == "held\n"

    def answered(line):
        said.append(line)
        with pytest.raises(TimeoutError):
            FileLock(lock).acquire(blocking=False)  # it is still the other's
        print("let it go", file=other.stdin, flush=True)

    monkeypatch.setattr(store, "print", answered, raising=False)
    with store.locked(record):
        assert said == [f"{record}: another process trains this run; waiting for it"]
        with pytest.raises(TimeoutError):
            FileLock(lock).acquire(blocking=False)
    processes.outputs(other)
    with store.locked(record):
        assert len(said) == 1


def test_the_fingerprint_is_of_every_value():
    identity = {"dropout": 0.4, "dense": [64, 64]}
    assert store.fingerprint(identity) == store.fingerprint(dict(reversed(identity.items())))
    assert store.fingerprint(identity) != store.fingerprint(identity | {"dropout": 0.3})
    assert store.fingerprint(identity) != store.fingerprint(identity | {"dense": [64]})


def test_a_trained_network_opens_in_plain_keras(recorded):
    code = (
        "import keras, sys; m = keras.models.load_model(sys.argv[1]); "
        "assert 'helpers' not in sys.modules; print(m.count_params())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(recorded.folder / "best.keras")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) == training.build(BASE).count_params()
