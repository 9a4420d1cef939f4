"""The Global view over sentences and sequences: sets counted by their words or letters in order (Table 2b)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote_plus, urlencode

import pandas as pd
import streamlit as st

import glider_core as gl
from glider_core import prepared
from glider_core.cases import LONGEST_ADDRESS, Case
from glider_core.domains import DOMAINS, Domain
from glider_core.domains.base import Content
from glider_core.drawings import content_run as draw
from glider_core.drawings.text import markdown
from glider_core.reporting import report
from glider_core.rows.content_run import ContentSet, ranked
from glider_core.tables.export import csv_text
from glider_core.workers import Task
from glider_core.workers.tasks import detect_inputs
from pages.parts import glossary, picture, run, saving
from pages.parts.global_run import Reading
from pages.parts.global_state import GlobalState
from pages.parts.queue import Cost
from pages.parts.signs import with_signs
from pages.parts.ties import chosen, tied

RUN = "global.content"  # its name in the queue
LONGEST = 500  # inputs of a visitor's list
LISTED = 500  # sets in the table
_SECONDS = 0.2  # of an input, about


def show(state: GlobalState) -> None:
    """The controls, the run, and what it found."""
    domain = DOMAINS[state.over]
    content = domain.content
    assert content is not None
    readers = {model: entry.title for model, entry in domain.models.items() if entry.tier == "shipped"}
    if state.reader not in readers:
        state.reader = next(iter(readers))
    inputs = _controls(state, domain, content, readers)
    with st.container(key="global-content-progress"):
        finished = run.progress(RUN)
    if finished is not None:
        state.read[finished.model.partition("/")[0]] = finished  # whatever is looked at by now
    reading = state.read.get(state.over)
    asked = (state.reader, tuple(inputs))
    if reading is None or (reading.model, reading.inputs) != asked:
        reading = _stored(state.reader, domain, inputs) or reading
    if reading is not None:
        state.read[state.over] = reading
    else:
        if not run.active(RUN):
            st.caption("There is no result yet; press Run.")
        return
    state.listed = _in_address(domain, reading.inputs)
    if (reading.model, reading.inputs) != asked and not run.active(RUN):
        st.caption(":material/history: This is the result of the former input. Run to see the new one.")
    _result(state, domain, content, reading)


def _controls(state: GlobalState, domain: Domain, content: Content, readers: dict[str, str]) -> list[str]:
    """The choice of model and inputs, and the button; the inputs that stand there."""
    corpus = list(domain.corpus()) if domain.corpus else []
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Model", list(readers), format_func=readers.__getitem__, width=320, **state.tie("reader"))
        with st.popover(f"Your own {content.inputs}", icon=":material/edit_note:"):
            key = f"global.own.{state.over}"

            def typed() -> None:
                state.own_inputs[state.over] = chosen(key)

            text = st.text_area(
                f"One a line, at most {LONGEST}", height=220, max_chars=200_000, on_change=typed,
                **tied(key, state.own_inputs.get(state.over, ""), typed),
            )  # fmt: skip
        st.button(
            "Run", type="primary", icon=":material/play_arrow:", width=120, key="global.button", on_click=state.press
        )
    own = [line.strip() for line in (text or "").splitlines() if line.strip()]
    if len(own) > LONGEST:
        st.caption(f"The first {LONGEST} of {len(own):,} are read.")
    inputs = own[:LONGEST] or corpus
    label = f"{len(inputs):,} {content.inputs}" + ("" if own else " made up by us")
    st.caption(label)
    if state.pressed or state.opened:
        model = state.reader
        run.start(
            RUN,
            Task(detect_inputs, model, inputs, label),
            key=("inputs", model, tuple(inputs)),  # of a shipped model, which stays the same while a server runs
            doing=f"Explaining {content.inputs}",
            cost=Cost(("inputs", model), len(inputs), guess=5 + len(inputs) * _SECONDS, wide=True),
            then=lambda result: Reading(model=model, inputs=tuple(inputs), result=result),
        )
        state.pressed = state.opened = False
    return inputs


def _in_address(domain: Domain, inputs: Sequence[str]) -> str:
    """A visitor's own inputs as an address holds them; nothing for ours, and for more than fit."""
    told = "\n".join(inputs)
    own = domain.corpus is None or list(inputs) != list(domain.corpus())
    return told if own and len(quote_plus(told)) <= LONGEST_ADDRESS // 2 else ""


