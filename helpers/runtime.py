"""TensorFlow as the settings want it: threads, determinism, precision, and what it runs on."""

import contextlib
import gc
import os
import sys
from collections.abc import Iterator
from typing import Any

from helpers import environment, settings


@contextlib.contextmanager
def _quietly_imported() -> Iterator[None]:
    """Drop what is written to the standard error's file descriptor, in C++ too.

    The garbage collector is spared what stays: it would search all of it, and again at the end.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    gc.disable()
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - os.devnull is no path to a file
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        gc.freeze()
        gc.enable()


with _quietly_imported():  # TensorFlow logs how it was built, whatever its log level
    import keras
    import tensorflow as tf

BFLOAT16 = {"amx_bf16", "avx512_bf16"}  # instructions that multiply it, as Linux calls them
tf.get_logger().setLevel("ERROR")  # it warns of every second function that is compiled

_threads: int | None = None  # that TensorFlow was started with


def start(threads: int | None = None) -> None:
    """Set threads and determinism before TensorFlow computes anything; later calls check them.

    The threads of an operation are part of what decides the last bits of a training. Applying a
    network gives the same bits with any, and with any number of operations at once.

    Args:
        threads: of a training, for all it does; None: networks are applied alone, with the threads
            that TensorFlow was started with, else with one for an operation, on all cores.

    Raises:
        RuntimeError: TensorFlow already runs with another number of threads.
    """
    global _threads
    if _threads is None:
        _threads = threads or settings.current().threads or 1
        try:
            tf.config.threading.set_intra_op_parallelism_threads(_threads)
            tf.config.threading.set_inter_op_parallelism_threads(threads or settings.usable_cores())
            for gpu in tf.config.list_physical_devices("GPU"):
                tf.config.experimental.set_memory_growth(gpu, True)
        except RuntimeError:  # it was used before, and took all there are
            _threads = settings.usable_cores()
        tf.config.experimental.enable_op_determinism()
        tf.config.experimental.enable_tensor_float_32_execution(False)  # float32 is float32
    if not startable(threads):
        raise RuntimeError(
            f"TensorFlow runs with {_threads} threads and cannot change to {threads}: "
            "restart the kernel and set the threads before anything is computed"
        )


def startable(threads: int | None) -> bool:
    """Whether `start` can give so many threads in this process."""
    return _threads is None or threads in (None, _threads)


def precision() -> str:
    """The precision of new networks: float32, mixed_bfloat16 or mixed_float16.

    `auto` is mixed precision where the hardware multiplies matrices of 16-bit numbers faster:
    float16 on a GPU with tensor cores, bfloat16 on a processor that has instructions for it (AMX,
    AVX512-BF16); float32 elsewhere.
    """
    wanted = settings.current().precision
    if wanted != "auto":
        return wanted
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        capability = tf.config.experimental.get_device_details(gpus[0]).get("compute_capability")
        return "mixed_float16" if capability and capability >= (7, 0) else "float32"
    return "mixed_bfloat16" if BFLOAT16 & environment.processor()[1] else "float32"


@contextlib.contextmanager
def policy(name: str) -> Iterator[None]:
    """Build networks in this precision within a `with`."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def hardware() -> dict[str, Any]:
    """What computes here, for the record of a run."""
    gpus = tf.config.list_physical_devices("GPU")
    details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
    return {
        "processor": environment.processor()[0],
        "cores": os.cpu_count(),
        "gpus": [detail.get("device_name", "unknown") for detail in details],
    }
