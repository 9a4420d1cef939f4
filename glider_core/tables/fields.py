"""Fields: what is remembered of each column, and rows turned into numbers with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from glider_core.errors import InvalidInput
from glider_core.tables.values import Kind, numbers, positions, texts, with_text_names

MAX_IDS = 20_000  # of one field; rarer values share one
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
            fields.append(Field(name, kind, values=("(other)", *known)))
            continue
        values = numbers(column)
        finite = values[np.isfinite(values)]
        if not len(finite):
            raise InvalidInput(f"The column {name[:60]!r} has no number; read it as categorical.")
        skewed = finite.min() >= 0 and finite.max() > 20 * max(float(np.median(finite)), 1.0)
        scaled = np.log1p(finite) if skewed else finite
        deviation = float(scaled.std()) or 1.0
        fields.append(Field(name, kind, mean=float(scaled.mean()), deviation=deviation, logarithm=bool(skewed)))
    return tuple(fields)


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
