"""Rows of a table as the model takes them: columns in their order and of their types, whatever a person types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pandas as pd

from glider_core.errors import InvalidInput
from glider_core.tables.values import is_missing, text

_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")


class Background:
    """The rows that say what a model reads: its columns, their types, and what is usual in them.

    Args:
        table: a data frame, or an array (n, columns) for a model that takes arrays.
        columns: names for the columns of an array.

    Raises:
        InvalidInput: no table, no rows, or two columns of one name.
    """

    def __init__(self, table: Any, columns: Any = None) -> None:
        self.is_frame = isinstance(table, pd.DataFrame)
        if not self.is_frame:
            values = np.asarray(table)
            if values.ndim != 2 or values.dtype.kind not in "iufbO":
                raise InvalidInput(
                    f"Got a {type(table).__name__} as background; give a data frame of the model's columns, or an "
                    "array (rows, columns)."
                )
            names = [f"x{i}" for i in range(values.shape[1])] if columns is None else [str(name) for name in columns]
            if len(names) != values.shape[1]:
                raise InvalidInput(f"Got {len(names)} names for {values.shape[1]} columns.")
            self.dtype, table = values.dtype, pd.DataFrame(values, columns=pd.Index(names))
        self.table = cast(pd.DataFrame, table).reset_index(drop=True)
        if not len(self.table) or not len(self.table.columns):
            raise InvalidInput("The background has no rows or no columns; give rows of the table that the model reads.")
        if self.table.columns.has_duplicates:
            name = self.table.columns[self.table.columns.duplicated()][0]
            raise InvalidInput(f"Two columns of the background are called {str(name)[:60]!r}; rename one.")

    @property
    def columns(self) -> list[Any]:
        """Their names, in order."""
        return list(self.table.columns)

    def as_taken(self, table: pd.DataFrame) -> Any:
        """Rows as the model takes them: the frame itself, or an array where the background was one."""
        return table if self.is_frame else table.to_numpy(dtype=self.dtype)

    def row(self, raw: Any) -> tuple[pd.DataFrame, list[bool], Any]:
        """One row (1, columns) of the background's types, whether each value is known there, and the row as JSON.

        Args:
            raw: a number of a row in the background; a mapping, a series, or a data frame of one row; their JSON.

        Raises:
            InvalidInput: no such row, a column without a value, or a value that its column cannot hold.
        """
        if isinstance(raw, str):
            try:
                raw = json.loads(raw)
            except (ValueError, RecursionError):
                raise InvalidInput("The row is neither a number nor JSON with a value for each column.") from None
        if isinstance(raw, int | np.integer) and not isinstance(raw, bool):
            if not 0 <= raw < len(self.table):
                raise InvalidInput(f"There is no row {int(raw):.0f}; the table has rows 0 to {len(self.table) - 1}.")
            row = self.table.iloc[[int(raw)]].reset_index(drop=True)
            return row, [True] * len(self.columns), int(raw)
        values = self._values(raw)
        parts, known = {}, []
        for name in self.columns:
            parts[name], is_known = self._held(name, values[name])
            known.append(is_known)
        row = pd.DataFrame(parts, columns=self.table.columns)
        return row, known, {str(name): _plain(values[name]) for name in self.columns}

    def _values(self, raw: Any) -> dict[Any, Any]:
        if isinstance(raw, pd.DataFrame):
            if len(raw) != 1:
                raise InvalidInput(f"Got a table of {len(raw)} rows to explain; give one row of it.")
            raw = {name: raw[name].iloc[0] for name in raw.columns}
        elif isinstance(raw, pd.Series):
            raw = raw.to_dict()
        elif isinstance(raw, list | tuple | np.ndarray):
            given = np.asarray(raw, dtype=object).reshape(-1).tolist()
            if len(given) != len(self.columns):
                raise InvalidInput(f"The row has {len(given)} values; the table has {len(self.columns)} columns.")
            raw = dict(zip(self.columns, given, strict=True))
        if not isinstance(raw, Mapping):
            raise InvalidInput(
                f"Got a {type(raw).__name__} as row; give its number in the background, or a value for each column."
            )
        by_text = {str(name): value for name, value in raw.items()}
        lacking = [str(name) for name in self.columns if name not in raw and str(name) not in by_text]
        if lacking:
            raise InvalidInput(f"The row has no value for {', '.join(lacking[:5])[:200]}.")
        return {name: raw[name] if name in raw else by_text[str(name)] for name in self.columns}

    def _held(self, name: Any, value: Any) -> tuple[Any, bool]:
        """A value as an array of its column's type, and whether the column has it elsewhere."""
        column: Any = self.table[name]
        dtype: Any = column.dtype
        if is_missing(value):
            if dtype.kind in "iub" and isinstance(dtype, np.dtype):
                raise InvalidInput(
                    f"The row has no value for {str(name)[:60]!r}, whose column holds whole numbers only; give one."
                )
            return pd.array([None], dtype=dtype) if not _is_object(dtype) else np.array(
                [_missing_in(column)], object
            ), True
        if isinstance(dtype, pd.CategoricalDtype):
            match = next((known for known in dtype.categories if known == value or str(known) == str(value)), None)
            return pd.Categorical([match], dtype=dtype), match is not None
        if _is_object(dtype) or isinstance(dtype, pd.StringDtype):
            known = column.dropna()
            if not bool((known == value).any()) and bool((known == str(value)).any()):
                value = str(value)
            value = str(value) if isinstance(dtype, pd.StringDtype) else value
            held = np.array([value], dtype=object) if _is_object(dtype) else pd.array([value], dtype=dtype)
            return held, bool((known == value).any())
        try:
            return self._number(column, value)
        except (TypeError, ValueError, OverflowError):
            raise InvalidInput(
                f"The row's {str(name)[:60]!r} is {value!r:.60}, which its column of {dtype} cannot hold."
            ) from None

    def _number(self, column: pd.Series, value: Any) -> tuple[Any, bool]:
        dtype: Any = column.dtype
        if dtype.kind == "b":
            written = str(value).strip().lower()
            if written not in _TRUE + _FALSE:
                raise ValueError(written)
            held = written in _TRUE
            return pd.array([held], dtype=dtype), bool((column == held).any())
        if dtype.kind in "iuf":
            number = float(value)
            if dtype.kind in "iu":
                if number != int(number):
                    raise ValueError(value)
                return pd.array([int(value) if not isinstance(value, str) else int(number)], dtype=dtype), True
            return pd.array([number], dtype=dtype), True
        return pd.array([pd.Timestamp(value) if dtype.kind == "M" else value], dtype=dtype), True


def typical(column: Any) -> Any:
    """A usual value that stands in the column: the middle one of numbers and dates, else the most frequent one."""
    values = column.dropna()
    if not len(values):
        return column.iloc[0]
    if values.dtype.kind in "iufM" and not isinstance(values.dtype, pd.CategoricalDtype):
        return values.sort_values(kind="stable").iloc[(len(values) - 1) // 2]
    counts = values.value_counts(sort=True)
    return sorted(counts.index[counts == counts.iloc[0]], key=str)[0]


def words(value: Any) -> str:
    """A value as people read it."""
    return f"{value:.6g}" if isinstance(value, float | np.floating) and not is_missing(value) else text(value)


def _missing_in(column: pd.Series) -> Any:
    """How this column writes a missing value."""
    missing = column.to_numpy()[column.isna().to_numpy()]
    return missing[0] if len(missing) else None


def _plain(value: Any) -> Any:
    if is_missing(value):
        return None
    value = value.item() if isinstance(value, np.generic) else value
    return value if isinstance(value, str | bool | int | float) else str(value)


def _is_object(dtype: Any) -> bool:
    return getattr(dtype, "kind", "") == "O" and isinstance(dtype, np.dtype)
