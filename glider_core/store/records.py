"""What a store hands out: lines of the case book, reviewers, notes; frozen."""

from __future__ import annotations

from dataclasses import dataclass

from glider_core.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """Someone who judges."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What people wrote on a case."""

    text: str
    version: int  # 0: nothing was ever written
    by: str = ""  # the name of whoever wrote it last
    at: float = 0.0  # seconds since 1970


class NoteChanged(InvalidInput):
    """Someone else has changed the note since it was read; nothing was written.

    `theirs` is what stands there now, `mine` what was to be written.
    """

    def __init__(self, theirs: Note, mine: str) -> None:
        super().__init__(
            f"{theirs.by or 'Someone'} changed this note while you wrote; yours was not saved. Both stand here: keep "
            "what you want of either, and save again."
        )
        self.theirs, self.mine = theirs, mine


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A case as the book shows it."""

    id: int
    domain: str
    model: str
    title: str
    answer: float  # logits
    answered: str  # in words
    label: str | None  # the true one
    wrong: bool | None
    state: str  # strong, weak, additive, unreadable
    alone: float  # shares of what varies
    together: float
    rest: float
    top: str  # names of the first set; empty: none
    effect: float | None  # logits
    low: float | None
    high: float | None
    sets: int
    flag: str
    batch: str
    parent_id: int | None
    pinned: bool
    created: float  # seconds since 1970
    verdict: int | None  # of the reviewer who asks, 1..4
    others: tuple[tuple[str, int], ...] = ()  # name and verdict of other reviewers
    tags: tuple[str, ...] = ()
    note: str = ""
    thumbnail: str = ""  # HTML of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the cases of a book can be filtered by: each value that occurs, with how often."""

    domains: dict[str, int]
    models: dict[str, int]
    states: dict[str, int]
    batches: dict[str, int]
    tags: dict[str, int]
    labels: dict[str, int]  # true ones, the most frequent first
