"""The batched explainer: many small MLPs, one per instance and repeat, trained as one stacked network (Section 3.1).

Every layer of all members is one batched matrix product, every update one Adam step on one flat buffer. The network is
fixed and small, so its gradient is written out by hand. A member's numbers do not depend on who else is in the batch:
one trained alone ends with the same weights, bit for bit (as long as the layers' widths are multiples of 16).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from glider_core.masks import Split

Activation = Literal["relu", "softplus"]
# Sharper than the textbook softplus, so that curvature of the learned function is not smeared over the unit cube,
# yet smooth enough for second derivatives.
SOFTPLUS_BETA = 10.0
# The matrix product rounds by how its operands lie in memory. Rows of whole cache lines lie alike in every batch.
_CACHE_LINE = 16  # float32 numbers
_MEMBERS_PER_THREAD = 4
_ADAM_MEAN, _ADAM_SQUARE, _ADAM_EPSILON = 0.9, 0.999, 1e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How explainers are built and trained; the same for every member of a batch."""

    hidden: tuple[int, ...]
    activation: Activation
    linear: bool  # adds a linear term beside the MLP, so that the MLP is free for interactions
    l1: float  # on all weights, not on biases
    learning_rate: float
    batch_size: int
    patience: int
    max_epochs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explainers:
    """Trained members: layer l has weights (B, in, out) and biases (B, out); the last layer has one output."""

    weights: tuple[Tensor, ...]
    biases: tuple[Tensor, ...]
    linear: Tensor | None  # (B, d) coefficients of the linear term
    activation: Activation
    epochs: NDArray[np.intp]  # (B,) epochs trained until validation stopped improving
    validation_loss: NDArray[np.float64]  # (B,) best weighted mean squared error on the validation masks

    def predict(self, masks: Tensor) -> Tensor:
        """Outputs (B, n) for masks (B or 1, n, d) float."""
        hidden = masks.expand(len(self.weights[0]), -1, -1)
        first = hidden
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            hidden = _activate(torch.baddbmm(bias[:, None], hidden, weight), self.activation)
        output = (hidden * self.weights[-1].transpose(1, 2)).sum(-1) + self.biases[-1]
        if self.linear is not None:
            output = output + (first * self.linear[:, None]).sum(-1)
        return output


def train_explainers(
    masks: NDArray[np.bool_],
    targets: NDArray[np.float64],
    weights: NDArray[np.float64],
    splits: Sequence[Split],
    seeds: Sequence[int],
    recipe: Recipe,
    *,
    device: str = "cpu",
    on_progress: Callable[[float], None] | None = None,
) -> Explainers:
    """Train B explainers at once, each with early stopping of its own and its best weights kept.

    Args:
        masks: (n, d) bool, shared by all members.
        targets: (B, n) what each member learns; best of mean 0 and deviation 1.
        weights: (n,) how much a mask counts; scaled to mean 1 here.
        splits: B of them; their training sets must be of one size, and so must their validation sets.
        seeds: B of them: of the initial weights and of the order of the masks.
        recipe: see there.
        device: "cpu" or "cuda".
        on_progress: called several times per epoch with the share of `max_epochs` done by the slowest member;
            may raise to stop the training.

    Returns:
        The members in the given order.
    """
    with _threads(len(seeds)):
        return _train(masks, targets, weights, splits, seeds, recipe, device, on_progress)


