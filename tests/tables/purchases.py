"""A small table of purchases, with columns of every usual kind."""

from typing import Any

import numpy as np
import pandas as pd


def purchases(n: int = 400, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "city": rng.choice(["Rome", "Oslo", "Lima"], n),
            "tier": rng.choice([1, 2], n),
            "age": rng.integers(18, 80, n),
            "spent": np.exp(rng.normal(3, 2, n)),
            "who": [f"user {i}" for i in range(n)],
            "always": "same",
        }
    )
    table["bought"] = np.where((table["city"] == "Rome") == (table["tier"] == 1), "yes", "no")
    return table


def csv_of(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False).encode()
