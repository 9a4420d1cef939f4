"""The sets of fields that a recommender uses in training rows, as candidates for crosses of another one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from glider_core.recommenders.dataset import Dataset, with_knots
from glider_core.recommenders.fitting import fit
from glider_core.recommenders.network import AutoInt
from glider_core.recommenders.recipes import NARROW, Recipe

MOST = 30  # sets, the most frequent ones


def used_sets(dataset: Dataset, rows: int, seed: int) -> list[tuple[str, ...]]:
    """The most frequent sets that detection finds in training rows, by an AutoInt that learned them.

    Unlike a scan of pairs it can find sets of three fields and more. Test rows are not looked at.

    Args:
        dataset: the rows; those that validate end the training.
        rows: training rows to explain, at most.
        seed: of the training and of the choice of rows.
    """
    from glider_core.domains.recommender.model import own_model
    from glider_core.rows.run import detect_global

    curved = with_knots(dataset, NARROW.knots)
    recipe = replace(NARROW, embedding=Recipe().embedding)
    learned = fit(
        lambda: AutoInt(curved.fields, **recipe.sizes()),
        {**curved.parts, "test": curved.parts["validation"]},
        seed=seed,
        **recipe.options(),
    )
    chosen: Any = dataset.tables["train"].sample(min(rows, len(dataset.tables["train"])), random_state=seed)
    return list(detect_global(own_model(curved, learned.network), chosen).top(MOST))
