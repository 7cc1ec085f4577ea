"""One file -> one checked array: what is accepted, and the one error each bad file gets."""

import io
import struct
import subprocess
import sys
import tracemalloc
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageFile

from helpers.datasets.image_files import ImageError, read, resize

GREY = np.random.default_rng(0).integers(0, 256, (24, 32), np.uint8)
COLOUR = np.random.default_rng(1).integers(0, 256, (24, 32, 3), np.uint8)
LUMINANCE = np.asarray(Image.fromarray(COLOUR).convert("L")) / np.float32(255)


def save(path: Path, pixels: np.ndarray = GREY, mode: str | None = None, **options: object) -> Path:
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


@pytest.fixture(autouse=True)
def _no_warning_leaks():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


# --- what is accepted --------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "PNG", "Tiff"])
def test_grey_and_colour_are_exact(tmp_path, suffix):
    grey = read(save(tmp_path / f"g.{suffix}"))
    assert grey.shape == (24, 32, 1) and grey.dtype == np.float32
    assert np.array_equal(grey[:, :, 0], GREY / np.float32(255))
    colour = save(tmp_path / f"c.{suffix}", COLOUR)
    assert np.array_equal(read(colour, 3), COLOUR / np.float32(255))
    assert np.array_equal(read(colour)[:, :, 0], LUMINANCE)
    repeated = read(tmp_path / f"g.{suffix}", 3)
    assert repeated.shape == (24, 32, 3) and (repeated == grey).all()


def test_jpeg_equals_pillow(tmp_path):
    path = save(tmp_path / "x.JPEG", COLOUR, quality=95)
    with Image.open(path) as image:
        assert np.array_equal(read(path, 3), np.asarray(image) / np.float32(255))
        assert np.array_equal(read(path)[:, :, 0], np.asarray(image.convert("L")) / np.float32(255))


def test_content_counts_not_the_suffix(tmp_path):
    path = save(tmp_path / "x.png")
    assert np.array_equal(read(path.rename(tmp_path / "x.jpg"))[:, :, 0], GREY / np.float32(255))


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_palette(tmp_path, suffix):
    few = Image.fromarray(COLOUR).quantize(16)
    few.save(tmp_path / f"x.{suffix}")
    expected = np.asarray(few.convert("RGB")) / np.float32(255)
    assert np.array_equal(read(tmp_path / f"x.{suffix}", 3), expected)


def test_palette_with_transparency_keeps_the_colours(tmp_path):
    few = Image.fromarray(COLOUR).quantize(16)
    few.save(tmp_path / "x.png", transparency=bytes(range(0, 160, 10)))
    assert np.array_equal(
        read(tmp_path / "x.png", 3), np.asarray(few.convert("RGB")) / np.float32(255)
    )


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_transparency_is_dropped(tmp_path, suffix):
    alpha = np.dstack([COLOUR, GREY])
    path = save(tmp_path / f"x.{suffix}", alpha)
    assert np.array_equal(read(path, 3), COLOUR / np.float32(255))
    Image.merge("LA", [Image.fromarray(GREY), Image.fromarray(COLOUR[:, :, 0])]).save(
        tmp_path / f"la.{suffix}"
    )
    assert np.array_equal(read(tmp_path / f"la.{suffix}")[:, :, 0], GREY / np.float32(255))


@pytest.mark.parametrize("suffix", ["jpg", "tif"])
def test_cmyk(tmp_path, suffix):
    smooth = np.tile(np.linspace(0, 255, 32).astype(np.uint8)[:, None], (24, 1, 3))
    path = save(tmp_path / f"x.{suffix}", smooth.reshape(24, 32, 3), "CMYK")
    assert np.abs(read(path, 3) - smooth.reshape(24, 32, 3) / 255).max() < 0.03


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bit_keeps_its_depth(tmp_path, suffix):
    deep = np.random.default_rng(2).integers(0, 65536, (24, 32)).astype(np.uint16)
    path = save(tmp_path / f"x.{suffix}", deep)
    assert np.array_equal(np.rint(read(path)[:, :, 0] * 65535).astype(np.uint16), deep)


