"""How one cell of a column is understood: as text, number or date, alike in its column and alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple

import pandas as pd

EXACT = 2**53  # beyond this a floating-point number no longer tells whole numbers apart

# Texts that mean "no value" in a column of numbers. In a column of texts they may be values: NA is Namibia.
MARKS = frozenset(
    ("na", "n/a", "#n/a", "n.a.", "nan", "-nan", "null", "(null)", "none", "nil", "-", "--", "–", "—", "?", ".", "..",
     "\\n", "<na>", "#null!", "#value!", "#div/0!", "#ref!", "#name?", "#num!", "missing", "n.v.", "k.a.")
)  # fmt: skip
# Of these, the ones that people mean as "no value" in texts as well, often enough for a word.
DOUBTFUL = frozenset(("na", "n/a", "#n/a", "n.a.", "nan", "null", "(null)", "none", "nil", "\\n", "<na>", "?", "-"))
_CURRENCIES = (
    r"[A-Z]{1,2}\$|[€$£¥₹₽₩₺₫₪฿₴₦]|USD|EUR|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN|CZK|HUF|RUB|BRL|AUD|CAD|NZD|MXN|ZAR|"
    r"TRY|KRW|SGD|HKD|Euro|euro|Rs\.?|kr\.?|zł|Kč|Ft|Fr\.?"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the cells of a column become values."""

    kind: Literal["text", "number", "date"] = "text"
    decimal: str = "."
    thousands: str = ""
    date: str = ""  # a format of strptime, or "ISO8601"
    missing: tuple[str, ...] = ()  # texts that mean "no value", beside blanks

    def value(self, cell: Any) -> Any:
        """A cell's value: a text, an int, a float or a Timestamp; None where there is none.

        What is no text is a value already. A text that is no number in a column of numbers stays a text: whoever
        computes with it has to see it.
        """
        if not isinstance(cell, str):
            return cell
        stripped = cell.strip()
        if not stripped or stripped in self.missing:
            return None
        if self.kind == "number":
            number = parse_number(stripped, self.decimal, self.thousands)
            if number is None:
                return None if is_mark(stripped) else stripped
            return number.value
        if self.kind == "date":
            date = parse_date(stripped, self.date)
            if date is None and _ISO.fullmatch(stripped):  # as Python and JSON write dates, which nobody misreads
                date = parse_date(stripped, "ISO8601")
            return stripped if date is None else date
        return stripped


class Number(NamedTuple):
    """A number as it was written."""

    value: int | float
    currency: str = ""
    percent: bool = False
    exponent: bool = False


def is_mark(cell: str) -> bool:
    """Whether a text means "no value" in a column of numbers."""
    return cell.strip().casefold() in MARKS


def parse_number(cell: str, decimal: str = ".", thousands: str = "") -> Number | None:
    """A text as a number, with its currency or percent sign, if it is one: "1.234,50 €", "(12)", "5 %", "1e-7"."""
    if cell.isdecimal() and cell.isascii() and len(cell) < 1000:  # most numbers, and many times faster
        return Number(int(cell))
    if decimal == "." and _PLAIN.fullmatch(cell):
        whole = cell.lstrip("+-").isdecimal()
        return Number(
            int(cell) if whole and len(cell) < 1000 else float(cell), exponent=not whole and "e" in cell.lower()
        )
    match = _pattern(decimal, thousands).fullmatch(cell.strip())
    if match is None:
        return None
    body = match["body"]
    if match["word"]:
        value: int | float = float("inf")
    else:
        for blank in ("\u00a0", "\u202f", "\u2009"):
            body = body.replace(blank, " ")
        plain = body.replace("’", "'").replace(thousands, "") if thousands else body
        plain = plain.replace(decimal, ".")
        whole = plain.isdigit() and len(plain) < 1000
        value = int(plain) if whole else float(plain)
    signs = match["sign"] + match["inner"] + ("-" if match["open"] else "")
    if bool(match["open"]) != bool(match["close"]) or len(signs) > 1:
        return None
    if signs in ("-", "−"):
        value = -value
    if match["before"] and match["after"]:
        return None
    return Number(
        value,
        currency=match["before"] or match["after"] or "",
        percent=bool(match["percent"]),
        exponent="e" in body.lower() and not match["word"],
    )


