"""A text file's rows gathered into columns: each distinct cell once, lines of unequal length noticed."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from glider_core.errors import InvalidInput
from glider_core.tables.dialects import BadQuotes, Dialect, Row, rows_of
from glider_core.tables.unpack import MAX_DECODED

MAX_ROWS = 1_000_000
MAX_COLUMNS = 200
_CELL = 60  # bytes that a distinct text takes beside its letters
_SHORT = 0.05  # share of lines that may lack cells; with more the columns cannot be trusted


@dataclass(frozen=True, slots=True)
class Cells:
    """A column as it came: every row's position in the distinct cells."""

    codes: NDArray[np.int32]  # (n,)
    distinct: list[str]


@dataclass(slots=True)
class Grid:
    """The rows of a file as columns of texts."""

    names: list[str]  # of the header; empty where there is none
    columns: list[Cells]
    lines: NDArray[np.int32]  # (n,) the number of each row's first line, from 1
    notes: list[str] = field(default_factory=list)


def gather(lines: Iterable[str], dialect: Dialect, *, header: bool, every_comment: bool = False) -> Grid:
    """All rows as columns.

    Args:
        lines: of the file, with their ends.
        dialect: its layout.
        header: whether the first row holds names.
        every_comment: leave out every line that begins with the comment mark, not only those that are no rows.

    Raises:
        InvalidInput: lines have too many cells or too few; too many rows, columns, or bytes of values; quotes that are
            never closed.
    """
    gathering = _Gathering(dialect, every_comment)
    try:
        rows = rows_of(lines, dialect)
        names = gathering.first(rows) if header else []
        gathering.rest(rows)
    except BadQuotes as error:
        if error.reason == "unexpected end of data":
            why = "a quote that opens there is never closed"
        elif "field larger than" in error.reason:
            why = "a cell there has more than 131,072 letters; a quote may not be closed"
        else:
            why = "something follows a closing quote there"
        raise InvalidInput(
            f"The file cannot be read as a table: {why} (line {error.line:,}). Mend it, or read quotes as letters."
        ) from None
    return gathering.finish(names)


