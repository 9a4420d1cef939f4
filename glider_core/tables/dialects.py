"""How a text file is laid out: what divides its columns, what encloses texts, which lines are no rows.

Each way of dividing is tried on the lines, with quotes respected. The best one makes most lines equally long and leaves
the other dividers out of the cells (after van den Burg, Nazábal and Sutton, "Wrangling messy CSV files by detecting row
and type patterns", 2019). DuckDB's sniffer was tried beside it: it takes the comma for
"a;b;c / hello, my, friend;1,5;0" and swallows the line of names, cannot read blanks, and refuses Excel's `sep=;`.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from glider_core.tables.reading import date_formats, parse_number

CANDIDATES = (",", ";", "\t", "|", "\x01", "^", "~")
COMMENTS = ("#", "%", "//")
_CELL_ROWS = 300  # whose cells are looked at
_POOR = 0.25  # a score below which blanks are tried as well

Row = tuple[int, list[str]]  # the number of its first line, from 1; and its cells


@dataclass(frozen=True, slots=True)
class Dialect:
    """A text file's layout."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    skip: int = 0  # lines before the header or the first row
    comment: str = ""
    width: int = 0  # cells of most rows


class BadQuotes(ValueError):
    """A quote is not closed, or something stands behind a closed one; holds the line's number."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


def rows_of(lines: Iterable[str], dialect: Dialect) -> Iterator[Row]:
    """The file's rows behind its first `skip` lines, blank ones among them; quotes are taken at their word.

    Raises:
        BadQuotes: they cannot be.
    """
    source = iter(lines)
    for _ in range(dialect.skip):
        if next(source, None) is None:
            return
    if dialect.delimiter == " ":
        source = (line.strip(" \t\r\n") + "\n" for line in source)
    options: dict[str, Any] = {"delimiter": dialect.delimiter, "skipinitialspace": True, "strict": True}
    if dialect.quote:
        options |= {"quotechar": dialect.quote, "doublequote": not dialect.escape, "escapechar": dialect.escape or None}
    else:
        options |= {"quoting": csv.QUOTE_NONE, "quotechar": None, "escapechar": dialect.escape or None}
    reader = csv.reader(source, **options)
    start = dialect.skip + 1
    try:
        for row in reader:
            yield start, row
            start = dialect.skip + reader.line_num + 1
    except csv.Error as error:
        raise BadQuotes(start, str(error)) from None


def guess_dialect(
    lines: Sequence[str],
    *,
    delimiter: str | None = None,
    quote: str | None = None,
    escape: str | None = None,
    skip: int | None = None,
    comment: str | None = None,
) -> tuple[Dialect, list[str]]:
    """The layout of a file's lines, with whatever is known of it; and what there is to say about the guess.

    Args:
        lines: with their ends; the first of a long file, or all of them.
        delimiter: known, or None; so are the others.
        quote: what encloses texts; "" where quotes are letters.
        escape: what stands in front of a quote inside quotes; "" where it is doubled.
        skip: lines above the header.
        comment: how lines begin that are none.
    """
    notes: list[str] = []
    start = 0 if skip is None else skip
    announced = _announced(lines)
    if announced and skip in (None, 0):
        start = 1
        if delimiter is None:
            delimiter = announced
            notes.append(
                f"The first line says which character divides columns (sep={announced!r}), as Excel writes it."
            )
    prefix = comment
    if comment is None:
        prefix = next((c for c in COMMENTS if start < len(lines) and lines[start].startswith(c)), "")
    end = start
    if skip is None:
        while prefix and end < len(lines) and (lines[end].startswith(prefix) or not lines[end].strip()):
            end += 1
    known = Dialect(delimiter or ",", '"' if quote is None else quote, escape or "", end, prefix or "")
    choices = _choices(lines[end:], known, delimiter, quote, escape)
    best, score = known, -1.0
    for choice in choices:
        value, width = _score(lines, choice)
        if value > score:
            best, score = replace(choice, width=width), value
    if delimiter is None and score < _POOR:
        blanks = replace(known, delimiter=" ")
        value, width = _score(lines, blanks)
        if value > max(score, 0):
            best, score = replace(blanks, width=width), value
    if comment is None and not best.comment:
        best = replace(best, comment=_comment_between(lines, best))
    if skip is None:
        best, more = _without_title(lines, best, start)
        notes += more
    return best, notes


def _comment_between(lines: Sequence[str], dialect: Dialect) -> str:
    """How lines between rows begin that are none: never as one that has as many cells as a row."""
    for mark in COMMENTS:
        if any(line.startswith(mark) for line in lines):
            starting = [row for _, row in _some(lines, dialect, len(lines)) if row and row[0].startswith(mark)]
            if starting and all(len(row) != dialect.width for row in starting):
                return mark
    return ""


def is_header(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether a file's first row names its columns, by what the rows below hold."""
    names = [name.strip() for name in first]
    if not body:
        return True
    said = [name for name in names if name]
    if _counts_up(said) and len(said) == len(names):
        return True
    against, for_ = 0, 0
    for position, name in enumerate(names):
        cells = [row[position].strip() for row in body if position < len(row)]
        cells = [cell for cell in cells if cell]
        if not cells:
            continue
        typed = sum(looks_typed(cell) for cell in cells) > 0.8 * len(cells)
        if typed and name:
            if looks_typed(name):
                against += 1
            else:
                for_ += 1
        elif not typed and name and len(set(cells)) < 0.5 * len(cells):
            # A name that is also one of few values is a value.
            against += name in cells
    if against or for_:
        return for_ > against or (for_ == against and len(set(said)) == len(said) and not any(map(looks_typed, said)))
    return len(set(said)) == len(said) and not any(looks_typed(name) for name in said)


