"""Formats one by one: what each decodes to, what its header says, and what damage is refused."""

import io
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from helpers.datasets.formats.rules import FileKind
from helpers.datasets.image_files import SUFFIXES, ImageError, describe, opacity, read

RAMP = np.tile(np.linspace(0, 255, 40).round().astype(np.uint8), (24, 1))
RAMP[12:] //= 2
COLOUR = np.dstack([RAMP, RAMP[::-1], RAMP[:, ::-1]])
NOISE = np.random.default_rng(0).integers(0, 256, (96, 128), np.uint8)


@pytest.fixture(autouse=True)
def _no_warning_leaks():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def grey(path: Path) -> np.ndarray:
    return read(path)[:, :, 0]


# --- GIF, WebP, JPEG 2000 ----------------------------------------------------------------------

LOSSLESS = {"gif": {}, "webp": {"lossless": True}, "jp2": {}, "j2k": {}, "jpx": {}}


@pytest.mark.parametrize("suffix", LOSSLESS)
def test_more_formats_are_read_exactly_and_by_content(tmp_path, suffix):
    path = tmp_path / f"x.{suffix}"
    options = LOSSLESS[suffix] | ({"format": "JPEG2000"} if suffix.startswith("j") else {})
    Image.fromarray(RAMP).save(path, **options)
    assert path.suffix in SUFFIXES
    expected = grey(path)
    assert np.array_equal(expected, RAMP / np.float32(255))
    assert np.array_equal(grey(path.rename(tmp_path / "x.png")), expected)


@pytest.mark.parametrize("suffix", ["webp", "jp2"])
def test_their_colours_are_exact_and_transparency_is_apart(tmp_path, suffix):
    options = {"exact": True, "lossless": True} if suffix == "webp" else {}
    Image.fromarray(np.dstack([COLOUR, RAMP])).save(tmp_path / f"x.{suffix}", **options)
    assert np.array_equal(read(tmp_path / f"x.{suffix}", 3), COLOUR / np.float32(255))
    assert np.array_equal(opacity(tmp_path / f"x.{suffix}"), RAMP / np.float32(255))


def test_sixteen_bits_of_jpeg_2000(tmp_path):
    deep = RAMP.astype(np.uint16) * 257
    Image.fromarray(deep).save(tmp_path / "x.jp2")
    assert np.array_equal(grey(tmp_path / "x.jp2"), deep / np.float32(65535))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_several_frames_are_refused(tmp_path, kind):
    other = Image.fromarray(COLOUR[::-1].copy())
    Image.fromarray(COLOUR).save(tmp_path / "x", kind, save_all=True, append_images=[other])
    with pytest.raises(ImageError, match=r"x': holds several frames; save the one"):
        read(tmp_path / "x")


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "JPEG2000"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.95])
def test_cut_short(tmp_path, kind, part):
    whole = io.BytesIO()
    Image.fromarray(NOISE).save(whole, kind)
    (tmp_path / "x").write_bytes(whole.getvalue()[: int(whole.tell() * part)])
    with pytest.raises(ImageError, match=r"x': cannot be decoded .* copy it again"):
        read(tmp_path / "x")


# --- JPEG --------------------------------------------------------------------------------------


def jpeg(mode: str = "L", **options: object) -> bytes:
    data = io.BytesIO()
    Image.fromarray(NOISE).convert(mode).save(data, "JPEG", **options)
    return data.getvalue()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"progressive": True},
        {"restart_marker_rows": 1},
        {"mode": "RGB", "subsampling": "4:1:1"},
        {"mode": "RGB", "keep_rgb": True},
        {"mode": "CMYK"},
        {"mode": "CMYK", "subsampling": "4:2:0"},
    ],
)
def test_a_sound_jpeg_is_read_whatever_its_kind(tmp_path, options):
    (tmp_path / "x.jpg").write_bytes(jpeg(**options))
    with Image.open(tmp_path / "x.jpg") as image:
        expected = np.asarray(image.convert("RGB")) / np.float32(255)
    assert np.array_equal(read(tmp_path / "x.jpg", 3), expected)


def hole(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes(400) + data[middle + 400 :]


def tail(data: bytes) -> bytes:
    return data[: len(data) * 6 // 10].ljust(len(data), b"\0")


@pytest.mark.parametrize("damage", [hole, tail])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_damaged_jpeg_that_pillow_fills_up_is_refused(tmp_path, damage, mode):
    data = damage(jpeg(mode))
    (tmp_path / "x.jpg").write_bytes(data)
    with pytest.raises(ImageError, match=r"x\.jpg': cannot be decoded .*(Corrupt|Premature)"):
        read(tmp_path / "x.jpg")


# --- TIFF --------------------------------------------------------------------------------------


def tiff(bits: int, white_is_zero: bool, compressed: bool) -> bytes:
    """The ramp with values of so many bits, packed."""
    values = np.rint(RAMP / 255 * (2**bits - 1)).astype(np.uint32)
    unpacked = values[..., None] >> np.arange(bits)[::-1] & 1
    data = np.packbits(unpacked.reshape(24, -1).astype(np.uint8), axis=1).tobytes()
    data = zlib.compress(data) if compressed else data
    compression, photometric = (8 if compressed else 1), (0 if white_is_zero else 1)
    tags = [(256, 40), (257, 24), (258, bits), (259, compression), (262, photometric)]
    tags += [(273, 8), (277, 1), (278, 24), (279, len(data))]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    start = struct.pack("<4sI", b"II*\0", 8 + len(data))
    return start + data + struct.pack("<H", len(tags)) + entries + bytes(4)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("white_is_zero", [False, True])
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 12, 16])
def test_any_depth_is_of_its_own_range(tmp_path, bits, white_is_zero, compressed):
    (tmp_path / "x.tif").write_bytes(tiff(bits, white_is_zero, compressed))
    most = 2**bits - 1
    expected = np.rint(RAMP / 255 * most) / most
    expected = 1 - expected if white_is_zero else expected
    assert np.allclose(grey(tmp_path / "x.tif"), expected, atol=1e-6)
    assert describe(tmp_path / "x.tif") == FileKind("TIFF", bits, 1, 24, 40)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "packbits", "zstd", "lzma"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.float32])
