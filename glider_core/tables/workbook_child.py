"""Reads one sheet of a workbook in a process of its own, with a limit on memory; run as a script, knows nothing else.

A workbook of a few kilobytes may unpack to many gigabytes (one long text that a million cells share, a cell repeated
over a million columns). Whatever it does, it does it here, and the one who asked goes on.

Standard input: the sheet's name, a line end, the file. Standard output: a line of JSON about the workbook, one for each
row, and one that says that this was all.
"""

from __future__ import annotations

import datetime
import io
import json
import sys
from contextlib import suppress
from typing import Any

LIMIT = 1_000_000_000  # bytes of address space, where the system keeps to it
MAX_SHEETS = 200


def main() -> None:
    """Answer the one question on standard input."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    wanted, _, content = sys.stdin.buffer.read().partition(b"\n")
    out = sys.stdout
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [meta for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet][:MAX_SHEETS]
        names = [meta.name for meta in sheets]
        visible = [meta.name for meta in sheets if meta.visible == SheetVisibleEnum.Visible] or names
        name, sheet = wanted.decode(), None
        if not name:
            for candidate in visible:
                sheet, name = book.get_sheet_by_name(candidate), candidate
                if sheet.total_height > 1 and sheet.total_width > 1:
                    break
            else:
                name = visible[0] if visible else ""
        if name in names and (sheet is None or sheet.name != name):
            sheet = book.get_sheet_by_name(name)
        out.write(json.dumps({"sheets": names, "sheet": name}) + "\n")
        if sheet is not None and name in names:
            for row in sheet.iter_rows():
                out.write(json.dumps([_cell(value) for value in row]) + "\n")
        out.write(json.dumps({"end": True}) + "\n")
    except PasswordError:
        out.write(json.dumps({"error": "it is locked with a password"}) + "\n")
    except Exception as error:
        out.write(json.dumps({"error": f"{type(error).__name__}: {str(error)[:100]}"}) + "\n")


def _cell(value: Any) -> Any:
    """A text, a number, a bool, None, or a date in ISO form as [text]."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, datetime.datetime):
        return [value.isoformat(sep=" ")]
    if isinstance(value, datetime.date):
        return [value.isoformat()]
    if isinstance(value, (datetime.time, datetime.timedelta)):
        return str(value)
    return None if value == "" else value


if __name__ == "__main__":
    main()
