"""Features of VGG16 a second, beside plain Keras in float32 with batches of 8.

`python benchmarks/vgg16_features.py` prints a table in Markdown: images a second of
`VGG16.predict` as a course's code calls it, and of what `pretrained.features` does, on the same
images in memory, run in turn, so that a noisy machine hits both; the figures are medians. Below
it, how alike the features are: the least cosine of an image's with those in float32.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from helpers import phantoms, pretrained, runtime
from helpers.runtime import tf

COUNT = 96
ROUNDS = 5
SIZE = 224


def images() -> np.ndarray:
    """Demo images, float32 (COUNT, SIZE, SIZE, 3) in [0, 1]."""
    pictures = [
        phantoms.draw("skin", label, index=i, size=SIZE).image
        for label in phantoms.CLASSES["skin"]
        for i in range(COUNT // 2)
    ]
    return np.stack(pictures).astype(np.float32) / 255


def plain(pixels: np.ndarray) -> Callable[[], np.ndarray]:
    """As it is mostly written."""
    base = pretrained.imagenet_vgg16((SIZE, SIZE, 3))
    return lambda: base.predict(pixels, batch_size=8, verbose=0)


def ours(pixels: np.ndarray) -> Callable[[], np.ndarray]:
    """As `pretrained.features` computes them."""
    infer = pretrained.extractor(SIZE, "imagenet", "unit", pretrained.LAST, runtime.precision())
    starts = range(0, len(pixels), pretrained.BATCH)
    return lambda: np.concatenate([infer(pixels[i : i + pretrained.BATCH]) for i in starts])


def seconds(call: Callable[[], np.ndarray]) -> float:
    """By the clock."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


if __name__ == "__main__":
    runtime.start()
    pixels = images()
    pair = plain(pixels), ours(pixels)
    theirs, our = (call().reshape(COUNT, -1) for call in pair)  # and compile
    cosine = (theirs * our).sum(1) / np.linalg.norm(theirs, axis=1) / np.linalg.norm(our, axis=1)
    rounds = [(seconds(pair[0]), seconds(pair[1])) for _ in range(ROUNDS)]
    rates = [COUNT / statistics.median(column) for column in zip(*rounds, strict=True)]
    ratio = statistics.median(a / b for a, b in rounds)
    print(f"TensorFlow {tf.__version__}, {runtime.hardware()['processor']}\n")
    print("| VGG16.predict, float32, batch 8 | features | precision | ratio |\n|---|---|---|---|")
    print(f"| {rates[0]:.1f}/s | {rates[1]:.1f}/s | {runtime.precision()} | {ratio:.1f} |")
    print(f"\nLeast cosine of the two: {cosine.min():.5f}; median {np.median(cosine):.5f}.")
