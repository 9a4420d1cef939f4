"""The one reader of tables: CSV and its kin, workbooks, Parquet; all that it assumed can be shown and corrected."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from glider_core.errors import InvalidInput
from glider_core.tables.assumptions import Assumptions, Note
from glider_core.tables.columns import ColumnRead, notes_of, read_columns
from glider_core.tables.dialects import Dialect, guess_dialect, is_header, rows_of
from glider_core.tables.encodings import Encoding, encoding_of
from glider_core.tables.grid import MAX_COLUMNS, MAX_ROWS, Cells, Grid, fit_names, gather
from glider_core.tables.unpack import SeveralMembers, Unpacked, content_of, unpack
from glider_core.tables.values import with_text_names
from glider_core.tables.workbook import WrongSheet, gather_sheet, read_sheet

MIN_ROWS, MIN_COLUMNS = 100, 3
_SAMPLE_LINES, _SAMPLE_CHARACTERS = 20_000, 4_000_000  # of a long file, that its layout is guessed from
_BODY = 500  # rows that tell whether the first one holds names


class TableRead(NamedTuple):
    """A table, and what was assumed in reading it."""

    table: pd.DataFrame
    assumptions: Assumptions


class UnreadableTable(InvalidInput):
    """A file that cannot be read as a table the way it was tried; holds what had been assumed until then."""

    def __init__(self, message: str, assumptions: Assumptions) -> None:
        super().__init__(message)
        self.assumptions = assumptions


def read_table(
    source: bytes | str | Path,
    name: str | None = None,
    assumptions: Assumptions | None = None,
    *,
    least_rows: int = MIN_ROWS,
    least_columns: int = MIN_COLUMNS,
) -> TableRead:
    """A table from a file's bytes or path: CSV, TSV and the like, a workbook, or Parquet; also in gzip, zip, bz2, xz.

    Texts are columns of `object` with None where there is no value, numbers int64, Int64 or float64, dates
    datetime64 without a zone.

    Args:
        source: the bytes of a file, or its path.
        name: of the file, for messages; by default that of the path.
        assumptions: what is known of the file. All else is guessed, and told with the table.
        least_rows: fewer are refused; by default as many as learning needs.
        least_columns: the same of columns; a target and two fields by default.

    Raises:
        UnreadableTable: an InvalidInput that knows what was assumed: too large, unreadable, ambiguous, too few rows,
            too many columns.
    """
    if name is None:
        name = Path(source).name if isinstance(source, (str, Path)) else "the file"
    known = (assumptions or Assumptions()).given
    tried = [known]  # what is known so far, for the error
    try:
        unpacked = unpack(content_of(source), name, known.member)
        tried.append(
            replace(
                known, kind=unpacked.kind, compression=unpacked.compression, member=unpacked.member or None,
                members=unpacked.members,
            )
        )  # fmt: skip
        read = {"text": _read_text, "workbook": _read_workbook, "parquet": _read_parquet}[unpacked.kind]
        table, told = read(unpacked, unpacked.member or name, tried)
        check_table(table, least_rows, least_columns)
    except SeveralMembers as error:
        raise UnreadableTable(str(error), replace(known, members=error.members)) from None
    except WrongSheet as error:
        raise UnreadableTable(str(error), replace(tried[-1], sheets=error.names)) from None
    except InvalidInput as error:
        raise UnreadableTable(str(error), tried[-1]) from None
    return TableRead(table, told)


def check_table(table: pd.DataFrame, least_rows: int = MIN_ROWS, least_columns: int = MIN_COLUMNS) -> None:
    """Raise InvalidInput for a table that cannot be learned from."""
    rows, columns = table.shape
    if columns > MAX_COLUMNS:
        raise InvalidInput(f"The table has {columns} columns; at most {MAX_COLUMNS} can be used. Keep the useful ones.")
    if rows > MAX_ROWS:
        raise InvalidInput(f"The table has more than {MAX_ROWS:,} rows; give a sample of it.")
    if columns < least_columns:
        raise InvalidInput(
            f"The table has {columns} column{'s' if columns != 1 else ''}; a target and at least two fields are "
            "needed. If there are more, another character divides them: say which."
        )
    if rows < least_rows:
        raise InvalidInput(f"The table has {rows} rows; at least {least_rows} are needed to learn and to measure.")
    with_text_names(table)


def _read_text(unpacked: Unpacked, name: str, tried: list[Assumptions]) -> tuple[pd.DataFrame, Assumptions]:
    known = tried[-1]
    encoding = encoding_of(unpacked.content, known.encoding)
    notes = [Note(text) for text in encoding.notes]
    sample = _sample(unpacked.content, encoding)
    dialect, words = guess_dialect(
        sample,
        delimiter=known.delimiter,
        quote=known.quote,
        escape=known.escape,
        skip=known.skip,
        comment=known.comment,
    )
    notes += map(Note, words)
    known = replace(
        known, encoding=encoding.name, delimiter=dialect.delimiter, quote=dialect.quote, escape=dialect.escape,
        skip=dialect.skip, comment=dialect.comment,
    )  # fmt: skip
    tried.append(known)
    first, body = _first_rows(sample, dialect)
    header = known.header if known.header is not None else is_header(first, body)
    known = replace(known, header=header)
    tried.append(known)
    grid = gather(
        encoding.open(unpacked.content), dialect, header=header, every_comment=bool(tried[1].comment)
    )  # fmt: skip
    if not any(grid.names) and dialect.width < 2:
        raise InvalidInput(f"{name[:80]} cannot be read as a table: no character divides its lines into columns.")
    fit_names(grid, header)

    def where(column: Cells, cell: str) -> str:
        position = next(i for i, value in enumerate(column.distinct) if value.strip() == cell)
        return f" in line {grid.lines[int(np.argmax(column.codes == position))]:,}"

    names, more = _usable_names(grid, header)
    columns, known = read_columns(names, grid.columns, known, delimiter=dialect.delimiter, where=where)
    notes += [*map(Note, grid.notes), *more]
    return _finished(columns, notes, known)


def _read_workbook(unpacked: Unpacked, name: str, tried: list[Assumptions]) -> tuple[pd.DataFrame, Assumptions]:
    known = tried[-1]
    sheet = read_sheet(unpacked.content, name, known.sheet)
    known = replace(known, sheet=sheet.name, sheets=sheet.names)
    tried.append(known)
    grid, plain, skip, header = gather_sheet(sheet, skip=known.skip, header=known.header)
    known = replace(known, skip=skip, header=header)
    tried.append(known)
    if not len(grid.lines):
        raise InvalidInput(f"The sheet “{sheet.name[:60]}” has no rows below its first one; choose another one.")
    if not header:
        grid.names = [""] * len(grid.columns)
    names, more = _usable_names(grid, header)
    columns, known = read_columns(names, grid.columns, known, delimiter=None, plain=plain)
    notes = [*map(Note, grid.notes), *more]
    if len(sheet.names) > 1:
        notes.insert(0, Note(f"Sheet “{sheet.name}” of {len(sheet.names)} was read: {', '.join(sheet.names)[:200]}."))
    return _finished(columns, notes, known)


def _read_parquet(unpacked: Unpacked, name: str, tried: list[Assumptions]) -> tuple[pd.DataFrame, Assumptions]:
    from glider_core.tables.parquet_file import read_parquet

    columns, notes = read_parquet(unpacked.content, name, tried[-1])
    return _finished(columns, notes, replace(tried[-1], header=True))


def _finished(
    columns: dict[str, ColumnRead], notes: Sequence[Note], known: Assumptions
) -> tuple[pd.DataFrame, Assumptions]:
    # Texts stay objects: equal ones share their memory.
    table = pd.DataFrame({name: pd.Series(c.values, dtype=c.values.dtype) for name, c in columns.items()})
    told = replace(
        known,
        missing=known.missing or (),
        marks=tuple(dict.fromkeys(mark for column in columns.values() for mark in column.marks)),
        columns=tuple((name, column.reading) for name, column in columns.items()),
        notes=(*notes, *notes_of(columns)),
    )
    return table, told


def _sample(content: bytes, encoding: Encoding) -> list[str]:
    """The lines that the layout is guessed from: all of them, or as many from the start of a long file."""
    lines, total = [], 0
    with encoding.open(content) as text:
        for line in itertools.islice(text, _SAMPLE_LINES):
            lines.append(line)
            total += len(line)
            if total > _SAMPLE_CHARACTERS:
                break
    return lines


def _first_rows(lines: Sequence[str], dialect: Dialect) -> tuple[list[str], list[list[str]]]:
    """The first row that is not blank, and some below it."""
    rows = []
    try:
        for _, row in rows_of(lines, dialect):
            if any(cell.strip() for cell in row):
                rows.append(row)
                if len(rows) > _BODY:
                    break
    except ValueError:
        pass  # the quotes of a later line, which the whole reading tells
    if not rows:
        return [], []
    return rows[0], [row for row in rows[1:] if len(row) == dialect.width]


def _usable_names(grid: Grid, header: bool) -> tuple[list[str], list[Note]]:
    """A name for each column, all different, and what was done for that."""
    names: list[str] = []
    notes: list[Note] = []
    if not header:
        notes.append(Note("The first line holds values, no names; the columns are numbered."))
    taken = set(grid.names)
    for position, name in enumerate(grid.names, 1):
        if not name:
            new = _free(f"column {position}", taken)
            if header:
                notes.append(Note(f"Column {position} has no name in the file.", new))
        elif name in names:
            new = _free_number(name, taken)
            first = grid.columns[names.index(name)]
            same = np.array_equal(first.codes, grid.columns[position - 1].codes) and (
                first.distinct == grid.columns[position - 1].distinct
            )
            words = (
                f"The file has “{name[:60]}” {grid.names.count(name)} times; this is number {position} of its columns"
            )
            notes.append(Note(f"{words}, {'with the same values' if same else 'with other values'}.", new))
        else:
            new = name
        taken.add(new)
        names.append(new)
    return names, notes


def _free(name: str, taken: set[str]) -> str:
    return name if name not in taken else _free_number(name, taken)


def _free_number(name: str, taken: set[str]) -> str:
    return next(new for number in itertools.count(2) if (new := f"{name} ({number})") not in taken)
