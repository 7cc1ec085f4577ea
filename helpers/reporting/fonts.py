"""The fonts of the page: DejaVu, which Matplotlib brings, so that text and figures look alike."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import matplotlib as mpl
from fontTools import subset

# Latin with its accents, Greek, punctuation, arrows, mathematical signs
CHARACTERS = [*range(0x20, 0x180), *range(0x370, 0x400), *range(0x2000, 0x2300)]
FACES = (
    ("Report Sans", 400, "DejaVuSans.ttf"),
    ("Report Sans", 700, "DejaVuSans-Bold.ttf"),
    ("Report Mono", 400, "DejaVuSansMono.ttf"),
)


def faces() -> str:
    """Style rules that hold the fonts themselves, so that a page needs no other file."""
    return "".join(
        f"@font-face {{ font-family: '{family}'; font-weight: {weight}; "
        f"src: url(data:font/woff;base64,{_font(file)}) format('woff'); }}\n"
        for family, weight, file in FACES
    )


def _font(file: str) -> str:
    """A font with the characters of a report alone: a twentieth of its size."""
    options = subset.Options(flavor="woff", recalc_timestamp=False)
    options.drop_tables += ["FFTM"]  # FontForge's time stamps
    font = subset.load_font(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / file), options)
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=CHARACTERS)
    chosen.subset(font)
    written = io.BytesIO()
    subset.save_font(font, written, options)
    return base64.b64encode(written.getvalue()).decode()
