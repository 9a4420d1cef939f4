"""Five recommenders with one interface: encoded rows to logits of a click (Section 6.4 of Tsang et al. 2020).

Wide&Deep (Cheng et al. 2016), DeepFM (Guo et al. 2017), Deep&Cross (Wang et al. 2017), xDeepFM (Lian et al. 2018) and
AutoInt (Song et al. 2019). All embed each field, and each feature cross like one more field, and have a deep part
beside what is their own.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn

from glider_core.tables.fields import Field

EMBEDDING = 16
LAYERS = 3
HEADS = 2
DEEP = (400, 400)
CROSS_LAYERS = 3  # of Deep&Cross
CIN = (16, 16)  # feature maps of xDeepFM; the paper does not say how many it used


class Dropout(nn.Module):
    """`nn.Dropout`, number by number, from a random generator that can be a training's own."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share
        self.generator: torch.Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        """The input with a share of its numbers at zero, and the others larger by as much, while training."""
        if not self.training or not self.share:
            return x
        keep = 1 - self.share
        return x * torch.empty_like(x).bernoulli_(keep, generator=self.generator).div_(keep)


class Curves(nn.Module):
    """Dense values by the stretches between their knots, with a number for each: all zeros at the mean (0).

    Where a field bends, how far the value has come through each stretch (the piecewise linear encoding of Gorishniy et
    al. 2022): a line through each instead of one through all. Where it jumps, which stretch the value is in.

    Args:
        fields: dense ones; those without knots stay all zeros.
    """

    def __init__(self, fields: Sequence[Field]) -> None:
        super().__init__()
        most = max(len(field.knots) for field in fields) - 1
        low, high = torch.full((len(fields), most), torch.inf), torch.full((len(fields), most), torch.inf)
        start, slope = torch.zeros(len(fields), most), torch.zeros(len(fields), most)
        for number, field in enumerate(fields):
            at, count = torch.tensor(field.knots, dtype=torch.float32), len(field.knots) - 1
            if count > 0 and field.steps:
                low[number, :count], high[number, :count] = at[:-1], at[1:]
                low[number, 0], high[number, count - 1] = -torch.inf, torch.inf
            elif count > 0:
                start[number, :count], slope[number, :count] = at[:-1], 1 / at.diff()
        self.shape = (len(fields), most)
        for name, numbers in (("low", low), ("high", high), ("start", start), ("slope", slope)):
            self.register_buffer(name, numbers)
        self.bends, self.jumps = bool(slope.any()), bool((high > low).any())
        self.register_buffer("at_mean", self._stretches(torch.zeros(1, len(fields))))

    def forward(self, dense: Tensor) -> Tensor:
        """(n, dense fields, stretches) of values (n, dense fields)."""
        return self._stretches(dense) - self.get_buffer("at_mean")

    def _stretches(self, dense: Tensor) -> Tensor:
        values, found = dense[:, :, None], torch.zeros(())
        if self.bends:
            found = ((values - self.get_buffer("start")) * self.get_buffer("slope")).clamp(0, 1)
        if self.jumps:
            found = found + ((values > self.get_buffer("low")) & (values <= self.get_buffer("high")))
        return found


