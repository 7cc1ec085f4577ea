"""Whether a figure or a table that a notebook exported is whole, before the report takes it."""

import csv
import functools
import io
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image

from helpers.settings import quoted
from report.builder.template import ReportError


def checked(path: Path) -> Path:
    """The same path, of an SVG, PNG or CSV file that can be read to its end.

    A table that ends with a whole row cannot be told from one that is shorter.

    Raises:
        ReportError: it cannot be; the message says what to do.
    """
    try:
        _read(path, path.stat().st_mtime_ns)
    except (OSError, SyntaxError, ValueError, csv.Error) as error:
        raise ReportError(
            f"{quoted(path)}: is damaged or cut short ({error}); delete it, and run the notebook "
            "that makes it again"
        ) from error
    return path


@functools.lru_cache(maxsize=512)
def _read(path: Path, _: int) -> None:
    """Read it to the end, again only where it has changed."""
    if path.suffix == ".svg":
        ElementTree.parse(path)
    elif path.suffix == ".png":
        with Image.open(path) as picture:
            picture.load()
    else:
        text = path.read_text(encoding="utf-8")
        if not text.endswith("\n"):
            raise ValueError("its last line has no end")
        if len({len(row) for row in csv.reader(io.StringIO(text, newline=""), strict=True)}) != 1:
            raise ValueError("its rows differ in length")
