"""Runs side by side: the same numbers as one by one, whatever happens to one of them."""

import contextlib
import os
import signal
import sys
import threading
from dataclasses import replace

import processes
import psutil
import pytest
from distributed import LocalCluster
from runs import BASE, count_trainings, same

from helpers import settings, training
from helpers.training import cluster, scheduling

LONG = replace(BASE, name="long", epochs=40)
BROKEN = replace(BASE, name="broken", learning_rate=1e38)


@pytest.fixture(autouse=True)
def _end_of_workers():
    yield
    training.end_workers()


@pytest.fixture
def one_by_one(lab, tmp_path):
    """What these runs give in this process, with a record elsewhere."""

    def one_by_one(row, seed=0):
        before = settings.current()
        settings.use(results=tmp_path / "one_by_one", workers=1, scheduler="")
        run = training.run(row, seed)
        settings.use(results=before.results, workers=before.workers, scheduler=before.scheduler)
        return run

    return one_by_one


def workers():
    """The processes of this one's workers."""
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if "spawn_main" in " ".join(child.cmdline())
    ]


def when_told(monkeypatch, first, do):
    """Do this once, when the first such run tells of an epoch; returns the event of it."""
    told, done = scheduling._Display.told, threading.Event()

    def call(display, trial, epochs):
        told(display, trial, epochs)
        if trial[0] == first and epochs and not done.is_set():
            done.set()
            do()

    monkeypatch.setattr(scheduling._Display, "told", call)
    return done


def test_all_seeds_of_all_runs_are_given_in_order(lab, monkeypatch):
    trained = count_trainings(monkeypatch)
    settings.use(seed=2)
    other = replace(BASE, name="other", dropout=0.2, seeds=2)
    runs = training.run_all({"a": BASE, "b": other})
    assert {name: [run.seed for run in seeds] for name, seeds in runs.items()} == {
        "a": [2],
        "b": [2, 3],
    }
    assert runs["b"][0].experiment == other
    assert [run.seed for run in training.run_all({"a": BASE}, seeds=[5, 2])["a"]] == [5, 2]
    assert len(trained) == 4


def test_side_by_side_they_give_the_same_bits_whatever_befalls_one(lab, one_by_one, monkeypatch):
    """One is broken; the worker of another is killed."""
    trained_here = count_trainings(monkeypatch)
    killed = when_told(monkeypatch, LONG, lambda: os.kill(workers()[0].pid, signal.SIGKILL))
    settings.use(workers=2, seeds=2)
    longer = replace(BASE, name="tiny_longer", epochs=6)
    rows = {"longer": longer, "broken": BROKEN, "tiny": BASE, "long": LONG}
    with pytest.raises(training.TrainingError) as raised:
        training.run_all(rows)
    first, *lines = str(raised.value).splitlines()
    assert first == "2 of 8 runs could not be made:"
    assert [line.partition(": ")[0] for line in lines] == ["broken, seed 0", "broken, seed 1"]
    assert all("NaN or infinite" in line for line in lines)
    assert killed.is_set()
    processes.until(lambda: len(workers()) == 2)  # the one that was killed has a successor
    del rows["broken"]
    monkeypatch.setattr(cluster, "connected", lambda *_: pytest.fail("workers were asked for"))
    runs = training.run_all(rows)
    assert trained_here == []
    assert same(runs["longer"][0], one_by_one(longer))
    for run in runs["long"]:
        assert same(run, one_by_one(LONG, run.seed))
    # The longer one went on from the record of the other, and was not trained from its beginning.
    assert [run.epoch_seconds[:3] for run in runs["longer"]] == [
        run.epoch_seconds for run in runs["tiny"]
    ]


HEAD = replace(BASE, name="head", size=32, network="dense_head", features="random")


def test_on_a_scheduler_at_an_address_its_workers_train(lab, one_by_one):
    """What waits for the features of a run that fails is trained all the same."""
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
    ) as theirs:
        settings.use(scheduler=theirs.scheduler_address)
        (run,) = training.run_all({"a": BASE})["a"]
        with pytest.raises(training.TrainingError, match=r"1 of 2 runs .*\nbad, seed 0: .*dense"):
            training.run_all({"bad": replace(HEAD, name="bad", dense=(4, 4)), "good": HEAD})
        assert theirs.status.name == "running"
    assert same(run, one_by_one(BASE))
    assert training.recorded(HEAD)