@contextmanager
def _threads(members: int) -> Iterator[None]:
    """One thread for a stack of a few: its products are too small to share, and on a busy machine threads that wait
    for each other at every one of them take several times as long (measured in benchmarks/)."""
    before = torch.get_num_threads()
    if members < _MEMBERS_PER_THREAD:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _train(
    masks: NDArray[np.bool_],
    targets: NDArray[np.float64],
    weights: NDArray[np.float64],
    splits: Sequence[Split],
    seeds: Sequence[int],
    recipe: Recipe,
    device: str,
    on_progress: Callable[[float], None] | None,
) -> Explainers:
    data = _Data(masks, targets, weights, splits, device)
    members = _Members(masks.shape[1], seeds, recipe, device)
    shuffles = {seed: torch.Generator().manual_seed(seed) for seed in set(seeds)}
    active = torch.arange(len(seeds), device=device)  # members still training
    best = members.flat.clone()
    best_loss = torch.full((len(seeds),), torch.inf, device=device)
    waited = torch.zeros(len(seeds), dtype=torch.long, device=device)
    epochs = torch.zeros(len(seeds), dtype=torch.long, device=device)
    n_train = data.train.shape[1]
    n_steps = -(-n_train // recipe.batch_size)

    for epoch in range(recipe.max_epochs):
        order = {seed: torch.randperm(n_train, generator=generator) for seed, generator in shuffles.items()}
        shuffled = torch.stack([order[seeds[i]] for i in active.tolist()]).to(device)
        x, y, w = data.rows(active, data.train[active].gather(1, shuffled))
        for step, start in enumerate(range(0, n_train, recipe.batch_size)):
            if on_progress is not None and step % 8 == 0:
                on_progress((epoch + step / n_steps) / recipe.max_epochs)
            batch = slice(start, start + recipe.batch_size)
            members.step(x[:, batch], y[:, batch], w[:, batch])

        x, y, w = data.rows(active, data.validation[active])
        loss = (w * (members.forward(x) - y).square()).mean(1)
        loss = torch.nan_to_num(loss, nan=torch.inf)  # a diverged member keeps its last good weights
        better = loss < best_loss[active]
        best[active[better]] = members.flat[better]
        best_loss[active[better]] = loss[better]
        waited[active] = torch.where(better, 0, waited[active] + 1)
        epochs[active] += 1
        going = waited[active] < recipe.patience
        if not bool(going.all()):
            active = active[going]
            if not len(active):
                break
            members.keep(going)
            shuffles = {seed: shuffles[seed] for seed in {seeds[i] for i in active.tolist()}}

    layers, linear = members.split(best)
    d = masks.shape[1]
    return Explainers(
        weights=(layers[0][0][:, :d], *(weight for weight, _ in layers[1:])),
        biases=tuple(bias for _, bias in layers),
        linear=None if linear is None else linear[:, :d],
        activation=recipe.activation,
        epochs=epochs.cpu().numpy(),
        validation_loss=best_loss.double().cpu().numpy(),
    )


class _Data:
    """Masks, targets and weights on the device, looked up by member and row."""

    def __init__(
        self,
        masks: NDArray[np.bool_],
        targets: NDArray[np.float64],
        weights: NDArray[np.float64],
        splits: Sequence[Split],
        device: str,
    ) -> None:
        padding = -masks.shape[1] % _CACHE_LINE  # features that are never on: their weights start and stay at zero
        self._masks = torch.as_tensor(np.pad(masks, ((0, 0), (0, padding))), device=device).float()
        self._targets = torch.as_tensor(targets, dtype=torch.float32, device=device)
        # Scaled over all masks, once: a batch's loss must not depend on which other masks fell into that batch.
        self._weights = torch.as_tensor(weights / weights.mean(), dtype=torch.float32, device=device)
        self.train = torch.as_tensor(np.stack([split.train for split in splits]), device=device)
        self.validation = torch.as_tensor(np.stack([split.validation for split in splits]), device=device)

    def rows(self, members: Tensor, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Masks (A, r, d), targets (A, r) and weights (A, r) of rows (A, r) of the members (A,)."""
        return self._masks[rows], self._targets[members].gather(1, rows), self._weights[rows]


class _Members:
    """The networks still training: parameters, their gradient and Adam's two averages, each one flat (A, P) buffer.

    Weights lie first in a row, biases and the linear term last, so that the L1 term touches one contiguous part.
    """

    def __init__(self, d: int, seeds: Sequence[int], recipe: Recipe, device: str) -> None:
        self._recipe = recipe
        self._d = d
        self._width = d + -d % _CACHE_LINE
        self._sizes = list(pairwise((self._width, *recipe.hidden, 1)))
        self._n_weights = sum(fan_in * fan_out for fan_in, fan_out in self._sizes)
        initial = {seed: self._initial(seed) for seed in set(seeds)}
        self._time = 0
        self._adopt(
            torch.stack([initial[seed] for seed in seeds]).to(device),
            *(torch.zeros(len(seeds), len(initial[seeds[0]]), device=device) for _ in range(2)),
        )

    def _initial(self, seed: int) -> Tensor:
        # Uniform in +-1/sqrt(fan in), weights and biases alike: the usual start of a linear layer.
        generator = torch.Generator().manual_seed(seed)

        def uniform(count: int, fan_in: int) -> Tensor:
            return (torch.rand(count, generator=generator) * 2 - 1) / fan_in**0.5

        sizes = list(pairwise((self._d, *self._recipe.hidden, 1)))
        parts = [uniform(fan_in * fan_out, fan_in) for fan_in, fan_out in sizes]
        parts.insert(1, torch.zeros((self._width - self._d) * sizes[0][1]))
        parts += [uniform(fan_out, fan_in) for fan_in, fan_out in sizes]
        if self._recipe.linear:
            parts.append(torch.zeros(self._width))
        flat = torch.cat(parts)
        return torch.nn.functional.pad(flat, (0, -len(flat) % _CACHE_LINE))

    def _adopt(self, flat: Tensor, mean: Tensor, square: Tensor) -> None:
        self.flat, self._mean, self._square = flat, mean, square
        self._gradient = torch.zeros_like(flat)
        self._scratch = torch.empty_like(flat)
        self._layers, self._linear = self.split(flat)
        self._layer_gradients, self._linear_gradient = self.split(self._gradient)

    def split(self, flat: Tensor) -> tuple[list[tuple[Tensor, Tensor]], Tensor | None]:
        """Views into (A, P): per layer the weights (A, in, out) and biases (A, out), and the linear term (A, d)."""
        weights, biases, at = [], [], 0
        for fan_in, fan_out in self._sizes:
            weights.append(flat[:, at : at + fan_in * fan_out].view(-1, fan_in, fan_out))
            at += fan_in * fan_out
        for _, fan_out in self._sizes:
            biases.append(flat[:, at : at + fan_out])
            at += fan_out
        linear = flat[:, at : at + self._width] if self._recipe.linear else None
        return list(zip(weights, biases, strict=True)), linear

    def keep(self, going: Tensor) -> None:
        """Drop the members that have finished; the others go on untouched."""
        self._adopt(self.flat[going], self._mean[going], self._square[going])

    def forward(self, x: Tensor) -> Tensor:
        """Outputs (A, r) for masks (A, r, d)."""
        return self._forward(x)[0]

    def _forward(self, x: Tensor) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        inputs, slopes = [x], []
        for weight, bias in self._layers[:-1]:
            z = torch.baddbmm(bias[:, None], inputs[-1], weight)
            if self._recipe.activation == "softplus":
                slopes.append(torch.sigmoid(z * SOFTPLUS_BETA))
            inputs.append(_activate(z, self._recipe.activation))
        weight, bias = self._layers[-1]
        # A product and a sum, since a matrix product with one column rounds differently in batches of other sizes.
        output = (inputs[-1] * weight.transpose(1, 2)).sum(-1) + bias
        if self._linear is not None:
            output += (x * self._linear[:, None]).sum(-1)
        return output, inputs, slopes

    def step(self, x: Tensor, y: Tensor, w: Tensor) -> None:
        """One Adam step on the weighted mean squared error of a batch (A, b) plus the L1 term."""
        output, inputs, slopes = self._forward(x)
        error = (output - y).mul_(w).mul_(2 / x.shape[1])
        self._backward(error, inputs, slopes)
        if self._recipe.l1:
            torch.sign(self.flat[:, : self._n_weights], out=self._scratch[:, : self._n_weights])
            self._gradient[:, : self._n_weights].add_(self._scratch[:, : self._n_weights], alpha=self._recipe.l1)
        self._adam()

    def _backward(self, error: Tensor, inputs: list[Tensor], slopes: list[Tensor]) -> None:
        if self._linear_gradient is not None:
            torch.sum(inputs[0] * error[..., None], 1, out=self._linear_gradient)
        weight_gradient, bias_gradient = self._layer_gradients[-1]
        torch.sum(inputs[-1] * error[..., None], 1, keepdim=True, out=weight_gradient.transpose(1, 2))
        torch.sum(error, 1, keepdim=True, out=bias_gradient)
        delta = error[..., None] * self._layers[-1][0].transpose(1, 2)
        for layer in reversed(range(len(self._layers) - 1)):
            if slopes:
                delta.mul_(slopes[layer])
            else:
                delta.mul_(inputs[layer + 1] > 0)
            weight_gradient, bias_gradient = self._layer_gradients[layer]
            torch.bmm(inputs[layer].transpose(1, 2), delta, out=weight_gradient)
            torch.sum(delta, 1, out=bias_gradient)
            if layer:
                delta = torch.bmm(delta, self._layers[layer][0].transpose(1, 2))

    def _adam(self) -> None:
        self._time += 1
        self._mean.lerp_(self._gradient, 1 - _ADAM_MEAN)
        self._square.mul_(_ADAM_SQUARE).addcmul_(self._gradient, self._gradient, value=1 - _ADAM_SQUARE)
        unbiased = (1 - _ADAM_SQUARE**self._time) ** 0.5
        torch.sqrt(self._square, out=self._scratch).div_(unbiased).add_(_ADAM_EPSILON)
        rate = self._recipe.learning_rate / (1 - _ADAM_MEAN**self._time)
        self.flat.addcdiv_(self._mean, self._scratch, value=-rate)


def _activate(z: Tensor, activation: Activation) -> Tensor:
    if activation == "relu":
        return torch.relu_(z)
    return torch.nn.functional.softplus(z, beta=SOFTPLUS_BETA)
