"""Values near a row's own, as continuous features are perturbed in Table 10 of Tsang et al. 2020.

A number that is off becomes a draw of a normal around the row's own value, cut at one deviation. In the mean over draws
on both sides of a value a product of two features is as large as at the value itself, so that nothing would be left of
an interaction; all draws of a column are therefore on one side of it, a side that the seed and the row choose.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types
from scipy.special import ndtr, ndtri

from glider_core.errors import InvalidInput

SIGMA = 1.0  # standard deviations of the column; the paper's 0.6 of values uniform in [-1, 1] are 1.04
_LARGEST = 100.0


def checked_sigma(sigma: Any) -> float:
    """The deviation as a number.

    Raises:
        InvalidInput: it is no number above 0, or beyond 100.
    """
    try:
        number = float(sigma)
    except (TypeError, ValueError):
        number = float("nan")
    if isinstance(sigma, bool) or not 0 < number <= _LARGEST:
        raise InvalidInput(
            f"sigma: got {sigma!r:.40}; give how many standard deviations of its column a value moves at most, above 0 "
            f"and up to {_LARGEST:.0f}."
        )
    return number


def nearby_note(row: pd.DataFrame, table: pd.DataFrame, *, sigma: float, rows: int) -> str:
    """What columns of this row have that are off, in sentences."""
    near = [_is_near(table[name], row[name].iloc[0]) for name in table.columns]
    draws = "one draw" if rows == 1 else f"the mean over {rows} draws"
    others = "" if all(near) else " Columns that are no numbers have the values of other rows."
    return (
        f"Off, a column has values near the row's own, on one side of it and up to {sigma:.3g} of the column's "
        f"standard deviations away: {draws}.{others}"
    )


def _is_near(column: Any, value: Any) -> bool:
    """Whether there are values near this one: it is a number, and its column has numbers that differ."""
    numeric = types.is_numeric_dtype(column.dtype) and not types.is_bool_dtype(column.dtype)
    return numeric and not pd.isna(value) and float(np.nanstd(column.to_numpy("float64", na_value=np.nan))) > 0


def nearby_rows(row: pd.DataFrame, table: pd.DataFrame, *, sigma: float, rows: int, seed: int,
                draw_seed: int) -> pd.DataFrame:  # fmt: skip
    """Rows (rows, columns) of the table's types near this one; columns without near values have those of other rows.

    No number leaves the range that its column has in the table: where a side has less room than `sigma`, the other is
    taken, and what still would leave it stays at its edge. Whole numbers stay whole, and move by at least one where
    there is room.

    Args:
        row: (1, columns).
        table: the background.
        sigma: standard deviations of a column.
        rows: how many.
        seed: of the sides, together with the row's values.
        draw_seed: of how far values move.
    """
    sides = np.random.default_rng([seed, 71, *_row_key(row)]).random(len(table.columns)) < 0.5
    rng = np.random.default_rng([draw_seed, 72, *_row_key(row)])
    # The distance of a normal draw that is cut at one deviation, by its distribution function.
    share = rng.random((rows, len(table.columns)))
    distance = np.clip(ndtri(0.5 + share * (ndtr(1.0) - 0.5)), 0.0, 1.0)
    others = rng.integers(len(table), size=(rows, len(table.columns)))
    made = {}
    for place, name in enumerate(table.columns):
        column, value = table[name], row[name].iloc[0]
        if _is_near(column, value):
            made[name] = _moved(column, float(value), distance[:, place], sigma, up=bool(sides[place]))
        else:
            made[name] = column.iloc[others[:, place]].reset_index(drop=True)
    return pd.DataFrame(made, columns=table.columns)


def _moved(column: Any, value: float, distance: NDArray[np.float64], sigma: float, *, up: bool) -> pd.Series:
    """Values at these distances, in parts of sigma, upwards or downwards from this one."""
    known = column.to_numpy("float64", na_value=np.nan)
    reach, low, high = sigma * float(np.nanstd(known)), float(np.nanmin(known)), float(np.nanmax(known))
    low, high = min(low, value), max(high, value)
    room = {True: high - value, False: value - low}
    if room[up] < min(reach, room[not up]):
        up = not up
    moved = value + (1.0 if up else -1.0) * distance * reach
    if types.is_integer_dtype(column.dtype):
        whole = np.rint(moved)
        moved = np.where(whole == value, value + (1.0 if up else -1.0), whole)
        moved = np.rint(np.clip(moved, low, high))
    else:
        moved = np.clip(moved, low, high)
    return pd.Series(moved).astype(column.dtype)


def _row_key(row: pd.DataFrame) -> list[int]:
    """Numbers that tell the row by its values."""
    digest = hashlib.sha256(repr([str(value) for value in row.iloc[0].tolist()]).encode("utf-8", "surrogatepass"))
    return np.frombuffer(digest.digest()[:16], dtype=np.uint32).tolist()