def looks_typed(cell: str) -> bool:
    """Whether a cell holds a number or a date, in whatever way it is written."""
    if not any(character.isdigit() for character in cell) or len(cell) > 40:
        return False
    for decimal, thousands in ((".", ","), (",", "."), (",", " "), (".", "'")):
        if parse_number(cell, decimal, thousands) is not None:
            return True
    return bool(date_formats(cell))


def _counts_up(names: Sequence[str]) -> bool:
    """Whether numbers among the names count up from 0 or 1, as where there were no names, or are years in a row."""
    numbers = [int(name) for name in names if name.isdigit() and len(name) < 5]
    if len(numbers) < 2 or any(b - a != 1 for a, b in pairwise(numbers)):
        return False
    all_numbers = len(numbers) == len(names)
    return (all_numbers and numbers[0] in (0, 1)) or 1900 <= numbers[0] <= numbers[-1] <= 2100


def _announced(lines: Sequence[str]) -> str:
    """The delimiter that Excel's first line tells: `sep=;`."""
    match = re.fullmatch(r'"?sep=(.)"?\s*', lines[0], flags=re.IGNORECASE) if lines else None
    if match is None and lines and lines[0].rstrip("\r\n").lower() == "sep=\t":
        return "\t"
    return match[1] if match else ""


def _choices(
    lines: Sequence[str], known: Dialect, delimiter: str | None, quote: str | None, escape: str | None
) -> list[Dialect]:
    """The layouts to try, the usual ones first."""
    some = "".join(lines[:2000])
    delimiters = [delimiter] if delimiter is not None else [c for c in CANDIDATES if c in some] or [","]
    quotes = ['"'] if quote is None else [quote]
    if (
        quote is None
        and len(re.findall(r"(?:^|[,;\t|])\s*'[^'\n]*'\s*(?=[,;\t|\r\n]|$)", some, re.M)) > len(lines[:2000]) / 3
    ):
        quotes.append("'")
    if quote is None and '"' in some:
        quotes.append("")
    escapes = [""] if escape is None else [escape]
    # Where quotes are doubled, a backslash in front of one, or at the end of a cell, is a letter.
    if escape is None and re.search(r'\\"[^",;\t|\r\n]', some):
        escapes = ["", "\\"]
    return [
        replace(known, delimiter=d, quote=q, escape=e) for q in quotes for e in escapes for d in delimiters if d != q
    ]


_SINGLE_QUOTED = re.compile(r"(?:^|[,;\t|])\s*'[^'\n]*'\s*(?=[,;\t|\r\n]|$)", re.MULTILINE)


