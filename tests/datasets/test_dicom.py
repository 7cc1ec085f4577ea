"""DICOM files: padding, windows, inversion, codecs, and what looks like another format."""

import struct
import sys
import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest

from helpers.datasets.formats.rules import FileKind
from helpers.datasets.image_files import ImageError, describe, read

RAMP = np.tile(np.linspace(0, 4095, 40).round().astype(np.uint16), (24, 1))
UNIT = RAMP / 4095


@pytest.fixture(autouse=True)
def _no_warning_leaks():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def dicom(path: Path, pixels: np.ndarray, photometric: str = "MONOCHROME2", **tags: object) -> Path:
    """Write a file of these values; `syntax` and `preamble` are of the file, the rest are tags."""
    data = pydicom.Dataset()
    data.file_meta = pydicom.dataset.FileMetaDataset()
    data.file_meta.TransferSyntaxUID = tags.pop("syntax", "1.2.840.10008.1.2.1")
    data.Rows, data.Columns = pixels.shape[:2]
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, photometric
    if pixels.ndim == 3:
        data.SamplesPerPixel, data.PlanarConfiguration = 3, 0
    data.BitsAllocated = data.BitsStored = 8 * pixels.dtype.itemsize
    data.PixelRepresentation = int(pixels.dtype.kind == "i")
    data.PixelData = pixels.tobytes()
    data.SOPClassUID, data.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.1", "1.2.3"
    preamble = tags.pop("preamble", bytes(128))
    for name, value in tags.items():
        setattr(data, name, value)
    data.HighBit = data.BitsStored - 1
    if data.file_meta.TransferSyntaxUID.is_encapsulated:
        data["PixelData"].is_undefined_length = True
    data.preamble = preamble
    data.save_as(path, enforce_file_format=True)
    return path


def grey(path: Path) -> np.ndarray:
    return read(path)[:, :, 0]


