import gc
import subprocess
import sys

import keras
import pytest

from helpers import runtime, settings


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
    monkeypatch.setattr(runtime, "_processor", lambda: ("a processor", frozenset(flags)))
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
    assert runtime.versions()["keras"] == keras.__version__


def test_importing_tensorflow_prints_nothing(capfd):
    subprocess.run([sys.executable, "-c", "from helpers import networks"], check=True)
    assert capfd.readouterr() == ("", "")


def started(threads, first):
    """What a new process says to a network, after `first` was done with TensorFlow."""
    code = (
        f"from helpers import settings; settings.use(threads={threads})\n"
        f"from helpers import networks\nimport tensorflow as tf\n{first}\n"
        "try: networks.dense_head((2, 2, 2)); print('built')\n"
        "except RuntimeError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_tensorflow_used_before_is_no_obstacle_where_the_threads_are_all_there_are():
    cores = settings.usable_cores()
    assert started(cores, "tf.constant(1) + 1") == "built"
    assert started(cores + 1, "tf.constant(1) + 1").startswith(
        f"TensorFlow runs with {cores} threads and cannot change to {cores + 1}: restart the kernel"
    )
    assert started(cores + 1, "") == "built"


def test_the_import_leaves_the_garbage_collector_at_work():
    assert gc.isenabled() and gc.get_freeze_count()
