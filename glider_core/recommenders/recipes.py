"""How recommenders are trained: the fewer rows there are, the smaller the steps and the more is held back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from glider_core.recommenders.network import DEEP, EMBEDDING

_BUILD = ("dropout", "embedding", "deep", "vector_dropout", "knots", "steps")
TINY = 1_000  # training rows below which an epoch is so few steps that many are made, and patiently
FEW = 10_000  # training rows below which batches are small
SMALL = 50_000  # training rows below which embeddings are held small and the deep part drops units
MEDIUM = 200_000  # training rows below which vectors are narrow, if recipes are searched


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How each network of a comparison is trained."""

    epochs: int = 10  # at most
    looks: int = 1  # at the validation rows, per epoch
    patience: int = 1  # looks without a better validation logloss before it stops
    batch: int = 512
    weight_decay: float = 0.0  # of the vectors; above 0 AdamW replaces the network's own optimizer
    dropout: float = 0.0  # of the deep part
    embedding: int = EMBEDDING  # width of a vector
    deep: int = DEEP[0]  # units of each of its two layers
    vector_dropout: float = 0.0  # of the vectors
    l2: float = 0.0  # penalty on the vectors in every step, for Adam in place of the network's own optimizer
    rate: float | None = None  # of learning; None: the optimizer's usual one
    average: float = 0.0  # epochs over which weights are averaged
    knots: int = 0  # of the curve of a dense field, at most; 0: a line
    steps: bool = False  # whether it jumps at its knots, instead of bending

    def options(self) -> dict[str, Any]:
        """For `Training`: all but what the network is built with."""
        return {name: value for name, value in asdict(self).items() if name not in _BUILD}

    def sizes(self) -> dict[str, Any]:
        """For a network: what it is built with, but for the width of its vectors."""
        return {"dropout": self.dropout, "deep": (self.deep, self.deep), "vector_dropout": self.vector_dropout}


CENSUS = Recipe(epochs=15, patience=2, batch=256, weight_decay=0.1, dropout=0.3)

# For tables of thousands of rows with ids of few rows each: vectors that are narrow, penalized and partly dropped. The
# penalty goes through Adam, which scales it: a vector that hardly any row reads returns to zero.
# The average of the latest weights makes steps of three times the usual rate as good as small ones, and fewer.
NARROW = Recipe(
    epochs=30, looks=2, patience=4, batch=512, rate=3e-3, average=0.5, embedding=8, deep=64, vector_dropout=0.1,
    l2=3e-4, knots=24,
)  # fmt: skip


_STEPS, _LARGEST = 2_000, 10_000  # of a pass over a log, as far as batches of 512 allow; rows of a batch


def log_recipe(rows: int, *, epochs: int = 1, batch: int | None = None) -> Recipe:
    """For a log of so many rows: the larger it is, the larger the batches.

    One pass in a few hundred steps leaves a network half trained, and half trained ones differ in how much crosses help
    them. So batches follow from the rows, and not from what computes: a GPU and a processor come to the same verdict.

    Args:
        rows: of the log.
        epochs: passes at most.
        batch: rows of a step; None: by the log's rows.
    """
    return Recipe(epochs=epochs, batch=batch or min(max(Recipe().batch, rows // _STEPS), _LARGEST))


def recipes_for(rows: int) -> tuple[Recipe, ...]:
    """What is tried on a table of so many training rows, as many trials as boosted trees get; validation rows choose.

    They differ in what no rule of rows alone can tell: how much is held back, which hangs on how many rows an id has,
    how wide vectors are, which hangs on how much there is to learn, and whether numbers bend or jump.
    """
    if rows >= MEDIUM:
        start = replace(recipe_for(rows), knots=NARROW.knots)
        return (start, replace(start, l2=1e-6), replace(start, l2=1e-5, steps=True), replace(start, dropout=0.2))
    start = narrow_for(rows)
    return (
        start,
        replace(start, l2=5e-4, steps=True),
        replace(start, embedding=32, deep=128, l2=2e-4, vector_dropout=0.2),
        replace(start, l2=1e-3, vector_dropout=0.3, steps=True),
    )


def narrow_for(rows: int) -> Recipe:
    """`NARROW`; where rows are so few that an epoch would have hardly a step, steps are smaller and more."""
    if rows >= FEW:
        return NARROW
    few = replace(NARROW, batch=128, rate=1.5e-3)
    return few if rows >= TINY else replace(few, batch=32, epochs=120, patience=8)


def recipe_for(rows: int) -> Recipe:
    """What suits a table of so many training rows: the fewer, the smaller the steps and the more is held back."""
    small = rows < SMALL
    return Recipe(
        epochs=12 if small else 4,
        looks=2,
        patience=4 if small else 2,
        batch=128 if rows < FEW else 512,
        weight_decay=0.1 if small else 0.0,
        dropout=0.3 if small else 0.0,
    )
