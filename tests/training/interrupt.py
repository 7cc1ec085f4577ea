"""Kill a training at random moments, let it go on each time, and compare it with an unbroken one.

`python tests/training/interrupt.py` does it with five kills: three at any moment, two within the
writing of a checkpoint. `test_interruption.py` does it with fewer. That a training dies before its
end is certain, however slow the machine: one that is to be killed goes no further than `PAUSE`
epochs, and one that kills itself does so within its first three checkpoints.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

EPOCHS = 16  # more than four trainings can make, each before its death
PAUSE = 3  # epochs after which one that is to be killed waits for it
LIMIT = 600  # seconds after which a training is given up


def experiment(epochs=EPOCHS):
    """Everything that has a state: dropout of both kinds, batch normalisation, the optimizer."""
    from helpers import experiments

    return replace(
        experiments.EXPERIMENTS["task2a_spatial_dropout"],
        batch_norm=True,
        size=64,
        base=4,
        images=60,
        learning_rate=1e-3,
        epochs=epochs,
        profile="smoke",
    )


def train(pause, die_in_write):
    """What the child does: train, a checkpoint and a line an epoch; wait to be killed, or die.

    It waits after so many epochs, or dies at so many steps of the writing of checkpoints; 0: not.
    """
    import numpy as np

    from helpers import records, training
    from helpers.records import store
    from helpers.runtime import keras
    from helpers.training import checkpoints

    checkpoints.SAVE_EVERY, checkpoints.SAVE_SHARE = -1.0, 1e9  # each epoch, whatever the clock
    write, left, writing, written = records.write, die_in_write, False, 0

    def counted(what):
        def call(*arguments, **names):
            nonlocal left
            left -= writing
            if writing and left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return what(*arguments, **names)

        return call

    def announced(*arguments):
        nonlocal writing, written
        writing = True
        write(*arguments)
        writing = False
        print("an epoch is recorded", flush=True)
        written += 1
        if written == pause:
            sys.stdin.readline()
            raise SystemExit("it should have been killed")

    if die_in_write:
        np.savez = counted(np.savez)
        keras.Model.save = counted(keras.Model.save)
        store.checksum = counted(store.checksum)
        Path.rename = counted(Path.rename)
    records.write = announced
    training.run(experiment())


def start(results, pause=0, die_in_write=0):
    environment = os.environ | {"LAB_RESULTS": str(results)}
    return subprocess.Popen(
        [sys.executable, __file__, "child", str(pause), str(die_in_write)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def kill(child, rng):
    """Kill it after its first or second epoch, at a moment like any other."""
    for _ in range(rng.randrange(1, PAUSE)):
        begun = time.monotonic()
        child.stdout.readline()
    time.sleep(rng.uniform(0, 1) * min(0.5, time.monotonic() - begun))
    child.send_signal(signal.SIGKILL)


def contents(results):
    """History as written, and every probability."""
    import numpy as np

    (history,) = Path(results).glob("task2a_spatial_dropout/*/seed0/history.csv")
    with np.load(history.with_name("validation.npz")) as arrays:
        return history.read_bytes(), arrays["probabilities"].tobytes()


def kill_and_compare(kills, in_write, seed=None):
    """Kill `kills` times at any moment and `in_write` times within a write; compare at the end.

    Returns:
        How many trainings died before they were finished, and whether the numbers are the same.
    """
    rng, died = random.Random(seed), 0
    with tempfile.TemporaryDirectory() as folder:
        unbroken, broken = Path(folder) / "unbroken", Path(folder) / "broken"
        for kind in rng.sample(["any"] * kills + ["write"] * in_write, kills + in_write):
            if kind == "any":
                child = start(broken, pause=PAUSE)
                kill(child, rng)
            else:  # 10 counted calls in a first write and 11 in another: within the first three
                child = start(broken, die_in_write=rng.randrange(1, 30))
            died += finished(child) == -signal.SIGKILL
        for results in (unbroken, broken):
            train_here(results)
        return died, contents(unbroken) == contents(broken)


def train_here(results):
    """Train to the end in this process, or go on from what is there."""
    from helpers import settings, training

    before = settings.current().results
    settings.use(results=results)
    training.run(experiment())
    settings.use(results=before)


def finished(child):
    child.communicate(timeout=LIMIT)
    return child.returncode


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        train(*map(int, sys.argv[2:]))
    else:
        deaths, same = kill_and_compare(kills=3, in_write=2)
        print(f"{deaths} of 5 trainings killed before their end; same numbers as unbroken: {same}")
        sys.exit(not same)
