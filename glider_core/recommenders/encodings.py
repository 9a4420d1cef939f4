"""How a network reads a cross: `ENCODINGS` has the ways by name, each a network and the rows that it reads.

`ids` is the paper's: a vector for each combination that is not rare. The others hold back where rows are few.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from glider_core.recommenders.dataset import Dataset
from glider_core.recommenders.fitting import Parts
from glider_core.recommenders.network import RECOMMENDERS, Recommender
from glider_core.recommenders.recipes import Recipe
from glider_core.recommenders.scan import Scan
from glider_core.tables.crosses import FeatureCrosses, steady_threshold, title_of
from glider_core.tables.fields import Field, Rows

Sets = Sequence[tuple[str, ...]]
GATE = 20.0  # rows of a combination at which half of its own vector or weight counts
_BUCKETS = 10  # of a dense field in a cross of a small table


@dataclass(frozen=True, slots=True)
class Reading:
    """A network, yet to be built, and the rows that it reads."""

    build: Callable[[], Recommender]
    parts: Parts


@dataclass(frozen=True, slots=True)
class Ground:
    """What encodings have in common: rows, recommender, recipe, and the numbers of the candidates."""

    dataset: Dataset
    target: str  # a name in RECOMMENDERS
    recipe: Recipe
    scan: Scan

    def network(self, fields: Sequence[Field], sizes: Sequence[int] = (), kind: Any = None) -> Callable[[], Any]:
        """Builds the recommender on these fields and ids of crosses."""
        kind = kind or RECOMMENDERS[self.target]
        return lambda: kind(fields, sizes, embedding=self.recipe.embedding, **self.recipe.sizes())

    def crosses(self, sets: Sets, **options: Any) -> FeatureCrosses:
        """Ids of these sets, learned from the training rows."""
        dense = [field.name for field in self.dataset.fields if field.kind == "dense"]
        return FeatureCrosses(sets, dense=dense, **options).fit(self.dataset.tables["train"])


def base(ground: Ground) -> Reading:
    """The fields alone."""
    return Reading(ground.network(ground.dataset.fields), ground.dataset.parts)


def numbers(ground: Ground, sets: Sets) -> Reading:
    """One dense field for each cross: the shrunk log-odds beyond its parts, out of fold for training rows."""
    fields = [*ground.dataset.fields]
    columns = {
        part: ground.scan.columns(sets, None if part == "train" else ground.dataset.tables[part])
        for part in ground.dataset.parts
    }
    scale = np.maximum(columns["train"].std(axis=0), 1e-6)
    # A number that is off is at 0, which says "what the parts say": it is not centred.
    fields += [Field(title_of(own), "dense", deviation=float(by)) for own, by in zip(sets, scale, strict=True)]
    parts = {
        part: (Rows(rows.ids, np.concatenate([rows.dense, _scaled(columns[part], scale)], axis=1)), answers)
        for part, (rows, answers) in ground.dataset.parts.items()
    }
    return Reading(ground.network(fields), parts)


def _scaled(columns: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.clip(columns / scale, -8, 8).astype(np.float32)


def ids(ground: Ground, sets: Sets) -> Reading:
    """The paper's: a vector for each combination that more than 100 rows per million have."""
    crosses = ground.crosses(sets)
    return Reading(ground.network(ground.dataset.fields, crosses.sizes), ground.dataset.crossed(crosses))


def steady_ids(ground: Ground, sets: Sets) -> Reading:
    """The same for combinations of at least 20 rows, however small the table, and dense fields in ten buckets."""
    threshold = steady_threshold(len(ground.dataset.tables["train"]))
    crosses = ground.crosses(sets, threshold=threshold, buckets=_BUCKETS)
    return Reading(ground.network(ground.dataset.fields, crosses.sizes), ground.dataset.crossed(crosses))


def weights(ground: Ground, sets: Sets) -> Reading:
    """One weight for each combination, straight to the logit, held at zero the more the fewer rows it has."""
    crosses, parts, shares = _gated(ground, sets)
    build = ground.network(ground.dataset.fields)
    return Reading(lambda: _Weighed(build(), crosses.sizes, shares, len(ground.dataset.fields)), parts)  # type: ignore[return-value]


