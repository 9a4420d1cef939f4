"""The table of the case book as a component: what it shows, and the acts that come back from it, each taken once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st
import streamlit.components.v2

from glider_core.numerals import signed
from glider_core.store import Line

COLUMNS = (
    ("thumbnail", "", False),
    ("title", "Case", True),
    ("verdict", "Verdict", True),
    ("answer", "Answer", True),
    ("label", "True", True),
    ("together", "Alone · together · rest, %", True),
    ("effect", "First set, effect", True),
    ("flag", "Flag", True),
    ("tags", "Tags", False),
    ("note", "Note", False),
    ("created", "When", True),
)
OPTIONAL = ("label", "flag", "tags", "note")  # shown where a line has one
_HERE = Path(__file__).parent
_TAKEN = "cases.taken"  # of the session: the number of the latest act that was taken
_MOST = 500  # acts that one message may bring


@dataclass(frozen=True, slots=True)
class Act:
    """What someone did in the table."""

    kind: str  # "open", "judge", "undo", "sort", "page", "pin"
    case: int | None = None
    value: Any = None
    next: int | None = None  # the case that is looked at afterwards


@st.cache_resource
def _component():
    read = (_HERE / "book_table.js").read_text(encoding="utf-8"), (_HERE / "book_table.css").read_text(encoding="utf-8")
    return streamlit.components.v2.component("glider_book", js=read[0], css=read[1])


def show(
    lines: Sequence[Line], selected: int | None, *, sort: str, descending: bool, take: Callable[[Act], None]
) -> None:
    """Draw the table.

    Args:
        lines: to show.
        selected: number of the case that is looked at.
        sort: name of the column that they are sorted by.
        descending: whether the largest come first.
        take: called once with each act, in order, before the page is drawn again.
    """

    def came() -> None:
        for act in acts(st.session_state["cases-table"].events, st.session_state):
            take(act)

    def any_has(name: str) -> bool:
        return sort == name or any(getattr(line, name) for line in lines)

    _component()(
        data={
            "rows": list(map(as_row, lines)),
            "columns": [column for column in COLUMNS if column[0] not in OPTIONAL or any_has(column[0])],
            "selected": selected,
            "sort": sort,
            "descending": descending,
            "taken": st.session_state.get(_TAKEN, 0),
        },
        key="cases-table",
        default={"events": []},
        on_events_change=came,
    )


def acts(events: Any, session: Any) -> list[Act]:
    """Those of the events that were not taken yet; whatever makes no sense is passed over.

    Args:
        events: as they came from the browser.
        session: where the number of the latest is noted.
    """
    found = []
    for event in events[-_MOST:] if isinstance(events, list) else []:
        number = event.get("n") if isinstance(event, Mapping) else None
        if not isinstance(number, int | float) or number <= session.get(_TAKEN, 0):
            continue
        session[_TAKEN] = number
        case, following = event.get("id"), event.get("next")
        found.append(
            Act(
                str(event.get("kind")),
                case if type(case) is int else None,
                event.get("value"),
                following if type(following) is int else None,
            )
        )
    return found


def as_row(line: Line) -> dict[str, Any]:
    """A line as the component reads it."""
    when = datetime.fromtimestamp(line.created)
    today = when.date() == datetime.now().date()
    plain = ("id", "title", "answered", "label", "wrong", "state", "top", "effect", "flag", "verdict", "pinned", "note")
    return {name: getattr(line, name) for name in (*plain, "alone", "together", "rest", "thumbnail", "tags")} | {
        "others": line.others if line.verdict is not None else (),  # one's own verdict comes first
        "effect_words": effect_words(line),
        "time": f"{when:%H:%M}" if today else f"{when:%d %b %Y}",
        "when": f"{when:%Y-%m-%d %H:%M:%S}",
    }


def effect_words(line: Line) -> str:
    """The first set's effect with half of its interval; nothing, where there is no set."""
    if line.effect is None:
        return ""
    if line.low is None or line.high is None or line.high - line.low < 0.01:
        return signed(line.effect)
    return f"{signed(line.effect)} ± {(line.high - line.low) / 2:.2f}"
