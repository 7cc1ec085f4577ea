"""Trains the same networks with PyTorch: channels_last, in float32 or under bfloat16 autocast.

Runs in the peers' environment. A row's settings come as JSON, since the lab is not installed there.
"""

from __future__ import annotations

import contextlib
import functools
import json
import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import torch
from rows import BATCH, LOOKED_AT, ROWS, TRAINED, serve, timed
from torch import nn

KEPT: list[object] = []  # what would end with its last reference
AT_ONCE = 32  # images of a batch where nothing is trained
PRECISION, SETTINGS = sys.argv[1], json.loads(sys.argv[2])
BLOCKS = {
    "alexnet": ((1,), (2,), (4,), (4,), (2,)),
    "vgg16": ((1, 1), (2, 2), (4, 4, 4), (8, 8, 8), (8, 8, 8)),
}
POOLED = {"alexnet": (0, 1, 4), "vgg16": (0, 1, 2, 3, 4)}


def network(row: dict[str, Any]) -> nn.Sequential:
    """The lab's network; its logits come out."""
    layers: list[nn.Module] = []
    channels = row.get("channels", 1)
    for i, block in enumerate(BLOCKS[row["network"]]):
        for times in block:
            layers.append(nn.Conv2d(channels, times * row["base"], 3, padding=1))
            channels = times * row["base"]
            if row["batch_norm"]:
                layers.append(nn.BatchNorm2d(channels))
            layers.append(nn.ReLU())
            if row["spatial_dropout"]:
                layers.append(nn.Dropout2d(row["spatial_dropout"]))
        if i in POOLED[row["network"]]:
            layers.append(nn.MaxPool2d(2))
    side = row["size"] // 2 ** len(POOLED[row["network"]])
    units = channels * side**2
    layers.append(nn.Flatten())
    for dense in row["dense"]:
        layers += [nn.Linear(units, dense), nn.ReLU()]
        units = dense
        if row["dropout"]:
            layers.append(nn.Dropout(row["dropout"]))
    return nn.Sequential(*layers, nn.Linear(units, 2 if row["softmax"] else 1))


def precision() -> contextlib.AbstractContextManager[object]:
    """That of this worker."""
    if PRECISION == "bfloat16":
        return torch.autocast("cpu", torch.bfloat16)
    return contextlib.nullcontext()


def features(count: int) -> Callable[[], object]:
    """The convolutions of VGG16, whose weights do not matter here."""
    row = {"network": "vgg16", "base": 64, "batch_norm": False, "spatial_dropout": 0, "size": 224}
    row |= {"dense": [], "dropout": 0, "softmax": False, "channels": 3}
    model = network(row)[:-2].to(memory_format=torch.channels_last).eval()
    images = torch.rand(count, 3, 224, 224).contiguous(memory_format=torch.channels_last)

    def infer() -> None:
        with torch.inference_mode(), precision():
            for batch in images.split(AT_ONCE):
                model(batch)

    return infer


def grad_cam() -> type:
    """The package's class; of torchvision it needs what is plain Python."""
    if torch.version.cuda is None and "+cpu" not in version("torchvision"):
        # torchvision is built for CUDA and PyTorch is not: it would miss two operations
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        KEPT.append(library)
    from pytorch_grad_cam import GradCAM  # noqa: PLC0415

    return GradCAM


def heat_maps(count: int) -> Callable[[], object]:
    """Maps of the predicted class by the package grad-cam, which knows no bfloat16."""
    row, method_of = SETTINGS[LOOKED_AT], grad_cam()
    model = network(row).to(memory_format=torch.channels_last).eval()
    last = [layer for layer in model if isinstance(layer, nn.Conv2d)][-1]
    images = torch.rand(count, 1, row["size"], row["size"])
    method = method_of(model=model, target_layers=[last])

    def look() -> None:
        for batch in images.contiguous(memory_format=torch.channels_last).split(AT_ONCE):
            method(input_tensor=batch, targets=None)

    return look


@functools.cache
def burst(name: str) -> Callable[[], float]:
    """Work on images in memory; done once before the clock is looked at."""
    torch.manual_seed(0)
    count = ROWS[name].images
    made = timed(training(name, count) if name in TRAINED else USES[name](count))
    made()
    return made


def training(name: str, count: int) -> Callable[[], object]:
    """Training over all images once."""
    row = SETTINGS[name]
    model = network(row).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=row["learning_rate"])
    images = torch.rand(count, 1, row["size"], row["size"])
    labels = torch.arange(count) % 2
    loss: nn.Module = nn.CrossEntropyLoss() if row["softmax"] else nn.BCEWithLogitsLoss()
    targets = labels if row["softmax"] else labels.float()[:, None]

    def train() -> None:
        order = torch.randperm(count)
        for chosen in order.split(BATCH):
            batch = images[chosen].contiguous(memory_format=torch.channels_last)
            with precision():
                outputs = model(batch)
            optimizer.zero_grad()
            loss(outputs.float(), targets[chosen]).backward()
            optimizer.step()

    return train


USES = {"features": features, "gradcam": heat_maps}


def answer(asked: str) -> str:
    """Images a second of a burst of the row asked for."""
    return str(ROWS[asked].images / burst(asked)())


if __name__ == "__main__":
    serve(answer)
