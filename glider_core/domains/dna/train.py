"""Trains the shipped DNA-CNN on the binding-microarray probes."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from scipy.stats import spearmanr
from torch import Tensor, nn

from glider_core.domains.dna.data import Probes, load_probes, split_probes
from glider_core.domains.dna.network import DNACNN
from glider_core.domains.dna.sequence import encode, one_hot

EPOCHS = 60
BATCH = 64


def train(data: Path, out: Path, *, seed: int = 0) -> None:
    """Train from scratch and write weights and model card; about two minutes on two cores.

    Raises:
        InvalidInput: the data folder lacks the probes.
    """
    torch.manual_seed(seed)
    parts = split_probes(load_probes(data), seed)
    level, spread = parts["train"].intensity.mean(), parts["train"].intensity.std()
    tensors = {part: _tensors(probes, level, spread) for part, probes in parts.items()}
    network = DNACNN()
    best, best_loss = copy.deepcopy(network), float("inf")
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=1e-2)
    steps = EPOCHS * -(-len(parts["train"].sequences) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
    x, y = tensors["train"]
    for epoch in range(EPOCHS):
        network.train()
        for rows in torch.randperm(len(x)).split(BATCH):
            # Either strand is the same molecule: half of the probes are read from the other end (A,C,G,T reversed
            # is T,G,C,A, so flipping both axes complements and reverses).
            flip = torch.rand(len(rows), 1, 1) < 0.5
            batch = torch.where(flip, x[rows].flip(1, 2), x[rows])
            loss = nn.functional.mse_loss(network(batch), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        validation_loss = _loss(network, *tensors["validation"])
        if validation_loss < best_loss:
            best, best_loss = copy.deepcopy(network), validation_loss
        print(f"epoch {epoch + 1}: validation loss {validation_loss:.4f}", flush=True)
    scores = {part: _scores(best, *tensors[part]) for part in ("validation", "test")}
    print(scores, flush=True)
    out.mkdir(parents=True, exist_ok=True)
    weights = dict(best.state_dict())
    weights["scale"] = torch.tensor([level, spread], dtype=torch.float32)  # of the log intensity
    save_file(weights, out / "weights.safetensors")
    (out / "README.md").write_text(_card(parts, scores, seed, out), encoding="utf-8")


def _tensors(probes: Probes, level: float, spread: float) -> tuple[Tensor, Tensor]:
    letters = one_hot(np.stack([encode(sequence) for sequence in probes.sequences]))
    return torch.from_numpy(letters), torch.from_numpy((probes.intensity - level) / spread).float()


@torch.inference_mode()
def _loss(network: DNACNN, x: Tensor, y: Tensor) -> float:
    network.eval()
    return float(nn.functional.mse_loss(network(x), y))


@torch.inference_mode()
def _scores(network: DNACNN, x: Tensor, y: Tensor) -> tuple[float, float]:
    network.eval()
    prediction = network(x)
    r2 = 1 - float((prediction - y).square().sum() / (y - y.mean()).square().sum())
    correlation: Any = spearmanr(prediction, y)
    return r2, float(correlation.statistic)


def _card(parts: dict[str, Probes], scores: dict[str, tuple[float, float]], seed: int, out: Path) -> str:
    size = (out / "weights.safetensors").stat().st_size
    sizes = " / ".join(str(len(probes.sequences)) for probes in parts.values())
    return f"""# DNA-CNN

Two Conv1d (kernel 5, 64 channels) and a head of 64 units: 36 letters in, the logarithm of binding intensity out.

| | |
| --- | --- |
| data | genomic-context protein-binding microarray of an E-box factor (Myc/Max/Mad family), 7534 unique probes from GEO: {sizes} train / validation / test, a probe and its reverse complement on one side |
| terms | public data (GEO); nothing of it is copied here but what the weights learned |
| validation | R2 {scores["validation"][0]:.3f}, Spearman {scores["validation"][1]:.3f} (chose the epoch) |
| test | R2 {scores["test"][0]:.3f}, Spearman {scores["test"][1]:.3f} (looked at once) |
| seed | {seed} |
| size | {size / 1e6:.2f} MB, float32 safetensors |
| recipe | `python -m glider_core train dna/cnn --data $GLIDER_DATA --seed {seed}` |

Limits: the probes are genomic 36-mers, most with an E-box-like site at letters 16 to 21; elsewhere it extrapolates.
"""
