"""The Sentiment-LSTM's answers to thousands of masks of one sentence, for less than half of the arithmetic.

What the first layer makes of the words so far depends on which of *these* are on, and not on the words to come: masks
that begin alike share their first steps forwards, and those that end alike share theirs backwards. A word's product
with the input weights is worked out once per sentence. Only the second layer's recurrence is left for each mask.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from glider_core import parallel
from glider_core.domains.sentiment.network import HIDDEN, SentimentLSTM

BLOCK = 1000  # masks that a core works on at once, at most


class _Step(NamedTuple):
    """One word, as the distinct beginnings up to it see it."""

    parent: Tensor  # (m,) each beginning's own beginning, one word shorter
    on: Tensor  # (m,) whether the word is on in it
    of: Tensor  # (n,) the beginning of each mask


class MaskedSentence:
    """One sentence as word vectors (words, 200), ready to be asked with any of its words zeroed.

    Args:
        network: trained; only read.
        vectors: (words, 200).
    """

    def __init__(self, network: SentimentLSTM, vectors: Tensor) -> None:
        self._readout = network.readout
        self._directions = []
        for suffix in ("", "_reverse"):
            own = _reordered(network, f"l0{suffix}")
            into = [own.bias, vectors @ own.into.T + own.bias]  # a word that is off is a zero vector
            self._directions.append((torch.stack([into[0].expand_as(into[1]), into[1]], 1), own.back.T.contiguous()))
        self._second = [_reordered(network, f"l1{suffix}") for suffix in ("", "_reverse")]

    def logits(self, masks: Tensor) -> Tensor:
        """(n,) for masks (n, words) bool, True where the word is kept."""
        order = np.lexsort(masks.numpy().T[::-1])  # so that a block's masks begin alike
        pairs = -(-len(order) // (2 * BLOCK))  # an even number of blocks, so that two cores finish together
        blocks = [torch.from_numpy(rows) for rows in np.array_split(order, 2 * pairs) if len(rows)]
        answers = torch.empty(len(masks))

        def answer(rows: Tensor) -> None:
            with torch.inference_mode():
                answers[rows] = self._block(masks[rows])

        parallel.each(answer, blocks)
        return answers

    def _block(self, masks: Tensor) -> Tensor:
        words = masks.shape[1]
        forwards, backwards = range(words), range(words)[::-1]
        first = []  # per direction and word: the states of the distinct beginnings, and each mask's beginning
        for direction, walk in enumerate((forwards, backwards)):
            into, back = self._directions[direction]
            states: dict[int, tuple[Tensor, Tensor]] = {}
            hidden = cell = torch.zeros(1, HIDDEN)
            for word, step in zip(walk, _steps(masks.numpy()[:, list(walk)]), strict=True):
                gates = torch.addmm(into[word].index_select(0, step.on), hidden.index_select(0, step.parent), back)
                hidden, cell = _cell(gates, cell.index_select(0, step.parent))
                states[word] = hidden, step.of
            first.append(states)
        last, largest = [], []
        for direction, walk in enumerate((forwards, backwards)):
            own = self._second[direction]
            seen = own.into[:, :HIDDEN].T, own.into[:, HIDDEN:].T
            hidden, cell = torch.zeros(len(masks), HIDDEN), torch.zeros(len(masks), HIDDEN)
            most = torch.full_like(hidden, -torch.inf)
            for word in walk:
                before, after = ((s[word][0] @ weight, s[word][1]) for s, weight in zip(first, seen, strict=True))
                gates = (before[0] + own.bias).index_select(0, before[1])
                gates += after[0].index_select(0, after[1])
                gates.addmm_(hidden, own.back.T)
                hidden, cell = _cell(gates, cell)
                torch.maximum(most, hidden, out=most)
            last.append(hidden)
            largest.append(most)
        return self._readout(torch.cat([*last, *largest], dim=1))[:, 0]


class _Weights(NamedTuple):
    """One layer and direction, gates in the order input, forget, output, cell; the last doubled (see `_cell`)."""

    into: Tensor  # (512, inputs)
    back: Tensor  # (512, 128)
    bias: Tensor  # (512,)


def _reordered(network: SentimentLSTM, name: str) -> _Weights:
    parts = [
        getattr(network.lstm, f"{kind}_{name}").detach() for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    ]

    def reorder(weight: Tensor) -> Tensor:
        gate_in, forget, cell, out = weight.chunk(4)
        return torch.cat([gate_in, forget, out, 2 * cell])

    return _Weights(reorder(parts[0]), reorder(parts[1]), reorder(parts[2] + parts[3]))


def _cell(gates: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    """The next hidden and cell state (n, 128) from the gates' inputs (n, 512), which are overwritten.

    All by sigmoids, since tanh(x) = 2 sigmoid(2x) - 1 and a sigmoid takes a seventh of a tanh's time; the cell gate's
    input comes doubled.
    """
    let_in, forget, let_out, new = gates.sigmoid_().chunk(4, dim=1)
    cell = (cell * forget).sub_(let_in).addcmul_(let_in, new, value=2)
    hidden = (2 * cell).sigmoid_().mul_(2).sub_(1)
    return hidden.mul_(let_out), cell


def _steps(masks: NDArray[np.bool_]) -> list[_Step]:
    """The distinct beginnings of masks (n, words), word by word."""
    of = np.zeros(len(masks), dtype=np.int64)
    steps = []
    for on in masks.T:
        distinct, of = np.unique(2 * of + on, return_inverse=True)
        parent, with_word = np.divmod(distinct, 2)
        steps.append(_Step(*(torch.from_numpy(part) for part in (parent, with_word, of))))
    return steps
