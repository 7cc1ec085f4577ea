"""Kill a training at random moments, let it go on each time, and compare it with an unbroken one.

`python tests/interrupt.py` does it with five kills: three at any moment, two within the writing of
a checkpoint. `tests/test_interruption.py` does it with fewer.
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

EPOCHS = 16


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


def train(die_in_write):
    """What the child does: train, a checkpoint and a line an epoch; die in the writing of one."""
    from helpers import checkpoints, records, training  # first: quietly

    # isort: split
    import keras
    import numpy as np

    checkpoints.SAVE_EVERY, checkpoints.SAVE_SHARE = 0.0, 1e9
    write, left = records.write, die_in_write

    def counted(what):
        def call(*arguments, **names):
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return what(*arguments, **names)

        return call

    def announced(*arguments):
        write(*arguments)
        print("an epoch is recorded", flush=True)

    if die_in_write:
        np.savez = counted(np.savez)
        keras.Model.save = counted(keras.Model.save)
        records._checksum = counted(records._checksum)
        Path.rename = counted(Path.rename)
    records.write = announced
    training.run(experiment())


def start(results, die_in_write=0):
    environment = os.environ | {"LAB_RESULTS": str(results)}
    return subprocess.Popen(
        [sys.executable, __file__, "child", str(die_in_write)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def kill(child, rng):
    """Kill it within one of its first three epochs, at a moment like any other."""
    for _ in range(rng.randrange(1, 3)):
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
        assert finished(start(unbroken)) == 0
        for kind in rng.sample(["any"] * kills + ["write"] * in_write, kills + in_write):
            # 9 counted calls in a first write and 11 in another: within the first three
            child = start(broken, rng.randrange(1, 30) if kind == "write" else 0)
            if kind == "any":
                kill(child, rng)
            died += finished(child) == -signal.SIGKILL
        assert finished(start(broken)) == 0
        return died, contents(unbroken) == contents(broken)


def finished(child):
    child.communicate(timeout=300)
    return child.returncode


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        train(int(sys.argv[2]))
    else:
        deaths, same = kill_and_compare(kills=3, in_write=2)
        print(f"{deaths} of 5 trainings killed before their end; same numbers as unbroken: {same}")
        sys.exit(not same)