def _stored(model: str, domain: Domain, inputs: Sequence[str]) -> Reading | None:
    """What ships with Glider of just this: the domain's own inputs, read by a shipped model."""
    if domain.corpus is None or list(inputs) != list(domain.corpus()):
        return None
    try:
        return Reading(model=model, inputs=tuple(inputs), result=prepared.stored_content_run(model))
    except gl.InvalidInput:
        return None


def _result(state: GlobalState, domain: Domain, content: Content, reading: Reading) -> None:
    result = reading.result
    if not result.sets:
        st.info("No interaction was found in any of them: the model adds features up.", icon=":material/info:")
        return
    sets = ranked(result, content)
    selected = next((each for each in sets if draw.title(each, content) == state.selected), sets[0])
    with st.container(border=True, key="global-content-card"):
        st.subheader(f"{result.n_rows:,} {content.inputs}, {len(sets):,} different sets", anchor=False)
        st.markdown(draw.headline(result, sets, content))
        left, right = st.columns([1.15, 1], gap="large")
        with left:
            drawn = draw.bars_of(result, sets, content, domain.unit, selected)
            picture.choice(drawn, "global.content.top", on_pick=state.select)
            st.caption(
                f"Bars: in how many {content.inputs}, of those that have it, it acts. Dots: its effect in each. "
                f"Click a set for its {content.inputs}. The first {draw.TOP} of {len(sets):,}, by count. "
                f"{draw.behind(sets, content)}"
            )
        with right:
            st.subheader(markdown(draw.title(selected, content)), anchor=False)
            glossary.write(draw.set_sentence(selected, content, domain.unit))
            st.dataframe(
                with_signs(rows_of(selected, reading, domain), {"effect": 2}),
                column_config={
                    "effect": st.column_config.NumberColumn(width="small"),
                    "explain": st.column_config.LinkColumn(display_text="open", width="small"),
                },
                hide_index=True,
                height=min(38 + 35 * selected.count, 420),
            )
    table = sets_table(sets, content)
    with st.expander("All sets, and files"):
        st.dataframe(table.head(LISTED), hide_index=True, height=400)
        _files(state, domain, reading, sets, table)


def _files(
    state: GlobalState, domain: Domain, reading: Reading, sets: Sequence[ContentSet], table: pd.DataFrame
) -> None:
    """The run as files."""
    result, content = reading.result, domain.content
    assert content is not None
    ours = _stored(reading.model, domain, reading.inputs) is not None
    link = saving.page_at(state.of_content()) if ours or state.listed else ""  # many inputs stand in no address
    name = f"global-{reading.model.replace('/', '-')}-{result.n_rows}"
    with st.container(horizontal=True):
        st.download_button("Table as CSV", csv_text(table), f"{name}.csv", "text/csv", icon=":material/download:")
        st.download_button(
            "Run as JSON", result.to_json(), f"{name}.json", "application/json", icon=":material/download:"
        )
        saving.files(
            name,
            "global.content.save",
            report=lambda: report(result, title="Glider: Global view", link=link, inputs=reading.inputs),
            picture=lambda: draw.bars_of(result, sets, content, domain.unit),
        )


def rows_of(selected: ContentSet, reading: Reading, domain: Domain) -> pd.DataFrame:
    """The inputs in which a set was found, each with its effect and a link to its explanation."""
    inputs = [reading.inputs[row] for row in selected.rows]
    links = [
        f"{domain.name}?{urlencode(Case(domain=domain.name, model=reading.model, raw=raw).to_query() or {})}"
        for raw in inputs
    ]
    return pd.DataFrame({"effect": selected.effects, "explain": links, "input": inputs})


def sets_table(sets: Sequence[ContentSet], content: Content) -> pd.DataFrame:
    """A row per set."""
    return pd.DataFrame(
        {
            "set": [draw.title(each, content) for each in sets],
            "features": [each.order for each in sets],
            "found in": [each.count for each in sets],
            "of those that have it": [each.present for each in sets],
            "mean effect": [round(each.mean_effect, 3) for each in sets],
            "p": [each.p_value for each in sets],
        }
    )
