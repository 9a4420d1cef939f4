"""ResNet152 at its real size, random weights: questions and seconds to its first verdict, then look by look."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import numpy as np
import torch
from torch import nn

import glider_core as gl
from glider_core.domains.image.classifiers import import_torchvision
from glider_core.domains.image.framing import Input
from glider_core.domains.image.instance import half_precision
from glider_core.domains.image.model import ImageModel
from glider_core.domains.image.picture import decode, sample

PICTURE = "Coffee"
LIMIT = 480.0  # seconds after which no further look is waited for
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def run(name: str = "resnet152", limit: float = LIMIT) -> list[dict[str, Any]]:
    """seconds and questions of ResNet152 (random weights, 224 x 224) to its first verdict"""
    instance, rows = _instance(name), []
    start = time.perf_counter()
    answers = 0

    def counted(masks: np.ndarray) -> Any:
        nonlocal answers
        answers += len(masks)
        return asked(masks)

    def looked(explanation: gl.Explanation, done: bool = False) -> None:
        rows.append(
            {
                "model": name,
                "superpixels": len(explanation.names),
                "in bfloat16": half_precision(),
                "masks of the look": explanation.looks[-1],
                "questions, effects included": answers,
                "seconds": round(time.perf_counter() - start, 1),
                "of them asking": round(explanation.timings["ask"] + explanation.timings["check"], 1),
                "verdict": explanation.verdict,
                "the last one": done,
            }
        )
        print(rows[-1], flush=True)

    def report(stage: str, share: float) -> None:
        if rows and time.perf_counter() - start > limit:
            raise gl.Cancelled("The first verdict is there, and time is up.")

    asked, instance.predict = instance.predict, counted  # type: ignore[method-assign]
    with contextlib.suppress(gl.Cancelled):
        looked(gl.explain(instance, on_look=looked, on_progress=report), done=True)
    return rows


def _instance(name: str) -> Any:
    """A sample picture, its superpixels as on the page, seen by a network of this name whose weights are drawn."""
    torch.manual_seed(0)
    network = getattr(import_torchvision().models, name)(weights=None)
    seen = Input(resize=256, crop=224, mean=MEAN, deviation=DEVIATION)
    # Scales of every layer as a trained one has them: without, answers would grow with each of 50 blocks.
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = None
    network.train()
    with torch.no_grad():
        network(torch.stack([seen.prepare(decode(sample(PICTURE)).picture)] * 4) + 0.5 * torch.randn(4, 3, 224, 224))
    classes = tuple(f"class {number}" for number in range(1000))
    return ImageModel(f"image/{name}", name, network, classes, seen, f"random {name}").instance(sample(PICTURE))
