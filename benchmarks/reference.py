"""MADEX's explainer written plainly from the paper's description: what the batched one is measured against.

One model at a time, torch's own modules, DataLoader of batches of 100, Adam, early stopping on validation loss
(Section 3.1 and appendix of Tsang et al. 2020); then NID over the hidden units, one after another, and GradientNID by
automatic differentiation.
"""

from __future__ import annotations

import copy
import itertools

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset


class Explainer(nn.Module):
    """d inputs, hidden layers of 256, 128 and 64, one output."""

    def __init__(self, d: int, activation: type[nn.Module] = nn.ReLU) -> None:
        super().__init__()
        sizes = (d, 256, 128, 64)
        layers: list[nn.Module] = []
        for inside, outside in itertools.pairwise(sizes):
            layers += [nn.Linear(inside, outside), activation()]
        self.layers = nn.Sequential(*layers, nn.Linear(64, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Outputs (n,) for masks (n, d)."""
        return self.layers(x).squeeze(1)


def train(
    x: Tensor,
    y: Tensor,
    w: Tensor,
    splits: tuple[Tensor, Tensor],
    *,
    seed: int = 0,
    l1: float = 1e-4,
    learning_rate: float = 1e-2,
    patience: int = 5,
    max_epochs: int = 100,
) -> tuple[Explainer, float, int]:
    """An explainer trained on masks x (n, d), answers y (n,) and weights w (n,).

    Args:
        x: masks as float.
        y: standardised answers.
        w: sample weights of mean 1.
        splits: rows to train on, and rows to stop by.
        seed: of weights and batches.
        l1: on all weights.
        learning_rate: of Adam.
        patience: epochs without improvement before it stops.
        max_epochs: at most.

    Returns:
        The model with its best weights, its best validation loss, and the epochs trained.
    """
    torch.manual_seed(seed)
    model = Explainer(x.shape[1])
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    training, validation = splits
    batches = DataLoader(TensorDataset(x[training], y[training], w[training]), batch_size=100, shuffle=True)
    best, best_loss, waited, epochs = copy.deepcopy(model.state_dict()), float("inf"), 0, 0
    while waited < patience and epochs < max_epochs:
        epochs += 1
        model.train()
        for batch_x, batch_y, batch_w in batches:
            optimizer.zero_grad()
            loss = (batch_w * (model(batch_x) - batch_y) ** 2).mean()
            penalty = sum(p.abs().sum() for name, p in model.named_parameters() if name.endswith("weight"))
            (loss + l1 * penalty).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            loss_now = (w[validation] * (model(x[validation]) - y[validation]) ** 2).mean().item()
        if loss_now < best_loss:
            best, best_loss, waited = copy.deepcopy(model.state_dict()), loss_now, 0
        else:
            waited += 1
    model.load_state_dict(best)
    return model, best_loss, epochs


def nid(model: Explainer) -> list[tuple[tuple[int, ...], float]]:
    """Interactions of any order by strength, one first-layer unit after another (Section 3.2.1)."""
    linear = [layer for layer in model.layers if isinstance(layer, nn.Linear)]
    weights: list[NDArray[np.float64]] = [layer.weight.detach().double().abs().numpy() for layer in linear]
    influence = weights[-1]
    for weight in reversed(weights[1:-1]):
        influence = influence @ weight
    strengths: dict[tuple[int, ...], float] = {}
    for unit, row in enumerate(weights[0]):
        order = np.argsort(-row)
        for size in range(2, len(row) + 1):
            features = tuple(sorted(order[:size].tolist()))
            strengths[features] = strengths.get(features, 0.0) + float(row[order[size - 1]] * influence[0, unit])
    ranked = sorted(strengths.items(), key=lambda item: -item[1])
    pruned: list[tuple[tuple[int, ...], float]] = []
    for features, strength in ranked:  # only sets that no stronger set contains
        if not any(set(features) < set(kept) for kept, _ in pruned):
            pruned.append((features, strength))
        if len(pruned) == 100:
            break
    return pruned
