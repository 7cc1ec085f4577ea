import gc
import re
import subprocess
import sys

import keras
import processes
import pytest

from helpers import environment, runtime, settings


@pytest.mark.parametrize(
    ("wanted", "flags", "gpu", "precision"),
    [
        ("auto", {"amx_bf16"}, None, "mixed_bfloat16"),
        ("auto", {"avx512_bf16"}, None, "mixed_bfloat16"),
        ("auto", {"avx2", "avx512f"}, None, "float32"),
        ("auto", set(), (8, 0), "mixed_float16"),
        ("auto", {"amx_bf16"}, (6, 1), "float32"),
        ("mixed_bfloat16", set(), (8, 0), "mixed_bfloat16"),
    ],
)
def test_precision_is_what_is_asked_for_or_what_the_hardware_is_made_for(
    monkeypatch, wanted, flags, gpu, precision
):
    config = runtime.tf.config
    monkeypatch.setattr(settings, "_current", settings.Settings(precision=wanted))
    monkeypatch.setattr(environment, "processor", lambda: ("a processor", frozenset(flags)))
    monkeypatch.setattr(config, "list_physical_devices", lambda _: [gpu] if gpu else [])
    monkeypatch.setattr(
        config.experimental, "get_device_details", lambda gpu: {"compute_capability": gpu}
    )
    assert runtime.precision() == precision


def test_a_policy_ends_with_its_block_also_after_an_error():
    before = keras.config.dtype_policy().name
    with pytest.raises(KeyError), runtime.policy("mixed_bfloat16"):
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
        raise KeyError
    assert keras.config.dtype_policy().name == before


def test_what_a_record_says_of_the_machine():
    assert set(runtime.hardware()) == {"processor", "cores", "gpus"}


def test_importing_tensorflow_prints_nothing(capfd):
    subprocess.run([sys.executable, "-c", "from helpers import networks"], check=True)
    assert capfd.readouterr() == ("", "")


# TensorFlow keeps the threads that it began with: each of these is a process of its own.
STARTED = """
import os
from helpers import environment, runtime, settings
from helpers.runtime import tf

def started(setting, before, *wanted):
    settings.use(threads=setting)
    if before == "used":
        tf.constant(1) + 1
    for threads in wanted:
        try:
            runtime.start(threads or None)
            print(runtime.startable(threads), end=" ")
        except RuntimeError as error:
            print(error, end="")
    print(flush=True)

for case in CASES:
    if (child := os.fork()) == 0:
        started(*case)
        os._exit(0)
    os.waitpid(child, 0)
"""
CASES = {
    (0, "fresh", 0, 1, 2): r"False True TensorFlow runs with 1 threads and cannot change to 2",
    (0, "fresh", 3, 0, 3): r"True False True $",
    (2, "fresh", 0, 2, 1): r"False True TensorFlow runs with 2 threads and cannot .* to 1",
    (0, "used", 0, 97): r"False TensorFlow runs with \d+ threads and cannot change to 97",
}


def test_tensorflow_has_the_threads_that_it_was_started_with():
    script = STARTED.replace("CASES", repr(list(CASES)))
    (printed,) = processes.outputs(processes.start(script))
    lines = printed.splitlines()
    assert len(lines) == len(CASES)
    for line, (case, said) in zip(lines, CASES.items(), strict=True):
        assert re.match(said, line), case


def test_the_import_leaves_the_garbage_collector_at_work():
    assert gc.isenabled() and gc.get_freeze_count()
