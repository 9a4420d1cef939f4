"""How the values of a table are understood: one way for fields, for crosses and for single rows.

Each value is read by itself, whatever else its column holds, so that a row alone is read as in its table.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from glider_core.errors import InvalidInput
from glider_core.tables.assumptions import Assumptions
from glider_core.tables.dates import part_of, varying_parts
from glider_core.tables.reading import EXACT

Kind = Literal["dense", "categorical"]

DENSE_FROM = 20  # a numeric column with more distinct values is dense
MISSING = "(missing)"
UNIQUE = 0.9  # share of rows with a value of their own from which a column names rows
_FEW_ROWS = 30  # below which nothing is said of ids


def text(value: Any) -> str:
    """A value as a category: without spaces around it, 3.0 and 3 alike, a blank one as missing.

    Beyond 2^53 a float stands for many whole numbers, so that it is written as a float: "1e+25". A text that reads like
    our mark for a missing value is put in quotes.
    """
    if is_missing(value):
        return MISSING
    if isinstance(value, (float, np.floating, Decimal)) and math.isfinite(value):
        if value == int(value) and (abs(value) < EXACT or isinstance(value, Decimal)):
            return str(int(value))
        value = float(value)
        with np.errstate(over="ignore"):
            single = np.float32(value)
        return str(single if float(single) == value else value)  # a tenth is "0.1" in single precision too
    if isinstance(value, datetime.datetime) and value.tzinfo is None and value.time() == datetime.time():
        return value.date().isoformat()
    stripped = str(value).strip() or MISSING
    return f'"{stripped}"' if stripped.strip('"') == MISSING and isinstance(value, str) and value.strip() else stripped


def is_missing(value: Any) -> bool:
    """Whether a value is not there; a blank text counts as a text here."""
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return isinstance(value, (float, np.floating, Decimal)) and bool(value != value)


def texts(column: pd.Series) -> pd.Series:
    """The column's values as categories."""
    codes, distinct = coded(column)
    return pd.Series(np.array(distinct, dtype=object)[codes], index=column.index, dtype=object)


def positions(column: pd.Series, known: pd.Index) -> NDArray[np.int64]:
    """(n,) the position of each value among the known categories, -1 for an unknown one."""
    codes, distinct = coded(column)
    return known.get_indexer(pd.Index(distinct, dtype=object))[codes].astype(np.int64)


def numbers(column: pd.Series) -> NDArray[np.float64]:
    """(n,) the column's values as numbers, dates in seconds; NaN where one is none."""
    if pd.api.types.is_datetime64_any_dtype(column):
        dates: Any = pd.to_datetime(column, utc=True)
        return ((dates - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)).to_numpy(dtype=np.float64)
    if column.dtype == object and any(isinstance(value, datetime.date) for value in column):
        column = column.map(lambda value: _seconds(value) if isinstance(value, datetime.date) else value)
    parsed: Any = pd.to_numeric(column, errors="coerce")
    return parsed.to_numpy(dtype=np.float64, na_value=np.nan)


def _seconds(value: datetime.date) -> float | None:
    """A date alone, in the seconds that a column of dates gives."""
    return None if pd.isna(value) else float(numbers(pd.Series([pd.Timestamp(value)]))[0])


def is_numeric(column: pd.Series) -> bool:
    """Whether the column holds numbers; true and false are none."""
    return bool(pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column))


@dataclass(frozen=True, slots=True)
class Guess:
    """How a column is read if nobody says otherwise."""

    kind: Kind | None  # None: left out
    reason: str = ""  # why it is left out or read in an unexpected way; empty where there is nothing to say
    otherwise: Kind = "categorical"  # how to read it if someone takes it in all the same


def guess_kinds(table: pd.DataFrame) -> dict[str, Kind | None]:
    """How each column is best read; None for one that tells nothing (constant, or a name for each row)."""
    return {name: guess.kind for name, guess in guess_columns(table).items()}


def informative(kinds: dict[str, Kind | None]) -> dict[str, Kind]:
    """The columns that tell something, and how they are read."""
    return {name: kind for name, kind in kinds.items() if kind}


def guess_columns(table: pd.DataFrame, assumptions: Assumptions | None = None) -> dict[str, Guess]:
    """How each column is best read, and why some are not.

    Args:
        table: as read.
        assumptions: of the reader, whose reasons are repeated; a column of amounts is never taken for ids.
    """
    said: dict[str, str] = {}
    for note in () if assumptions is None else assumptions.notes:
        said[note.column] = f"{said[note.column]} {note.text}" if note.column in said else note.text
    guesses = {}
    for label, column in table.items():
        name = str(label)
        guess = _guess(column, is_amount=_is_amount(name, assumptions))
        if guess.kind and (original := _repeats(table, name)):
            guess = Guess(None, f"The same values as “{original}”.", guess.kind)
        if pd.api.types.is_datetime64_any_dtype(column):
            guess = _of_date(table, name, column, guess)
        if (words := said.get(name)) is not None:
            guess = Guess(guess.kind, f"{guess.reason} {words}".strip(), guess.otherwise)
        guesses[name] = guess
    return guesses