@pytest.mark.parametrize(
    ("lab_says", "cores", "threads", "wanted"),
    [
        ({}, 8, 1, ("", 3, 1)),
        ({}, 2, 1, ("", 2, 1)),
        ({}, 8, 4, ("", 1, 4)),  # large ones run alone
        ({"threads": 3}, 8, 1, ("", 2, 3)),  # as many as cores divided by threads
        ({"workers": 2}, 8, 1, ("", 2, 1)),
        ({"workers": 2}, 8, 4, ("", 1, 4)),
        ({"scheduler": "tcp://there:8786"}, 8, 1, ("tcp://there:8786", 3, 1)),
    ],
)
def test_so_many_are_trained_at_once(lab, monkeypatch, lab_says, cores, threads, wanted):
    def connected(*asked):
        raise RuntimeError(asked)

    monkeypatch.setattr(cluster, "connected", connected)
    monkeypatch.setattr(settings, "usable_cores", lambda: cores)
    settings.use(**{"workers": 0} | lab_says)
    rows = {str(i): replace(BASE, dropout=i / 10, threads=threads) for i in range(3)}
    with pytest.raises(RuntimeError) as raised:
        training.run_all(rows)
    assert raised.value.args == (wanted,)


def test_a_single_one_is_trained_in_this_process_and_so_are_all_for_one_worker(lab, monkeypatch):
    monkeypatch.setattr(cluster, "connected", lambda *_: pytest.fail("workers were asked for"))
    trained = count_trainings(monkeypatch)
    settings.use(workers=4)
    training.run_all({"a": BASE})
    settings.use(workers=1)
    training.run_all({"a": BASE, "b": LONG})
    assert len(trained) == 2


def test_one_by_one_too_one_that_fails_stops_no_other(lab):
    rows = {"broken": BROKEN, "a": BASE}
    with pytest.raises(training.TrainingError, match=r"1 of 2 runs .*\nbroken, seed 0: .*NaN"):
        training.run_all(rows)
    assert training.recorded(BASE)


def test_images_that_are_broken_stop_the_runs_on_them_alone(lab):
    (lab.data / "bone" / "train" / "AFF").mkdir(parents=True)
    with pytest.raises(training.TrainingError, match=r"1 of 2 runs .*\non_bone, seed 0: .*bone"):
        training.run_all({"bone": replace(BASE, name="on_bone", data="bone"), "a": BASE})
    assert training.recorded(BASE)


def test_an_interrupt_leaves_no_worker_and_the_next_call_goes_on(lab, one_by_one, monkeypatch):
    endless = replace(LONG, epochs=100_000)
    when_told(monkeypatch, endless, lambda: os.kill(os.getpid(), signal.SIGINT))
    settings.use(workers=2)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            training.run_all({"endless": endless, "other": replace(endless, dropout=0.2)})
    finally:
        signal.signal(signal.SIGINT, before)
    assert workers() == []
    assert same(training.run(LONG), one_by_one(LONG))


def test_no_scheduler_at_the_address_is_said(lab, monkeypatch):
    monkeypatch.setattr(cluster, "ANSWERING", 0.2)
    settings.use(scheduler="tcp://127.0.0.1:9")
    with pytest.raises(training.TrainingError, match=r"no Dask scheduler .* answers at 'tcp://127"):
        training.run_all({"a": BASE})


def test_the_display_shows_epochs_and_what_is_left():
    shown = []

    class Bar:
        n = 0

        def update(self, epochs):
            self.n += epochs
            shown.append(self.n)

        def set_postfix_str(self, text):
            shown.append(text)

    base, long = trials = [(BASE, 0), (LONG, 0)]
    display = scheduling._Display(trials, Bar())
    display.told(long, 10)
    display.told(base, 3)
    display.ended(base)
    display.told(long, 8)  # another worker went on from an earlier record
    display.ended(long)  # it failed
    assert shown == [10, 13, "1 left", 11, "0 left"]


def test_workers_that_never_start_are_told_of(lab, monkeypatch):
    class Client:
        def wait_for_workers(self, count, timeout):
            raise TimeoutError

    monkeypatch.setattr(cluster, "connected", lambda *_: contextlib.nullcontext(Client()))
    settings.use(workers=2)
    with pytest.raises(training.TrainingError, match="no worker has started within 300 seconds"):
        training.run_all({"a": BASE, "b": LONG})


def test_nothing_of_dask_is_loaded_where_all_is_recorded(recorded, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setitem(sys.modules, "dask", None)
    settings.use(workers=2)
    assert training.run_all({"a": BASE})["a"][0].epochs == 3
