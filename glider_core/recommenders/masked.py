"""AutoInt's answers to thousands of masks of one row, for a fraction of the arithmetic of as many rows.

Three things are exact and save most of it. The first layers are linear in what is kept, so that each is one product of
the masks with numbers worked out once per row. A field that is off has a zero vector, hence all off fields leave the
first attention layer with one and the same vector: beyond it they are a single token that counts as many times as
there are fields off. And masks that keep about as many fields go together, so that no token is wasted.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from glider_core import parallel
from glider_core.recommenders.network import EMBEDDING, HEADS, AutoInt

# Masks go with those that keep up to so many more fields: coarser wastes tokens, finer makes small products. How many
# they are, and the step from there on.
_STEPS = ((1000, 4), (200, 8), (60, 16), (0, 1000))
_BUCKET = 200  # masks at once, so that what a core works on stays in its caches
_LARGE = 60.0  # scores up to here can be exponentiated as they are
_WIDTH = HEADS * EMBEDDING


class MaskedRow:
    """One row of embedded fields (d, 16), ready to be asked with any of its fields off.

    Args:
        network: trained; only read.
        vectors: (d, 16).
    """

    def __init__(self, network: AutoInt, vectors: Tensor) -> None:
        self._network, self._vectors = network, vectors
        self._d = d = len(vectors)
        first, *self._later = [layer for layer in network.attention if not isinstance(layer, nn.Flatten)]
        query, key, value, self._residual = first.inputs(vectors).chunk(4, dim=1)  # type: ignore[union-attr, operator]
        query, key, value = (part.unflatten(1, (HEADS, -1)).transpose(0, 1) for part in (query, key, value))
        scores = query @ key.transpose(1, 2)  # (heads, d, d)
        self._plain = bool(scores.abs().max() > _LARGE)
        weights = scores.exp()
        # Row j: what key j adds to the sums of every query, (d, d * heads * 16), and to their denominators; a key that
        # is off still adds exp(0) to these.
        self._sums = torch.einsum("hij,hje->jihe", weights, value).reshape(d, -1)
        self._denominators = (weights - 1).permute(2, 1, 0).reshape(d, -1)
        self._mean_value = value.transpose(0, 1).reshape(d, -1) / d  # a query that is off weighs all keys alike
        into = network.deep[1]
        assert isinstance(into, nn.Linear)
        self._into_deep = torch.einsum("de,ode->do", vectors, into.weight.unflatten(1, (d, -1)))
        self._deep_bias = into.bias
        self._out = network.attention_out.weight.view(d, _WIDTH)

    def logits(self, masks: Tensor) -> Tensor:
        """(n,) for masks (n, d) bool, True where the field is kept."""
        if self._plain:
            return torch.cat([self._from_vectors(part) for part in masks.split(_BUCKET)])
        step = next(step for least, step in _STEPS if len(masks) >= least)
        tokens = (
            masks.sum(1).add_(step - 1).div_(step, rounding_mode="floor").mul_(step).clamp_(min(step, self._d), self._d)
        )
        answers = torch.empty(len(masks))
        buckets = [
            (rows, int(size)) for size in tokens.unique() for rows in torch.nonzero(tokens == size)[:, 0].split(_BUCKET)
        ]

        def answer(bucket: tuple[Tensor, int]) -> None:
            rows, size = bucket
            with torch.inference_mode():
                answers[rows] = self._bucket(masks[rows], size)

        parallel.each(answer, buckets)
        return answers

    def _from_vectors(self, masks: Tensor) -> Tensor:
        return self._network.from_vectors(self._vectors * masks[..., None])

    def _bucket(self, masks: Tensor, tokens: int) -> Tensor:
        """Logits of masks that keep at most `tokens` fields."""
        n, d, on = len(masks), self._d, masks.float()
        deep = self._network.deep[2:](torch.addmm(self._deep_bias, on, self._into_deep))[:, 0]
        fields = (on @ self._sums).view(n, d, HEADS, EMBEDDING)
        fields.div_((on @ self._denominators).add_(d).view(n, d, HEADS, 1))
        fields = fields.flatten(2).add_(self._residual).relu_()
        off = (on @ self._mean_value).relu_()
        # Kept fields first. Where fewer are kept than there are tokens, off fields fill up.
        order = torch.argsort(masks.byte(), dim=1, descending=True, stable=True)[:, :tokens]
        kept = torch.gather(masks, 1, order)[..., None]
        x = torch.empty(n, tokens + (tokens < d), _WIDTH)
        torch.where(
            kept, torch.gather(fields, 1, order[..., None].expand(-1, -1, _WIDTH)), off[:, None], out=x[:, :tokens]
        )
        x[:, tokens:] = off[:, None]  # the token that stands for all others
        for layer in self._later:
            mixed = _attend((x.view(-1, _WIDTH) @ layer.inputs.weight.T).view(n, -1, 4 * _WIDTH), d - tokens)  # type: ignore[union-attr, operator]
            if mixed is None:
                return self._from_vectors(masks)
            x = mixed
        weights = self._out[order]
        answers = (x[:, :tokens] * weights).sum((1, 2))
        if tokens < d:
            answers += (x[:, tokens] * (self._out.sum(0) - weights.sum(1))).sum(1)
        return answers + deep


def _attend(inputs: Tensor, others: int) -> Tensor | None:
    """One attention layer: queries, keys, values and residual (n, tokens, 4 * 32) to (n, tokens, 32).

    The last token counts `others` times, if any. None where scores are too large for this arithmetic.
    """
    for head in range(HEADS):
        query, key, value = (inputs[..., part * _WIDTH + head * EMBEDDING :][..., :EMBEDDING] for part in range(3))
        scores = torch.bmm(query, key.transpose(1, 2))
        lowest, highest = scores.aminmax()
        if float(highest) > _LARGE or float(lowest) < -_LARGE:
            return None
        weights = scores.exp_()
        if others > 1:
            weights[..., -1] *= others
        mixed = torch.bmm(weights, value).div_(weights.sum(2, keepdim=True))
        inputs[..., 3 * _WIDTH + head * EMBEDDING :][..., :EMBEDDING].add_(mixed)
    return inputs[..., 3 * _WIDTH :].relu_().contiguous()