def _score(lines: Sequence[str], dialect: Dialect) -> tuple[float, int]:
    """How well a layout suits the lines, 0..1, and how many cells most rows have."""
    widths: Counter[int] = Counter()
    looked: list[list[str]] = []
    penalty = 1.0
    try:
        for _, row in rows_of(lines, dialect):
            if not row or row == [""] or (dialect.comment and row[0].startswith(dialect.comment)):
                continue
            widths[len(row)] += 1
            if len(looked) < _CELL_ROWS:
                looked.append(row)
    except BadQuotes as error:
        # The sample of a long file may end within quotes; anywhere else, quotes are not what they seem.
        if not (error.reason == "unexpected end of data" and error.line > 0.9 * len(lines)):
            penalty = 0.1
    if not widths:
        return 0.0, 0
    width, count = max(widths.items(), key=lambda pair: (pair[1], pair[0]))
    if width < 2:
        return 0.0, width
    cells = [cell for row in looked if len(row) == width for cell in row]
    clean = sum(_is_clean(cell, dialect) for cell in cells) / max(len(cells), 1)
    # Quotes that are taken for letters stay in the cells, so that this is the way only where nothing else is.
    return penalty * (count / widths.total()) ** 2 * clean**2 * (width - 1) / width, width


_DIVIDER = re.compile(r"[;\t|\x01]|,(?! )|; ")


def _is_clean(cell: str, dialect: Dialect) -> bool:
    if dialect.quote != '"' and ((cell[:1] == '"') or cell[-1:] == '"'):
        return False
    if dialect.quote != "'" and len(cell) > 1 and cell[0] == cell[-1] == "'":
        return False
    if dialect.quote == '"' and dialect.escape == "" and '\\"' in cell:
        return False
    return not _DIVIDER.search(cell) or looks_typed(cell.strip())


def _without_title(lines: Sequence[str], dialect: Dialect, start: int) -> tuple[Dialect, list[str]]:
    """The layout with the lines above the header left out, and what to say about them.

    A header may itself be a comment ("#id,age"), and may be shorter or longer than rows by one name.
    """
    notes = []
    comments = dialect.skip - start
    if comments and dialect.comment:
        last = max((i for i in range(start, dialect.skip) if lines[i].strip()), default=start)
        said = _first_row(lines[last].removeprefix(dialect.comment), dialect)
        body = [row for _, row in _some(lines, dialect, 200) if len(row) == dialect.width]
        if len(said) == dialect.width > 1 and body and is_header(said, body) and not is_header(body[0], body[1:]):
            dialect = replace(dialect, skip=last)
            comments = last - start
            notes.append(f"The line of names begins with “{dialect.comment}”, which was taken off.")
            if comments:
                notes.append(_left_out(comments, f"beginning with “{dialect.comment}”"))
            return dialect, notes
        notes.append(_left_out(comments, f"beginning with “{dialect.comment}”"))
    rows = [(line, row) for line, row in _some(lines, dialect, 400) if row and row != [""]]
    width = dialect.width
    body = [row for _, row in rows if len(row) == width]
    line = dialect.skip + 1
    for position, (line, row) in enumerate(rows):  # noqa: B007 (told below the loop)
        names = [cell for cell in row if cell.strip()]
        follows = rows[position + 1][1] if position + 1 < len(rows) else []
        if len(row) == width and (len(names) > 1 or width < 3):
            break
        if len(names) > max(2, 0.6 * width) and len(row) != width - 1:
            break  # too much for a title: names that do not fit, which is told
        if len(row) == width + 1 and not row[-1].strip() and len(names) == width:
            break
        # R leaves out the name of the first column; a title of this width has a line of names below it.
        if len(row) == width - 1 > 1 and len(follows) == width and len(names) == len(row):
            below = [cells for cells in body if cells is not follows]
            if not (below and is_header(follows, below) and not looks_typed(follows[-1])):
                break
    else:
        return dialect, notes
    if line - 1 > dialect.skip:
        notes.append(_left_out(line - 1 - dialect.skip, "above the line of names"))
        dialect = replace(dialect, skip=line - 1)
    return dialect, notes


def _some(lines: Sequence[str], dialect: Dialect, n: int) -> Iterator[Row]:
    try:
        for number, row in enumerate(rows_of(lines, dialect)):
            if number >= n:
                return
            yield row
    except BadQuotes:
        return


def _first_row(line: str, dialect: Dialect) -> list[str]:
    return next((row for _, row in _some([line], replace(dialect, skip=0), 1)), [])


def _left_out(count: int, which: str) -> str:
    return f"{count:,} line{'s' if count > 1 else ''} {which} {'are' if count > 1 else 'is'} left out."
