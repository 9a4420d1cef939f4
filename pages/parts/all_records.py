"""All records of a pasted text, explained one after another in the fair queue; a list leads to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pandas as pd
import streamlit as st

import glider_core as gl
from glider_core.cases import Case
from glider_core.domains.dna.records import Record
from glider_core.drawings.sentences import short_name
from glider_core.drawings.text import markdown
from pages.parts import explaining, run
from pages.parts.state import Outcome, PageState

MOST = 100  # records of one text that are explained
RECORD = "record"  # the option that says which
_KEY = "dna.all_records"  # of the session
_RUN = "dna.all"


@dataclass(slots=True)
class AllRecords:
    """Records on their way."""

    asked: Case  # without the record
    records: Sequence[Record]  # that are explained
    of: int  # records in the text
    outcome: Outcome = field(default_factory=lambda: Outcome(_RUN))  # of the record that is on its way
    done: dict[int, gl.Explanation] = field(default_factory=dict)  # by number, from 1
    refused: dict[int, str] = field(default_factory=dict)  # why, by number
    stopped: bool = False

    @property
    def next(self) -> int | None:
        """Number of the record that comes next; None: nothing more."""
        numbers = range(1, len(self.records) + 1)
        left = (number for number in numbers if number not in self.done and number not in self.refused)
        return None if self.stopped else next(left, None)

    def case(self, number: int) -> Case:
        """What is asked of one record: the same as where it is chosen on the page."""
        return replace(self.asked, options=dict(self.asked.options) | {RECORD: number})


def offer(state: PageState, records: Sequence[Record]) -> None:
    """A button that queues them all, and what has come of it so far."""
    everything: AllRecords | None = st.session_state.get(_KEY)
    case = replace(state.case, options={k: v for k, v in state.case.options.items() if k != RECORD})
    if everything is not None and everything.asked != case:
        run.cancel(everything.outcome.name)
        everything = st.session_state[_KEY] = None
    button = st.container(key="dna-all-button")
    if everything is not None:
        _go_on(everything)
    count = min(len(records), MOST)
    if everything is None or everything.stopped:
        words = f"Explain all {count:,} records" if count == len(records) else f"Explain the first {count:,} records"
        former = {} if everything is None else everything.done
        if button.button(words, icon=":material/playlist_play:", key="dna.all.button"):
            st.session_state[_KEY] = AllRecords(case, records[:count], len(records), done=dict(former))
            st.rerun()
    if everything is not None:
        _list(state, everything)


def _go_on(everything: AllRecords) -> None:
    """Take what has ended, and queue the next one; one at a time, so that other visitors come in between."""
    place = st.container(key="dna-all-progress")
    while (number := everything.next) is not None:
        case, name = everything.case(number), f"{_RUN}.{number}"
        if everything.outcome.name != name:
            everything.outcome = Outcome(name)
            explaining.start(everything.outcome, case)
        if error := run.failure(name):
            everything.refused[number] = error
            run.cancel(name)
            continue
        slot = place.empty()
        with slot.container():
            shown = explaining.follow(everything.outcome, case)
        if shown is not None and not shown.first_look:
            everything.done[number] = shown.explanation
        elif run.active(name):
            return
        elif run.failure(name):
            slot.empty()  # it is said below the list
        else:
            everything.stopped = True  # by the visitor


def _list(state: PageState, everything: AllRecords) -> None:
    """A line for each record; the one that is selected is shown on the page."""
    ended = len(everything.done) + len(everything.refused)
    words = f"{ended:,} of {len(everything.records):,} records done"
    if everything.of > len(everything.records):
        words += f"; the text has {everything.of:,}, of which so many are explained at once"
    if everything.stopped:
        words += ", stopped"
    st.caption(f"{words}. Select a line to see it.")
    lines = [_line(everything, number) for number in range(1, len(everything.records) + 1)]

    def jump() -> None:
        chosen = cast(Any, st.session_state[key]).selection.rows
        if chosen:
            show(state, chosen[0] + 1)

    key = f"dna.all.list.{ended}"
    st.dataframe(
        pd.DataFrame(lines), hide_index=True, height=min(38 + 35 * len(lines), 213), key=key, on_select=jump,
        selection_mode="single-row",
        column_config={"record": st.column_config.TextColumn(width="medium"),
                       "what was found": st.column_config.TextColumn(width="large")},
    )  # fmt: skip
    if everything.refused:
        first, *others = everything.refused.values()
        more = f" ({len(others)} more cannot be explained)" if others else ""
        st.caption(f":material/info: {markdown(first)}{more}")


def show(state: PageState, number: int) -> None:
    """Show this record on the page, from what is known where it is done."""
    state.options = state.options | {RECORD: number}
    state.wanted = True


def _line(everything: AllRecords, number: int) -> dict[str, Any]:
    record = everything.records[number - 1]
    found = everything.done.get(number)
    if found is None:
        told = "cannot be explained" if number in everything.refused else "waits"
        answer = None
    else:
        sets = [short_name(found, place) for place in range(min(len(found.interactions), 2))]
        told = f"{found.verdict}: {'; '.join(sets)}" if sets else found.verdict
        answer = round(found.prediction, 2)
    title = f"{number} · {record.title}"
    return {"record": title, "letters": len(record.letters), "log intensity": answer, "what was found": told}
