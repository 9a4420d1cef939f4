"""A table in which one pair decides, with columns of every kind that models meet."""

import numpy as np
import pandas as pd

ROWS = 900


def table(rows: int = ROWS) -> tuple[pd.DataFrame, pd.Series]:
    """Columns of seven types, and "yes" where a smoker gets a dose, a little more often in the north."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 80, rows),
            "dose": rng.normal(size=rows),
            "site": rng.choice(["north", "south", "east"], rows),
            "smoker": rng.random(rows) < 0.4,  # so that off, the most frequent, is another value
            "weight": np.where(rng.random(rows) < 0.1, np.nan, rng.normal(70, 10, rows)),
            "code": pd.Categorical(rng.choice(list("abc"), rows)),
            "height": rng.normal(size=rows).astype(np.float32),
        }
    )
    logit = 6.0 * (frame.smoker & (frame.dose > 0)) - 3.0 + 1.0 * (frame.site == "north")
    answer = pd.Series(np.where(logit + rng.logistic(size=rows) * 0.3 > 0, "yes", "no"))
    return frame, answer


def numeric(rows: int = ROWS) -> tuple[pd.DataFrame, pd.Series]:
    """The same as numbers only, for models that take no texts; 1 stands for "yes"."""
    frame, answer = table(rows)
    numbers = frame.drop(columns=["site", "code"]).assign(north=(frame.site == "north").astype(float))
    return numbers.astype(float).fillna(70.0), (answer == "yes").astype(int)


def telling(frame: pd.DataFrame) -> int:
    """The number of a row in which the pair acts: a smoker with a dose, not in the north."""
    north = frame["site"] == "north" if "site" in frame else frame["north"] > 0
    return int(np.flatnonzero((frame["smoker"] > 0) & (frame["dose"] > 0.5) & ~north)[0])
