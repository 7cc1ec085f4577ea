"""Are copies found among images of one's own, and how often are different ones taken for copies?

`python benchmarks/planted_copies.py FOLDER` takes all images below a folder, counts those that the
search for copies joins as they are, adds copies of some of them, made in each of the ways below,
and prints a table in Markdown: how many of these it found. `--planted 50` makes 50 of each kind.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from helpers import datasets, settings

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff"}
TURN = Image.Transpose


def saved(image: Image.Image, quality: int) -> Image.Image:
    """As a JPEG of this quality gives it back."""
    data = io.BytesIO()
    image.save(data, "JPEG", quality=quality)
    return Image.open(data)


def cropped(
    image: Image.Image, left: float, top: float, right: float, bottom: float
) -> Image.Image:
    """Without these shares of its sides."""
    w, h = image.size
    return image.crop(
        (round(left * w), round(top * h), round(w - right * w), round(h - bottom * h))
    )


def scaled(image: Image.Image, by: float) -> Image.Image:
    """With its sides so many times as long, of 8 pixels at least."""
    return image.resize((max(8, round(image.width * by)), max(8, round(image.height * by))))


KINDS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "in another format": lambda image: image,
    "JPEG, quality 75": lambda image: saved(image, 75),
    "JPEG, quality 50": lambda image: saved(image, 50),
    "half as large": lambda image: scaled(image, 0.5),
    "half as large, JPEG 50": lambda image: saved(scaled(image, 0.5), 50),
    "1.5 times as large": lambda image: scaled(image, 1.5),
    "made square": lambda image: image.resize((224, 224)),
    "mirrored": lambda image: image.transpose(TURN.FLIP_LEFT_RIGHT),
    "upside down": lambda image: image.transpose(TURN.FLIP_TOP_BOTTOM),
    "turned by 90 degrees": lambda image: image.transpose(TURN.ROTATE_90),
    "turned by 180 degrees": lambda image: image.transpose(TURN.ROTATE_180),
    "5 % cropped, all round": lambda image: cropped(image, 0.025, 0.025, 0.025, 0.025),
    "10 % cropped, all round": lambda image: cropped(image, 0.05, 0.05, 0.05, 0.05),
    "10 % cropped, one edge": lambda image: cropped(image, 0, 0.1, 0, 0),
    "10 % cropped, a corner": lambda image: cropped(image, 0.1, 0.1, 0, 0),
    "20 % cropped, all round": lambda image: cropped(image, 0.1, 0.1, 0.1, 0.1),
    "a corner cropped, turned, JPEG 75": lambda image: saved(
        cropped(image, 0, 0, 0.1, 0.1).transpose(TURN.ROTATE_90), 75
    ),
    "darker": lambda image: image.point(lambda value: 0.7 * value),
}


def opened(file: Path) -> Image.Image:
    """An image in grey or in colour."""
    image = Image.open(file)
    return image if image.mode == "L" else image.convert("RGB")


def surplus(names: Sequence[str | None]) -> int:
    """How many images are a copy of another one, of which one is the original."""
    copies = [name for name in names if name]
    return len(copies) - len(set(copies))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--planted", type=int, default=120)
    arguments = parser.parse_args()
    files = sorted(f for f in arguments.folder.rglob("*") if f.suffix.lower() in SUFFIXES)
    if not files:
        raise SystemExit(f"{arguments.folder}: there is no image in it ({', '.join(SUFFIXES)})")
    with tempfile.TemporaryDirectory() as work:
        settings.use(build=Path(work))
        joined = surplus(datasets.alike(files))
        print(f"{len(files)} images; as they are, {joined} were taken for a copy of another one.\n")
        print("| copy | found |\n|---|---|")
        count = min(arguments.planted, len(files))
        picked = np.random.default_rng(0).choice(len(files), count, replace=False)
        for number, (kind, made) in enumerate(KINDS.items()):
            planted = [Path(work) / f"{number}_{i}.bmp" for i in range(count)]
            for file, i in zip(planted, picked, strict=True):
                made(opened(files[i])).save(file)
            found = datasets.alike([*files, *planted])
            same = sum(
                copy is not None and copy == found[i]
                for copy, i in zip(found[len(files) :], picked, strict=True)
            )
            print(f"| {kind} | {same} of {count} |", flush=True)


if __name__ == "__main__":
    main()
