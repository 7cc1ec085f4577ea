"""Every test, and every notebook under test, runs small, alone and reproducibly.

The environment is set here, before a test is collected, so that notebook kernels inherit it. No
test reads a student's images or writes into their records.
"""

import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parent
WORK = tempfile.TemporaryDirectory(prefix="lab-tests-")

for name in [name for name in os.environ if name.startswith("LAB_")]:
    del os.environ[name]
os.environ |= {
    "LAB_PROFILE": "smoke",
    "LAB_DATA": "demo",
    "LAB_RESULTS": f"{WORK.name}/results",
    "LAB_FIGURES": f"{WORK.name}/figures",
    "LAB_WORKERS": "1",  # two kernels run side by side
    "LAB_PRECISION": "float32",
    "LAB_PROGRESS": "0",
    "MPLBACKEND": "agg",
}


LONG = ("test_scheduling", "test_fitting", "notebooks/", "test_interruption", "test_builder")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker waits for another one's last file."""
    items.sort(key=lambda item: [name in item.nodeid for name in LONG], reverse=True)


@pytest.fixture(scope="session", autouse=True)
def tensorflow() -> None:
    """Start TensorFlow with the lab's threads, before a test uses it in another way."""
    from helpers import runtime

    runtime.start()


def paint(data: Path) -> None:
    """Write a skin set that a network can learn: bright and dark squares."""
    rng = np.random.default_rng(0)
    for split, count in (("train", 8), ("validation", 4)):
        for label, level in (("Mel", 70), ("Nev", 150)):
            folder = data / "skin" / split / label
            folder.mkdir(parents=True)
            for i in range(count):
                pixels = rng.integers(level, level + 60, (16, 16), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / f"{label}_{i}.png")


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder of data with the set that `paint` makes."""
    paint(tmp_path / "images")
    return tmp_path / "images"


@pytest.fixture
def lab(images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Settings with those images and folders of their own, undone after the test."""
    from helpers import settings

    monkeypatch.setattr(settings, "_current", settings.current())
    return settings.use(
        data=images,
        build=tmp_path / "build",
        results=tmp_path / "results",
        figures=tmp_path / "figures",
    )


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of results with a record of `BASE` on the set that `paint` makes."""
    from runs import BASE

    from helpers import settings, training

    folder = tmp_path_factory.mktemp("trained")
    paint(folder / "images")
    with pytest.MonkeyPatch.context() as here:
        here.setattr(settings, "_current", settings.current())
        settings.use(data=folder / "images", build=folder / "build", results=folder / "results")
        training.run(BASE)
    return folder / "results"


@pytest.fixture
def recorded(lab, trained: Path):
    """The record of `BASE`, trained once for all tests and copied into the results of this one."""
    from runs import BASE

    from helpers import training

    shutil.copytree(trained, lab.results)
    return training.recorded(BASE)
