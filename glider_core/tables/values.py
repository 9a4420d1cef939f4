"""How the values of a table are understood: one way for fields, for crosses and for single rows.

Each value is read by itself, whatever else its column holds, so that a row alone is read as in its table.
"""

from __future__ import annotations

import datetime
import math
from decimal import Decimal
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from glider_core.errors import InvalidInput

Kind = Literal["dense", "categorical"]

DENSE_FROM = 20  # a numeric column with more distinct values is dense
MISSING = "(missing)"


def text(value: Any) -> str:
    """A value as a category: without spaces around it, 3.0 and 3 alike, a blank one as missing."""
    if is_missing(value):
        return MISSING
    if isinstance(value, (float, np.floating, Decimal)) and math.isfinite(value):
        if value == int(value):
            return str(int(value))
        value = float(value)
        single = np.float32(value)
        return str(single if float(single) == value else value)  # a tenth is "0.1" in single precision too
    if isinstance(value, datetime.datetime) and value.tzinfo is None and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value).strip() or MISSING


def is_missing(value: Any) -> bool:
    """Whether a value is not there; a blank text counts as a text here."""
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return isinstance(value, (float, np.floating, Decimal)) and bool(value != value)


def texts(column: pd.Series) -> pd.Series:
    """The column's values as categories."""
    codes, distinct = _coded(column)
    return pd.Series(np.array(distinct, dtype=object)[codes], index=column.index, dtype=object)


def positions(column: pd.Series, known: pd.Index) -> NDArray[np.int64]:
    """(n,) the position of each value among the known categories, -1 for an unknown one."""
    codes, distinct = _coded(column)
    return known.get_indexer(pd.Index(distinct, dtype=object))[codes].astype(np.int64)


def numbers(column: pd.Series) -> NDArray[np.float64]:
    """(n,) the column's values as numbers, dates in seconds; NaN where one is none."""
    if pd.api.types.is_datetime64_any_dtype(column):
        dates: Any = pd.to_datetime(column, utc=True)
        return ((dates - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)).to_numpy(dtype=np.float64)
    parsed: Any = pd.to_numeric(column, errors="coerce")
    return parsed.to_numpy(dtype=np.float64, na_value=np.nan)


def is_numeric(column: pd.Series) -> bool:
    """Whether the column holds numbers; true and false are none."""
    return bool(pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column))


def guess_kinds(table: pd.DataFrame) -> dict[str, Kind | None]:
    """How each column is best read; None for one that tells nothing (constant, or a name for each row)."""
    return {str(name): _guess_kind(column) for name, column in table.items()}


def informative(kinds: dict[str, Kind | None]) -> dict[str, Kind]:
    """The columns that tell something, and how they are read."""
    return {name: kind for name, kind in kinds.items() if kind}


def with_text_names(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its columns' names as text: numbers may be names too.

    Raises:
        InvalidInput: two columns have one name.
    """
    if not all(isinstance(name, str) for name in table.columns):
        table = table.set_axis([str(name) for name in table.columns], axis=1)
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise InvalidInput(f"Two columns are called {twice[0][:60]!r}; names must differ.")
    return table


def _guess_kind(column: Any) -> Kind | None:
    numeric = is_numeric(column)
    distinct = column.nunique() if numeric else len(set(_coded(column)[1]) - {MISSING})
    has_missing = bool(column.isna().any())
    if distinct + has_missing < 2 or (not numeric and distinct > 0.9 * len(column)):
        return None
    return "dense" if numeric and distinct > DENSE_FROM else "categorical"


def _coded(column: Any) -> tuple[NDArray[np.int64], list[str]]:
    """Numbers (n,) of the column's distinct values, and their texts; worked out once per distinct value.

    The last text is of missing values; -1 stands for it.
    """
    if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) not in ("string", "empty"):
        # In a hash table 1, 1.0 and True are one value, whichever comes first; a list has no place in it.
        column = np.array([text(value) for value in column], dtype=object)
    codes, distinct = pd.factorize(column, use_na_sentinel=True)
    return codes, [*(text(value) for value in distinct), MISSING]
