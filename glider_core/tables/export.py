"""Tables on their way out."""

from __future__ import annotations

import csv

import pandas as pd

_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_text(table: pd.DataFrame) -> str:
    """The table as CSV in which no text is a formula: a spreadsheet would run one that came in with a value's name.

    A text that begins like a formula gets an apostrophe in front, which spreadsheets take for "this is text". Numbers
    stay as they are.
    """
    safe = table.copy()
    safe.columns = [_neutral(str(column)) for column in table.columns]
    for position in range(table.shape[1]):
        column = table.iloc[:, position]
        if not pd.api.types.is_numeric_dtype(column):
            safe.isetitem(position, [_neutral(value) if isinstance(value, str) else value for value in column])
    # Every text in quotes: one with a line break inside would end its row otherwise.
    return safe.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC)


def _neutral(text: str) -> str:
    return f"'{text}" if text.startswith(_STARTS) else text
