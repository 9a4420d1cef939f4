"""What the page of cases shows, with its form in the address: book, case, search, filters and order."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from glider_core.drawings.layered import LAYERS
from glider_core.store import VERDICT_NAMES, Ask, FieldRange
from glider_core.store.asking import RANGES, SORTS
from pages.parts.linked import LinkedState, choice_of, linked, switch, text, texts, whole_number

PER_PAGE = 50
_HIGHEST = 2**31 - 1
_FIELD = "field"  # in front of a range of a row's field


def _verdicts(values: Sequence[str]) -> tuple[int, ...]:
    return tuple(int(value) for value in values if value in {"0", *map(str, VERDICT_NAMES)})


def _ids(values: Sequence[str]) -> tuple[int, ...]:
    return tuple(int(value) for value in values if value.isdecimal() and len(value) < 11)


@dataclass
class CasesState(LinkedState):
    """What is looked at."""

    PAGE: ClassVar[str] = "cases"

    book: str = linked("book", "", text)  # as `books` names it
    case: int = linked("case", 0, whole_number(0, _HIGHEST))  # 0: the first of what is shown
    search: str = linked("search", "", text)
    verdicts: tuple[int, ...] = linked("verdict", (), _verdicts)  # 0: not judged
    states: tuple[str, ...] = linked("state", (), texts)
    models: tuple[str, ...] = linked("model", (), texts)
    tags: tuple[str, ...] = linked("tag", (), texts)
    batches: tuple[str, ...] = linked("batch", (), texts)
    flags: tuple[str, ...] = linked("flag", (), texts)
    ranges: tuple[str, ...] = linked("range", (), texts)  # "together:0.05:1", "field:age:30:"
    labels: tuple[str, ...] = linked("label", (), texts)
    pinned: bool = linked("pinned", False, switch)
    noted: bool = linked("noted", False, switch)
    sort: str = linked("sort", "created", choice_of(SORTS))
    ascending: bool = linked("ascending", False, switch)
    page: int = linked("page", 1, whole_number(1, _HIGHEST))
    differs: int = linked("differs", 0, whole_number(0, _HIGHEST))  # another reviewer's number: only where we differ
    beside: int = linked("beside", 0, whole_number(0, _HIGHEST))  # the case that stands beside
    set: int = linked("set", 0, whole_number(0, 1000))  # the chosen interaction, from 1
    view: str = linked("view", "", text)  # of the picture
    layer: str = linked("layer", "together", choice_of(LAYERS))  # LIME's picture, both, together
    stage: bool = linked("stage", False, switch)  # shown to an audience, one finding a screen
    step: int = linked("step", 0, whole_number(0, 4))  # of the case on the stage
    told: str = ""  # what could not be opened, until something else is

    def ask(self, ids: tuple[int, ...] | None = None) -> Ask:
        """What of the book is asked for."""
        ranges: dict[str, tuple[float | None, float | None]] = {}
        fields: list[FieldRange] = []
        for told in self.ranges:
            with suppress(ValueError):
                name, low, high = parse_range(told)
                if not name.startswith(f"{_FIELD}:"):
                    ranges[name] = (low, high)
                elif told.count("=") and low is None and high is None:
                    fields.append(FieldRange(name=name.removeprefix(f"{_FIELD}:"), values=(told.partition("=")[2],)))
                else:
                    fields.append(FieldRange(name=name.removeprefix(f"{_FIELD}:"), low=low, high=high))
        return Ask(
            search=self.search,
            verdicts=self.verdicts,
            states=self.states,
            models=self.models,
            tags=self.tags,
            batches=self.batches,
            flags=self.flags,
            ranges=ranges,
            fields=tuple(fields),
            labels=self.labels,
            pinned=True if self.pinned else None,
            noted=True if self.noted else None,
            ids=ids,
            sort=self.sort,
            descending=not self.ascending,
        )

    @property
    def filtered(self) -> bool:
        """Whether some cases of the book are left out."""
        return bool(
            self.search or self.verdicts or self.states or self.models or self.tags or self.batches or self.flags
            or self.ranges or self.pinned or self.differs or self.labels or self.noted
        )  # fmt: skip

    def show_all(self) -> None:
        """Leave no case out."""
        self.search, self.pinned, self.noted, self.differs, self.page = "", False, False, 0, 1
        self.verdicts, self.labels = (), ()
        self.states = self.models = self.tags = self.batches = self.flags = self.ranges = ()


def parse_range(told: str) -> tuple[str, float | None, float | None]:
    """Column (or "field:NAME"), least and most of a range as an address tells it.

    Raises:
        ValueError: it tells none.
    """
    if told.startswith(f"{_FIELD}:") and "=" in told:
        return told.partition("=")[0], None, None
    name, low, high = told.rsplit(":", 2)
    if not name.startswith(f"{_FIELD}:") and name not in RANGES:
        raise ValueError(told)
    return name, float(low) if low else None, float(high) if high else None


def range_words(told: str) -> str:
    """A range for people."""
    try:
        name, low, high = parse_range(told)
    except ValueError:
        return told
    shown = name.removeprefix(f"{_FIELD}:")
    if name == "created":
        days = [f"{datetime.fromtimestamp(time):%d %b %Y}" for time in (low, high) if time is not None]
        return f"explained {' to '.join(dict.fromkeys(days))}"
    if low is None and high is None:
        return f"{shown} is {told.partition('=')[2]}"
    if low is None or high is None:
        return f"{shown} at least {low:g}" if low is not None else f"{shown} at most {high:g}"
    return f"{shown} {low:g} to {high:g}"
