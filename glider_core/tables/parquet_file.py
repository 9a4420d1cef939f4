"""A Parquet file as columns, with what its values take counted before they are made.

Dictionary and run-length encoding let 7 KB stand for gigabytes of text. So texts are read as their dictionary and the
positions in it, which stay small; lengths times counts tell what the table would take, and beyond `MAX_DECODED` it is
refused. What the footer says may be a lie: where the pages say otherwise, a process with a limit on memory decodes
first. Nested columns are never decoded.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from glider_core.errors import InvalidInput
from glider_core.tables import parquet_child
from glider_core.tables.assumptions import Assumptions, Note
from glider_core.tables.columns import ColumnRead, read_columns
from glider_core.tables.dialects import looks_typed
from glider_core.tables.grid import MAX_COLUMNS, MAX_ROWS, Cells
from glider_core.tables.parquet_pages import keeps_to_its_footer
from glider_core.tables.reading import EXACT, Reading
from glider_core.tables.unpack import MAX_DECODED
from glider_core.tables.values import is_missing, text

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

SECONDS = 120  # at most, to decode a file
_TEXT_WIDTH = 12  # bytes for the position of a text
UNNAMED_INDEX = "__index_level_"


def read_parquet(content: bytes, file_name: str, known: Assumptions) -> tuple[dict[str, ColumnRead], list[Note]]:
    """The columns of a Parquet file, and what there is to say about the file.

    Raises:
        InvalidInput: no Parquet, damaged, too many rows or columns, two columns of one name, or it takes more than
            `MAX_DECODED` bytes once it is decoded.
    """
    import pyarrow as pa
    import pyarrow.parquet as parquet

    try:
        with parquet.ParquetFile(io.BytesIO(content)) as opened:
            plain = _not_as_dictionary(opened.metadata)
            texts = [
                f.name for f in opened.schema_arrow if (_is_text(f.type) or _is_bytes(f.type)) and f.name not in plain
            ]
        # A dictionary page may hold as many bytes as a page can; the sizes of all pages together are bounded below.
        with parquet.ParquetFile(io.BytesIO(content), read_dictionary=texts) as file:
            _check_sizes(file, file_name)
            decoded = [f.name for f in file.schema_arrow if not _why_left_out(f.type)]
            if not keeps_to_its_footer(content, file.metadata):
                _check_in_a_child(json.dumps([decoded, texts, MAX_DECODED]).encode() + b"\n" + content, file_name)
            return _read(file, known)
    except (OSError, pa.ArrowException, ValueError, RuntimeError) as error:
        raise InvalidInput(
            f"{file_name[:80]} cannot be read as a table: as Parquet it is damaged ({str(error)[:100]}). Save it anew."
        ) from None


def _not_as_dictionary(meta: pq.FileMetaData) -> set[str]:
    """Columns whose texts are written as differences, which pyarrow does not read as a dictionary."""
    differences = {"DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"}
    columns = (meta.row_group(i).column(j) for i in range(meta.num_row_groups) for j in range(meta.num_columns))
    return {column.path_in_schema for column in columns if differences & set(column.encodings)}


def _check_sizes(file: pq.ParquetFile, file_name: str) -> None:
    meta, schema = file.metadata, file.schema_arrow
    if meta.num_rows > MAX_ROWS or len(schema.names) > MAX_COLUMNS:
        raise InvalidInput(
            f"The table has {meta.num_rows:,} rows and {len(schema.names):,} columns; at most {MAX_ROWS:,} and "
            f"{MAX_COLUMNS} can be read."
        )
    twice = next((name for name in schema.names if schema.names.count(name) > 1), None)
    if twice is not None:
        raise InvalidInput(f"Two columns are called {twice[:60]!r}; names must differ. Rename one of them.")
    pages = sum(
        meta.row_group(i).column(j).total_uncompressed_size
        for i in range(meta.num_row_groups)
        for j in range(meta.num_columns)
        if meta.row_group(i).column(j).path_in_schema in schema.names
    )
    fixed = sum(_width(column.type) for column in schema) * meta.num_rows
    if max(pages, fixed) > MAX_DECODED:
        raise too_large(file_name, max(pages, fixed))


def _check_in_a_child(question: bytes, file_name: str) -> None:
    """Raise InvalidInput where the columns take too much memory to be decoded, whatever the footer says."""
    try:
        told = subprocess.run(
            [sys.executable, "-P", str(Path(parquet_child.__file__))],
            input=question, capture_output=True, timeout=SECONDS, check=False,
        ).stdout.decode(errors="replace").strip()  # fmt: skip
    except subprocess.TimeoutExpired:
        told = ""
    if not told:  # it ran out of memory, or of time
        raise too_large(file_name, MAX_DECODED)
    if told != parquet_child.FITS:
        raise InvalidInput(
            f"{file_name[:80]} cannot be read as a table: as Parquet it is damaged ({told[:100]}). Save it anew."
        )


def too_large(file_name: str, size: int) -> InvalidInput:
    """What is said of a file whose values take so many bytes."""
    return InvalidInput(
        f"{file_name[:80]} unpacks to {size / 1e6:,.0f} MB or more; at most {MAX_DECODED / 1e6:.0f} MB of values are "
        "read of a table. Give fewer rows or columns."
    )


def _width(kind: pa.DataType) -> int:
    """Bytes of one value, as far as its type tells."""
    try:
        return max(kind.byte_width, 1)
    except ValueError:  # of texts and nested values
        return _TEXT_WIDTH


def _read(file: pq.ParquetFile, known: Assumptions) -> tuple[dict[str, ColumnRead], list[Note]]:
    wanted = dict(known.read_as)
    read: dict[str, ColumnRead] = {}
    notes: list[Note] = []
    cells: dict[str, Cells] = {}
    budget = [MAX_DECODED - sum(_width(column.type) for column in file.schema_arrow) * file.metadata.num_rows]
    for column in file.schema_arrow:
        name, kind = column.name, column.type
        read[name] = _LEFT_OUT  # its place
        why = _why_left_out(kind)
        if why:
            notes.append(Note(f"Left out: it holds {why}, not one value a row.", name))
        elif _is_text(kind) or _is_bytes(kind):
            found = _cells(file, name, budget)
            if found is None:
                notes.append(Note("Left out: it holds bytes that are no text.", name))
            else:
                cells[name] = found
                if _is_bytes(kind):
                    notes.append(Note("Its bytes are read as text (UTF-8).", name))
        else:
            read[name] = _values(file, name, kind)
            if wanted.get(name) == "text":
                as_texts = [None if is_missing(value) else text(value) for value in read[name].values]
                read[name] = ColumnRead(np.array(as_texts, dtype=object), Reading("text"))
    # Texts stay texts: the file says so, and who writes Parquet has types. Another wish is granted.
    as_text = tuple((name, wanted.get(name, "text")) for name in cells)
    if cells:
        of_text, _ = read_columns(list(cells), list(cells.values()), known.changed(read_as=as_text), delimiter=None)
        for name, column_read in of_text.items():
            filled = [cell for cell in cells[name].distinct[:300] if cell.strip()]
            if name not in wanted and filled and all(map(looks_typed, filled)):
                column_read.notes.append("Numbers or dates written as text; kept as text, as the file says.")
            read[name] = column_read
    notes += _index_notes(file)
    return {name: column for name, column in read.items() if column is not _LEFT_OUT}, notes


_LEFT_OUT = ColumnRead(None, Reading())


def _chunks(file: pq.ParquetFile, name: str) -> Iterator[pa.Array]:
    for group in range(file.metadata.num_row_groups):
        block = file.read_row_group(group, columns=[name], use_threads=False)
        yield from block.column(name).chunks


def _cells(file: pq.ParquetFile, name: str, budget: list[int]) -> Cells | None:
    """A column of texts; None where it holds bytes that are none. What it takes is taken off the budget."""
    import pyarrow as pa
    import pyarrow.compute as pyarrow_compute

    known: dict[str, int] = {}
    codes: list[Any] = []
    for chunk in _chunks(file, name):
        if not pa.types.is_dictionary(chunk.type):
            chunk = chunk.dictionary_encode()
        if not len(chunk.dictionary):
            codes.append(np.full(len(chunk), known.setdefault("", len(known)), np.int32))
            continue
        compute: Any = pyarrow_compute  # whose functions are made at run time
        lengths = compute.binary_length(chunk.dictionary).fill_null(0).to_numpy()
        positions = chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        counts = np.bincount(positions[positions >= 0], minlength=len(lengths))
        budget[0] -= int(np.dot(counts.astype(np.int64), lengths.astype(np.int64)))
        if budget[0] < 0:
            raise too_large("The file", MAX_DECODED - budget[0])
        try:
            distinct = chunk.dictionary.cast(pa.large_string()).to_pylist()
        except pa.ArrowInvalid:
            return None
        mapped = [known.setdefault(value or "", len(known)) for value in distinct]
        missing = known.setdefault("", len(known))
        codes.append(np.array([*mapped, missing], np.int32)[positions])
    return Cells(np.concatenate(codes) if codes else np.zeros(0, np.int32), list(known))


def _values(file: pq.ParquetFile, name: str, kind: pa.DataType) -> ColumnRead:
    """A column of numbers, dates or bools."""
    import pyarrow as pa

    notes: list[str] = []
    chunked = pa.chunked_array(list(_chunks(file, name)), type=kind)
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
        chunked = chunked.cast(kind)
    if isinstance(kind, pa.BaseExtensionType):
        chunked = chunked.cast(kind.storage_type)
        kind = kind.storage_type
    types = pa.types
    if types.is_timestamp(kind) or types.is_date(kind):
        if getattr(kind, "tz", None):
            notes.append("Times with a zone were turned into UTC.")
        plain = chunked.cast(pa.timestamp("us", tz=getattr(kind, "tz", None)), safe=False).cast(pa.timestamp("us"))
        return ColumnRead(pd.DatetimeIndex(plain.to_numpy()).array, Reading("date", date="ISO8601"), notes)
    if types.is_boolean(kind) or types.is_null(kind) or types.is_time(kind):
        values = [str(v) if v is not None and types.is_time(kind) else v for v in chunked.to_pylist()]
        array = np.array(values, dtype=bool if types.is_boolean(kind) and None not in values else object)
        return ColumnRead(array, Reading("text"), notes)
    if types.is_duration(kind):
        notes.append("Lengths of time, in seconds.")
        seconds = (
            chunked.cast(pa.duration("us"), safe=False)
            .cast(pa.int64())
            .to_pandas()
            .to_numpy(np.float64, na_value=np.nan)
        )
        return ColumnRead(seconds / 1e6, Reading("number"), notes)
    if types.is_decimal(kind):
        if kind.precision > 15:
            notes.append(f"Decimals of up to {kind.precision} digits, of which about 16 are kept.")
        chunked, kind = chunked.cast(pa.float64(), safe=False), pa.float64()
    if types.is_integer(kind):
        unsigned = types.is_uint64(kind)
        pandas_type: Any = pd.UInt64Dtype() if unsigned else pd.Int64Dtype()
        wide = chunked.cast(pa.uint64() if unsigned else pa.int64())
        series = wide.to_pandas(types_mapper=lambda _: pandas_type)
        if not wide.null_count and not unsigned:
            return ColumnRead(series.to_numpy(np.int64), Reading("number"), notes)
        return ColumnRead(series.array, Reading("number"), notes)
    floats = chunked.cast(pa.float64(), safe=False).to_numpy()
    finite = floats[np.isfinite(floats)]
    if len(finite) and float(np.abs(finite).max()) > EXACT:
        notes.append("Numbers beyond 2^53, of which about 16 digits are kept.")
    return ColumnRead(np.array(floats), Reading("number"), notes)


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _is_bytes(kind: pa.DataType) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _is_bytes(kind.value_type)
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)


def _why_left_out(kind: pa.DataType) -> str:
    """What a nested column holds; empty for a plain one."""
    import pyarrow as pa

    types = pa.types
    if types.is_map(kind):
        return "maps"
    if types.is_struct(kind):
        return "records (structs)"
    if types.is_nested(kind):
        return "lists"
    if types.is_fixed_size_binary(kind):
        return "bytes of a fixed length"
    return "intervals" if types.is_interval(kind) else ""


def _index_notes(file: pq.ParquetFile) -> list[Note]:
    """What became of the index that pandas wrote beside the columns."""
    try:
        stored = json.loads((file.schema_arrow.metadata or {})[b"pandas"])["index_columns"]
    except (KeyError, ValueError, TypeError):
        return []
    notes = []
    for entry in stored if isinstance(stored, list) else []:
        if isinstance(entry, str) and entry in file.schema_arrow.names:
            words = "The index of the pandas table that was saved"
            notes.append(
                Note(
                    f"{words}{', which had no name' if entry.startswith(UNNAMED_INDEX) else ''}; read as a column.",
                    entry,
                )
            )
        elif isinstance(entry, dict) and entry.get("name"):
            notes.append(
                Note(f"The pandas index {str(entry['name'])[:60]!r} only numbers the rows; it is not in the file.")
            )
    return notes
