"""Images a second and memory of the augmented stream, beside Keras's legacy ImageDataGenerator.

`python benchmarks/augmented_stream.py` draws demo images, and prints a table in Markdown. Both
sides get the same images in memory, the same ranges and batch size, and are run in turn, so that
a noisy machine hits both; the figures are medians. Memory is the anonymous resident part (RssAnon)
of a process that streams from the disk, with few images and with many.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import numpy as np

from helpers import datasets
from helpers.datasets import Augmentation, phantoms
from helpers.runtime import tf

BATCH = 8
ROUNDS = 5
SECONDS = 2.0  # of each round


def rate(batches: Iterator[tuple[np.ndarray, np.ndarray]]) -> float:
    """Images a second, after a few batches to get going."""
    for _ in range(20):
        next(batches)
    count, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < SECONDS:
        count += len(next(batches)[0])
    return count / (time.perf_counter() - begun)


def speed(size: int) -> tuple[float, float, float]:
    """Medians of the generator's and the stream's images a second, and of their ratio."""
    pictures = [
        phantoms.draw("bone", label, index=i, size=size).image
        for label in phantoms.CLASSES["bone"]
        for i in range(100)
    ]
    images = np.stack(pictures)[..., None]
    labels = np.repeat([0, 1], 100)
    generator = tf.keras.preprocessing.image.ImageDataGenerator(
        rotation_range=10,
        width_shift_range=0.1,
        height_shift_range=0.1,
        horizontal_flip=True,
        rescale=1 / 255,
        fill_mode="nearest",
    )
    legacy = iter(generator.flow(images, labels, BATCH, seed=0))
    stored = images.astype(np.uint16) * 257
    ours = iter(datasets.stream(stored, labels, BATCH, 0, 0, Augmentation()))
    pairs = [(rate(legacy), rate(ours)) for _ in range(ROUNDS)]
    theirs, our = (statistics.median(column) for column in zip(*pairs, strict=True))
    return theirs, our, statistics.median(b / a for a, b in pairs)


def memory(count: int, size: int = 256) -> float:
    """RssAnon in MB of a process, this one, that has streamed through so many images once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "images.npy"
        images = np.lib.format.open_memmap(path, "w+", np.uint16, (count, size, size, 1))
        images[:] = np.arange(size, dtype=np.uint16)[:, None] * 200
        images.flush()
        del images
        stored = np.load(path, mmap_mode="r")
        with mock.patch("helpers.datasets.generators.IN_MEMORY", 0):  # read batch by batch
            stream = datasets.stream(stored, np.zeros(count), BATCH, 0, 0, Augmentation())
            for _ in zip(range(-(-count // BATCH)), stream, strict=False):
                pass
    status = Path("/proc/self/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0]) / 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["memory"]:
        print(memory(int(sys.argv[2])))
        sys.exit()
    print("| size | ImageDataGenerator, images/s | stream, images/s | ratio |\n|---|---|---|---|")
    for size in (128, 256):
        theirs, ours, ratio = speed(size)
        print(f"| {size} | {theirs:,.0f} | {ours:,.0f} | {ratio:.1f} |")
    print("\n| images of 256 x 256 streamed from disk | RssAnon, MB |\n|---|---|")
    for count in (1000, 20000):
        command = [sys.executable, __file__, "memory", str(count)]
        used = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        print(f"| {count:,} | {float(used):,.0f} |")