def test_sixteen_bit_colour_tiff_in_planes_and_big_endian(tmp_path):
    deep = COLOUR.astype(np.uint16) * 257
    planes = np.ascontiguousarray(np.moveaxis(deep, 2, 0))
    tifffile.imwrite(
        tmp_path / "x.tif", planes, photometric="rgb", planarconfig="separate", byteorder=">"
    )
    assert np.array_equal(read(tmp_path / "x.tif", 3), deep / np.float32(65535))
    weights = np.array([0.299, 0.587, 0.114])
    assert np.allclose(read(tmp_path / "x.tif")[:, :, 0], deep / 65535 @ weights, atol=1e-6)


def test_float_tiff(tmp_path):
    values = (GREY / 255).astype(np.float32) * 0.5 + 0.2
    tifffile.imwrite(tmp_path / "unit.tif", values)
    assert np.array_equal(read(tmp_path / "unit.tif")[:, :, 0], values)  # as it is
    tifffile.imwrite(tmp_path / "wide.tif", values * 4000 - 1000)
    wide = read(tmp_path / "wide.tif")[:, :, 0]
    assert wide.min() == 0 and wide.max() == 1
    assert np.allclose(wide, (values - values.min()) / np.ptp(values), atol=1e-5)
    tifffile.imwrite(tmp_path / "flat.tif", np.full((16, 16), 300, np.float32))
    assert (read(tmp_path / "flat.tif") == 0).all()


def test_signed_tiff_is_spread_over_its_range(tmp_path):
    tifffile.imwrite(tmp_path / "x.tif", GREY.astype(np.int16) * 10 - 1000)
    values = read(tmp_path / "x.tif")[:, :, 0]
    assert np.allclose(values, (GREY - GREY.min()) / np.ptp(GREY), atol=1e-6)


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp"])
def test_one_bit(tmp_path, suffix):
    path = save(tmp_path / f"x.{suffix}", GREY > 99)
    assert np.array_equal(read(path)[:, :, 0], (GREY > 99).astype(np.float32))


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "packbits"])
def test_compressed_tiff(tmp_path, compression):
    path = save(tmp_path / "x.tif", COLOUR, compression=compression)
    assert np.array_equal(read(path, 3), COLOUR / np.float32(255))


def test_tiff_with_a_thumbnail_is_one_image(tmp_path):
    with tifffile.TiffWriter(tmp_path / "x.tif") as file:
        file.write(GREY, metadata=None)
        file.write(GREY[::2, ::2].copy(), subfiletype=1, metadata=None)
    assert np.array_equal(read(tmp_path / "x.tif")[:, :, 0], GREY / np.float32(255))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["png", "tif", "lzw.tif"])
def test_exif_orientation(tmp_path, orientation, suffix):
    image = Image.fromarray(GREY)
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"compression": "tiff_lzw"} if suffix.startswith("lzw") else {}
    path = tmp_path / f"x.{suffix}"
    image.save(path, exif=exif, **options)
    turned = {
        1: GREY,
        2: GREY[:, ::-1],
        3: GREY[::-1, ::-1],
        4: GREY[::-1],
        5: GREY.T,
        6: np.rot90(GREY, -1),
        7: np.rot90(GREY, 2).T,
        8: np.rot90(GREY),
    }[orientation]
    assert np.array_equal(read(path)[:, :, 0], turned / np.float32(255))


