"""Trains the shipped classifier: MobileNetV2's ImageNet weights, fine-tuned to 50 everyday classes."""

from __future__ import annotations

import io
import json
import tarfile
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from glider_core.domains.image.network import SIZE, mobilenet_v2
from glider_core.errors import InvalidInput

EPOCHS = 2
BATCH = 64
RATE = 2e-4
HELD_OUT = 20  # pictures a class, of the training part, to look at while training
_SIDE = 64  # of the training pictures
_WEIGHTS = "mobilenet_v2_tf_imagenet_fp16.safetensors"


def train(data: Path, out: Path, *, seed: int = 0) -> None:
    """Fine-tune and write weights, class names and model card; about twenty minutes on one core.

    Raises:
        InvalidInput: the data folder lacks pictures or starting weights.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    try:
        names: dict[str, str] = json.loads((data / "images" / "tiny50_classes.json").read_text())
        index: dict[str, list[str]] = json.loads((data / "images" / "imagenet_class_index.json").read_text())
        pictures, labels = _read(data / "images" / "tiny50_train.tar", list(names))
        validation = _read(data / "images" / "tiny50_validation.tar", list(names))
        weights = {name: value.float() for name, value in load_file(data / "weights" / _WEIGHTS).items()}
    except OSError as error:
        raise InvalidInput(f"The data folder lacks {Path(error.filename or 'a file').name}.") from None
    row_of = {wnid: int(row) for row, (wnid, _) in index.items()}
    rows = [row_of[wnid] for wnid in names]
    # The start: ImageNet's own rows of these classes. What 50 of 1000 logits know is most of the way.
    weights["classifier.1.weight"] = weights["classifier.1.weight"][rows]
    weights["classifier.1.bias"] = weights["classifier.1.bias"][rows]
    network = mobilenet_v2(len(names)).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    network.load_state_dict(weights)
    held_out = np.concatenate([rng.permutation(np.flatnonzero(labels == label))[:HELD_OUT] for label in range(50)])
    training = np.setdiff1d(np.arange(len(labels)), held_out)
    start = _accuracy(network, pictures[held_out], labels[held_out])
    print(f"before: {start[0]:.3f} of {len(held_out)} held-out pictures", flush=True)

    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.02)
    steps = EPOCHS * (len(training) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.15)
    began, step = time.monotonic(), 0
    for epoch in range(EPOCHS):
        # Batch norms stay as they are: the starting weights have them folded in, so they only scale and shift.
        network.eval()
        for batch in np.array_split(rng.permutation(training), len(training) // BATCH):
            inputs = _augment(torch.from_numpy(pictures[batch]), rng)
            with torch.autocast("cpu", torch.bfloat16):
                logits = network(inputs)
            target = torch.from_numpy(labels[batch])
            loss = nn.functional.cross_entropy(logits.float(), target, label_smoothing=0.1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step < steps - 1:
                schedule.step()
            step += 1
            if step % 25 == 0:
                print(f"step {step}/{steps}: loss {loss.item():.3f}, {time.monotonic() - began:.0f} s", flush=True)
        scores = _accuracy(network, pictures[held_out], labels[held_out])
        print(f"epoch {epoch + 1}: {scores[0]:.3f} of the held-out pictures", flush=True)

    stored = {name: value.half().contiguous() for name, value in network.state_dict().items() if value.dim()}
    network.load_state_dict({**network.state_dict(), **{name: value.float() for name, value in stored.items()}})
    final, held = _accuracy(network, *validation), _accuracy(network, pictures[held_out], labels[held_out])
    print({"validation": final, "held out": held}, flush=True)
    out.mkdir(parents=True, exist_ok=True)
    save_file(stored, out / "weights.safetensors")
    (out / "classes.json").write_text(json.dumps(list(names.values())) + "\n", encoding="utf-8")
    (out / "README.md").write_text(_card(len(training), start, held, final, seed, out), encoding="utf-8")


def _read(path: Path, wnids: list[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Pictures (n, 3, 64, 64) and class numbers (n,)."""
    pictures, labels = [], []
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile() and (file := archive.extractfile(member)):
                picture = Image.open(io.BytesIO(file.read())).convert("RGB")
                pictures.append(np.asarray(picture).transpose(2, 0, 1))
                labels.append(wnids.index(member.name.split("/")[-2]))
    return np.stack(pictures), np.array(labels)


def _scaled(pictures: Tensor, size: int) -> Tensor:
    scaled = nn.functional.interpolate(pictures.float(), size=(size, size), mode="bilinear", align_corners=False)
    return (scaled / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def _augment(pictures: Tensor, rng: np.random.Generator) -> Tensor:
    """Random crops of 46 to 64 pixels, half of them mirrored, a few with a grey patch.

    Crops and patches matter for what the classifier is shipped for: pictures of which parts are grey.
    """
    side = int(rng.integers(46, _SIDE + 1))
    top, left = (int(rng.integers(0, _SIDE - side + 1)) for _ in range(2))
    crop = pictures[:, :, top : top + side, left : left + side]
    if rng.random() < 0.5:
        crop = crop.flip(3)
    inputs = _scaled(crop, SIZE)
    coarse = torch.from_numpy(rng.random((len(inputs), 1, 6, 6)) < rng.uniform(0, 0.4)).float()
    patches = nn.functional.interpolate(coarse, size=(SIZE, SIZE), mode="nearest")
    chosen = torch.from_numpy(rng.random((len(inputs), 1, 1, 1)) < 0.3).float()
    grey = inputs.mean(dim=(2, 3), keepdim=True)
    return torch.where((patches * chosen) > 0, grey, inputs).contiguous(memory_format=torch.channels_last)


@torch.inference_mode()
def _accuracy(network: nn.Module, pictures: NDArray[np.uint8], labels: NDArray[np.int64]) -> tuple[float, float]:
    """Top-1 and top-5."""
    network.eval()
    parts = [network(_scaled(part, SIZE)) for part in torch.from_numpy(pictures).split(100)]
    top = torch.cat(parts).topk(5).indices == torch.from_numpy(labels)[:, None]
    return float(top[:, 0].float().mean()), float(top.any(1).float().mean())


def _card(
    n: int,
    start: tuple[float, float],
    held: tuple[float, float],
    final: tuple[float, float],
    seed: int,
    out: Path,
) -> str:
    return f"""# Image classifier of 50 everyday classes

MobileNetV2 (2.3 million weights, input 128 x 128, TensorFlow's padding), fine-tuned from ImageNet weights.

| | |
| --- | --- |
| data | 50 classes of Tiny ImageNet, 64 x 64 pixels, scaled up: {n} pictures to train on, {50 * HELD_OUT} of the training part held out, the 2500 of its validation part to measure on |
| terms | ImageNet pictures, for non-commercial research; none of them is here. Starting weights: MobileNetV2 by Google, Apache-2.0 |
| start | the ImageNet weights with the rows of these classes: {start[0]:.1%} top-1 of the held-out pictures |
| held out | top-1 {held[0]:.1%}, top-5 {held[1]:.1%} |
| validation | top-1 {final[0]:.1%}, top-5 {final[1]:.1%} (looked at once, with the weights as stored) |
| training | {EPOCHS} epochs of AdamW, one cycle to {RATE:g}, crops, mirrors and grey patches, as explanations grey out parts |
| seed | {seed} |
| size | {(out / "weights.safetensors").stat().st_size / 1e6:.2f} MB, float16 safetensors |
| recipe | `python -m glider_core train image/small50 --data $GLIDER_DATA --seed {seed}` |

Limits: it names one of 50 classes whatever it sees; small things in a large picture escape it.
"""
