"""How recommenders are trained: the fewer rows there are, the smaller the steps and the more is held back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

SMALL = 50_000  # training rows below which embeddings are held small and the deep part drops units


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How each network of a comparison is trained."""

    epochs: int = 10  # at most
    looks: int = 1  # at the validation rows, per epoch
    patience: int = 1  # looks without a better validation logloss before it stops
    batch: int = 512
    weight_decay: float = 0.0  # of the vectors; above 0 AdamW replaces the network's own optimizer
    dropout: float = 0.0  # of the deep part

    def options(self) -> dict[str, Any]:
        """For `Training`: all but what the network is built with."""
        return {name: value for name, value in asdict(self).items() if name != "dropout"}


CENSUS = Recipe(epochs=15, patience=2, batch=256, weight_decay=0.1, dropout=0.3)


def recipe_for(rows: int) -> Recipe:
    """What suits a table of so many training rows: the fewer, the smaller the steps and the more is held back."""
    small = rows < SMALL
    return Recipe(
        epochs=12 if small else 4,
        looks=2,
        patience=4 if small else 2,
        batch=128 if rows < 10_000 else 512,
        weight_decay=0.1 if small else 0.0,
        dropout=0.3 if small else 0.0,
    )
