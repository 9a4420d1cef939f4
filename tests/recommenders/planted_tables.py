"""A small table in which two fields decide together, ready to learn from."""

import numpy as np
import pandas as pd

from glider_core.recommenders.dataset import Dataset, split
from glider_core.recommenders.recipes import Recipe
from glider_core.tables.values import guess_kinds, informative

QUICK = Recipe(epochs=2, batch=128)


def table(n: int = 2000, *, shops: int = 20, days: int = 15) -> pd.DataFrame:
    """Bought or not depends on which shop and which day go together, and on nothing else."""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        {"shop": rng.integers(0, shops, n), "day": rng.integers(0, days, n), "age": rng.integers(18, 80, n)}
    )
    likes = np.random.default_rng(9).random((shops, days)) < 0.5
    rows["bought"] = (likes[rows["shop"], rows["day"]] ^ (rng.random(n) < 0.05)).astype(int)
    rows["shop"] = "s" + rows["shop"].astype(str)
    rows["day"] = "d" + rows["day"].astype(str)
    return rows


def dataset(rows: pd.DataFrame | None = None) -> Dataset:
    rows = table() if rows is None else rows
    return split(rows, "bought", "1", informative(guess_kinds(rows.drop(columns=["bought"]))))
