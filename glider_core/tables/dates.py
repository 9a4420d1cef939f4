"""Parts of dates as columns of their own: the hour of a click tells more than its moment."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

PARTS = ("year", "month", "weekday", "hour")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def part_of(column: str, part: str) -> str:
    """The name of the column that holds a part of a date."""
    return f"{column}: {part}"


def varying_parts(dates: Any) -> list[str]:
    """The parts that differ between rows, of a column of dates."""
    return [part for part in PARTS if part_values(dates, part).nunique() > 1]


def part_values(dates: Any, part: str) -> pd.Series:
    """A part of each date: years, months and hours as numbers, weekdays by name; missing where the date is."""
    series = pd.Series(dates)
    if part == "weekday":
        names = np.array([*_WEEKDAYS, None], dtype=object)
        return pd.Series(
            names[series.dt.day_of_week.fillna(7).astype(int).to_numpy()], index=series.index, dtype=object
        )
    return getattr(series.dt, part).astype("Int64")


def with_date_parts(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the parts of its dates behind them, where they vary and their names are free."""
    columns: dict[str, Any] = {}
    for label, column in table.items():
        name = str(label)
        columns[name] = column
        if pd.api.types.is_datetime64_any_dtype(column):
            for part in varying_parts(column):
                if part_of(name, part) not in table.columns:
                    columns[part_of(name, part)] = part_values(column, part)
    return pd.DataFrame(columns)