class _Gathering:
    def __init__(self, dialect: Dialect, every_comment: bool) -> None:
        self._dialect, self._every_comment = dialect, every_comment
        self._width = max(dialect.width, 1)
        self._known: list[dict[str, int]] = [{} for _ in range(self._width)]
        self._codes = [array("i") for _ in range(self._width)]
        self._lines = array("i")
        self._bytes = 0
        self._blank, self._comments, self._first_comment = 0, 0, 0
        self._short: list[tuple[int, int]] = []  # line and width of the first few
        self._n_short = 0
        self._padded: list[int] = []  # lines with nothing but blanks behind the last column

    def first(self, rows: Iterable[Row]) -> list[str]:
        """The names; the comment mark in front of them is taken off."""
        for _, row in rows:
            if row and any(cell.strip() for cell in row):
                if self._dialect.comment and row[0].startswith(self._dialect.comment):
                    row = [row[0].removeprefix(self._dialect.comment), *row[1:]]
                return [" ".join(name.split()) for name in row]
        return []

    def rest(self, rows: Iterable[Row]) -> None:
        """Take in all rows."""
        comment, width = self._dialect.comment, self._width
        buffer: list[list[str]] = []
        blanks = 0
        for line, row in rows:
            if not row or (len(row) < width and not any(map(str.strip, row))):
                blanks += 1
                continue
            if comment and row[0].startswith(comment) and (self._every_comment or len(row) != width):
                self._comments += 1
                self._first_comment = self._first_comment or line
                continue
            self._blank, blanks = self._blank + blanks, 0  # blank lines at the end are no news
            if len(row) != width:
                row = self._of_width(line, row)
            self._lines.append(line)
            buffer.append(row)
            if len(buffer) == 20_000:
                self._take(buffer)
                buffer = []
        self._take(buffer)

    def _of_width(self, line: int, row: list[str]) -> list[str]:
        width = self._width
        if len(row) < width:
            self._n_short += 1
            if len(self._short) < 5:
                self._short.append((line, len(row)))
            return row + [""] * (width - len(row))
        if any(cell.strip() for cell in row[width:]):
            raise InvalidInput(
                f"Line {line:,} has {len(row)} cells, most lines have {width}: its columns would shift. Put texts that "
                f"hold the divider ({_named(self._dialect.delimiter)}) in quotes, or choose another divider."
            )
        self._padded.append(line)
        return row[:width]

    def _take(self, rows: list[list[str]]) -> None:
        if len(self._lines) > MAX_ROWS:
            raise InvalidInput(f"The table has more than {MAX_ROWS:,} rows; give a sample of it.")
        if self._width > MAX_COLUMNS:
            raise InvalidInput(
                f"The table has {self._width} columns; at most {MAX_COLUMNS} can be used. Keep the useful ones."
            )
        for known, codes, cells in zip(self._known, self._codes, zip(*rows, strict=True), strict=bool(rows)):
            before = len(known)
            codes.extend([known.setdefault(cell, len(known)) for cell in cells])
            if len(known) > before:
                self._bytes += sum(len(cell) + _CELL for cell in list(known)[before:])
        self._bytes += 12 * len(rows) * self._width
        if self._bytes > MAX_DECODED:
            raise InvalidInput(
                f"The table's values take more than {MAX_DECODED / 1e6:.0f} MB once they are read; no more is read "
                "of a table. Give fewer rows or columns."
            )

    def finish(self, names: list[str]) -> Grid:
        """The columns, with names for as many as have one, and what there is to say."""
        notes = []
        n = len(self._lines)
        if self._n_short:
            where = ", ".join(f"line {line:,}" for line, _ in self._short) + (" ..." if self._n_short > 5 else "")
            if self._n_short > max(_SHORT * n, 1):
                line, cells = self._short[0]
                raise InvalidInput(
                    f"{self._n_short:,} of {n:,} lines have fewer cells than most, which have {self._width} (line "
                    f"{line:,} has {cells}): columns may be shifted. Mend the lines, or choose another divider."
                )
            notes.append(
                f"{self._n_short:,} line{'s are' if self._n_short > 1 else ' is'} shorter than the others ({where}); "
                "the cells that are lacking at the end are read as missing."
            )
        if self._padded:
            count = len(self._padded)
            notes.append(
                f"{count:,} line{'s end' if count > 1 else ' ends'} with more dividers than the others (line "
                f"{self._padded[0]:,} first); nothing stands behind them."
            )
        if self._comments:
            notes.append(
                f"{self._comments:,} line{'s' if self._comments > 1 else ''} beginning with “{self._dialect.comment}” "
                f"(line {self._first_comment:,} first) left out."
            )
        if self._blank:
            notes.append(f"{self._blank:,} blank line{'s' if self._blank > 1 else ''} between rows left out.")
        columns = [
            Cells(np.frombuffer(codes, dtype=np.int32).copy() if n else np.zeros(0, np.int32), list(known))
            for codes, known in zip(self._codes, self._known, strict=True)
        ]
        lines = np.frombuffer(self._lines, dtype=np.int32).copy() if n else np.zeros(0, np.int32)
        return Grid(names, columns, lines, notes)


def _named(delimiter: str) -> str:
    return {"\t": "tab", " ": "blank"}.get(delimiter, delimiter)


def fit_names(grid: Grid, header: bool) -> None:
    """Make names and columns equally many: trailing dividers, R's unnamed first column, names for those without.

    Raises:
        InvalidInput: the header has another number of names than rows have cells, and none of these explains it; there
            are no rows.
    """
    if not len(grid.lines):
        raise InvalidInput("The file has no rows below its first line; it cannot be read as a table.")
    names, columns, notes = grid.names, grid.columns, grid.notes
    if not header:
        names = [""] * len(columns)
    blank = _is_blank(columns[-1])
    if header and len(names) == len(columns) - 1:
        if blank:
            columns.pop()
            notes.append("Every row ends with a divider and the line of names does not; nothing stands behind it.")
        elif _names_rows(columns[0]):
            names = ["", *names]
            notes.append("The line of names is shorter by one: the first column has no name, as R writes tables.")
        else:
            raise _unequal(names, columns)
    elif header and len(names) > len(columns) and not any(names[len(columns) :]):
        names = names[: len(columns)]
        notes.append("The line of names ends with a divider and the rows do not; nothing stands behind it.")
    elif len(names) != len(columns):
        raise _unequal(names, columns)
    while len(columns) > 1 and not names[len(columns) - 1] and _is_blank(columns[-1]):
        columns.pop()
        names = names[: len(columns)]
        notes.append("Every line ends with a divider; the column behind it has no name and no value and is left out.")
    grid.names = names


def _is_blank(column: Cells) -> bool:
    return not any(cell.strip() for cell in column.distinct)


def _names_rows(column: Cells) -> bool:
    return len(column.distinct) > 0.9 * len(column.codes)


def _unequal(names: list[str], columns: list[Cells]) -> InvalidInput:
    return InvalidInput(
        f"The line of names has {len(names)} and the rows have {len(columns)} cells each, so that names cannot be told "
        "from each other's columns; mend the first line, choose another divider, or say that there are no names."
    )
