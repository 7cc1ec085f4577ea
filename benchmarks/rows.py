"""What is measured: networks trained and asked side by side, and how a worker is questioned.

A worker is a process that reads names of rows, one a line, and prints for each the images a second
of a burst of work; it keeps what it has built. So each library stays warm, and all are asked
in turn. Standard library alone, since workers run in different environments.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

BATCH = 8
MATRIX = 4096  # height and width, for the machine's own limit


@dataclass(frozen=True)
class Row:
    """A run of the lab's table or one of two uses of a network, and the images of one burst."""

    name: str
    title: str
    images: int


ROWS = {
    row.name: row
    for row in (
        Row("task1a_plain", "1a: AlexNet base 8, 128", 800),
        Row("task1b_plain", "1b: the same, batch norm", 480),
        Row("task2a_spatial_dropout", "2: AlexNet base 32, spatial dropout, 128", 320),
        Row("task4_not_augmented", "4: AlexNet base 64, batch norm, 256", 32),
        Row("task5_skin", "5: VGG16 base 64, batch norm, 256", 16),
        Row("task8", "8: VGG16 base 8, 128", 400),
        Row("features", "features of VGG16, 224", 64),
        Row("gradcam", "Grad-CAM, VGG16 base 8, batch norm, 128", 100),
    )
}


TRAINED = [name for name in ROWS if name.startswith("task")]
LOOKED_AT = "task8_batch_norm"  # whose network Grad-CAM looks at


def timed(work: Callable[[], object]) -> Callable[[], float]:
    """The same work, which returns the seconds that it took."""

    def burst() -> float:
        begun = time.perf_counter()
        work()
        return time.perf_counter() - begun

    return burst


def serve(answer: Callable[[str], str]) -> None:
    """Answer one question a line, until there are no more."""
    for line in sys.stdin:
        print(answer(line.strip()), flush=True)
