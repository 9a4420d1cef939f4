"""The case book as a table for spreadsheets, and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from glider_core.provenance import versions
from glider_core.store import VERDICT_NAMES, Line
from glider_core.tables.export import csv_text

if TYPE_CHECKING:
    from glider_core.store import ReviewedBook

FORMAT = 1
_LEFT_OUT = ("thumbnail", "others", "tags", "created", "verdict")


def book_csv(lines: Sequence[Line]) -> str:
    """Cases as CSV in which no text is a formula."""
    return csv_text(pd.DataFrame([_row(line) for line in lines], columns=pd.Index(_names())))


def book_json(book: ReviewedBook, lines: Sequence[Line]) -> str:
    """Cases with their whole explanations as JSON; `Explanation.from_json` reads each back.

    Raises:
        InvalidInput: a case is not in the book any more.
    """
    cases = [
        _row(line)
        | {
            "tags": list(line.tags),
            "verdicts": [{"reviewer": name, "verdict": VERDICT_NAMES[value]} for name, value in line.others],
            "explanation": json.loads(book.explanation(line.id).to_json()),
        }
        for line in lines
    ]
    values = {"glider": "case book", "format": FORMAT, "versions": versions(), "book": book.title, "cases": cases}
    return json.dumps(values, indent=1, ensure_ascii=False)


def _names() -> list[str]:
    return [each.name for each in fields(Line) if each.name not in _LEFT_OUT] + ["verdict", "others", "tags", "created"]


def _row(line: Line) -> dict[str, Any]:
    plain = {each.name: getattr(line, each.name) for each in fields(Line) if each.name not in _LEFT_OUT}
    return plain | {
        "verdict": "" if line.verdict is None else VERDICT_NAMES[line.verdict],
        "others": ", ".join(f"{name}: {VERDICT_NAMES[value]}" for name, value in line.others),
        "tags": ", ".join(line.tags),
        "created": datetime.fromtimestamp(line.created, UTC).isoformat(timespec="seconds"),
    }