def test_broken_exif_does_not_spoil_the_pixels(tmp_path):
    save(tmp_path / "x.png", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert read(tmp_path / "x.png").shape == (24, 32, 1)


@pytest.mark.parametrize("name", ["a b.png", 'it\'s "x".png', "two\nlines.png", "Läsion_日本.PNG"])
def test_any_name(tmp_path, name):
    assert read(save(tmp_path / name)).shape == (24, 32, 1)
    assert read(str(tmp_path / name)).shape == (24, 32, 1)


# --- resizing ----------------------------------------------------------------------------------


def test_resize_is_antialiased_and_stays_within_the_range():
    checks = np.indices((256, 256)).sum(0) % 2
    small = resize(checks[:, :, None].astype(np.float32), 32)
    assert small.shape == (32, 32, 1) and small.dtype == np.float32
    assert np.abs(small - 0.5).max() < 0.01  # nearest neighbour would give 0 or 1
    noise = np.random.default_rng(3).integers(0, 2, (50, 70, 3)).astype(np.float32)
    for size in (8, 64, 200):
        result = resize(noise, size)
        assert result.shape == (size, size, 3)
        assert result.min() >= 0 and result.max() <= 1


def test_resize_keeps_the_place_of_things_and_channels_apart():
    image = np.zeros((100, 200, 3), np.float32)
    image[:50, :, 0] = 1
    image[:, 100:, 1] = 1
    small = resize(image, 10)
    top, right = np.zeros((10, 10), bool), np.zeros((10, 10), bool)
    top[:5], right[:, 5:] = True, True
    assert np.array_equal(small[:, :, 0] > 0.5, top)
    assert np.array_equal(small[:, :, 1] > 0.5, right)
    assert (small[:, :, 2] == 0).all()


def test_resize_to_the_same_size_changes_nothing():
    image = np.random.default_rng(4).random((16, 16, 1)).astype(np.float32)
    assert np.array_equal(resize(image, 16), image)
    assert resize(image, 16) is not image


# --- what is refused, with one clear error -----------------------------------------------------


def refused(path: Path, problem: str, remedy: str) -> None:
    with pytest.raises(ImageError) as caught:
        read(path)
    message = str(caught.value)
    assert path.name in message
    assert problem in message
    assert remedy in message
    assert "\n" not in message


def test_empty_file(tmp_path):
    (tmp_path / "x.png").touch()
    refused(tmp_path / "x.png", "empty (0 bytes)", "copy it again")


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        ("png", {}),
        ("jpg", {}),
        ("jpg", {"progressive": True}),
        ("bmp", {}),
        ("tif", {}),
        ("tif", {"compression": "tiff_lzw"}),
    ],
)
@pytest.mark.parametrize("part", [0.1, 0.5, 0.95])
def test_cut_short(tmp_path, suffix, options, part, capfd):
    path = save(tmp_path / f"x.{suffix}", COLOUR.repeat(4, 0).repeat(4, 1), **options)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    refused(path, "cannot be decoded", "copy it again")
    assert capfd.readouterr().err == ""


def test_tifffile_does_not_print_beside_the_error(tmp_path):
    (tmp_path / "x.tif").write_bytes(b"II*\0\xff\xff\0\0" + bytes(100))
    code = "import sys; from helpers import datasets; datasets.read(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "x.tif"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.startswith("Traceback") and "tifffile.TiffPages" not in done.stderr


def test_damaged_in_the_middle(tmp_path):
    path = save(tmp_path / "x.png")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    path.write_bytes(data)
    refused(path, "cannot be decoded", "copy it again")


def test_text_called_jpg(tmp_path):
    (tmp_path / "x.jpg").write_text("<html>404 not found</html>")
    refused(tmp_path / "x.jpg", "not an image", "must be JPEG, PNG, BMP, GIF")


def test_other_image_format(tmp_path):
    refused(save(tmp_path / "x.jpg", format="PPM"), "P5", "must be JPEG")


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "tif"])
def test_one_pixel(tmp_path, suffix):
    refused(save(tmp_path / f"x.{suffix}", GREY[:1, :1]), "is 1 x 1 pixels", "at least 8")


def test_smallest_side_counts(tmp_path):
    refused(save(tmp_path / "x.png", GREY[:7]), "is 32 x 7 pixels", "at least 8")
    assert read(save(tmp_path / "y.png", GREY[:8, :8])).shape == (8, 8, 1)


