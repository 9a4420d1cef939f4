"""What a GPU is worth, and whether it gives the same: NID's networks, a network of pictures, one of texts.

python -m benchmarks gpu   # on a machine with a CUDA GPU; each row beside the same on the processor, in one run
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

import glider_core as gl
from benchmarks.explainer import OURS, problems
from glider_core.domains.image.classifiers import import_torchvision
from glider_core.domains.image.picture import decode, sample
from glider_core.engine.detectors.nid import nid_ranking
from glider_core.engine.explainer import train_explainers
from glider_core.engine.planted import r_precision
from glider_core.settings import Settings

DEVICES = ("cpu", "cuda")
STACKS = (1, 32, 128)
PICTURES, TEXTS = 32, 1000  # masks asked for speed; a processor needs a second and more for each ResNet152
MASKS = {"picture": 300, "text": 1000}  # at most, of an explanation
SENTENCE = "the film never fails to delight , and its slow , tender story hardly ever lets the viewer go home cold"


def run() -> list[dict[str, Any]]:
    """seconds on the processor and on a GPU, and how far apart their answers are"""
    if not torch.cuda.is_available():
        raise SystemExit("This machine offers no CUDA GPU.")
    rows = [*_explainers(), *_asked("picture", _pictures, PICTURES), *_asked("text", _texts, TEXTS)]
    for row in rows:
        row["GPU"] = torch.cuda.get_device_name()
    return rows


def _explainers() -> list[dict[str, Any]]:
    """Stacks of NID's networks at d = 40 and 6000 masks."""
    plan, targets, planted = problems(40, max(STACKS))
    split = plan.look(len(plan.masks)).split
    rows = []
    for size in STACKS:
        for device in DEVICES:
            seconds, trained = _timed(
                lambda device=device, size=size: train_explainers(
                    plan.masks, targets[:size], plan.weights, [split] * size, [plan.seed] * size, OURS,
                    device=device,
                )
            )  # fmt: skip
            found = [
                r_precision(nid_ranking([layer[number].cpu().numpy() for layer in trained.weights]), truth)
                for number, truth in enumerate(planted[:size])
            ]
            rows.append(
                {
                    "what": "NID's networks, d = 40, 6000 masks",
                    "together": size,
                    "device": device,
                    "seconds each": round(seconds / size, 4),
                    "R-precision": round(float(np.mean(found)), 3),
                }
            )
            print(rows[-1], flush=True)
    return rows


def _asked(what: str, made: Callable[[str], Any], n_masks: int) -> list[dict[str, Any]]:
    """Answers a second of a network on each device, and an explanation by Grow."""
    rows: list[dict[str, Any]] = []
    answers: dict[str, np.ndarray] = {}
    explained: dict[str, gl.Explanation] = {}
    for device in DEVICES:
        instance = made(device)
        masks = np.random.default_rng(0).random((n_masks, len(instance.names))) < 0.5
        seconds, answers[device] = _timed(lambda instance=instance, masks=masks: _in_batches(instance, masks))
        begun = time.perf_counter()
        explained[device] = gl.explain(instance, Settings.with_masks(MASKS[what]))
        rows.append(
            {
                "what": f"{what}: {len(instance.names)} features",
                "device": device,
                "answers a second": round(n_masks / seconds, 1),
                "explained in seconds": round(time.perf_counter() - begun, 2),
                "questions": explained[device].n_evaluations,
                "largest difference from the processor's, by their spread": float(
                    np.abs(answers[device] - answers["cpu"]).max() / answers["cpu"].std()
                ),
                "same sets as the processor": {i.features for i in explained[device].interactions}
                == {i.features for i in explained["cpu"].interactions},
                "sets": len(explained[device].interactions),
            }
        )
        print(rows[-1], flush=True)
    return rows


def _in_batches(instance: Any, masks: np.ndarray) -> np.ndarray:
    size = getattr(instance, "batch", len(masks)) or len(masks)
    return np.concatenate(
        [np.asarray(instance.predict(masks[start : start + size])) for start in range(0, len(masks), size)]
    )


def _pictures(device: str) -> Any:
    """ResNet152 with random weights behind torchvision's usual transform, through `gl.image`."""
    torch.manual_seed(0)
    network = import_torchvision().models.resnet152(weights=None)
    for layer in network.modules():  # scales as a trained network has them
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = None
    picture = decode(sample("Coffee")).picture
    network.train()
    with torch.no_grad():
        network(torch.stack([_transform(picture)] * 4) + 0.5 * torch.randn(4, 3, 224, 224))
    return gl.image(network.to(device), lambda seen: _transform(np.asarray(seen))).instance(sample("Coffee"))


def _transform(picture: np.ndarray) -> torch.Tensor:
    values = torch.from_numpy(np.array(picture)).permute(2, 0, 1)[None].float() / 255
    sized = nn.functional.interpolate(values, (224, 224), mode="bilinear", antialias=True)[0]
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    return (sized - mean[:, None, None]) / deviation[:, None, None]


def _texts(device: str) -> Any:
    """A DistilBERT of the usual size with random weights, through `gl.text`."""
    transformers: Any = importlib.import_module("transformers")  # made up of lazy names
    torch.manual_seed(0)
    words = {
        word: number for number, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *SENTENCE.split()])
    }
    tokenizer = transformers.BertTokenizerFast(vocab=words, do_lower_case=True)
    model = transformers.DistilBertForSequenceClassification(transformers.DistilBertConfig(num_labels=2))
    for layer in model.modules():
        if isinstance(layer, nn.Linear):  # livelier than weights at the start of a training
            nn.init.normal_(layer.weight, std=0.08)
    return gl.text(model.to(device), tokenizer=tokenizer).instance(SENTENCE)


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the second of two calls: the first one warms up."""
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    begun = time.perf_counter()
    result = work()
    torch.cuda.synchronize()
    return time.perf_counter() - begun, result
