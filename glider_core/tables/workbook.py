"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods): one sheet as columns of cells, read in a process of its own."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glider_core.errors import InvalidInput, ModelUnavailable
from glider_core.tables import workbook_child
from glider_core.tables.grid import MAX_COLUMNS, MAX_ROWS, Cells, Grid
from glider_core.tables.unpack import MAX_DECODED

SECONDS = 120  # at most, for one sheet
_FULL = 0.6  # share of a usual row's cells that a line of names has; a title has fewer


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it came."""

    name: str
    names: tuple[str, ...]  # of all sheets
    rows: list[list[Any]]  # texts, numbers, bools, None, and dates as [text]


def read_sheet(content: bytes, file_name: str, sheet: str | None) -> Sheet:
    """A sheet of a workbook: the one of this name, or the first visible one with more than a cell.

    Raises:
        InvalidInput: no workbook, locked, damaged, too large once unpacked, no such sheet, or an empty one.
        ModelUnavailable: the package that reads workbooks is not installed.
    """
    rows: list[list[Any]] = []
    size, ended = 0, False
    with _child((sheet or "").encode() + b"\n" + content) as lines:
        about = json.loads(next(lines, b"{}"))
        if not about:
            raise _too_large(file_name)
        if "error" in about:
            raise InvalidInput(f"{file_name[:80]} cannot be read as a table: as a workbook, {about['error']}.")
        for line in lines:
            size += len(line)
            row = json.loads(line)
            if isinstance(row, dict):
                ended = "end" in row
                if ended:
                    break
                raise InvalidInput(f"{file_name[:80]} cannot be read as a table: as a workbook, {row['error']}.")
            while row and row[-1] is None:
                row.pop()
            if len(row) > MAX_COLUMNS:
                raise InvalidInput(f"The sheet has {len(row)} columns; at most {MAX_COLUMNS} can be used.")
            rows.append(row)
            if size > MAX_DECODED or len(rows) > MAX_ROWS + 100:
                raise _too_large(file_name)
    if not ended:  # it ran out of memory, or of time
        raise _too_large(file_name)
    names = tuple(about["sheets"])
    if about["sheet"] not in names:
        listed = ", ".join(names)[:300] or "none"
        raise WrongSheet(f"The workbook has no sheet {str(sheet)[:60]!r}; its sheets are: {listed}.", names)
    if not any(rows):
        raise WrongSheet(
            f"The sheet “{about['sheet'][:60]}” is empty; choose another one: {', '.join(names)[:300]}.", names
        )
    return Sheet(about["sheet"], names, rows)


def gather_sheet(sheet: Sheet, *, skip: int | None, header: bool | None) -> tuple[Grid, list[bool], int, bool]:
    """A sheet's rows as columns of texts.

    Returns:
        The columns; for each, whether all of its cells are numbers of the workbook's own, which need no guess of how
        they are written; how many rows above the names were left out; whether there are names.
    """
    from glider_core.tables.dialects import is_header

    rows, notes = sheet.rows, []
    if skip is None:
        skip = _title_rows(rows)
        if any(rows[:skip]):
            notes.append(f"{skip:,} row{'s' if skip > 1 else ''} above the names left out.")
    numbered = [(skip + i + 1, row) for i, row in enumerate(rows[skip:]) if row]
    width = max((len(row) for _, row in numbered), default=0)
    padded = [row + [None] * (width - len(row)) for _, row in numbered]
    if header is None:
        header = bool(padded) and is_header(*_as_texts(padded[:400]))
    names = [" ".join(_text(cell).split()) for cell in padded[0]] if header and padded else []
    body = padded[1:] if header else padded
    lines = [line for line, _ in numbered][int(header) :]
    columns, plain = [], []
    for position in range(width):
        cells = [row[position] for row in body]
        texts = [_text(cell) for cell in cells]
        known: dict[str, int] = {}
        codes = np.array([known.setdefault(text, len(known)) for text in texts], dtype=np.int32)
        columns.append(Cells(codes, list(known)))
        filled = [cell for cell in cells if cell is not None]
        plain.append(bool(filled) and all(type(cell) in (int, float) for cell in filled))
        if len({_sort(cell) for cell in filled}) > 1:
            name = names[position] if header else f"column {position + 1}"
            notes.append(f"The cells of “{name[:40]}” are of several kinds (numbers, texts or dates).")
    empty = [i for i in range(width) if columns[i].distinct == [""] and not (header and names[i])]
    keep = [i for i in range(width) if i not in empty]
    grid = Grid(
        [names[i] for i in keep] if header else [], [columns[i] for i in keep], np.array(lines, np.int32), notes
    )
    return grid, [plain[i] for i in keep], skip, header


def _title_rows(rows: Sequence[Sequence[Any]]) -> int:
    """How many rows stand above the first full one."""
    filled = [sum(cell is not None for cell in row) for row in rows[:2000]]
    usual = statistics.median([count for count in filled if count] or [0])
    return next((i for i, count in enumerate(filled) if count >= max(_FULL * usual, min(2, usual))), 0)


def _as_texts(rows: Sequence[Sequence[Any]]) -> tuple[list[str], list[list[str]]]:
    first, *body = [[_text(cell) for cell in row] for row in rows]
    return first, body


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return cell[0] if isinstance(cell, list) else str(cell)


def _sort(cell: Any) -> str:
    return "number" if type(cell) in (int, float) else type(cell).__name__


def _too_large(file_name: str) -> InvalidInput:
    return InvalidInput(
        f"{file_name[:80]} cannot be read as a table: the workbook unpacks to more than {MAX_DECODED / 1e6:.0f} MB, or "
        f"has more than {MAX_ROWS:,} rows, or takes too long. Save the sheet as CSV, or give fewer rows."
    )


@contextmanager
def _child(question: bytes) -> Iterator[Iterator[bytes]]:
    """The lines that the other process answers."""
    try:
        import python_calamine  # noqa: F401
    except ImportError:
        raise ModelUnavailable(
            "Workbooks need the package python-calamine: pip install python-calamine. Or save the sheet as CSV."
        ) from None
    process = subprocess.Popen(
        [sys.executable, "-P", str(Path(workbook_child.__file__))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    give_up = threading.Timer(SECONDS, process.kill)
    give_up.start()
    try:
        try:
            process.stdin.write(question)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it has died; its silence is its answer
        yield iter(process.stdout)
    finally:
        give_up.cancel()
        process.kill()
        process.stdout.close()
        process.wait()


class WrongSheet(InvalidInput):
    """There is no such sheet, or it is empty; others may not be."""

    def __init__(self, message: str, names: tuple[str, ...]) -> None:
        super().__init__(message)
        self.names = names