def test_spread_over_its_own_range_after_its_window(tmp_path):
    assert np.allclose(grey(dicom(tmp_path / "a.dcm", RAMP // 2 + 7)), UNIT, atol=1e-3)
    window = grey(dicom(tmp_path / "b.dcm", RAMP, WindowCenter=2000, WindowWidth=200))
    assert (window == 0).mean() > 0.4 and (window == 1).mean() > 0.4


@pytest.mark.parametrize(
    ("photometric", "tags", "inverted"),
    [
        ("MONOCHROME2", {}, False),
        ("MONOCHROME1", {}, True),
        ("MONOCHROME2", {"PresentationLUTShape": "IDENTITY"}, False),
        ("MONOCHROME2", {"PresentationLUTShape": "INVERSE"}, True),
        ("MONOCHROME1", {"PresentationLUTShape": "INVERSE"}, True),
    ],
)
def test_black_and_white_are_exchanged_at_most_once(tmp_path, photometric, tags, inverted):
    found = grey(dicom(tmp_path / "x.dcm", RAMP, photometric, **tags))
    assert np.allclose(found, 1 - UNIT if inverted else UNIT, atol=1e-6)


@pytest.mark.parametrize(
    ("values", "value", "limit"),
    [
        (np.uint16, 65535, None),
        (np.uint16, 0, None),
        (np.uint16, 60000, 65535),
        (np.uint16, 65535, 60000),
        (np.int16, -2000, None),
        (np.int16, -32768, -2000),
    ],
)
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_is_black_and_no_part_of_the_range(tmp_path, values, value, limit, photometric):
    deep = (RAMP // 4 + 100).astype(values)
    expected = (RAMP // 4) / (4095 // 4)
    deep[:, :8], deep[:, :4] = value, value if limit is None else (value + limit) // 2
    low = expected[:, 8:].min()
    expected = (expected - low) / (1 - low)
    expected = 1 - expected if photometric == "MONOCHROME1" else expected
    expected[:, :8] = 0
    tags = {"PixelPaddingValue": value} | (
        {} if limit is None else {"PixelPaddingRangeLimit": limit}
    )
    assert np.allclose(
        grey(dicom(tmp_path / "x.dcm", deep, photometric, **tags)), expected, atol=1e-6
    )


def test_padding_that_is_given_in_the_other_type(tmp_path):
    deep = RAMP.astype(np.int16)
    deep[:, :8] = -2000
    path = dicom(tmp_path / "x.dcm", deep)
    import pydicom

    data = pydicom.dcmread(path)
    data.add_new("PixelPaddingValue", "US", 65536 - 2000)
    data.save_as(path)
    low = UNIT[:, 8:].min()
    assert np.allclose(grey(path)[:, 8:], (UNIT[:, 8:] - low) / (1 - low), atol=1e-6)
    assert (grey(path)[:, :8] == 0).all()


def test_padding_alone_is_no_picture(tmp_path):
    path = dicom(tmp_path / "x.dcm", RAMP * 0, PixelPaddingValue=0)
    with pytest.raises(ImageError, match=r"x\.dcm': all of its pixels are padding; remove it"):
        read(path)


def test_a_window_that_leaves_one_value_is_refused(tmp_path):
    path = dicom(tmp_path / "x.dcm", RAMP, WindowCenter=-9000, WindowWidth=100)
    with pytest.raises(
        ImageError, match=r"x\.dcm': its window, .*center -9000.0, width 100.0; its val"
    ):
        read(path)
    constant = dicom(tmp_path / "y.dcm", RAMP * 0 + 5, WindowCenter=-9000, WindowWidth=100)
    assert (read(constant) == 0).all()


def test_what_is_dicom_is_never_read_as_what_its_preamble_looks_like(tmp_path, monkeypatch):
    tags = [(256, 40), (257, 24), (258, 16), (259, 1), (262, 1), (273, 132), (278, 24), (279, 1920)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    preamble = struct.pack("<4sIH", b"II*\0", 8, len(tags)) + entries + bytes(4)
    (tmp_path / "y.dcm").write_bytes(preamble.ljust(128, b"\0") + b"DICM" + bytes(4000))
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "pydicom", None)
        with pytest.raises(ImageError, match=r"y\.dcm': is DICOM, .* pip install pydicom"):
            read(tmp_path / "y.dcm")
    path = dicom(tmp_path / "x.tif", RAMP, preamble=preamble.ljust(128, b"\0"))
    assert np.allclose(grey(path), UNIT, atol=1e-6)
    assert describe(path).format == "DICOM"


def test_colours_of_12_bits_are_of_their_own_range(tmp_path):
    deep = np.dstack([RAMP, RAMP[:, ::-1], RAMP])
    path = dicom(tmp_path / "x.dcm", deep, "RGB", BitsStored=12)
    assert np.allclose(read(path, 3), deep / 4095, atol=1e-6)
    assert describe(path) == FileKind("DICOM", 12, 3, 24, 40)


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({"NumberOfFrames": 3}, "holds several frames"),
        ({"Rows": 60000, "Columns": 60000}, "claims 60000 x 60000"),
        ({"Rows": 25}, "cannot be decoded"),
    ],
)
def test_what_is_no_single_whole_picture_is_refused(tmp_path, tags, message):
    with pytest.raises(ImageError, match=rf"x\.dcm': .*{message}"):
        read(dicom(tmp_path / "x.dcm", RAMP, **tags))


def test_a_file_without_pixels_is_no_picture(tmp_path):
    path = dicom(tmp_path / "x.dcm", RAMP)
    import pydicom

    data = pydicom.dcmread(path)
    del data.PixelData
    data.save_as(path)
    with pytest.raises(ImageError, match=r"x\.dcm': is a DICOM file without a picture"):
        read(path)


def test_a_codec_that_is_not_installed_is_said_and_which(tmp_path, monkeypatch):
    from pydicom.encaps import encapsulate
    from pydicom.pixels.decoders import base
    from pydicom.uid import JPEGLSLossless

    path = dicom(
        tmp_path / "x.dcm", RAMP, syntax=JPEGLSLossless, PixelData=encapsulate([b"\xff" * 8])
    )
    monkeypatch.setattr(base.Decoder, "is_available", False)
    monkeypatch.setattr(
        base.Decoder,
        "missing_dependencies",
        [
            "gdcm - requires gdcm>=3",
            "pylibjpeg - requires pylibjpeg>=2.0 and pylibjpeg-libjpeg>=2.1",
        ],
    )
    with pytest.raises(
        ImageError,
        match=r"JPEG-LS .*, which needs more packages: pip install pylibjpeg pylibjpeg-libjpeg$",
    ):
        read(path)
    monkeypatch.setattr(base.Decoder, "is_available", True)
    with pytest.raises(ImageError, match="it is damaged, or needs more packages: pip install"):
        read(path)


def test_damaged_jpeg_within_dicom_is_refused(tmp_path):
    import io

    from PIL import Image
    from pydicom.encaps import encapsulate
    from pydicom.uid import JPEGBaseline8Bit

    stream = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (96, 128), np.uint8)).save(
        stream, "JPEG"
    )
    sound = stream.getvalue()
    damaged = sound[: len(sound) // 2] + bytes(400) + sound[len(sound) // 2 + 400 :]
    shape = np.zeros((96, 128), np.uint8)
    for name, data in (("sound", sound), ("damaged", damaged)):
        dicom(tmp_path / name, shape, syntax=JPEGBaseline8Bit, PixelData=encapsulate([data]))
    assert read(tmp_path / "sound").std() > 0.1
    with pytest.raises(ImageError, match=r"damaged': cannot be decoded .Corrupt JPEG data"):
        read(tmp_path / "damaged")