def _guess(column: Any, *, is_amount: bool) -> Guess:
    numeric, n = is_numeric(column), len(column)
    distinct = int(column.nunique()) if numeric else len(set(coded(column)[1]) - {MISSING})
    filled = int(column.notna().sum())
    kind: Kind = "dense" if numeric and distinct > DENSE_FROM else "categorical"
    if not filled or not distinct:
        return Guess(None, "Left out: it has no value in any row.", kind)
    if distinct + (filled < n) < 2:
        return Guess(None, "Left out: it has the same value in all rows.", kind)
    if not numeric:
        if distinct > UNIQUE * filled and filled > 2:
            return Guess(None, f"Left out: {_share(distinct, filled)} of the rows have a value of their own.", kind)
        return Guess("categorical")
    values = numbers(column.dropna())
    whole = bool(np.isfinite(values).all() and (values == np.floor(values)).all())
    if whole and distinct == n > 2 and values.max() - values.min() == n - 1:
        return Guess(None, "Left out: it numbers the rows.", "categorical" if n <= DENSE_FROM else "dense")
    if whole and not is_amount and distinct == n > 2 and len(set(np.diff(values).tolist())) == 1:
        return Guess(None, "Left out: it numbers the rows.", kind)
    if whole and not is_amount and filled >= _FEW_ROWS and distinct > UNIQUE * filled:
        words = f"Left out: {_share(distinct, filled)} of the rows have a whole number of their own, as ids do."
        return Guess(None, words, kind)
    if not pd.api.types.is_float_dtype(column) and kind == "dense" and float(np.abs(values).max()) > EXACT:
        return Guess("categorical", "Read as categories: whole numbers beyond 2^53 would change as amounts.")
    return Guess(kind, otherwise=kind)


def _share(part: int, of: int) -> str:
    return "all" if part == of else f"{part / of:.0%}"


def _is_amount(name: str, assumptions: Assumptions | None) -> bool:
    """Whether the numbers are written as amounts are: with a currency, percent signs or thousands marks."""
    if assumptions is None:
        return False
    notes = [note.text for note in assumptions.notes if note.column == name]
    reading = assumptions.reading(name)
    return any(text.startswith(("Amounts in", "Percent signs")) for text in notes) or bool(
        reading and reading.thousands
    )


def _repeats(table: pd.DataFrame, name: str) -> str:
    """The column of which this one, "city (2)", is a copy; empty if it is none."""
    original, _, number = name.rpartition(" (")
    if original not in table.columns or not number.rstrip(")").isdigit():
        return ""
    return original if table[original].equals(table[name]) else ""


def _of_date(table: pd.DataFrame, name: str, column: Any, guess: Guess) -> Guess:
    """A date is left out where its parts are there to be used; else it is a category or a name for each row."""
    offered = [part for part in varying_parts(column) if part_of(name, part) in table.columns]
    if guess.kind is None and guess.reason.endswith("in all rows."):
        return guess
    if offered:
        return Guess(None, f"Left out: a date, whose {', '.join(offered)} can be used instead.", "dense")
    return guess


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


def coded(column: Any) -> tuple[NDArray[np.int64], list[str]]:
    """Numbers (n,) of the column's distinct values, and their texts; worked out once per distinct value.

    The last text is of missing values; -1 stands for it.
    """
    if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) not in ("string", "empty"):
        # In a hash table 1, 1.0 and True are one value, whichever comes first; a list has no place in it.
        codes, distinct = pd.factorize(np.array([text(value) for value in column], dtype=object))
        return codes, [*distinct, MISSING]
    found: Any = pd.factorize(column, use_na_sentinel=True)
    codes, distinct = found
    if isinstance(column.dtype, pd.StringDtype):
        return codes, [*_stripped(distinct.to_numpy(dtype=object).tolist()), MISSING]
    return codes, [*(text(value) for value in distinct), MISSING]


def _stripped(values: list[str]) -> list[str]:
    """`text` of each, in a fraction of the time: of all but a few it is what is left without spaces."""
    # Blank ones are missing, and those that read like our mark for that are put in quotes.
    own = [value.strip() for value in values]
    return [text(value) if not word or word[0] in '("' else word for value, word in zip(values, own, strict=True)]
