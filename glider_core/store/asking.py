"""What of a case book is looked at: search, filters and order, as one value and as SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from glider_core.errors import InvalidInput
from glider_core.store.tables import CASES, FIELDS, NOTES, TAGS, VERDICTS

VERDICT_NAMES = {1: "plausible", 2: "odd", 3: "wrong", 4: "needs action"}
UNJUDGED = 0
SORTS = ("created", "title", "answer", "label", "alone", "together", "rest", "effect", "verdict", "state", "flag")
RANGES = ("answer", "alone", "together", "rest", "effect", "sets", "created")
_ACROSS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_LETTERS = re.compile(r"[ACGTN]{4,}")  # of a sequence, within which a motif is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRange:
    """Cases whose field lies between two numbers, or is one of these texts."""

    name: str
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Which cases of a book, in which order; everything by default, the latest first."""

    search: str = ""  # words, each of which a case has, perhaps as the beginning of one
    domains: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    states: tuple[str, ...] = ()  # strong, weak, additive, unreadable
    verdicts: tuple[int, ...] = ()  # of the reviewer who asks; `UNJUDGED` among them
    tags: tuple[str, ...] = ()  # all of these
    batches: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()  # one of these
    labels: tuple[str, ...] = ()  # true ones, one of these
    pinned: bool | None = None
    noted: bool | None = None  # whether there is a note
    wrong: bool | None = None
    # Of a column in `RANGES`: the least and the most.
    ranges: dict[str, tuple[float | None, float | None]] = field(default_factory=dict, hash=False)
    fields: tuple[FieldRange, ...] = ()
    ids: tuple[int, ...] | None = None  # these alone
    sort: str = "created"
    descending: bool = True

    def __post_init__(self) -> None:
        if self.sort not in SORTS:
            raise InvalidInput(f"Cases cannot be sorted by {self.sort!r:.40}; choose one of {', '.join(SORTS)}.")
        if unknown := [name for name in self.ranges if name not in RANGES]:
            raise InvalidInput(f"There is no range of {unknown[0]!r:.40}; there are {', '.join(RANGES)}.")
        if unknown := [value for value in self.verdicts if value not in (UNJUDGED, *VERDICT_NAMES)]:
            raise InvalidInput(f"There is no verdict {unknown[0]!r:.40}; there are 1 to 4, and 0 for none.")


def judged_by(reviewer_id: int) -> sa.FromClause:
    """Cases, beside each the verdict of one reviewer."""
    mine = sa.and_(VERDICTS.c.case_id == CASES.c.id, VERDICTS.c.reviewer_id == reviewer_id)
    return CASES.outerjoin(VERDICTS, mine)


def conditions(ask: Ask, book_id: int, *, sqlite: bool) -> list[Any]:
    """The conditions of a `WHERE`, over `judged_by`."""
    found: list[Any] = [CASES.c.book_id == book_id]
    for column, values in (
        (CASES.c.domain, ask.domains),
        (CASES.c.model, ask.models),
        (CASES.c.state, ask.states),
        (CASES.c.batch, ask.batches),
        (CASES.c.label, ask.labels),
    ):
        if values:
            found.append(column.in_(values))
    if ask.ids is not None:
        found.append(CASES.c.id.in_(ask.ids))
    for column, wanted in ((CASES.c.pinned, ask.pinned), (CASES.c.wrong, ask.wrong)):
        if wanted is not None:
            found.append(column.is_(wanted))
    if ask.noted is not None:
        with_note = CASES.c.id.in_(sa.select(NOTES.c.case_id).where(NOTES.c.text != ""))
        found.append(with_note if ask.noted else sa.not_(with_note))
    if ask.verdicts:
        given = [value for value in ask.verdicts if value != UNJUDGED]
        options = [VERDICTS.c.value.in_(given)] if given else []
        found.append(sa.or_(*options, *([VERDICTS.c.value.is_(None)] if UNJUDGED in ask.verdicts else [])))
    if ask.flags:
        found.append(sa.or_(*(CASES.c.flag.contains(flag, autoescape=True) for flag in ask.flags)))
    for tag in ask.tags:
        found.append(CASES.c.id.in_(sa.select(TAGS.c.case_id).where(TAGS.c.tag == tag)))
    for name, (low, high) in ask.ranges.items():
        found += _between(CASES.c[name], low, high)
    for wanted in ask.fields:
        inner = sa.select(FIELDS.c.case_id).where(
            FIELDS.c.name == wanted.name, *_between(FIELDS.c.number, wanted.low, wanted.high)
        )
        found.append(CASES.c.id.in_(inner.where(FIELDS.c.value.in_(wanted.values)) if wanted.values else inner))
    return found + _search(ask.search, sqlite)


def order(ask: Ask) -> list[Any]:
    """The `ORDER BY`: what has no value comes last, equals by their number."""
    column: Any = VERDICTS.c.value if ask.sort == "verdict" else CASES.c[ask.sort]
    if ask.sort == "effect":
        column = sa.func.abs(column)
    directed = column.desc() if ask.descending else column.asc()
    first = directed if ask.sort == "created" else directed.nulls_last()
    return [first, CASES.c.id.desc() if ask.descending else CASES.c.id.asc()]


def _between(column: Any, low: float | None, high: float | None) -> list[Any]:
    return ([] if low is None else [column >= low]) + ([] if high is None else [column <= high])


def _search(text: str, sqlite: bool) -> list[Any]:
    """Every word of the text begins a word of the case; scripts without spaces and letters of DNA, anywhere in it."""
    found: list[Any] = []
    words = []
    for part in text.replace("\x00", " ").split():
        if _ACROSS.search(part) or _LETTERS.fullmatch(part):
            found.append(CASES.c.searched.icontains(part, autoescape=True))
        else:
            words += re.findall(r"[^\W_]+", part)
    words = words[:20]
    if words and sqlite:
        asked = " ".join(f'"{word}"*' for word in words)
        matching = sa.text("cases_words MATCH :asked_words").bindparams(asked_words=asked)
        inner = sa.select(sa.literal_column("rowid")).select_from(sa.text("cases_words")).where(matching)
        found.append(CASES.c.id.in_(inner))
    elif words:
        asked = " & ".join(f"{word}:*" for word in words)
        found.append(sa.text("cases.words @@ to_tsquery('simple', :asked_words)").bindparams(asked_words=asked))
    return found


def parse_verdict(text: str | int) -> int:
    """A verdict by its number or name.

    Raises:
        InvalidInput: there is none of this name.
    """
    for value, name in VERDICT_NAMES.items():
        if str(text).strip().casefold() in (str(value), name):
            return value
    raise InvalidInput(f"There is no verdict {text!r:.40}; choose {', '.join(VERDICT_NAMES.values())}.")
