"""The batched explainer: many small MLPs, one per instance and repeat, trained as stacked networks (Section 3.1).

Every layer of a stack is one batched matrix product, every update one Adam step on one flat buffer. The network is
fixed and small, so its gradient is written out by hand. A stack is as large as a core's cache likes it, and every core
trains one of its own. A member's numbers do not depend on who else is in its stack: trained alone, it ends with the
same weights, bit for bit (as long as the layers' widths are multiples of 16).

Inside, masks are -1/2 and +1/2 instead of 0 and 1. It is the same family of functions, with the same weights and other
biases, but its inputs are centred: training reaches the loss of 20 epochs in 6 (measured in benchmarks/).
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.optim.adam import adam

from glider_core import parallel
from glider_core.engine.masks import Split
from glider_core.engine.recipe import SOFTPLUS_BETA, Activation, Recipe
from glider_core.errors import Cancelled

# The matrix product rounds by how its operands lie in memory. Rows of whole cache lines lie alike in every batch.
_CACHE_LINE = 16  # float32 numbers
_STACK = 8  # members whose parameters and Adam's averages stay in a core's caches (measured in benchmarks/)
_CENTER = 0.5
_ADAM_MEAN, _ADAM_SQUARE, _ADAM_EPSILON = 0.9, 0.999, 1e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class Explainers:
    """Trained members: layer l has weights (B, in, out) and biases (B, out); the last layer has one output."""

    weights: tuple[Tensor, ...]
    biases: tuple[Tensor, ...]
    linear: Tensor | None  # (B, d) coefficients of the linear term
    activation: Activation
    epochs: NDArray[np.intp]  # (B,) epochs trained
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
    masks: NDArray[np.bool_ | np.floating],
    targets: NDArray[np.float64],
    weights: NDArray[np.float64],
    splits: Sequence[Split],
    seeds: Sequence[int],
    recipe: Recipe,
    *,
    device: str = "cpu",
    on_progress: Callable[[float], None] | None = None,
) -> Explainers:
    """Train B explainers at once, each with its best weights kept.

    Args:
        masks: (n, d) bool, shared by all members; or numbers around 1/2, of about that size.
        targets: (B, n) what each member learns; best of mean 0 and deviation 1.
        weights: (n,) how much a mask counts; scaled to mean 1 here.
        splits: B of them.
        seeds: B of them: of the initial weights and of the order of the masks. Members with the same seed and the same
            split (the same object) share their stacks.
        recipe: see there.
        device: "cpu" or "cuda".
        on_progress: called now and then with the share of the longest possible training done; may raise to stop it.

    Returns:
        The members in the given order.
    """
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    for member, (split, seed) in enumerate(zip(splits, seeds, strict=True)):
        alike[id(split), seed].append(member)
    cores = torch.get_num_threads()
    stacks = [
        group[start : start + size]
        for group in alike.values()
        for size in [min(_STACK, -(-len(group) // cores)) if device == "cpu" else len(group)]
        for start in range(0, len(group), size)
    ]
    table = _Table.of(masks, targets, weights, device)
    stop = threading.Event()
    progress = [0.0] * len(stacks)

    def train(number: int) -> _Trained:
        def report(share: float) -> None:
            if stop.is_set():
                raise Cancelled("The training was stopped.")
            progress[number] = share

        members = stacks[number]
        return _train(table, members, splits[members[0]], seeds[members[0]], recipe, report)

    poll = None if on_progress is None else lambda: on_progress(sum(progress) / len(progress))
    trained = parallel.each(train, range(len(stacks)), poll=poll, stop=stop)
    return _assemble(trained, np.argsort(np.concatenate(stacks)), masks.shape[1], recipe)


@dataclass(frozen=True, slots=True)
class _Table:
    """Masks (n, width), targets (B, n) and weights (n,) on the device."""

    d: int
    masks: Tensor
    targets: Tensor
    weights: Tensor

    @classmethod
    def of(
        cls,
        masks: NDArray[np.bool_ | np.floating],
        targets: NDArray[np.float64],
        weights: NDArray[np.float64],
        device: str,
    ) -> _Table:
        d = masks.shape[1]
        padding = -d % _CACHE_LINE  # features that are always zero: their weights start and stay at zero
        centred = np.pad(masks.astype(np.float32) - np.float32(_CENTER), ((0, 0), (0, padding)))
        return cls(
            d,
            torch.as_tensor(centred, device=device),
            torch.as_tensor(targets, dtype=torch.float32, device=device),
            # Scaled over all masks, once: a batch's loss must not depend on which other masks fell into that batch.
            torch.as_tensor(weights / weights.mean(), dtype=torch.float32, device=device),
        )


@dataclass(frozen=True, slots=True)
class _Trained:
    """A stack's best weights (A, P), and per member what `Explainers` tells."""

    flat: Tensor
    epochs: Tensor
    loss: Tensor