class Recommender(nn.Module):
    """What the five share: a vector and a weight for each field's value, ready to be switched off.

    A categorical field's vector is its value's row of a table; a dense field's is its own vector times the value (and,
    with knots, a vector for each stretch between them), so that the mean (0) and the zero vector are the same off
    state. The same holds for the weights of first order, which networks with `first_order` add up.

    Args:
        fields: of the rows.
        crosses: ids of each feature cross; their columns follow those of the categorical fields.
        embedding: width of a vector.
        dropout: of the deep part.
        deep: units of each layer of the deep part.
        vector_dropout: share of the vectors' numbers that a training step sets to zero.
    """

    first_order: ClassVar[bool] = True
    optimizer: ClassVar[Literal["adagrad", "adam"]] = "adagrad"

    def __init__(
        self,
        fields: Sequence[Field],
        crosses: Sequence[int] = (),
        *,
        embedding: int = EMBEDDING,
        dropout: float = 0.0,
        deep: Sequence[int] = DEEP,
        vector_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.deep_sizes, self.vector_dropout = tuple(deep), Dropout(vector_dropout)
        categorical = [n for n, field in enumerate(fields) if field.kind == "categorical"]
        dense = [n for n, field in enumerate(fields) if field.kind == "dense"]
        sizes = [*(len(fields[n].values) for n in categorical), *crosses]
        columns = [*categorical, *range(len(fields), len(fields) + len(crosses)), *dense]
        self.width, self.n_tokens = embedding, len(columns)
        self.register_buffer("offsets", torch.tensor(np.cumsum([0, *sizes[:-1]])[: len(sizes)], dtype=torch.long))
        self.register_buffer("order", torch.tensor(np.argsort(columns), dtype=torch.long))
        self.embedding = nn.Embedding(max(sum(sizes), 1), embedding)
        nn.init.normal_(self.embedding.weight, std=0.05)
        self.dense_vectors = nn.Parameter(torch.randn(len(dense), embedding) * 0.05)
        curved = any(fields[n].knots for n in dense)
        self.curves = Curves([fields[n] for n in dense]) if curved else None
        if self.curves is not None:
            self.curve_vectors = nn.Parameter(torch.randn(*self.curves.shape, embedding) * 0.05)
            self.curve_weights = nn.Parameter(torch.zeros(self.curves.shape))
        if self.first_order:
            self.weights = nn.Embedding(max(sum(sizes), 1), 1)
            nn.init.zeros_(self.weights.weight)
            self.dense_weights = nn.Parameter(torch.zeros(len(dense)))
            self.bias = nn.Parameter(torch.zeros(1))
        self._build(embedding, dropout)

    def _build(self, width: int, dropout: float) -> None:
        raise NotImplementedError

    def _deep(self, dropout: float) -> nn.Sequential:
        inputs, layers = self.n_tokens * self.width, []
        for size in self.deep_sizes:
            layers += [nn.Linear(inputs, size), nn.ReLU(), Dropout(dropout)]
            inputs = size
        return nn.Sequential(nn.Flatten(), *layers, nn.Linear(inputs, 1))

    def vectors(self, ids: Tensor, dense: Tensor) -> Tensor:
        """Vectors (n, tokens, width): the fields in their own order, then the crosses."""
        offsets, order = self.get_buffer("offsets"), self.get_buffer("order")
        categorical, numbers = self.embedding(ids + offsets), dense[:, :, None] * self.dense_vectors
        if self.curves is not None:
            numbers = numbers + torch.einsum("ndk,dkw->ndw", self.curves(dense), self.curve_vectors)
        return torch.cat([categorical, numbers], dim=1)[:, order]

    def first(self, ids: Tensor, dense: Tensor) -> Tensor | None:
        """What each field adds by itself (n, tokens), in logits; None for a network without such weights."""
        if not self.first_order:
            return None
        offsets, order = self.get_buffer("offsets"), self.get_buffer("order")
        numbers = dense * self.dense_weights
        if self.curves is not None:
            numbers = numbers + (self.curves(dense) * self.curve_weights).sum(2)
        return torch.cat([self.weights(ids + offsets)[..., 0], numbers], dim=1)[:, order]

    def from_vectors(self, vectors: Tensor, first: Tensor | None = None) -> Tensor:
        """Logits (n,), of vectors and first-order terms in which a field that is off is zero."""
        raise NotImplementedError

    def forward(self, ids: Tensor, dense: Tensor) -> Tensor:
        """Logits (n,)."""
        return self.from_vectors(self.vector_dropout(self.vectors(ids, dense)), self.first(ids, dense))

    @property
    def n_parameters(self) -> int:
        """How many numbers it learns."""
        return sum(parameter.numel() for parameter in self.parameters())


class WideDeep(Recommender):
    """First-order weights beside the deep part."""

    def _build(self, width: int, dropout: float) -> None:
        self.deep = self._deep(dropout)

    def from_vectors(self, vectors: Tensor, first: Tensor | None = None) -> Tensor:
        """Logits (n,)."""
        return self.deep(vectors)[:, 0] + _sum(first) + self.bias


class DeepFM(WideDeep):
    """Wide&Deep with a factorization machine: the inner product of each two vectors."""

    def from_vectors(self, vectors: Tensor, first: Tensor | None = None) -> Tensor:
        """Logits (n,)."""
        pairs = (vectors.sum(1).square() - vectors.square().sum(1)).sum(1) / 2
        return super().from_vectors(vectors, first) + pairs


class DeepCross(Recommender):
    """Layers that multiply the input by one number each time, beside the deep part."""

    first_order = False  # its cross layers are linear in the input already

    def _build(self, width: int, dropout: float) -> None:
        size = self.n_tokens * width
        self.cross_weights = nn.Parameter(torch.randn(CROSS_LAYERS, size) / size**0.5)
        self.cross_biases = nn.Parameter(torch.zeros(CROSS_LAYERS, size))
        self.cross_out = nn.Linear(size, 1, bias=False)
        self.deep = self._deep(dropout)

    def from_vectors(self, vectors: Tensor, first: Tensor | None = None) -> Tensor:
        """Logits (n,)."""
        start = vectors.flatten(1)
        crossed = start
        for weight, bias in zip(self.cross_weights, self.cross_biases, strict=True):
            crossed = torch.addcmul(crossed + bias, start, (crossed @ weight)[:, None])
        return (self.deep(vectors) + self.cross_out(crossed))[:, 0]


class XDeepFM(Recommender):
    """A compressed interaction network: sums of element-wise products of vectors, beside first order and deep part."""

    def _build(self, width: int, dropout: float) -> None:
        # Map h of the next layer: sum over fields i and maps j of weight[i, j, h] * (vector i * map j).
        sizes = [self.n_tokens, *CIN]
        self.compress = nn.ParameterList(
            torch.randn(self.n_tokens * maps, after) / (self.n_tokens * maps) ** 0.5
            for maps, after in itertools.pairwise(sizes)
        )
        self.cin_out = nn.Linear(sum(CIN), 1, bias=False)
        self.deep = self._deep(dropout)

    def from_vectors(self, vectors: Tensor, first: Tensor | None = None) -> Tensor:
        """Logits (n,)."""
        start = vectors.transpose(1, 2)  # (n, width, fields)
        maps, pooled = start, []
        for weight in self.compress:
            maps = (start[..., None] * maps[:, :, None]).flatten(2) @ weight
            pooled.append(maps.sum(1))
        return (self.deep(vectors) + self.cin_out(torch.cat(pooled, dim=1)))[:, 0] + _sum(first) + self.bias


class Attention(nn.Module):
    """Multi-head self-attention with a residual: (n, fields, width) to (n, fields, heads * head_width)."""

    def __init__(self, width: int, *, heads: int = HEADS, head_width: int = EMBEDDING) -> None:
        super().__init__()
        self.heads = heads
        self.inputs = nn.Linear(width, 4 * heads * head_width, bias=False)  # query, key, value and residual in one

    def forward(self, x: Tensor) -> Tensor:
        """(n, fields, heads * head_width)."""
        query, key, value, residual = self.inputs(x).chunk(4, dim=2)
        split = (part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in (query, key, value))
        # Without the usual division by the root of the width, as published.
        mixed = nn.functional.scaled_dot_product_attention(*split, scale=1.0)
        return (mixed.transpose(1, 2).flatten(2) + residual).relu()


class AutoInt(Recommender):
    """Fields attend to each other, beside the deep part."""

    first_order = False
    optimizer = "adam"

    def _build(self, width: int, dropout: float) -> None:
        wide = HEADS * EMBEDDING
        self.attention = nn.Sequential(
            *(Attention(width if layer == 0 else wide) for layer in range(LAYERS)), nn.Flatten()
        )
        self.attention_out = nn.Linear(self.n_tokens * wide, 1, bias=False)
        self.deep = self._deep(dropout)

    def from_vectors(self, vectors: Tensor, first: Tensor | None = None) -> Tensor:
        """Logits (n,)."""
        return (self.attention_out(self.attention(vectors)) + self.deep(vectors))[:, 0]


def _sum(first: Tensor | None) -> Tensor:
    assert first is not None
    return first.sum(1)


RECOMMENDERS: dict[str, type[Recommender]] = {
    "Wide&Deep": WideDeep,
    "DeepFM": DeepFM,
    "Deep&Cross": DeepCross,
    "xDeepFM": XDeepFM,
    "AutoInt": AutoInt,
}
