"""Copies as pairs: which come first, and how the two match."""

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from helpers.datasets import list_pair
from helpers.datasets.screening import pairs as module
from helpers.datasets.screening.pairs import match, pairs

pytestmark = pytest.mark.usefixtures("alone")


def scene(seed):
    """Blurred noise, in which there is something to see."""
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(64, 64)), 4)
    return np.round(255 * (noise - noise.min()) / np.ptp(noise)).astype(np.uint8)


@pytest.mark.parametrize(
    ("change", "how"),
    [
        (lambda pixels: pixels[:, ::-1], "mirrored"),
        (lambda pixels: pixels[::-1], "mirrored"),
        (lambda pixels: pixels.T, "mirrored"),
        (np.rot90, "turned"),
        (lambda pixels: np.rot90(pixels, 2), "turned"),
        (lambda pixels: np.rot90(pixels, 3), "turned"),
        (lambda pixels: pixels[2:-2, 2:-2], "saved anew, resized or cropped"),
        (
            lambda pixels: np.kron(pixels, np.ones((2, 2), np.uint8)),
            "saved anew, resized or cropped",
        ),
        (lambda pixels: pixels, "the same pixels"),
    ],
)
def test_it_is_said_how_two_files_match(tmp_path, change, how):
    one, other = tmp_path / "one.png", tmp_path / "other.bmp"
    Image.fromarray(scene(0)).save(one)
    Image.fromarray(np.ascontiguousarray(change(scene(0)))).save(other)
    assert match(one, other) == how


def test_one_file_twice_is_said(tmp_path):
    for name in ("one.png", "other.png"):
        Image.fromarray(scene(0)).save(tmp_path / name)
    assert match(tmp_path / "one.png", tmp_path / "other.png") == "the same file"


def test_pairs_across_splits_come_first_and_one_of_each_picture(skin, monkeypatch):
    train, validation = list_pair("skin")  # 8 and 4 files
    numbers = np.array([0, 1, 2, 0, 4, 5, 6, 7, 0, 0, 1, 9])
    seen = []
    monkeypatch.setattr(module, "clusters", lambda *given: seen.append(given) or numbers)
    found = pairs((train, validation))
    assert found == [
        (train.files[0], validation.files[0]),
        (train.files[1], validation.files[2]),
        (train.files[0], validation.files[1]),
        (train.files[0], train.files[3]),
    ]
    assert seen == [([*train.files, *validation.files], [*train.digests, *validation.digests])]