def _huge_png(side: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def _huge_bmp(side: int) -> bytes:
    data = io.BytesIO()
    Image.fromarray(GREY).save(data, "BMP")
    whole = bytearray(data.getvalue())
    whole[18:26] = struct.pack("<II", side, side)
    return bytes(whole)


def _huge_jpeg(side: int) -> bytes:
    data = io.BytesIO()
    Image.fromarray(GREY).save(data, "JPEG")
    whole = bytearray(data.getvalue())
    frame = whole.index(b"\xff\xc0")
    whole[frame + 5 : frame + 9] = struct.pack(">HH", side, side)
    return bytes(whole)


def _huge_tiff(side: int) -> bytes:
    data = io.BytesIO()
    Image.fromarray(GREY).save(data, "TIFF")
    whole = bytearray(data.getvalue())
    with tifffile.TiffFile(io.BytesIO(whole)) as file:
        for code in (256, 257):
            tag = file.pages[0].tags[code]
            whole[tag.offset + 2 : tag.offset + 12] = struct.pack("<HII", 4, 1, side)
    return bytes(whole)


@pytest.mark.parametrize("make", [_huge_png, _huge_bmp, _huge_jpeg, _huge_tiff])
@pytest.mark.parametrize("side", [9_000, 14_000, 60_000])  # Pillow: silence, a warning, an error
def test_huge_header_is_refused_before_decoding(tmp_path, make, side, monkeypatch):
    def decoded(*args: object, **kwargs: object) -> None:
        raise AssertionError("pixels were decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", decoded)
    monkeypatch.setattr(tifffile.TiffPage, "asarray", decoded)
    (tmp_path / "x.png").write_bytes(make(side))
    tracemalloc.start()
    try:
        refused(tmp_path / "x.png", f"claims {side} x {side} pixels", "save a smaller version")
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied"), OSError(5, "I/O error")]
)
def test_unreadable(tmp_path, monkeypatch, error):
    path = save(tmp_path / "x.png")

    def fail(self: Path) -> bytes:
        raise error

    monkeypatch.setattr(Path, "read_bytes", fail)
    refused(path, error.strerror, "check its permissions")


def test_links(tmp_path):
    (tmp_path / "a.png").symlink_to(tmp_path / "b.png")
    (tmp_path / "b.png").symlink_to(tmp_path / "a.png")
    refused(tmp_path / "a.png", "symbolic link", "leads to a file")
    (tmp_path / "c.png").symlink_to(tmp_path / "gone.png")
    refused(tmp_path / "c.png", "No such file", "leads to a file")
    (tmp_path / "d.png").symlink_to(save(tmp_path / "real.png"))
    assert read(tmp_path / "d.png").shape == (24, 32, 1)


def test_folder_and_pipe(tmp_path):
    import os

    (tmp_path / "x.png").mkdir()
    refused(tmp_path / "x.png", "not an ordinary file", "put an image here")
    os.mkfifo(tmp_path / "pipe.png")
    refused(tmp_path / "pipe.png", "not an ordinary file", "put an image here")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_not_finite(tmp_path, value):
    pixels = (GREY / 255).astype(np.float32)
    pixels[3, 4] = pixels[5, 6] = value
    tifffile.imwrite(tmp_path / "x.tif", pixels)
    refused(tmp_path / "x.tif", "2 of its values are NaN or infinite", "replace them")


@pytest.mark.parametrize("options", [{}, {"imagej": True}, {"truncate": True}])
def test_several_pages(tmp_path, options):
    tifffile.imwrite(tmp_path / "x.tif", np.stack([GREY] * 3), photometric="minisblack", **options)
    refused(tmp_path / "x.tif", "several pages", "file of its own")


def test_too_many_channels(tmp_path):
    five = np.zeros((24, 32, 5), np.uint8)
    tifffile.imwrite(tmp_path / "x.tif", five, photometric="minisblack", planarconfig="contig")
    refused(tmp_path / "x.tif", "5 channels", "grey or RGB")


def test_line_break_in_a_name_does_not_break_the_message(tmp_path):
    path = tmp_path / "two\nlines.png"
    path.touch()
    with pytest.raises(ImageError, match=r"two\\nlines\.png") as caught:
        read(path)
    assert "\n" not in str(caught.value)


def test_wrong_number_of_channels(tmp_path):
    with pytest.raises(ValueError, match="must be 1"):
        read(save(tmp_path / "x.png"), channels=4)
