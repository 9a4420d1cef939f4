"""Tables of any library and size, in pandas tables of at most `BATCH` rows; files are read part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from glider_core.errors import InvalidInput
from glider_core.tables.values import with_text_names

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 250_000  # rows read at once
_SUFFIX = (".parquet", ".pq")

# A pandas, polars or Arrow table, a lazy polars table, the path of a Parquet file, or a function that yields tables.
Table = Any


def parts(table: Table, names: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
    """The table with these columns, or all, in parts of at most `BATCH` rows; a file or a lazy table is streamed.

    Raises:
        InvalidInput: it is no table, cannot be read, lacks a column, or two columns have one name.
    """
    if isinstance(table, Callable):
        for part in table():  # type: ignore[operator]
            yield from parts(part, names)
    elif isinstance(table, (str, Path)):
        for block in file_blocks(table, names):
            yield to_pandas(block)
    elif isinstance(table, pd.DataFrame):
        table = with_text_names(table)
        table = table if names is None else table[checked(names, list(table.columns))]
        for start in range(0, len(table), BATCH):
            yield table.iloc[start : start + BATCH]
    elif hasattr(table, "collect_batches"):  # polars, lazy
        wanted = table if names is None else table.select(checked(names, table.collect_schema().names()))
        for part in wanted.collect_batches(chunk_size=BATCH, maintain_order=True):
            yield from parts(part)
    elif hasattr(table, "slice") and (hasattr(table, "to_arrow") or hasattr(table, "to_pandas")):  # polars, Arrow
        columns = list(getattr(table, "column_names", table.columns))
        wanted = table if names is None else table.select(checked(names, columns))
        for start in range(0, len(table), BATCH):
            block = wanted.slice(start, BATCH)
            yield to_pandas(block.to_arrow() if hasattr(block, "to_arrow") else block)
    else:
        raise InvalidInput(f"Got a {type(table).__name__}; give a pandas or polars table or a Parquet file.")


def file_blocks(path: str | Path, names: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """A Parquet file's rows as Arrow tables of at most `BATCH` rows; one without rows where there are none.

    Raises:
        InvalidInput: it is no Parquet file, or lacks a column.
    """
    import pyarrow as pa
    import pyarrow.parquet as parquet

    path = Path(path)
    if path.suffix.lower() not in _SUFFIX:
        raise InvalidInput(f"{path.name} is no Parquet file; only these are read part by part.")
    try:
        file = parquet.ParquetFile(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise InvalidInput(f"{path.name} cannot be read as Parquet ({type(error).__name__}).") from None
    with file:
        columns = file.schema_arrow.names if names is None else checked(names, file.schema_arrow.names)
        if not file.metadata.num_rows:
            yield file.schema_arrow.empty_table().select(columns)
        try:
            for batch in file.iter_batches(batch_size=BATCH, columns=columns):
                yield pa.Table.from_batches([batch])
        except (OSError, pa.ArrowInvalid) as error:
            raise InvalidInput(f"{path.name} is damaged ({type(error).__name__}).") from None


def to_pandas(block: pa.Table) -> pd.DataFrame:
    """An Arrow table in pandas; whole numbers stay whole where some are missing, however long they are."""
    import pyarrow as pa

    whole = {
        pa.int8(): pd.Int8Dtype(), pa.int16(): pd.Int16Dtype(), pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(), pa.uint8(): pd.UInt8Dtype(), pa.uint16(): pd.UInt16Dtype(),
        pa.uint32(): pd.UInt32Dtype(), pa.uint64(): pd.UInt64Dtype(), pa.bool_(): pd.BooleanDtype(),
    }  # fmt: skip
    return with_text_names(block.to_pandas(types_mapper=whole.get, ignore_metadata=True))


def checked(names: Sequence[str], columns: Sequence[str]) -> list[str]:
    """The names, all of which are columns."""
    there = set(columns)
    lacking = [name for name in names if name not in there]
    if lacking:
        raise InvalidInput(f"The table has no column {lacking[0][:60]!r}, which a cross needs.")
    return list(names)
