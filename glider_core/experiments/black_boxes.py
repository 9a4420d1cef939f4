"""Black boxes that learn a function of numbers: boosted trees, a network of ReLU layers, and an LSTM (Table 10)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from glider_core.errors import ModelUnavailable

Rows = NDArray[np.float64]
KINDS = ("XGBoost", "MLP", "LSTM")
UNTUNED = "XGBoost untuned"  # settings that many take, nothing chosen
FORESTS = ("XGBoost", UNTUNED)

_DEPTHS = (2, 4, 6)  # of trees, the best on validation rows taken
_MOST_TREES, _TREE_RATE, _TREE_PATIENCE = 4000, 0.1, 30
_WIDTHS, _MLP_EPOCHS = (128, 64), 50
_UNTUNED, _UNTUNED_TREES = {"max_depth": 6, "eta": 0.1}, 300
_STATE, _LSTM_EPOCHS = 64, 30
_BATCH, _RATE = 100, 5e-3


class Mlp(nn.Module):
    """Layers with ReLU between them, (n, d) to (n,)."""

    def __init__(self, d: int) -> None:
        super().__init__()
        sizes = (d, *_WIDTHS, 1)
        linear = [nn.Linear(fan_in, fan_out) for fan_in, fan_out in pairwise(sizes)]
        self.last = linear[-1]
        self.layers = nn.Sequential(*(part for layer in linear[:-1] for part in (layer, nn.ReLU())), self.last)

    def forward(self, x: Tensor) -> Tensor:
        """Answers (n,)."""
        return self.layers(x)[:, 0]


class Lstm(nn.Module):
    """One layer that reads a number a step, and a linear layer on its last state, (n, d) to (n,)."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.last = nn.LSTM(1, _STATE, batch_first=True), nn.Linear(_STATE, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Answers (n,)."""
        _, (state, _) = self.lstm(x[:, :, None])
        return self.last(state[0])[:, 0]


def trained(kind: str, x: Rows, y: NDArray[np.float64], x_validation: Rows, y_validation: NDArray[np.float64],
            seed: int) -> Any:  # fmt: skip
    """A model of this kind, as `gl.tabular` takes it; what is free in it is chosen on validation rows.

    Args:
        kind: of `KINDS`, or `UNTUNED`.
        x: (n, d) rows to train on.
        y: (n,) their answers.
        x_validation: (v, d).
        y_validation: (v,).
        seed: of all that is random.

    Raises:
        ModelUnavailable: XGBoost is not installed.
    """
    if kind in FORESTS:
        return _trees(x, y, x_validation, y_validation, seed, tuned=kind != UNTUNED)
    torch.manual_seed(seed)
    network = Mlp(x.shape[1]) if kind == "MLP" else Lstm()
    return _fitted(network, x, y, x_validation, y_validation, _MLP_EPOCHS if kind == "MLP" else _LSTM_EPOCHS)


def _trees(x: Rows, y: Rows, x_validation: Rows, y_validation: Rows, seed: int, *, tuned: bool) -> Any:
    try:
        import xgboost
    except ImportError:
        raise ModelUnavailable("XGBoost is not installed; install glider[trees].") from None
    train, validation = xgboost.DMatrix(x, y), xgboost.DMatrix(x_validation, y_validation)
    if not tuned:
        return xgboost.train({**_UNTUNED, "nthread": 1, "seed": seed}, train, _UNTUNED_TREES)
    best: Any = None
    for depth in _DEPTHS:
        settings = {"max_depth": depth, "eta": _TREE_RATE, "subsample": 0.5, "nthread": 1, "seed": seed}
        booster = xgboost.train(
            settings, train, _MOST_TREES, evals=[(validation, "validation")],
            early_stopping_rounds=_TREE_PATIENCE, verbose_eval=False,
        )  # fmt: skip
        if best is None or booster.best_score < best.best_score:
            best = booster
    return best[: best.best_iteration + 1]  # without the trees behind the best number of them


def _fitted(network: Mlp | Lstm, x: Rows, y: Rows, x_validation: Rows, y_validation: Rows, epochs: int) -> Mlp | Lstm:
    """The network after so many epochs at a rate that falls to zero, with its best weights on validation rows."""
    inputs, answers = (torch.as_tensor(part, dtype=torch.float32) for part in (x, y))
    held_out, truth = (torch.as_tensor(part, dtype=torch.float32) for part in (x_validation, y_validation))
    level, spread = answers.mean(), answers.std()
    steps = -(-len(inputs) // _BATCH)
    optimizer = torch.optim.Adam(network.parameters(), lr=_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, total_steps=epochs * steps, pct_start=0.1)
    best, best_loss = {}, float("inf")
    for _ in range(epochs):
        network.train()
        for rows in torch.randperm(len(inputs)).split(_BATCH):
            optimizer.zero_grad()
            loss = (network(inputs[rows]) - (answers[rows] - level) / spread).square().mean()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        network.eval()
        with torch.inference_mode():
            held_out_loss = float((network(held_out) - (truth - level) / spread).square().mean())
        if held_out_loss < best_loss:
            best_loss, best = held_out_loss, {name: value.clone() for name, value in network.state_dict().items()}
    network.load_state_dict(best)
    with torch.no_grad():  # from standardised answers to the answers' own unit
        network.last.weight.mul_(spread)
        network.last.bias.mul_(spread).add_(level)
    return network.eval()
