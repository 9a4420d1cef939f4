"""The line above the case book: search, what is left out, and in words what is shown."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

import streamlit as st

from glider_core.drawings.text import markdown
from glider_core.models import find_entry
from glider_core.store import UNJUDGED, VERDICT_NAMES, ReviewedBook
from glider_core.store.asking import RANGES
from pages.parts.cases_state import CasesState, range_words

STATES = {"strong": "strong", "weak": "weak", "additive": "almost a plain sum", "unreadable": "could not be read"}
FLAGS = ("wrong answer", "near 50 %", "could not be read", "unknown words")
_NUMBERS = {
    "together": "Together: share told by sets, 0 to 1",
    "alone": "Alone: share told by features one by one, 0 to 1",
    "rest": "Rest: share told by neither, 0 to 1",
    "answer": "Answer, logits",
    "effect": "Effect of the first set",
    "sets": "Number of sets",
}
_JUDGED = {UNJUDGED: "not judged", **{value: f"{value} {name}" for value, name in VERDICT_NAMES.items()}}


def show(state: CasesState, book: ReviewedBook) -> None:
    """Draw search and filters, tied to the state."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Search in texts, names, tags and notes",
            placeholder="Search in texts, names, tags and notes",
            label_visibility="collapsed",
            icon=":material/search:",
            width=340,
            **_first_page(state, "search"),
        )
        st.pills(
            "Verdict", list(_JUDGED), format_func=_JUDGED.__getitem__, selection_mode="multi",
            label_visibility="collapsed", **_first_page(state, "verdicts"),
        )  # fmt: skip
        with st.popover("Filter", icon=":material/filter_list:"):
            _more(state, book)
    _told(state)


def _more(state: CasesState, book: ReviewedBook) -> None:
    choices = book.choices()
    st.multiselect("Finding", list(STATES), format_func=STATES.__getitem__, **_first_page(state, "states"))
    st.multiselect("Flag", FLAGS, **_first_page(state, "flags"))
    if len(choices.models) > 1 or state.models:
        models = list(dict.fromkeys([*choices.models, *state.models]))
        st.multiselect("Model", models, format_func=title_of, **_first_page(state, "models"))
    many = (
        ("batches", "Batch", choices.batches),
        ("tags", "Tag", choices.tags),
        ("labels", "True label", choices.labels),
    )
    for name, label, known in many:
        options = list(dict.fromkeys([*known, *getattr(state, name)]))
        if options:
            st.multiselect(label, options, **_first_page(state, name))
    with st.container(horizontal=True):
        st.toggle("Pinned only", **_first_page(state, "pinned"))
        st.toggle("With a note only", **_first_page(state, "noted"))
    st.date_input(
        "Explained on these days", value=[], key="cases.days", on_change=_add_days, args=(state,),
        help="The first and the last day",
    )  # fmt: skip
    fields = book.field_names() if "recommender" in choices.domains else []
    names = [name for name in _NUMBERS if name in RANGES] + [f"field:{name}" for name in fields]
    name = st.selectbox(
        "A range of a number, or a value of a field",
        names,
        format_func=lambda name: _NUMBERS.get(name) or str(name).removeprefix("field:"),
        key="cases.range.name",
    )
    low, high, equal = st.columns(3)
    low.number_input("At least", value=None, step=0.01, key="cases.range.low")
    high.number_input("At most", value=None, step=0.01, key="cases.range.high")
    equal.text_input("Or exactly", key="cases.range.equal", disabled=not (name or "").startswith("field:"))
    st.button("Add it", on_click=_add_range, args=(state,), icon=":material/add:")


def title_of(model_id: str) -> str:
    """A model's title for people."""
    entry = find_entry(model_id)
    return model_id if entry is None else entry.title


def _first_page(state: CasesState, name: str) -> dict[str, Any]:
    """Ties a widget; whoever filters sees the first page of what is left."""

    def show_first() -> None:
        state.page, state.case = 1, 0

    return state.tie(name, then=show_first)


def _add_range(state: CasesState) -> None:
    name, low, high, equal = (st.session_state.get(f"cases.range.{part}") for part in ("name", "low", "high", "equal"))
    if not name or (low is None and high is None and not equal):
        return
    told = f"{name}={equal}" if equal and name.startswith("field:") else f"{name}:{_number(low)}:{_number(high)}"
    state.ranges = (*state.ranges, told)
    state.page, state.case = 1, 0


def _add_days(state: CasesState) -> None:
    """From the beginning of the first day to the end of the last."""
    days = st.session_state["cases.days"]
    if len(days) != 2:  # the second is still to be chosen
        return
    first, last = (datetime.combine(day, end).timestamp() for day, end in zip(days, (time.min, time.max), strict=True))
    others = [told for told in state.ranges if not told.startswith("created:")]
    state.ranges = (*others, f"created:{first:.0f}:{last:.0f}")
    state.page, state.case = 1, 0


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _drop(state: CasesState, told: str) -> None:
    state.ranges = tuple(other for other in state.ranges if other != told)


def _told(state: CasesState) -> None:
    """Ranges as buttons that take them off, and one that shows all again."""
    if not state.filtered:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        for told in state.ranges:
            st.button(
                markdown(range_words(told)), icon=":material/close:", type="tertiary", key=f"cases.drop.{told}",
                on_click=_drop, args=(state, told), help="Take this off",
            )  # fmt: skip
        for batch in state.batches:
            st.caption(f":material/playlist_play: {markdown(batch)}", width="content")
        if state.differs:
            st.caption("Only cases on which you and the other reviewer differ.")
        st.button("Show all cases", icon=":material/filter_list_off:", type="tertiary", on_click=state.show_all)
