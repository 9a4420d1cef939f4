"""The column to predict: guessed, and turned into answers of 0 and 1."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from glider_core.errors import InvalidInput
from glider_core.tables.values import DENSE_FROM, MISSING, is_numeric, texts


def guess_target(table: Any) -> str:
    """The column that people most likely want to predict: of a telling name, else the last with two values."""
    names = {str(name).lower(): str(name) for name in table.columns}
    for usual in ("click", "clicked", "label", "target", "y", "class", "income", "rating", "outcome"):
        if usual in names:
            return names[usual]
    binary = {str(name): len(set(texts(table[name])) - {MISSING}) == 2 for name in table.columns}
    whole = [name for name, is_binary in binary.items() if is_binary and not (texts(table[name]) == MISSING).any()]
    some = whole or [name for name, is_binary in binary.items() if is_binary]
    return some[-1] if some else str(table.columns[-1])


def positive_values(target: pd.Series) -> list[str]:
    """What may count as the positive answer: each value of few, or "above ..." the median of many numbers."""
    values = [str(value) for value in texts(target).value_counts().index if value != MISSING]
    if len(values) <= DENSE_FROM:
        usual = [value for value in values if value.lower() in ("1", "true", "yes", "y", "clicked", ">50k")]
        return list(dict.fromkeys([*usual, *reversed(values)]))
    if is_numeric(target):
        return [f"above {target.median():g}"]
    return []


def binary_target(target: pd.Series, positive: str) -> NDArray[np.float32]:
    """(n,) 1 where the target is the positive value.

    Raises:
        InvalidInput: there is no such value, values are missing, or all rows are alike.
    """
    values = texts(target)
    missing = int((values == MISSING).sum())
    if missing:
        raise InvalidInput(f"The target {str(target.name)[:60]!r} is missing in {missing:,} rows; drop these rows.")
    if positive not in positive_values(target):
        raise InvalidInput(
            f"The target {str(target.name)[:60]!r} cannot be learned as {positive[:40]!r} against the rest; choose a "
            "column with a few values or with numbers."
        )
    if positive.startswith("above ") and is_numeric(target) and target.nunique() > DENSE_FROM:
        answers = (target > target.median()).to_numpy(dtype=bool)
    else:
        answers = (values == positive).to_numpy()
    share = answers.mean()
    if answers.sum() < 10 or (~answers).sum() < 10:
        raise InvalidInput(
            f"{share:.2%} of the rows are {positive[:40]!r}; at least ten of each kind are needed to learn from."
        )
    return answers.astype(np.float32)
