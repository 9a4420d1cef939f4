"""What a report says of a case beside its explanation: what people judged and wrote, and where it can be seen live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glider_core.results import Explanation

if TYPE_CHECKING:
    from glider_core.store import Line, ReviewedBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A case of a report."""

    explanation: Explanation
    title: str = ""
    label: str | None = None  # the true one
    wrong: bool | None = None
    flag: str = ""
    verdicts: tuple[tuple[str, int], ...] = ()  # reviewer and verdict 1..4
    note: str = ""
    tags: tuple[str, ...] = ()


def entries_of(book: ReviewedBook, lines: Sequence[Line], reviewer: str = "") -> list[Entry]:
    """Cases of a book as a report has them.

    Args:
        book: that they are in.
        lines: of the cases, in the order of the report.
        reviewer: name of whoever's own verdicts the lines hold.

    Raises:
        InvalidInput: a case is not in the book any more.
    """
    return [
        Entry(
            explanation=book.explanation(line.id),
            title=line.title,
            label=line.label,
            wrong=line.wrong,
            flag=line.flag,
            verdicts=(*([(reviewer or "own verdict", line.verdict)] if line.verdict else []), *line.others),
            note=line.note,
            tags=line.tags,
        )
        for line in lines
    ]
