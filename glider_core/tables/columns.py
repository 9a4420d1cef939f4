"""A column of cells becomes texts, numbers or dates; each choice has its reason, and what is doubtful is said."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from glider_core.tables.assumptions import Assumptions, Note, ReadAs
from glider_core.tables.grid import Cells
from glider_core.tables.reading import (
    DOUBTFUL,
    EXACT,
    Number,
    Reading,
    date_formats,
    is_mark,
    parse_dates,
    parse_number,
)

# Decimal and thousands marks, the usual ones first.
FORMATS = ((".", ""), (",", ""), (".", ","), (",", "."), (".", " "), (",", " "), (".", "'"), (",", "'"))
_SAMPLE = 500  # distinct cells that rule out formats before all are read
_ZONE = re.compile(r"(?:Z|UTC|[+-]\d\d:?\d\d)$")
_ALIKE = str.maketrans("\u00a0\u202f\u2009’", "   '")
_ALMOST = 0.5  # share of numbers from which a column of texts gets a word about the others


@dataclass(slots=True)
class ColumnRead:
    """A column's values, how they were read, and what there is to say."""

    values: Any  # a pandas array
    reading: Reading
    notes: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)  # texts kept that may mean "no value"
    either_first: bool = False  # whether its dates may have the day or the month first


def read_columns(
    names: Sequence[str],
    columns: Sequence[Cells],
    known: Assumptions,
    *,
    delimiter: str | None,
    plain: Sequence[bool] | None = None,
    where: Callable[[Cells, str], str] = lambda column, cell: "",
) -> tuple[dict[str, ColumnRead], Assumptions]:
    """Each column read, and what is known with the marks of numbers and the order of dates of most columns.

    Args:
        names: of the columns.
        columns: as they came.
        known: what is known of the file: `decimal`, `thousands`, `day_first`, `missing` and `read_as`.
        delimiter: of the file; ";" speaks for decimal commas.
        plain: of each column, whether its numbers are written as programs do, which leaves nothing to guess.
        where: says where a cell first stands, for messages.
    """
    wanted = dict(known.read_as)
    missing = known.missing or ()
    prepared = [_Column(cells, missing) for cells in columns]
    allowed = _allowed(known)
    formats = [
        []
        if wanted.get(name) in ("text", "date")
        else column.formats(FORMATS[:1] if is_plain else allowed, wanted.get(name) == "number")
        for name, column, is_plain in zip(names, prepared, plain or [False] * len(names), strict=True)
    ]
    votes: dict[str, int] = {".": 0, ",": 0}
    for column, possible in zip(prepared, formats, strict=True):
        for mark in votes:
            votes[mark] += bool(possible) and column.marked and all(decimal == mark for decimal, _ in possible)
    usual = "," if votes[","] > votes["."] or (votes[","] == votes["."] and delimiter == ";") else "."
    read: dict[str, ColumnRead] = {}
    thousands: dict[tuple[str, str], int] = {}
    for name, column, possible in zip(names, prepared, formats, strict=True):
        chosen, words = column.choose(possible, usual, sure=votes[usual] > 0 or known.decimal is not None)
        read[name] = column.read(chosen, wanted.get(name), where, known.day_first)
        read[name].notes[:0] = words
    day_first = _order_of_dates(read, known.day_first)
    for name, column in zip(names, prepared, strict=True):
        if read[name].either_first and known.day_first is None and day_first is False:
            read[name] = column.read(None, wanted.get(name), where, day_first)
        reading = read[name].reading
        if reading.kind == "number" and column.marked:
            key = (reading.decimal, reading.thousands)
            thousands[key] = thousands.get(key, 0) + 1
    decimal, mark = max(
        thousands, key=lambda key: (thousands[key], key[1]), default=(usual if votes[usual] else ".", "")
    )
    marks = {key[1] for key in thousands if key[0] == decimal and key[1]}
    return read, replace(
        known,
        decimal=known.decimal or decimal,
        thousands=known.thousands if known.thousands is not None else mark or "".join(marks)[:1],
        day_first=day_first,
    )