def test_white_is_zero_whatever_compression_and_type(tmp_path, compression, dtype):
    values = RAMP.astype(dtype) / (255 if dtype == np.float32 else 1)
    values = values * 257 if dtype == np.uint16 else values
    # Of 8-bit images Pillow stores the complement by itself.
    stored = 255 - values if dtype == np.uint8 else values
    image = Image.fromarray(stored.astype(dtype))
    image.save(tmp_path / "x.tif", compression=compression, tiffinfo={262: 0})
    with tifffile.TiffFile(tmp_path / "x.tif") as file:
        assert file.pages[0].photometric == 0
    assert np.allclose(grey(tmp_path / "x.tif"), 1 - RAMP / 255, atol=1e-6)


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_lzw"])
@pytest.mark.parametrize("photometric", [0, 1])
def test_one_bit_of_a_fax(tmp_path, compression, photometric):
    picture = Image.fromarray(RAMP > 99)
    picture.save(tmp_path / "x.tif", compression=compression, tiffinfo={262: photometric})
    assert np.array_equal(grey(tmp_path / "x.tif"), RAMP > 99)


def test_compressed_values_of_32_bits_keep_their_order(tmp_path):
    values = RAMP.astype(np.uint32) << 24  # half of them are negative as signed numbers
    image = Image.fromarray(values.view(np.int32))
    image.save(tmp_path / "x.tif", compression="tiff_lzw")
    with tifffile.TiffFile(tmp_path / "x.tif", mode="r+") as file:
        file.pages[0].tags[339].overwrite(1)  # unsigned, which Pillow cannot say
    assert np.allclose(grey(tmp_path / "x.tif"), RAMP / 255, atol=1e-6)


@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_transparency_of_a_tiff(tmp_path, compression, orientation):
    alpha = np.dstack([COLOUR, RAMP])
    Image.fromarray(alpha).save(
        tmp_path / "x.tif", compression=compression, tiffinfo={274: orientation}
    )
    turned = np.rot90(alpha, -1) if orientation == 6 else alpha
    assert np.array_equal(read(tmp_path / "x.tif", 3), turned[..., :3] / np.float32(255))
    assert np.array_equal(opacity(tmp_path / "x.tif"), turned[..., 3] / np.float32(255))


# --- headers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "mode", "options", "bits", "channels"),
    [
        ("x.png", "1", {}, 1, 1),
        ("x.png", "L", {}, 8, 1),
        ("x.png", "I;16", {}, 16, 1),
        ("x.png", "P", {"bits": 4}, 4, 3),
        ("x.png", "RGBA", {}, 8, 3),
        ("x.jpg", "L", {}, 8, 1),
        ("x.jpg", "CMYK", {}, 8, 3),
        ("x.bmp", "RGB", {}, 8, 3),
        ("x.gif", "P", {}, 8, 3),
        ("x.webp", "RGB", {}, 8, 3),
        ("x.jp2", "I;16", {}, 16, 1),
        ("x.tif", "F", {}, 32, 1),
        ("x.tif", "RGB", {"compression": "tiff_lzw"}, 8, 3),
    ],
)
def test_a_header_says_what_is_read(tmp_path, name, mode, options, bits, channels):
    image = Image.fromarray(RAMP).convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = Image.fromarray(RAMP.astype(np.uint16) * 257)
    image.save(tmp_path / name, **options)
    found = describe(tmp_path / name)
    assert (found.bits, found.channels) == (bits, channels)
    assert (found.height, found.width) == read(tmp_path / name).shape[:2]
    with Image.open(tmp_path / name) as opened:
        assert found.format == opened.format


@pytest.mark.parametrize("suffix", ["jpg", "tif"])
def test_the_size_is_that_of_the_upright_image(tmp_path, suffix):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(RAMP).save(tmp_path / f"x.{suffix}", exif=exif)
    found = describe(tmp_path / f"x.{suffix}")
    assert (found.height, found.width) == read(tmp_path / f"x.{suffix}").shape[:2] == (40, 24)


def test_no_pixel_is_decoded_for_it(tmp_path):
    data = jpeg()
    (tmp_path / "x.jpg").write_bytes(data[: len(data) // 2])
    assert describe(tmp_path / "x.jpg") == FileKind("JPEG", 8, 1, 96, 128)


def test_a_file_that_is_no_image_has_no_kind(tmp_path):
    (tmp_path / "x.jpg").write_text("<html>404 not found</html>")
    with pytest.raises(ImageError, match=r"x\.jpg': starts with b'<html>40'"):
        describe(tmp_path / "x.jpg")
    with pytest.raises(ImageError, match="No such file"):
        describe(tmp_path / "gone.jpg")
    (tmp_path / "y.tif").write_bytes(b"II*\0\xff\xff\0\0")
    with pytest.raises(ImageError, match=r"y\.tif': cannot be decoded"):
        describe(tmp_path / "y.tif")
