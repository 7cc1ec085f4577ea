"""DICOM, by pydicom, which is loaded where there is such a file."""

import io
import re
from typing import Any

import numpy as np

from helpers.datasets.formats import jpeg
from helpers.datasets.formats.rules import FileKind, ImageError, check_size, spread

SUFFIXES = frozenset({".dcm", ".dicom"})
PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"


def recognises(data: bytes) -> bool:
    """Whether DICM stands after the preamble, which may itself look like another format."""
    return data[128:132] == b"DICM"


def decode(data: bytes) -> tuple[np.ndarray, None]:
    """Decode a file; what it returns and raises is as in `pillow.decode`.

    A grey image goes through its modality transform and its window, and is then spread over its own
    range, whatever the number of bits stored. Padding, which fills what the detector did not see,
    is no part of that range and becomes black.
    """
    dataset = _dataset(data)
    check_size(int(dataset.Columns), int(dataset.Rows))
    if int(dataset.get("NumberOfFrames") or 1) > 1:
        raise ImageError("holds several frames; save the one you want as a file of its own")
    raw = _raw(dataset)
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        from pydicom.pixels import apply_color_lut  # noqa: PLC0415 - slow to load

        return apply_color_lut(raw, dataset), None
    if raw.ndim == 3:
        bits = int(dataset.BitsStored)
        return (raw if bits == 8 * raw.dtype.itemsize else raw / np.float32(2**bits - 1)), None
    return _grey(raw, dataset), None


def describe(data: bytes) -> FileKind:
    """What the header says; raises whatever pydicom raises over a damaged one."""
    dataset = _dataset(data)
    colour = int(dataset.SamplesPerPixel) > 1 or "PALETTE" in dataset.PhotometricInterpretation
    bits = int(dataset.get("BitsStored") or dataset.BitsAllocated)
    return FileKind("DICOM", bits, 3 if colour else 1, int(dataset.Rows), int(dataset.Columns))


def _dataset(data: bytes) -> Any:
    try:
        import pydicom  # noqa: PLC0415 - slow to load
    except ImportError:
        raise ImageError("is DICOM, which needs one more package: pip install pydicom") from None
    dataset = pydicom.dcmread(io.BytesIO(data))
    if not any(name in dataset for name in PIXELS):
        raise ImageError("is a DICOM file without a picture (no pixel data in it); remove it")
    return dataset


def _raw(dataset: Any) -> np.ndarray:
    """The values as they are stored, in RGB where they are colours."""
    syntax = dataset.file_meta.TransferSyntaxUID
    if not syntax.is_encapsulated:
        return dataset.pixel_array
    from pydicom.encaps import generate_frames  # noqa: PLC0415
    from pydicom.pixels import get_decoder  # noqa: PLC0415

    decoder = get_decoder(syntax)
    # 'pylibjpeg - requires pylibjpeg>=2.0 and pylibjpeg-libjpeg>=2.1', and others
    lacking = re.findall(r"pylibjpeg-\w+", " ".join(decoder.missing_dependencies))
    remedy = f"pip install pylibjpeg {' '.join(lacking)}"
    if not decoder.is_available:
        raise ImageError(
            f"its pixels are compressed as {syntax.name}, which needs more packages: {remedy}"
        )
    if syntax == JPEG_BASELINE:
        for frame in generate_frames(dataset.PixelData, number_of_frames=1):
            jpeg.check(frame)
    try:
        return dataset.pixel_array
    except RuntimeError as error:  # Pillow decodes some files of this kind, and the others do all
        if not lacking:
            raise
        raise ImageError(
            f"its pixels are compressed as {syntax.name}, which could not be decoded ({error}): "
            f"it is damaged, or needs more packages: {remedy}"
        ) from error


def _grey(raw: np.ndarray, dataset: Any) -> np.ndarray:
    from pydicom.pixels import apply_modality_lut, apply_voi_lut  # noqa: PLC0415

    padding = _padding(raw, dataset)
    if padding.all():
        raise ImageError("all of its pixels are padding; remove it")
    values = apply_modality_lut(raw, dataset)
    shown = apply_voi_lut(values, dataset)
    if np.ptp(shown[~padding]) == 0 < np.ptp(values[~padding]):
        raise ImageError(
            "its window, which says what is black and what is white, leaves one value of all its "
            f"pixels (center {dataset.get('WindowCenter')}, width {dataset.get('WindowWidth')}; "
            f"its values are {values[~padding].min():g} to {values[~padding].max():g}); "
            "correct the window or delete it from the file"
        )
    grey = np.zeros(shown.shape, np.float32)
    grey[~padding] = spread(shown[~padding])
    # In images of DX detectors INVERSE stands beside MONOCHROME1 and says the same once more.
    if (
        dataset.PhotometricInterpretation == "MONOCHROME1"
        or dataset.get("PresentationLUTShape") == "INVERSE"
    ):
        grey[~padding] = 1 - grey[~padding]
    return grey


def _padding(raw: np.ndarray, dataset: Any) -> np.ndarray:
    """Which pixels are padding: of the value, or of the range up to the limit, that the file says.

    Some files give a value in the other of the two types, signed or not; its bits then count.
    """
    first = dataset.get("PixelPaddingValue")
    if first is None or raw.dtype.kind not in "iu":
        return np.zeros(raw.shape, bool)
    last = dataset.get("PixelPaddingRangeLimit")
    ends = np.array([first, first if last is None else last], np.int64).astype(raw.dtype)
    return (raw >= ends.min()) & (raw <= ends.max())
