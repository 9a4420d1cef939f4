"""Tables of clicks and the like: read safely, fields guessed, rows turned into numbers."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from glider_core.errors import InvalidInput

Kind = Literal["dense", "categorical"]

MAX_BYTES = 50_000_000
MAX_ROWS = 1_000_000
MIN_ROWS = 100
MAX_COLUMNS = 200
MAX_IDS = 20_000  # of one field; rarer values share one
MIN_COUNT = 2  # a value seen less often tells nothing
_DENSE_FROM = 20  # a numeric column with more distinct values is dense
MISSING = "(missing)"


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


def read_table(content: bytes, name: str) -> pd.DataFrame:
    """An uploaded CSV (or TSV) or Parquet file.

    Raises:
        InvalidInput: too large, unreadable, too few rows, too many columns, or columns of one name.
    """
    if len(content) > MAX_BYTES:
        raise InvalidInput(f"The file has {len(content) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB can be read.")
    try:
        if name.lower().endswith((".parquet", ".pq")) or content[:4] == b"PAR1":
            table = _read_parquet(content)
        else:
            head = content[:10_000].decode("utf-8-sig", errors="replace").splitlines() or [""]
            separator = max("\t,;|", key=head[0].count)
            table = pd.read_csv(
                io.BytesIO(content),
                sep=separator,
                nrows=MAX_ROWS + 1,
                skipinitialspace=True,
                low_memory=False,
                encoding="utf-8-sig",
            )
    except InvalidInput:
        raise
    except Exception as error:  # pandas, pyarrow and the codecs each have their own
        raise InvalidInput(
            f"The file cannot be read as a table ({type(error).__name__}: {str(error)[:120]}). "
            "Give CSV in UTF-8 with a header line, or Parquet."
        ) from None
    table.columns = [str(column).strip() for column in table.columns]
    check_table(table)
    return table


def _read_parquet(content: bytes) -> pd.DataFrame:
    import pyarrow.parquet as parquet

    file = parquet.ParquetFile(io.BytesIO(content))
    rows, columns = file.metadata.num_rows, file.metadata.num_columns
    # From the footer, before anything is unpacked: a small file may unpack to a huge table.
    if rows > MAX_ROWS or columns > MAX_COLUMNS:
        raise InvalidInput(
            f"The table has {rows:,} rows and {columns:,} columns; at most {MAX_ROWS:,} and {MAX_COLUMNS} can be read."
        )
    if sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups)) > 20 * MAX_BYTES:
        raise InvalidInput("The table unpacks to more than 1 GB; give fewer rows or columns.")
    return file.read().to_pandas()


def check_table(table: pd.DataFrame) -> None:
    """Raise InvalidInput for a table that cannot be learned from."""
    rows, columns = table.shape
    if columns > MAX_COLUMNS:
        raise InvalidInput(f"The table has {columns} columns; at most {MAX_COLUMNS} can be used. Keep the useful ones.")
    if rows > MAX_ROWS:
        raise InvalidInput(f"The table has more than {MAX_ROWS:,} rows; give a sample of it.")
    if rows < MIN_ROWS:
        raise InvalidInput(f"The table has {rows} rows; at least {MIN_ROWS} are needed to learn and to measure.")
    if columns < 3:
        raise InvalidInput(f"The table has {columns} columns; a target and at least two fields are needed.")
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise InvalidInput(f"Two columns are called {twice[0][:60]!r}; names must differ.")


def guess_kinds(table: pd.DataFrame) -> dict[str, Kind | None]:
    """How each column is best read; None for one that tells nothing (constant, or a name for each row)."""
    found: dict[str, Kind | None] = {}
    columns: list[tuple[str, Any]] = [(str(name), table[name]) for name in table.columns]
    for name, column in columns:
        distinct = column.nunique(dropna=True)
        numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        if distinct + int(column.isna().any()) < 2 or (not numeric and distinct > 0.9 * len(column)):
            found[name] = None
        else:
            found[name] = "dense" if numeric and distinct > _DENSE_FROM else "categorical"
    return found


def guess_target(table: pd.DataFrame) -> str:
    """The column that people most likely want to predict: of a telling name, else the last with two values."""
    names = {str(name).lower(): str(name) for name in table.columns}
    for usual in ("click", "clicked", "label", "target", "y", "class", "income", "rating", "outcome"):
        if usual in names:
            return names[usual]
    binary = [str(name) for name in table.columns if len(set(table[name].dropna())) == 2]
    return binary[-1] if binary else str(table.columns[-1])


def positive_values(target: pd.Series) -> list[str]:
    """What may count as the positive answer: each value of few, or "above ..." the median of many numbers."""
    values = [str(value) for value in _texts(target.dropna()).value_counts().index]
    if len(values) <= _DENSE_FROM:
        usual = [value for value in values if value.lower() in ("1", "true", "yes", "y", "clicked", ">50k")]
        return list(dict.fromkeys([*usual, *reversed(values)]))
    if pd.api.types.is_numeric_dtype(target):
        return [f"above {target.median():g}"]
    return []


def binary_target(target: pd.Series, positive: str) -> NDArray[np.float32]:
    """(n,) 1 where the target is the positive value.

    Raises:
        InvalidInput: there is no such value, values are missing, or all rows are alike.
    """
    if bool(target.isna().any()):
        raise InvalidInput(
            f"The target {str(target.name)[:60]!r} is missing in {int(target.isna().sum()):,} rows; drop these rows."
        )
    if positive not in positive_values(target):
        raise InvalidInput(
            f"The target {str(target.name)[:60]!r} cannot be learned as {positive[:40]!r} against the rest; choose a "
            "column with a few values or with numbers."
        )
    if positive.startswith("above ") and pd.api.types.is_numeric_dtype(target) and target.nunique() > _DENSE_FROM:
        answers = (target > target.median()).to_numpy()
    else:
        answers = (_texts(target) == positive).to_numpy()
    share = answers.mean()
    if answers.sum() < 10 or (~answers).sum() < 10:
        raise InvalidInput(
            f"{share:.2%} of the rows are {positive[:40]!r}; at least ten of each kind are needed to learn from."
        )
    return answers.astype(np.float32)


def learn_fields(table: pd.DataFrame, kinds: Mapping[str, Kind]) -> tuple[Field, ...]:
    """What to remember of each column: its values, or its level and spread.

    Raises:
        InvalidInput: fewer than two fields, or a dense column that is no number.
    """
    if len(kinds) < 2:
        raise InvalidInput(f"{len(kinds)} fields are chosen; interactions need at least two.")
    fields = []
    for name, kind in kinds.items():
        if kind == "categorical":
            counts = _texts(table[name]).value_counts()
            known = [str(value) for value, count in counts.items() if int(count) >= MIN_COUNT][:MAX_IDS]
            fields.append(Field(name, kind, values=("(other)", *known)))
            continue
        numbers = _numbers(table[name])
        finite = numbers[np.isfinite(numbers)]
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
    lacking = [field.name for field in fields if field.name not in table.columns]
    if lacking:
        raise InvalidInput(f"The table has no column {lacking[0][:60]!r}, which the model reads.")
    ids, dense = [], []
    for field in fields:
        if field.kind == "categorical":
            numbers = pd.Series(np.arange(len(field.values)), index=list(field.values))
            ids.append(_texts(table[field.name]).map(numbers).fillna(0).to_numpy(dtype=np.int64))
        else:
            values = _numbers(table[field.name])
            with np.errstate(invalid="ignore"):
                values = np.log1p(np.maximum(values, 0)) if field.logarithm else values
            scaled = np.clip((values - field.mean) / field.deviation, -8, 8)
            dense.append(np.nan_to_num(scaled, nan=0.0, posinf=8, neginf=-8).astype(np.float32))
    n = len(table)
    return Rows(
        np.stack(ids, axis=1) if ids else np.zeros((n, 0), dtype=np.int64),
        np.stack(dense, axis=1) if dense else np.zeros((n, 0), dtype=np.float32),
    )


def _texts(column: Any) -> pd.Series:
    """Values as text, 3.0 and 3 alike."""
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    return column.astype("string").str.strip().fillna(MISSING).astype(object)


def _numbers(column: Any) -> NDArray[np.float64]:
    numbers: Any = pd.to_numeric(column, errors="coerce")
    return numbers.to_numpy(dtype=np.float64, na_value=np.nan)
