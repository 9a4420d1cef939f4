"""Small tables written in the ways that people's programs write them."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np
import openpyxl
import pandas as pd

ROWS = 120
CITIES = ("Rome", "Oslo", "Lima")


def rows(n: int = ROWS) -> list[list[Any]]:
    """city, tier, age, price, bought."""
    rng = np.random.default_rng(0)
    prices = (np.exp(rng.normal(6, 1.2, n)) * 100).round() / 100
    return [
        [CITIES[i % 3], "gold" if i % 2 else "tin", 18 + i % 50, float(prices[i]) + 0.01, int(i % 5 < 2)]
        for i in range(n)
    ]


NAMES = ("city", "tier", "age", "price", "bought")


def frame(n: int = ROWS) -> pd.DataFrame:
    return pd.DataFrame(rows(n), columns=list(NAMES))


def table(
    *columns: tuple[str, Sequence[Any]],
    sep: str = ",",
    decimal: str = ".",
    header: bool = True,
    end: str = "",
    header_end: str | None = None,
    above: str = "",
    newline: str = "\n",
    names: Sequence[str] | None = None,
    quoting: Any = csv.QUOTE_MINIMAL,
    quote: str = '"',
    n: int = ROWS,
) -> str:
    """The usual columns and then these, each with a few cells that are repeated down its rows, as text."""
    more = [[cells[i % len(cells)] for _, cells in columns] for i in range(n)]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=sep, lineterminator="\n", quoting=quoting, quotechar=quote)
    body = [
        [f"{cell:.2f}".replace(".", decimal) if isinstance(cell, float) else cell for cell in row] + extra
        for row, extra in zip(rows(n), more, strict=True)
    ]
    lines = []
    for row in body:
        writer.writerow(row)
        lines.append(out.getvalue().rstrip("\n") + end)
        out.seek(0)
        out.truncate()
    if header:
        writer.writerow(names or [*NAMES, *(name for name, _ in columns)])
        lines.insert(0, out.getvalue().rstrip("\n") + (end if header_end is None else header_end))
    return (above + "\n".join(lines) + "\n").replace("\n", newline)


def only(*columns: tuple[str, Sequence[Any]], sep: str = ",", n: int = ROWS) -> str:
    """A table of these columns alone, with cells exactly as given, and a target `y`."""
    lines = [sep.join([*(name for name, _ in columns), "y"])]
    lines += [sep.join([*(str(cells[i % len(cells)]) for _, cells in columns), str(i % 2)]) for i in range(n)]
    return "\n".join(lines) + "\n"


def parquet(data: Any, **options: Any) -> bytes:
    """A pandas or Arrow table as Parquet."""
    file = io.BytesIO()
    if isinstance(data, pd.DataFrame):
        data.to_parquet(file, **options)
    else:
        import pyarrow.parquet as pq

        pq.write_table(data, file, **options)
    return file.getvalue()


def workbook(sheets: dict[str, Sequence[Sequence[Any]]], hidden: Sequence[str] = ()) -> bytes:
    """Sheets of cells as .xlsx."""
    book = openpyxl.Workbook()
    for number, (name, cells) in enumerate(sheets.items()):
        sheet: Any = book.active if number == 0 else book.create_sheet()
        sheet.title = name
        sheet.sheet_state = "hidden" if name in hidden else "visible"
        for row in cells:
            sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sheet(*columns: tuple[str, Sequence[Any]], n: int = ROWS) -> list[list[Any]]:
    """The usual columns and these as cells of a sheet."""
    body = [row + [cells[i % len(cells)] for _, cells in columns] for i, row in enumerate(rows(n))]
    return [[*NAMES, *(name for name, _ in columns)], *body]


def zipped(**members: bytes) -> bytes:
    """A zip archive; `_` in a name stands for a point."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return file.getvalue()


PACKED = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}
