"""Parts of a table by the values of one column, so that interactions can be looked for in one part and in another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def row_slices(column: pd.Series, *, parts: int = 4, most: int = 200) -> dict[str, NDArray[np.bool_]]:
    """Named parts of a table by one of its columns, to look for interactions in one of them or in a few.

    A part for each value, the most frequent first; of a column of many different numbers, `parts` ranges of about
    equally many rows, and a part of its own for a number that has more rows than a range would (the 0 of amounts).

    Args:
        column: of n rows.
        parts: ranges of a column of many numbers.
        most: values at most; the rarer ones are left out.

    Returns:
        Of each part which rows it holds, (n,) bool. Missing values are a part too.
    """
    given: Any = column
    missing = given.isna().to_numpy(dtype=bool)
    slices: dict[str, NDArray[np.bool_]] = {}
    if pd.api.types.is_numeric_dtype(given) and given.nunique() > _FEW_NUMBERS:
        numbers = given.to_numpy(dtype=np.float64, na_value=np.nan)
        values, counts = np.unique(numbers[~missing], return_counts=True)
        heaps = values[counts > (~missing).sum() / parts]
        for value in heaps:
            slices[_number(value)] = numbers == value
        rest = np.flatnonzero(~missing & ~np.isin(numbers, heaps))
        ranges: Any = pd.qcut(pd.Series(numbers[rest]).rank(method="min"), parts, labels=False, duplicates="drop")
        for part in sorted(ranges.dropna().unique()):
            rows = np.zeros(len(given), dtype=bool)
            rows[rest[ranges.to_numpy() == part]] = True
            low, high = numbers[rows].min(), numbers[rows].max()
            without = "".join(f", not {_number(value)}" for value in heaps if low < value < high)
            name = f"{_number(low)} to {_number(high)}{without}"
            slices[name] = slices.get(name, False) | rows  # rounded, two ranges may read the same
    else:
        as_text = _number if pd.api.types.is_float_dtype(given) else str
        texts = given.map(as_text, na_action="ignore").astype(object)
        counted = texts[~missing].value_counts()
        # Ties by name: the same table gives the same list.
        for text in sorted(counted.index, key=lambda text: (-counted[text], text))[:most]:
            slices[text] = (texts == text).to_numpy(dtype=bool)
    return slices | ({"(missing)": missing} if missing.any() else {})


_FEW_NUMBERS = 12  # different numbers that are still shown one by one


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else f"{value:.4g}"
