"""Lines of text as rows of values: which delimiter, which lines are comments, what quotes mean."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from glider_core.errors import InvalidInput

Choice = Literal["auto", "yes", "no"]
# Those that stand in names the least come first.
DELIMITERS = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma", " ": "blank"}
MAX_LINES = 250_000
_COMMENTS = ("#", "%", "//")


@dataclass(frozen=True, slots=True)
class Row:
    """Values of a line."""

    line: int  # counted from 1
    values: list[str]
    comment: bool = False  # whether it begins as comments do


def split_lines(text: str, what: str) -> list[tuple[int, str]]:
    """The lines that hold something, with their numbers.

    Raises:
        InvalidInput: there is none, or too many.
    """
    # Not `splitlines`, which also splits at characters that may stand in a name.
    lines = [(n, line) for n, line in enumerate(re.split("\r\n|\r|\n", text), 1) if line.strip()]
    if not lines:
        raise InvalidInput(f"The {what} is empty.")
    if len(lines) > MAX_LINES:
        raise InvalidInput(f"The {what} has {len(lines):,} lines; at most {MAX_LINES:,} can be read.")
    return lines


def rows_of(lines: Sequence[tuple[int, str]], delimiter: str, what: str) -> tuple[list[Row], bool]:
    """Each line's values as they are, with all their blanks; and whether quotes hold values together.

    Between blanks there are no empty values. Where quotes do not come in pairs, they are letters.

    Raises:
        InvalidInput: a value is too long to be one.
    """
    texts = [line for _, line in lines]
    if delimiter == " ":
        texts = [line.replace("\t", " ").strip(" ") for line in texts]
    # A quote opens a value at its beginning only; blanks before it are then no part of the value.
    skip = delimiter == " " or any(re.search(re.escape(delimiter) + ' +"', line) for line in texts)
    quotes = '"' in "".join(texts[:MAX_LINES]) and not any(
        _is_odd(line, delimiter, skip) for line in texts if '"' in line
    )
    rows = []
    for (number, original), line in zip(lines, texts, strict=True):
        try:
            values = _split(line, delimiter, skip, quotes)
        except csv.Error as error:
            raise InvalidInput(f"Line {number:,} of the {what} cannot be read ({error}).") from None
        if delimiter == " ":
            values = [value for value in values if value]
        rows.append(Row(number, values, original.startswith(_COMMENTS)))
    return rows, quotes


def _split(line: str, delimiter: str, skip: bool, quotes: bool) -> list[str]:
    if not quotes:
        return [value.lstrip(" ") if skip else value for value in line.split(delimiter)]
    return next(csv.reader([line], delimiter=delimiter, skipinitialspace=skip), [])


def _is_odd(line: str, delimiter: str, skip: bool) -> bool:
    """Whether a quote opens a value and none closes it in this line."""
    try:
        next(csv.reader([line], delimiter=delimiter, skipinitialspace=skip, strict=True), None)
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def even(rows: Sequence[Row]) -> float:
    """Share of the lines that have as many values as most have; 0 where most have one."""
    counts = Counter(len(row.values) for row in rows if not row.comment) or Counter(len(row.values) for row in rows)
    number, times = max(counts.items(), key=lambda item: (item[1], item[0]))
    return times / counts.total() if number > 1 else 0.0


def choose(
    lines: Sequence[tuple[int, str]], what: str, delimiter: str, score: Callable[[list[Row]], float]
) -> tuple[list[Row], str, bool]:
    """The rows by the delimiter of the best score, the first of equal ones; the delimiter, and whether quotes matter.

    Args:
        lines: of `split_lines`.
        what: the text is called.
        delimiter: a known one; "auto" to try all.
        score: of the rows by a delimiter.

    Raises:
        InvalidInput: an unknown delimiter.
    """
    if delimiter != "auto" and delimiter not in DELIMITERS:
        raise InvalidInput(f"Got the delimiter {delimiter[:20]!r}; choose auto, {', '.join(DELIMITERS.values())}.")
    best: tuple[float, list[Row], str, bool] | None = None
    for mark in DELIMITERS if delimiter == "auto" else [delimiter]:
        if delimiter == "auto" and not any(mark in line or (mark == " " and "\t" in line) for _, line in lines):
            continue
        rows, quotes = rows_of(lines, mark, what)
        reached = score(rows)
        if best is None or reached > best[0]:
            best = reached, rows, mark, quotes
    if best is None:
        rows, quotes = rows_of(lines, ",", what)
        return rows, ",", quotes
    return best[1:]