def product(ground: Ground, sets: Sets) -> Reading:
    """A vector for each cross: the product of its fields' vectors, and one of its own where rows are many."""
    crosses, parts, shares = _gated(ground, sets)
    names = [field.name for field in ground.dataset.fields]
    members = [[names.index(name) for name in own] for own in crosses.sets_]

    class Product(RECOMMENDERS[ground.target]):
        def vectors(self, ids: Tensor, dense: Tensor) -> Tensor:
            return _with_products(self, super().vectors(ids, dense), ids, members)

    def build() -> Recommender:
        network = ground.network(ground.dataset.fields, crosses.sizes, Product)()
        first = int(network.get_buffer("offsets")[-len(members)])
        with torch.no_grad():
            network.embedding.weight[first:] = 0  # of the residuals
        network.register_buffer("gates", torch.cat([torch.zeros(first), torch.from_numpy(np.concatenate(shares))]))
        network.mixing = nn.ParameterList(torch.eye(network.width) for _ in members)
        return network

    return Reading(build, parts)


def _with_products(network: Any, vectors: Tensor, ids: Tensor, members: Sequence[Sequence[int]]) -> Tensor:
    """The vectors of fields, and for each cross that of its product beside what is its own."""
    count = len(members)
    own = vectors[:, -count:]
    gates = network.get_buffer("gates")[(ids + network.get_buffer("offsets"))[:, -count:]]
    products = torch.stack([vectors[:, group].prod(dim=1) for group in members], dim=1)
    mixed = torch.einsum("ncw,cwv->ncv", products, torch.stack(list(network.mixing)))
    return torch.cat([vectors[:, :-count], mixed + gates[..., None] * own], dim=1)


class _Weighed(nn.Module):
    """A recommender, and a weight for the combination of each cross beside its logit."""

    def __init__(self, network: Recommender, sizes: Sequence[int], shares: Sequence[NDArray[np.float32]], n: int):
        super().__init__()
        self.network, self.width, self.optimizer = network, network.width, network.optimizer
        self.register_buffer("offsets", torch.tensor(np.cumsum([0, *sizes[:-1]]), dtype=torch.long))
        # The scale of a rare combination's weight is small, so that the same penalty holds it back more.
        self.register_buffer("scale", torch.from_numpy(np.sqrt(np.concatenate(shares))))
        self.weights = nn.Embedding(sum(sizes), 1)
        nn.init.zeros_(self.weights.weight)

    def forward(self, ids: Tensor, dense: Tensor) -> Tensor:
        """Logits (n,)."""
        offsets, scale = self.get_buffer("offsets"), self.get_buffer("scale")
        own = ids[:, -len(offsets) :] + offsets
        return self.network(ids[:, : -len(offsets)], dense) + (self.weights(own)[..., 0] * scale[own]).sum(1)

    @property
    def n_parameters(self) -> int:
        """How many numbers it learns."""
        return sum(parameter.numel() for parameter in self.parameters())


def _gated(ground: Ground, sets: Sets) -> tuple[FeatureCrosses, Parts, list[NDArray[np.float32]]]:
    """Ids of combinations of three rows or more, the rows with them, and what share of each id's own counts."""
    crosses = ground.crosses(sets, threshold=2, buckets=_BUCKETS)
    found = crosses.transform(ground.dataset.tables["train"]).to_numpy()
    shares = []
    for column, size in zip(found.T, crosses.sizes, strict=True):
        rows = np.bincount(column, minlength=size).astype(np.float32)
        rows[0] = 0  # the id of all others says nothing
        shares.append(rows / (rows + np.float32(GATE)))
    return crosses, ground.dataset.crossed(crosses), shares


def wider_vectors(ground: Ground) -> Reading:
    """No crosses: vectors twice as wide."""
    double = replace(ground, recipe=replace(ground.recipe, embedding=2 * ground.recipe.embedding))
    return base(double)


ENCODINGS: Mapping[str, Callable[[Ground, Sets], Reading]] = {
    "ids": ids,
    "steady ids": steady_ids,
    "weights": weights,
    "numbers": numbers,
    "product": product,
}
