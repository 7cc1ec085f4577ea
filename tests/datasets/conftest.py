"""Image sets for the tests of this folder."""

import warnings

import pytest
from pictures import picture

from helpers import settings


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """Settings with an empty folder of images; a warning that is not expected is an error."""
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(
        settings,
        "_current",
        settings.Settings(data=tmp_path / "data", build=tmp_path / "build", threads=1),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture
def skin(tmp_path):
    """A sound set: train 4 + 4, validation 2 + 2."""
    root = tmp_path / "data" / "skin"
    for k, name in enumerate(("Mel", "Nev")):
        for i in range(4):
            picture(root / "train" / name / f"{i}.png", 100 * k + i)
        for i in range(2):
            picture(root / "validation" / name / f"{i}.png", 100 * k + 50 + i)
    return root
