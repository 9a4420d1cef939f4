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

BATCH = 250_000  # rows read at once, or fewer:
DECODED = 50_000_000  # bytes of texts that a file's rows may take at once, in memory
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


def file_blocks(
    path: str | Path, names: Sequence[str] | None = None, groups: Sequence[int] | None = None
) -> Iterator[pa.Table]:
    """A Parquet file's rows as Arrow tables of at most `BATCH` rows; one without rows where there are none.

    Args:
        path: of the file.
        names: of the columns; None: all.
        groups: of rows, by number; None: all.

    Raises:
        InvalidInput: it is no Parquet file, or lacks a column.
    """
    import pyarrow as pa
    import pyarrow.parquet as parquet

    path = Path(path)
    if path.suffix.lower() not in _SUFFIX:
        raise InvalidInput(f"{path.name} is no Parquet file; only these are read part by part.")
    try:
        with parquet.ParquetFile(path) as file:
            texts = [field.name for field in file.schema_arrow if _is_text(field.type)]
        # Texts come as a dictionary and positions, which stay small however long and often repeated the texts are.
        file = parquet.ParquetFile(path, read_dictionary=texts)
    except (OSError, pa.ArrowInvalid) as error:
        raise InvalidInput(f"{path.name} cannot be read as Parquet ({type(error).__name__}).") from None
    with file:
        columns = file.schema_arrow.names if names is None else checked(names, file.schema_arrow.names)
        if not file.metadata.num_rows:
            yield from _decoded(file.schema_arrow.empty_table().select(columns), path.name)
        try:
            for batch in file.iter_batches(batch_size=BATCH, columns=columns, row_groups=groups):
                yield from _decoded(pa.Table.from_batches([batch]), path.name)
        except (OSError, pa.ArrowInvalid) as error:
            raise InvalidInput(f"{path.name} is damaged ({type(error).__name__}).") from None


def _decoded(block: pa.Table, name: str) -> Iterator[pa.Table]:
    """A block with its texts decoded; in halves where these would take more than `DECODED` bytes."""
    import pyarrow as pa
    import pyarrow.compute as pyarrow_compute

    compute: Any = pyarrow_compute
    texts = {f.name: f.type.value_type for f in block.schema if pa.types.is_dictionary(f.type) and _is_text(f.type)}
    size = 0
    for column in texts:
        for chunk in block.column(column).chunks:
            lengths = compute.binary_length(chunk.dictionary).cast(pa.int64())
            size += compute.sum(lengths.take(chunk.indices)).as_py() or 0
    if size > DECODED and len(block) > 1:
        half = len(block) // 2
        yield from _decoded(block.slice(0, half), name)
        yield from _decoded(block.slice(half), name)
        return
    if size > 20 * DECODED:
        raise InvalidInput(f"A row of {name} has texts of {size / 1e6:,.0f} MB; leave them out.")
    schema = pa.schema([field.with_type(texts.get(field.name, field.type)) for field in block.schema])
    yield block.cast(schema)


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


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