def _order_of_dates(read: Mapping[str, ColumnRead], known: bool | None) -> bool | None:
    """Whether the day comes first in dates that leave it open, as in the file's other dates; None: none leave it so."""
    if not any(column.either_first for column in read.values()):
        return None
    if known is not None:
        return known
    told = [c.reading.date for c in read.values() if c.reading.kind == "date" and not c.either_first]
    month_first = sum(date.startswith(("%m", "%b ", "%B ")) for date in told)
    return month_first <= sum(date.startswith("%d") for date in told)


def _allowed(known: Assumptions) -> list[tuple[str, str]]:
    """The formats that do not contradict what is known; a thousands mark that is known need not be there."""
    return [
        (decimal, thousands)
        for decimal, thousands in FORMATS
        if known.decimal in (None, decimal) and (known.thousands is None or thousands in ("", known.thousands))
    ]


class _Column:
    """One column's distinct cells, on the way to values."""

    def __init__(self, cells: Cells, missing: Sequence[str]) -> None:
        self._cells = cells
        self._missing = tuple(missing)
        self._parsed: dict[tuple[str, str], dict[str, Number | None]] = {}
        self._stripped = [cell.strip() for cell in cells.distinct]
        self._counts = np.bincount(cells.codes, minlength=len(cells.distinct))
        self.values = [cell for cell in dict.fromkeys(self._stripped) if cell and cell not in self._missing]
        self.marks = [cell for cell in self.values if is_mark(cell)]
        self.rest = [cell for cell in self.values if not is_mark(cell)]
        self.marked = any("." in cell or "," in cell for cell in self.rest)

    def formats(self, allowed: Sequence[tuple[str, str]], insist: bool) -> list[tuple[str, str]]:
        """The formats in which every cell is a number; if someone insists, those in which most are."""
        if not self.rest:
            return []
        # A thousands mark that is in no cell makes no difference.
        letters = set("".join(self.rest).translate(_ALIKE))
        told_apart = [pair for pair in allowed if not pair[1] or pair[1] in letters] or list(allowed)
        if not self.marked:  # and neither does a decimal mark
            told_apart = list({thousands: pair for pair in reversed(told_apart) for thousands in pair[1:]}.values())
        sample = self.rest[:: max(len(self.rest) // _SAMPLE, 1)]
        fits = {pair: sum(parse_number(cell, *pair) is not None for cell in sample) for pair in told_apart}
        if insist:
            most = max(fits.values(), default=0)
            return [pair for pair, count in fits.items() if count == most > 0]
        possible = [pair for pair, count in fits.items() if count == len(sample)]
        return [pair for pair in possible if all(number is not None for number in self.parsed(pair).values())]

    def parsed(self, pair: tuple[str, str]) -> dict[str, Number | None]:
        """Each cell with letters as a number in this format."""
        if pair not in self._parsed:
            self._parsed[pair] = {cell: parse_number(cell, *pair) for cell in self.rest}
        return self._parsed[pair]

    def choose(
        self, possible: list[tuple[str, str]], usual: str, *, sure: bool
    ) -> tuple[tuple[str, str] | None, list[str]]:
        """The format to read in, and a word where the cells alone do not tell: 1,234 may be many or little."""
        if not possible:
            return None, []
        meanings = {tuple(_value(cell, pair) for cell in self.rest[:2000]): pair for pair in reversed(possible)}
        if len(meanings) == 1:
            return possible[0], []
        mark = "," if any("," in cell for cell in self.rest) else "."
        as_decimal = next((pair for pair in possible if pair[0] == mark), None)
        as_thousands = next((pair for pair in possible if pair[1] == mark), None)
        if as_decimal is None or as_thousands is None:
            return possible[0], []
        with_mark = [cell for cell in self.rest if mark in cell]
        without = [abs(_value(cell, as_decimal)) for cell in self.rest if mark not in cell]
        if any(cell.lstrip("+-−").startswith(("0", mark)) for cell in with_mark) or any(v >= 1000 for v in without):
            return as_decimal, []
        # Numbers below 1000 without a mark beside larger ones with it are grouped, and so are amounts of money.
        by_comma = usual == "." or (bool(without) and not sure)
        is_money = any(number is not None and number.currency for number in self.parsed(as_thousands).values())
        grouped = is_money or (by_comma if mark == "," else usual == "," and sure)
        chosen = as_thousands if grouped else as_decimal
        if mark == "." and not grouped and usual == ".":
            return chosen, []
        many, little = _value(with_mark[0], as_thousands), _value(with_mark[0], as_decimal)
        return chosen, [f"{with_mark[0]} may be {many} or {little}; it is read as {many if grouped else little}."]

    def read(
        self,
        chosen: tuple[str, str] | None,
        wanted: ReadAs | None,
        where: Callable[[Cells, str], str],
        day_first: bool | None = None,
    ) -> ColumnRead:
        """The values, in the format that was chosen or as someone wants them."""
        if wanted == "text":
            return self._as_text([])
        if wanted == "date" or (wanted is None and chosen is None):
            as_date = self._as_date(insist=wanted == "date", day_first=day_first)
            if as_date is not None:
                return as_date
        if chosen is None:
            return self._as_text(
                self._why_text(where) if wanted is None else [f"Its cells are no {wanted}s; kept as text."]
            )
        if wanted is None and (why := self._why_code(chosen)):
            return self._as_text([why])
        return self._as_number(chosen)

    def _why_code(self, chosen: tuple[str, str]) -> str:
        """Why numbers are kept as text: they name something."""
        zero = next((cell for cell in self.rest if len(cell) > 1 and cell[0] == "0" and cell.isdigit()), None)
        if zero is not None:
            return f"Kept as text: numbers with leading zeros ({zero[:30]}) are codes."
        plus = [cell for cell in self.rest if cell[0] == "+" and cell[1:].isdigit() and len(cell) > 7]
        if plus and len(plus) == len(self.rest):
            return f"Kept as text: {plus[0][:30]} reads like a telephone number."
        parsed = self.parsed(chosen)
        numbers = {cell: number.value for cell, number in parsed.items() if number is not None and not number.exponent}
        beyond = [cell for cell, value in numbers.items() if EXACT <= abs(value) < float("inf")]
        long = next((cell for cell in beyond if _digits(cell) > 15), None)
        if long is not None:
            return f"Kept as text: {long[:40]} has more digits than a number keeps (2^53), so that it would change."
        kinds = {n.currency for n in parsed.values() if n is not None}
        if len(kinds) > 1:
            shown = ", ".join(sorted(kind or "none" for kind in kinds)[:4])
            return f"Kept as text: the amounts are in several currencies ({shown})."
        percent = {n.percent for n in parsed.values() if n is not None}
        return "Kept as text: some cells have a percent sign and some have none." if len(percent) > 1 else ""

    def _as_number(self, chosen: tuple[str, str]) -> ColumnRead:
        notes = []
        parsed = self.parsed(chosen)
        lost = [cell for cell in self.values if parsed.get(cell) is None]
        if lost:
            shown = ", ".join(f"“{cell[:20]}”" for cell in lost[:3]) + (" ..." if len(lost) > 3 else "")
            count = self._rows(lost)
            verb = "s are" if count > 1 else " is"
            notes.append(f"{count:,} cell{verb} no number ({shown}) and read as missing.")
        numbers = [parsed.get(cell) for cell in self._stripped]
        found = [number for number in numbers if number is not None]
        currency = next((number.currency for number in found if number.currency), "")
        if currency:
            notes.append(f"Amounts in {currency}; the sign was taken off.")
        if any(number.percent for number in found):
            notes.append("Percent signs were taken off: 5 % is read as 5.")
        values = [None if number is None else number.value for number in numbers]
        whole = all(isinstance(value, int) and abs(value) <= EXACT for value in values if value is not None)
        if not whole and any(
            abs(value) > EXACT for value in values if value is not None and abs(value) != float("inf")
        ):
            notes.append("Numbers beyond 2^53, of which about 16 digits are kept.")
        reading = Reading("number", *chosen, missing=(*self._missing, *lost))
        codes = self._cells.codes
        if whole and None not in values:
            return ColumnRead(np.array(values, dtype=np.int64)[codes], reading, notes)
        if whole:
            array = pd.array(values, dtype="Int64")
            return ColumnRead(array.take(codes), reading, notes)
        floats = np.array([np.nan if value is None else float(value) for value in values])
        return ColumnRead(floats[codes], reading, notes)

    def _as_date(self, *, insist: bool, day_first: bool | None) -> ColumnRead | None:
        if not self.rest:
            return None
        possible: set[str] | None = None
        for cell in self.rest[:: max(len(self.rest) // _SAMPLE, 1)]:
            formats = set(date_formats(cell))
            if insist and not formats:
                continue
            possible = formats if possible is None else possible & formats
            if not possible:
                return None
        fitting = []
        # The day first, unless someone says otherwise.
        for date in sorted(possible or (), key=lambda date: (date.startswith("%m") == (day_first is not False), date)):
            dates = parse_dates(self.rest, date)
            good = int(dates.notna().sum())
            if good == len(self.rest) or (insist and good):
                fitting.append((date, dates))
        if not fitting:
            return None
        best, parsed = fitting[0]
        notes = []
        either_first = len(fitting) > 1 and not (fitting[0][1] == fitting[1][1]).all()
        if either_first:
            open_one = next(cell for cell, a, b in zip(self.rest, parsed, fitting[1][1], strict=True) if a != b)
            first = "month" if best.startswith("%m") else "day"
            notes.append(f"{open_one} may have the day or the month first; it is read with the {first} first.")
        if best == "ISO8601" and any(_ZONE.search(cell[10:]) for cell in self.rest[:_SAMPLE]):
            notes.append("Times with a zone were turned into UTC.")
        if self.marks:
            notes.append(f"{self._rows(self.marks):,} cells ({', '.join(self.marks[:3])}) are no dates: missing.")
        of = dict(zip(self.rest, parsed, strict=True))
        values = pd.DatetimeIndex([of.get(cell, pd.NaT) for cell in self._stripped], dtype=parsed.dtype)
        reading = Reading("date", date=best, missing=(*self._missing, *self.marks))
        return ColumnRead(values.take(self._cells.codes).array, reading, notes, either_first=either_first)

    def _as_text(self, notes: list[str]) -> ColumnRead:
        doubtful = [cell for cell in self.values if cell.casefold() in DOUBTFUL]
        if doubtful and len(self.values) > len(doubtful):
            shown = ", ".join(f"“{cell}”" for cell in doubtful[:3])
            count = self._rows(doubtful)
            notes.append(f"{shown} ({count:,} row{'s' if count > 1 else ''}) is kept as a value, not read as missing.")
        texts = np.array(
            [cell if cell and cell not in self._missing else None for cell in self._stripped], dtype=object
        )
        return ColumnRead(texts[self._cells.codes], Reading("text", missing=self._missing), notes, doubtful)

    def _why_text(self, where: Callable[[Cells, str], str]) -> list[str]:
        """A word where most cells are numbers."""
        if not self.rest:
            return []
        sample = self.rest[:: max(len(self.rest) // _SAMPLE, 1)]
        best = max(FORMATS, key=lambda pair: sum(parse_number(cell, *pair) is not None for cell in sample))
        numbers = [cell for cell in self.rest if parse_number(cell, *best) is not None]
        if self._rows(numbers) <= _ALMOST * self._rows(self.rest):
            return []
        other = next((cell for cell in self.rest if parse_number(cell, *best) is None), None)
        if other is None:
            return ["Read as text: its numbers are not written with the marks that were given."]
        place = where(self._cells, other)
        return [f"Read as text: “{other[:30]}”{place} is no number, as most other cells are."]

    def _rows(self, cells: Sequence[str]) -> int:
        wanted = set(cells)
        return int(sum(n for cell, n in zip(self._stripped, self._counts.tolist(), strict=True) if cell in wanted))


def _value(cell: str, pair: tuple[str, str]) -> Any:
    number = parse_number(cell, *pair)
    return None if number is None else number.value


def _digits(cell: str) -> int:
    return sum(character.isdigit() for character in cell)


def notes_of(read: dict[str, ColumnRead]) -> list[Note]:
    """What there is to say about each column."""
    return [Note(text, name) for name, column in read.items() for text in column.notes]
