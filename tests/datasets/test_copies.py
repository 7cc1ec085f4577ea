"""Copies are found however they were made, and nothing else is."""

import hashlib
import io

import numpy as np
import pytest
from listed import scene
from PIL import Image, PngImagePlugin

from helpers.datasets import DatasetError
from helpers.datasets.screening import copies
from helpers.datasets.screening.candidates import PAIRS, candidates
from helpers.datasets.screening.copies import alike, clusters, screened

pytestmark = pytest.mark.usefixtures("alone")

TURN = Image.Transpose


def jpeg(image, quality):
    data = io.BytesIO()
    image.save(data, "JPEG", quality=quality)
    return Image.open(data)


MADE = {
    "saved anew": lambda image: jpeg(image, 50),
    "smaller": lambda image: image.resize((48, 48), Image.Resampling.BILINEAR),
    "larger": lambda image: image.resize((150, 150), Image.Resampling.BICUBIC),
    "stretched": lambda image: image.resize((120, 80), Image.Resampling.BICUBIC),
    "mirrored": lambda image: image.transpose(TURN.FLIP_LEFT_RIGHT),
    "upside down": lambda image: image.transpose(TURN.FLIP_TOP_BOTTOM),
    "turned by 90": lambda image: image.transpose(TURN.ROTATE_90),
    "turned by 180": lambda image: image.transpose(TURN.ROTATE_180),
    "turned by 270": lambda image: image.transpose(TURN.ROTATE_270),
    "mirrored and turned": lambda image: image.transpose(TURN.TRANSVERSE),
    "cropped at one edge": lambda image: image.crop((0, 0, 96, 89)),
    "cropped at a corner": lambda image: image.crop((9, 9, 96, 96)),
    "cropped all round": lambda image: image.crop((5, 5, 91, 91)),
    "darker": lambda image: image.point([v // 2 for v in range(256)]),
    "in colour": lambda image: Image.merge("RGB", [image] * 3),
    "all at once": lambda image: jpeg(
        image.crop((6, 0, 96, 90)).transpose(TURN.ROTATE_90).resize((128, 128)), 75
    ),
}


@pytest.fixture
def put(tmp_path):
    """Write pictures as files and give their clusters."""

    def put(*images, **options):
        files = []
        for i, image in enumerate(images):
            files.append(tmp_path / f"{i}.png")
            image.save(files[-1], **options)
        return clusters(files, digests(files))

    return put


def digests(files):
    return [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]


@pytest.mark.parametrize("how", MADE)
def test_a_copy_is_found_and_nothing_else(put, how):
    """Among pictures that look alike from afar."""
    others = [scene(seed, common=99) for seed in range(1, 20)]
    found = put(*others, MADE[how](others[7]))
    assert found[-1] == found[7]
    assert len(set(found)) == len(others)


def test_different_pictures_with_the_same_outline_are_no_copies(put):
    disc = np.hypot(*np.mgrid[-48:48, -48:48]) < 30
    chests = [
        Image.fromarray(np.where(disc, 200, np.asarray(scene(seed)) // 4).astype(np.uint8))
        for seed in range(30)
    ]
    assert len(set(put(*chests))) == len(chests)


@pytest.mark.parametrize("seed", range(3))
def test_a_small_grainy_picture_of_which_jpeg_leaves_little_is_found(put, seed):
    small = np.asarray(scene(seed).resize((28, 28), Image.Resampling.BILINEAR), np.float64)
    grainy = small + np.random.default_rng(seed).normal(0, 12, small.shape)
    image = Image.fromarray(grainy.clip(0, 255).astype(np.uint8))
    again, other = jpeg(image, 50), scene(seed + 100).resize((28, 28), Image.Resampling.BILINEAR)
    first, second, third = put(image, again, other)
    assert first == second != third


def test_drawn_pictures_that_differ_in_fine_noise_are_no_copies(put):
    drawn = np.asarray(scene(1, 256))
    noise = np.random.default_rng(0).normal(0, 40, (6, 256, 256))
    pictures = [Image.fromarray(np.clip(drawn + one, 0, 255).astype(np.uint8)) for one in noise]
    assert len(set(put(*pictures))) == len(pictures)


def test_pictures_that_differ_in_one_pixel_are_copies(put):
    deep = np.random.default_rng(0).integers(0, 65000, (256, 256)).astype(np.uint16)
    other = deep.copy()
    other[100, 100] += 1
    assert len(set(put(Image.fromarray(deep), Image.fromarray(other)))) == 1


def test_a_flat_picture_is_a_copy_of_one_with_the_same_value_only(put):
    found = put(*(Image.new("L", (size, size), value) for size, value in ((9, 0), (30, 0), (9, 7))))
    assert found[0] == found[1] != found[2]


def test_what_is_stored_darkly_is_compared_as_well(put):
    dark = [np.asarray(scene(seed), np.uint16) * 4 for seed in range(5)]  # of 65535
    found = put(*map(Image.fromarray, [*dark, np.fliplr(dark[2]).copy()]))
    assert found[5] == found[2] and len(set(found)) == 5


def test_many_copies_are_one_although_each_has_few_neighbours(put, monkeypatch):
    few = dict.fromkeys(("NEIGHBOURS", "PAIRS", "CELLS"), 1)
    for name, value in few.items():
        monkeypatch.setattr(f"helpers.datasets.screening.candidates.{name}", value)
    noise = np.random.default_rng(0).integers(-3, 4, (60, 96, 96))
    copy = np.asarray(scene(1)) // 2 + 50
    pictures = [Image.fromarray((copy + one).astype(np.uint8)) for one in noise]
    assert len(set(put(*pictures, scene(2)))) == 2


def test_the_pairs_to_be_compared_do_not_grow_with_the_square():
    noise = np.random.default_rng(0).integers(-3, 4, (300, 64, 64))
    pictures = (np.asarray(scene(1, 64)) // 2 + 50 + noise).astype(np.uint8)
    found = candidates(pictures)
    assert 300 <= len(found.whole) <= PAIRS * 300


def test_a_picture_that_is_there_many_times_is_decoded_once(tmp_path, monkeypatch):
    files = [tmp_path / f"{i}.png" for i in range(50)]
    scene(1).save(files[0])
    for file in files[1:]:
        file.write_bytes(files[0].read_bytes())
    seen = []
    read = copies.image_files.read
    monkeypatch.setattr(copies.image_files, "read", lambda *args: seen.append(args) or read(*args))
    assert set(clusters(files, digests(files))) == {0}
    assert len(seen) == 1


def test_the_same_pixels_in_other_bytes_are_one_picture(tmp_path):
    files = [tmp_path / f"{i}.png" for i in range(20)]
    for i, file in enumerate(files):
        comment = PngImagePlugin.PngInfo()
        comment.add_text("number", str(i))
        scene(1).save(file, pnginfo=comment)
    assert set(clusters(files, digests(files))) == {0}


def test_the_second_time_nothing_is_decoded_whatever_the_order(tmp_path, monkeypatch):
    files = [tmp_path / f"{i}.png" for i in range(4)]
    for i, file in enumerate(files):
        scene(i % 3).save(file)
    first = screened(files, digests(files))
    monkeypatch.setattr(copies, "each", None)
    again = screened(files[::-1], digests(files[::-1]))
    assert np.array_equal(first.clusters, again.clusters[::-1])
    assert np.array_equal(first.brightest, again.brightest[::-1])
    assert first.brightest[1] == np.asarray(scene(1)).max() / 255


def test_all_broken_files_are_named_copies_of_them_too(tmp_path):
    files = [tmp_path / f"{i}.png" for i in range(5)]
    for i, file in enumerate(files):
        scene(i).save(file)
    for file in files[2:4]:
        file.write_bytes(b"no image")
    with pytest.raises(DatasetError, match="2 of 5 images cannot be used") as caught:
        clusters(files, digests(files))
    assert "2.png" in str(caught.value) and "3.png" in str(caught.value)


def test_alike_names_the_pictures_that_have_copies(tmp_path):
    files = [tmp_path / f"{i}.png" for i in range(3)]
    for file, image in zip(files, (scene(1), scene(2), MADE["mirrored"](scene(1))), strict=True):
        image.save(file)
    first, second, third = alike(files)
    assert first == third is not None
    assert second is None