_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")


@cache
def _pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    point = re.escape(decimal)
    digits = r"[0-9]+"
    if thousands:
        mark = {" ": "[ \u00a0\u202f\u2009]", "'": "['’]"}.get(thousands, re.escape(thousands))
        digits = rf"(?:[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+|[0-9]+)"
        if thousands == ",":  # lakh and crore: 12,34,567
            digits = rf"(?:[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+|[0-9]{{1,2}}(?:{mark}[0-9]{{2}})+{mark}[0-9]{{3}}|[0-9]+)"
    body = rf"(?P<body>(?:{digits}(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?|(?P<word>(?i:inf|infinity)))"
    return re.compile(
        rf"(?P<open>\()?(?P<sign>[+\-−]?)\s*(?P<before>{_CURRENCIES})?\s*(?P<inner>[+\-−]?)\s*{body}"
        rf"\s*(?:(?P<percent>[%٪])|(?P<after>{_CURRENCIES}))?(?P<close>\))?"
    )


_ISO = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?\s?(?:Z|UTC|[+-]\d{2}:?\d{2})?)?"
)
_DAY = re.compile(
    r"(?P<a>\d{1,4}|[A-Za-z]{3,9})(?P<s>[./\- ])\s?(?P<b>\d{1,2}|[A-Za-z]{3,9})\.?(?P<t>[./\-]|, ?| )(?P<c>\d{4}|\d{2})"
    r"(?P<time>,? \d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?)?"
)


def date_formats(cell: str) -> tuple[str, ...]:
    """The formats that a text may be a date in; two of them where day and month cannot be told apart; else none."""
    if _ISO.fullmatch(cell):
        return ("ISO8601",)
    match = _DAY.fullmatch(cell)
    if match is None:
        return ()
    a, b, c, s, t = (match[name] for name in "abcst")
    time = match["time"] or ""
    clock = ""
    if time:
        clock = ("," if time.startswith(",") else "") + " " + ("%I:%M" if time[-1] in "mM" else "%H:%M")
        clock += ":%S" if time.count(":") == 2 else ""
        clock += (" %p" if " " in time.strip(", ") else "%p") if time[-1] in "mM" else ""
    year = "%Y" if len(c) == 4 else "%y"
    if a.isalpha() == b.isalpha():
        if a.isalpha() or s != t or s == " ":
            return ()
        if len(a) == 4:
            return (f"%Y{s}%m{s}%d{clock}",) if len(c) == 2 else ()
        if len(a) > 2:
            return ()
        day_first, month_first = f"%d{s}%m{s}{year}{clock}", f"%m{s}%d{s}{year}{clock}"
        possible = [day_first] if int(b) <= 12 and int(a) <= 31 else []
        possible += [month_first] if int(a) <= 12 and int(b) <= 31 else []
        return tuple(possible)
    if a.isalpha():
        return (f"%{_month(a)}{s}%d{t}{year}{clock}",)
    return (f"%d{s}%{_month(b)}{t}{year}{clock}",) if len(a) <= 2 else ()


def _month(word: str) -> str:
    return "b" if len(word) == 3 else "B"


def parse_date(cell: str, date: str) -> pd.Timestamp | None:
    """A text in this format as a point in time, without a zone: one that is given is turned into UTC."""
    found: Any = parse_dates([cell], date)[0]
    return None if found is pd.NaT else found


def parse_dates(cells: list[str], date: str) -> pd.DatetimeIndex:
    """Many at once; NaT where one is no date in this format."""
    plain = [cell.replace(" UTC", "Z") for cell in cells] if date == "ISO8601" else cells
    found: Any = pd.to_datetime(pd.Index(plain, dtype=object), format=date, errors="coerce", utc=True)
    return pd.DatetimeIndex(found).tz_localize(None)
