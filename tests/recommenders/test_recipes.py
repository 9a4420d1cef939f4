"""Recipes: small tables are trained in more and smaller steps, large ones as they were measured."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from glider_core.domains.recommender.model import train_own
from glider_core.recommenders.recipes import NARROW, log_recipe, narrow_for


def test_only_tiny_tables_are_gone_through_many_times() -> None:
    assert narrow_for(10_000) == NARROW
    assert (narrow_for(1_000).batch, narrow_for(1_000).epochs) == (128, NARROW.epochs)
    tiny = narrow_for(240)
    assert tiny.epochs * 240 / tiny.batch > 10 * NARROW.epochs * 240 / 128


def test_a_pass_over_a_log_is_of_two_thousand_steps_as_far_as_batches_allow() -> None:
    assert [log_recipe(rows).batch for rows in (300_000, 4_000_000, 45_840_617)] == [512, 2000, 10_000]
    assert (log_recipe(300_000, epochs=2, batch=64).epochs, log_recipe(300_000, batch=64).batch) == (2, 64)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_a_pair_is_learned_from_three_hundred_rows(seed: int) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"city": rng.choice(["Rome", "Oslo"], 300), "tier": rng.choice(["gold", "tin"], 300)})
    table["bought"] = ((table["city"] == "Rome") == (table["tier"] == "gold")).astype(int)
    _, fit = train_own(table, "bought", "1", {"city": "categorical", "tier": "categorical"}, seed=seed)
    assert fit.test.auc > 0.95
