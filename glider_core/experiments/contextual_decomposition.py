"""Contextual decomposition: what part of a network's output some of its inputs make, all others left as they are.

For LSTMs as Murdoch, Liu and Yu (ICLR 2018) have it, for ReLU networks as Singh, Murdoch and Yu (ICLR 2019); the score
of a pair, its part less the parts of its two features, is what Tsang et al. 2020 call ACD+.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from glider_core.engine.interaction_sets import Features

if TYPE_CHECKING:
    from torch import Tensor, nn

Parts = tuple["Tensor", "Tensor"]  # what the inputs in question make of a value, and all the rest
Decompose = Callable[["Tensor", "Tensor"], Parts]  # x (d,) and sets (s, d) bool to parts of the output, (s,) each


def pair_scores(decompose: Decompose, x: NDArray[np.float64]) -> dict[Features, float]:
    """Of each pair of the inputs x (d,) the absolute part of the two together less the part of each."""
    d = len(x)
    pairs = list(itertools.combinations(range(d), 2))
    sets = np.zeros((d + len(pairs), d), dtype=bool)
    sets[np.arange(d), np.arange(d)] = True
    for place, pair in enumerate(pairs):
        sets[d + place, list(pair)] = True
    with torch.inference_mode():
        parts = decompose(torch.as_tensor(x), torch.as_tensor(sets))[0].numpy()
    return {pair: abs(float(parts[d + n] - parts[pair[0]] - parts[pair[1]])) for n, pair in enumerate(pairs)}


def of_relu_network(layers: nn.Sequential, x: Tensor, sets: Tensor) -> Parts:
    """Parts of the single output of linear layers with ReLU between them.

    A layer's bias is shared in proportion to how large the two parts are, unit by unit. Of a ReLU the part in question
    is what it makes of that part alone, and the rest is what is left of its answer.

    Args:
        layers: linear layers and ReLU, the last one with one output.
        x: (d,) the inputs.
        sets: (s, d) bool, the inputs in question.

    Returns:
        Two tensors (s,), float64, whose sum is the output for every set.
    """
    inside, rest = torch.where(sets, x.double(), 0.0), torch.where(sets, 0.0, x.double())
    for layer in layers:
        if isinstance(layer, torch.nn.Linear):
            weight = layer.weight.double()
            inside, rest = _with_bias(inside @ weight.T, rest @ weight.T, layer.bias.double())
        else:
            whole = torch.relu(inside + rest)
            inside = torch.relu(inside)
            rest = whole - inside
    return inside[:, 0], rest[:, 0]


def _with_bias(inside: Tensor, rest: Tensor, bias: Tensor) -> Parts:
    size = inside.abs() + rest.abs()
    # Where neither part is anything, the bias belongs to no input, and so to the rest.
    share = torch.where(size > 0, inside.abs() / torch.where(size > 0, size, 1.0), 0.0)
    return inside + share * bias, rest + (1.0 - share) * bias


def of_lstm(lstm: nn.LSTM, last: nn.Linear, x: Tensor, sets: Tensor) -> Parts:
    """Parts of the output of one LSTM layer that reads one number a step, and a linear layer on its last state.

    Gates are made linear by the mean over the orders in which parts may come, the bias always first. A product of two
    gates belongs to the inputs in question where none of its factors comes from elsewhere; the product of two biases
    where the step's own input is one of them. The output gate is not taken apart. The last bias belongs to the rest.

    Args:
        lstm: one layer, one direction, one number a step.
        last: to one output.
        x: (d,) a number for each step.
        sets: (s, d) bool, the steps in question.

    Returns:
        Two tensors (s,), float64, whose sum is the output for every set.
    """
    of_x, of_state, bias_x, bias_state = (parameter.double() for parameter in lstm.parameters())
    bias = bias_x + bias_state
    zero = torch.zeros(len(sets), lstm.hidden_size, dtype=torch.float64)
    state, cell = (zero, zero), (zero, zero)
    for step in range(len(x)):
        here = sets[:, step : step + 1]
        fed = x[step].double() * of_x[:, 0]
        gates_inside = (state[0] @ of_state.T + torch.where(here, fed, 0.0)).chunk(4, dim=1)
        gates_rest = (state[1] @ of_state.T + torch.where(here, 0.0, fed)).chunk(4, dim=1)
        biases = bias.chunk(4)
        enters, forgets = (_linear(torch.sigmoid, gates_inside[k], gates_rest[k], biases[k]) for k in (0, 1))
        proposed = _linear(torch.tanh, gates_inside[2], gates_rest[2], biases[2])
        opens = torch.sigmoid(gates_inside[3] + gates_rest[3] + biases[3])
        kept = (forgets[0] + forgets[2]) * cell[0]
        entered = enters[0] * (proposed[0] + proposed[2]) + enters[2] * proposed[0]
        entered = entered + torch.where(here, enters[2] * proposed[2], 0.0)
        whole = sum(forgets) * (cell[0] + cell[1]) + sum(enters) * sum(proposed)
        cell = kept + entered, whole - kept - entered
        inside, rest, _ = _linear(torch.tanh, *cell, torch.zeros_like(whole))
        state = opens * inside, opens * rest
    weight = last.weight.double()[0]
    return state[0] @ weight, state[1] @ weight + last.bias.double()


def _linear(function: Callable[[Tensor], Tensor], inside: Tensor, rest: Tensor, bias: Tensor) -> list[Tensor]:
    """A function of three parts as a sum of three: the bias first, then the mean of both orders of the others."""
    none, only_inside, only_rest, whole = (function(bias + part) for part in (0.0 * rest, inside, rest, inside + rest))
    return [(only_inside - none + whole - only_rest) / 2, (only_rest - none + whole - only_inside) / 2, none]