def _train(
    table: _Table, members: Sequence[int], split: Split, seed: int, recipe: Recipe, report: Callable[[float], None]
) -> _Trained:
    device = table.masks.device
    stack = _Stack(table.d, len(members), seed, recipe, device)
    shuffle = torch.Generator().manual_seed(seed)
    train, validation = (torch.as_tensor(rows, device=device) for rows in (split.train, split.validation))
    targets = table.targets[torch.as_tensor(members, device=device)]
    held_out = table.masks[validation], targets[:, validation], table.weights[validation]
    active = torch.arange(len(members), device=device)  # members still training
    best = stack.flat.clone()
    best_loss = torch.full((len(members),), torch.inf, device=device)
    waited = torch.zeros(len(members), dtype=torch.long, device=device)
    epochs = torch.zeros(len(members), dtype=torch.long, device=device)
    n_steps = -(-len(train) // recipe.batch_size)

    for epoch in range(recipe.most_epochs):
        rows = train[torch.randperm(len(train), generator=shuffle).to(device)]
        x, y, w = table.masks[rows], targets[active][:, rows], table.weights[rows]
        for step in range(n_steps):
            share = (epoch + (step + 0.5) / n_steps) / recipe.most_epochs
            if step % 8 == 0:
                report(share)
            batch = slice(step * recipe.batch_size, (step + 1) * recipe.batch_size)
            stack.step(x[batch], y[:, batch], w[batch], recipe.rate(share))

        x, y, w = held_out
        loss = (w * (stack.forward(x) - y[active]).square()).mean(1)
        loss = torch.nan_to_num(loss, nan=torch.inf)  # a diverged member keeps its last good weights
        better = loss < best_loss[active]
        best[active[better]] = stack.flat[better]
        best_loss[active[better]] = loss[better]
        waited[active] = torch.where(better, 0, waited[active] + 1)
        epochs[active] += 1
        going = waited[active] < recipe.patience
        if recipe.schedule == "plateau" and not bool(going.all()):
            active = active[going]
            if not len(active):
                break
            stack.keep(going)
    report(1.0)
    return _Trained(best, epochs, best_loss)


def _assemble(trained: list[_Trained], order: NDArray[np.intp], d: int, recipe: Recipe) -> Explainers:
    """The stacks' members as ones that read masks of 0 and 1."""
    flat = torch.cat([part.flat for part in trained])[torch.as_tensor(order, device=trained[0].flat.device)]
    layers, linear = _views(flat, _sizes(d, recipe), recipe.linear)
    weights = [layers[0][0][:, :d], *(weight for weight, _ in layers[1:])]
    biases = [bias for _, bias in layers]
    biases[0] = biases[0] - _CENTER * weights[0].sum(1)
    if linear is not None:
        linear = linear[:, :d]
        biases[-1] = biases[-1] - _CENTER * linear.sum(1, keepdim=True)
    return Explainers(
        weights=tuple(weights),
        biases=tuple(biases),
        linear=linear,
        activation=recipe.activation,
        epochs=torch.cat([part.epochs for part in trained]).cpu().numpy()[order],
        validation_loss=torch.cat([part.loss for part in trained]).double().cpu().numpy()[order],
    )


def _sizes(d: int, recipe: Recipe) -> list[tuple[int, int]]:
    return list(pairwise((d + -d % _CACHE_LINE, *recipe.hidden, 1)))


def _views(
    flat: Tensor, sizes: list[tuple[int, int]], has_linear: bool
) -> tuple[list[tuple[Tensor, Tensor]], Tensor | None]:
    """Views into (A, P): per layer the weights (A, in, out) and biases (A, out), and the linear term (A, d).

    Weights lie first in a row, biases and the linear term last, so that the L1 term touches one contiguous part.
    """
    weights, biases, at = [], [], 0
    for fan_in, fan_out in sizes:
        weights.append(flat[:, at : at + fan_in * fan_out].view(-1, fan_in, fan_out))
        at += fan_in * fan_out
    for _, fan_out in sizes:
        biases.append(flat[:, at : at + fan_out])
        at += fan_out
    linear = flat[:, at : at + sizes[0][0]] if has_linear else None
    return list(zip(weights, biases, strict=True)), linear


class _Stack:
    """Networks that train together on the same masks: parameters, gradient and Adam's averages, flat (A, P) each."""

    def __init__(self, d: int, members: int, seed: int, recipe: Recipe, device: torch.device) -> None:
        self._recipe = recipe
        self._d = d
        self._sizes = _sizes(d, recipe)
        self._n_weights = sum(fan_in * fan_out for fan_in, fan_out in self._sizes)
        flat = self._initial(seed).to(device).repeat(members, 1)
        self._time = torch.zeros((), device=device)
        self._adopt(flat, torch.zeros_like(flat), torch.zeros_like(flat))

    def _initial(self, seed: int) -> Tensor:
        # Uniform in +-1/sqrt(fan in), weights and biases alike: the usual start of a linear layer.
        generator = torch.Generator().manual_seed(seed)

        def uniform(count: int, fan_in: int) -> Tensor:
            return (torch.rand(count, generator=generator) * 2 - 1) / fan_in**0.5

        width = self._sizes[0][0]
        sizes = [(self._d, self._sizes[0][1]), *self._sizes[1:]]
        parts = [uniform(fan_in * fan_out, fan_in) for fan_in, fan_out in sizes]
        parts.insert(1, torch.zeros((width - self._d) * sizes[0][1]))
        parts += [uniform(fan_out, fan_in) for fan_in, fan_out in sizes]
        if self._recipe.linear:
            parts.append(torch.zeros(width))
        flat = torch.cat(parts)
        return torch.nn.functional.pad(flat, (0, -len(flat) % _CACHE_LINE))

    def _adopt(self, flat: Tensor, mean: Tensor, square: Tensor) -> None:
        self.flat, self._mean, self._square = flat, mean, square
        self._gradient = torch.zeros_like(flat)
        self._layers, self._linear = _views(flat, self._sizes, self._recipe.linear)
        self._layer_gradients, self._linear_gradient = _views(self._gradient, self._sizes, self._recipe.linear)

    def keep(self, going: Tensor) -> None:
        """Drop the members that have finished; the others go on untouched."""
        self._adopt(self.flat[going], self._mean[going], self._square[going])

    def forward(self, x: Tensor) -> Tensor:
        """Outputs (A, r) for centred masks (r, width)."""
        return self._forward(x)[0]

    def _forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        inputs = [x.expand(len(self.flat), -1, -1)]
        for weight, bias in self._layers[:-1]:
            inputs.append(_activate(torch.baddbmm(bias[:, None], inputs[-1], weight), self._recipe.activation))
        weight, bias = self._layers[-1]
        # A product and a sum, since a matrix product with one column rounds differently in batches of other sizes.
        output = (inputs[-1] * weight.transpose(1, 2)).sum(-1) + bias
        if self._linear is not None:
            output += (x * self._linear[:, None]).sum(-1)
        return output, inputs

    def step(self, x: Tensor, y: Tensor, w: Tensor, rate: float) -> None:
        """One Adam step on the weighted mean squared error of a batch (r, width), (A, r), (r,) plus the L1 term."""
        output, inputs = self._forward(x)
        error = (output - y).mul_(w).mul_(2 / len(x))
        self._backward(error, inputs)
        adam(
            [self.flat],
            [self._gradient],
            [self._mean],
            [self._square],
            [],
            [self._time],
            fused=True,
            amsgrad=False,
            beta1=_ADAM_MEAN,
            beta2=_ADAM_SQUARE,
            lr=rate,
            weight_decay=0.0,
            eps=_ADAM_EPSILON,
            maximize=False,
        )

    def _backward(self, error: Tensor, inputs: list[Tensor]) -> None:
        # The L1 term's gradient goes in first, so that each product is added to it where it stands.
        l1 = self._recipe.l1
        if l1:
            torch.sign(self.flat[:, : self._n_weights], out=self._gradient[:, : self._n_weights])
        if self._linear_gradient is not None:
            torch.sum(inputs[0] * error[..., None], 1, out=self._linear_gradient)
        weight_gradient, bias_gradient = self._layer_gradients[-1]
        last = (inputs[-1] * error[..., None]).sum(1)[..., None]
        torch.add(last, weight_gradient, alpha=l1, out=weight_gradient) if l1 else weight_gradient.copy_(last)
        torch.sum(error, 1, keepdim=True, out=bias_gradient)
        delta = error[..., None] * self._layers[-1][0].transpose(1, 2)
        for layer in reversed(range(len(self._layers) - 1)):
            delta = _through(delta, inputs[layer + 1], self._recipe.activation)
            weight_gradient, bias_gradient = self._layer_gradients[layer]
            weight_gradient.baddbmm_(inputs[layer].transpose(1, 2), delta, beta=l1)
            torch.sum(delta, 1, out=bias_gradient)
            if layer:
                delta = torch.bmm(delta, self._layers[layer][0].transpose(1, 2))


def _activate(z: Tensor, activation: Activation) -> Tensor:
    if activation == "relu":
        return torch.relu_(z)
    return torch.nn.functional.softplus(z, beta=SOFTPLUS_BETA)


def _through(delta: Tensor, output: Tensor, activation: Activation) -> Tensor:
    """The gradient before an activation, from that after it and from the activation's own output."""
    if activation == "relu":
        return torch.ops.aten.threshold_backward(delta, output, 0)
    # With s = log(1 + e^(bz)) / b, the slope sigmoid(bz) is 1 - e^(-bs).
    return delta.mul_(torch.expm1(output * -SOFTPLUS_BETA).neg_())
