"""Fields: what is remembered of each column, and rows turned into numbers with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from glider_core.errors import InvalidInput
from glider_core.tables.assumptions import Assumptions
from glider_core.tables.dates import PARTS, part_values
from glider_core.tables.reading import Reading
from glider_core.tables.values import Kind, is_numeric, numbers, positions, texts, with_text_names

MAX_IDS = 20_000  # of one field; rarer values share one
AS_TEXT = Reading()
MIN_COUNT = 2  # a value seen less often tells nothing


@dataclass(frozen=True, slots=True)
class Field:
    """One column as the network reads it."""

    name: str
    kind: Kind
    values: tuple[str, ...] = ()  # of a categorical field; number 0 stands for all others
    mean: float = 0.0  # of a dense field, after the logarithm where there is one
    deviation: float = 1.0
    logarithm: bool = False  # of skewed counts and amounts
    reading: Reading = AS_TEXT  # of a cell that comes as text, so that a row alone is read as in its table
    date: tuple[str, str] | None = None  # a part of a date: the date's column, and which part
    # Of a dense field, where its curve may bend, ascending in deviations from the mean; none: it is read as a line.
    knots: tuple[float, ...] = dataclasses.field(default=(), repr=False)
    steps: bool = dataclasses.field(default=False, repr=False)  # whether it jumps at its knots, instead of bending

    def value(self, raw: Any) -> Any:
        """A value of this field, read as in the table that the field was learned from."""
        return raw if self.date is not None else self.reading.value(raw)

    def from_date(self, raw: Any) -> Any:
        """The part of a date that this field holds, of a date or its text; None where it is none."""
        assert self.date is not None
        moment = self.reading.value(raw)
        if not isinstance(moment, pd.Timestamp):
            return None
        value = part_values([moment], self.date[1]).iloc[0]
        return value.item() if isinstance(value, np.generic) else value

    @staticmethod
    def from_dict(stored: Mapping[str, Any]) -> Field:
        """What `dataclasses.asdict` gave, through JSON; fields of before version 0.5 have no reading."""
        reading = dict(stored.get("reading") or {})
        reading["missing"] = tuple(reading.get("missing", ()))
        date = stored.get("date")
        return Field(
            **{
                **stored, "values": tuple(stored["values"]), "reading": Reading(**reading),
                "date": None if date is None else (date[0], date[1]), "knots": tuple(stored.get("knots") or ()),
            }
        )  # fmt: skip


def with_readings(fields: Sequence[Field], assumptions: Assumptions) -> tuple[Field, ...]:
    """The fields with what the reader of their table assumed, for rows that come alone."""
    found = []
    for field in fields:
        reading = assumptions.reading(field.name)
        column, _, part = field.name.rpartition(": ")
        of_date = assumptions.reading(column)
        if reading is not None:
            field = replace(field, reading=reading)
        elif part in PARTS and of_date is not None and of_date.kind == "date":
            field = replace(field, reading=of_date, date=(column, part))
        found.append(field)
    return tuple(found)


def as_read(table: pd.DataFrame, fields: Sequence[Field]) -> pd.DataFrame:
    """The table with cells that came as texts read as the fields read them."""
    changed: dict[str, Any] = {}
    for field in fields:
        column: Any = table[field.name] if field.name in table.columns else None
        if column is None or field.date is not None or field.reading == AS_TEXT or not _has_texts(column):
            continue
        changed[field.name] = pd.Series(
            [field.reading.value(cell) for cell in column], index=column.index, dtype=object
        )
    return table.assign(**changed) if changed else table


def _has_texts(column: Any) -> bool:
    return column.dtype == object or pd.api.types.is_string_dtype(column)


@dataclass(frozen=True, slots=True)
class Rows:
    """Encoded rows: all of a row's fields in numbers."""

    ids: NDArray[np.int64]  # (n, categorical fields)
    dense: NDArray[np.float32]  # (n, dense fields), mean 0 and deviation 1 over the training rows; missing: 0


def learn_fields(table: pd.DataFrame, kinds: Mapping[str, Kind]) -> tuple[Field, ...]:
    """What to remember of each column: its values, or its level and spread.

    Raises:
        InvalidInput: fewer than two fields, or a dense column that is no number.
    """
    if len(kinds) < 2:
        raise InvalidInput(f"{len(kinds)} fields are chosen; interactions need at least two.")
    table = with_text_names(table)
    _check_columns(table, kinds)
    fields = []
    for name, kind in kinds.items():
        column: Any = table[name]
        if kind == "categorical":
            counts = texts(column).value_counts()
            known = [str(value) for value, count in counts.items() if int(count) >= MIN_COUNT][:MAX_IDS]
            fields.append(Field(name, kind, values=("(other)", *known), reading=_reading(column)))
            continue
        values = numbers(column)
        finite = values[np.isfinite(values)]
        if not len(finite):
            raise InvalidInput(f"The column {name[:60]!r} has no number; read it as categorical.")
        skewed = finite.min() >= 0 and finite.max() > 20 * max(float(np.median(finite)), 1.0)
        scaled = np.log1p(finite) if skewed else finite
        deviation = float(scaled.std()) or 1.0
        fields.append(
            Field(
                name,
                kind,
                mean=float(scaled.mean()),
                deviation=deviation,
                logarithm=bool(skewed),
                reading=_reading(column),
            )
        )
    return tuple(fields)


def _reading(column: Any) -> Reading:
    """How a text is read where the column's type is all that is known."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return Reading("date", date="ISO8601")
    return Reading("number" if is_numeric(column) else "text")


def encode(table: pd.DataFrame, fields: Sequence[Field]) -> Rows:
    """The rows in numbers; unseen and rare values become 0, missing numbers the mean.

    Raises:
        InvalidInput: a field's column is not there.
    """
    table = with_text_names(table)
    _check_columns(table, [field.name for field in fields])
    ids, dense = [], []
    for field in fields:
        column: Any = table[field.name]
        if field.kind == "categorical":
            ids.append(positions(column, pd.Index(field.values[1:], dtype=object)) + 1)
        else:
            values = numbers(column)
            with np.errstate(invalid="ignore"):
                values = np.log1p(np.maximum(values, 0)) if field.logarithm else values
            scaled = np.clip((values - field.mean) / field.deviation, -8, 8)
            dense.append(np.nan_to_num(scaled, nan=0.0, posinf=8, neginf=-8).astype(np.float32))
    n = len(table)
    return Rows(
        np.stack(ids, axis=1) if ids else np.zeros((n, 0), dtype=np.int64),
        np.stack(dense, axis=1) if dense else np.zeros((n, 0), dtype=np.float32),
    )


def _check_columns(table: pd.DataFrame, names: Iterable[str]) -> None:
    lacking = [name for name in names if name not in table.columns]
    if lacking:
        raise InvalidInput(f"The table has no column {lacking[0][:60]!r}, which the model reads.")
