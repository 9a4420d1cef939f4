"""The Global view over sentences and sequences: sets counted by their words or letters in order (Table 2b)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

import glider_core as gl
from glider_core import prepared
from glider_core.cases import Case
from glider_core.domains import DOMAINS, Domain
from glider_core.domains.base import Content
from glider_core.drawings.global_bars import TOP, top_bars
from glider_core.drawings.text import markdown
from glider_core.numerals import signed
from glider_core.rows.by_content import ContentRun, ContentSet
from glider_core.tables.export import csv_text
from glider_core.workers import Task
from glider_core.workers.tasks import detect_inputs
from pages.parts import glossary, picture, run
from pages.parts.global_run import Reading
from pages.parts.global_state import GlobalState
from pages.parts.queue import Cost
from pages.parts.signs import with_signs

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
        state.read[state.over] = finished
    reading = state.read.get(state.over)
    asked = (state.reader, tuple(inputs))
    if reading is None or (reading.model, reading.inputs) != asked:
        reading = _stored(state.reader, domain, inputs) or reading
    if reading is not None:
        state.read[state.over] = reading
    else:
        st.caption("There is no result yet; press Run.")
        return
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
            if key not in st.session_state:
                st.session_state[key] = state.own_inputs.get(state.over, "")
            text = st.text_area(f"One a line, at most {LONGEST}", key=key, height=220, max_chars=200_000)
            state.own_inputs[state.over] = text or ""
        pressed = st.button("Run", type="primary", icon=":material/play_arrow:", width=120, key="global.content.button")
    own = [line.strip() for line in (text or "").splitlines() if line.strip()]
    if len(own) > LONGEST:
        st.caption(f"The first {LONGEST} of {len(own):,} are read.")
    inputs = own[:LONGEST] or corpus
    label = f"{len(inputs):,} {content.inputs}" + ("" if own else " made up by us")
    st.caption(label)
    if pressed:
        model = state.reader
        run.start(
            RUN,
            Task(detect_inputs, model, inputs, label),
            doing=f"Explaining {content.inputs}",
            cost=Cost(("inputs", model), len(inputs), guess=5 + len(inputs) * _SECONDS, wide=True),
            then=lambda result: Reading(model=model, inputs=tuple(inputs), result=result),
        )
    return inputs


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
    title = _titles(content)
    ranks = {each.content: rank for rank, each in enumerate(result.sets, 1)}
    selected = next((each for each in result.sets if title(each) == state.selected), result.sets[0])
    with st.container(border=True, key="global-content-card"):
        st.subheader(f"{result.n_rows:,} {content.inputs}, {len(result.sets):,} different sets", anchor=False)
        st.markdown(headline(result, content))
        left, right = st.columns([1.15, 1], gap="large")
        with left:
            drawn = top_bars(
                result.sets,
                result.n_rows,
                title=title,
                chosen=title(selected),
                rank_of=lambda each: ranks[each.content],
                unit=domain.unit,
                share=lambda each: (each.consistency, f"{each.count} of {each.present}"),
                inputs=content.inputs,
            )
            picture.choice(drawn, "global.content.top", on_pick=state.select)
            st.caption(
                f"Bars: in how many {content.inputs}, of those that have it, it acts. Dots: its effect in each. "
                f"Click a set for its {content.inputs}. The first {TOP} of {len(result.sets):,}, by count."
            )
        with right:
            st.subheader(markdown(title(selected)), anchor=False)
            glossary.write(sentence(selected, domain, content))
            st.dataframe(
                with_signs(rows_of(selected, reading, domain), {"effect": 2}),
                column_config={
                    "effect": st.column_config.NumberColumn(width="small"),
                    "explain": st.column_config.LinkColumn(display_text="open", width="small"),
                },
                hide_index=True,
                height=min(38 + 35 * selected.count, 420),
            )
    table = sets_table(result, content)
    with st.expander("All sets, and files"):
        st.dataframe(table.head(LISTED), hide_index=True, height=400)
        with st.container(horizontal=True):
            st.download_button("Table as CSV", csv_text(table), "global-content.csv", "text/csv")
            st.download_button("Run as JSON", result.to_json(), "global-content.json", "application/json")


def headline(result: ContentRun, content: Content) -> str:
    """What was found most often; Markdown."""
    first = result.sets[0]
    return (
        f"Most often: **{markdown(_titles(content)(first))}**, in {first.count} of the {first.present} "
        f"{content.inputs} that have it. On average {result.per_row:.1f} sets are found in one."
    )


def sentence(selected: ContentSet, domain: Domain, content: Content) -> str:
    """How consistent a set is, and which way it goes; Markdown."""
    up = sum(effect > 0 for effect in selected.effects)
    chance = "less than one in a million" if selected.p_value < 1e-6 else f"{selected.p_value:.2g}"
    return (
        f"Found in **{selected.count} of {selected.present}** {content.inputs} that have it "
        f"({selected.consistency:.0%}), raising the answer in {up}: {signed(selected.mean_effect)} {domain.unit} on "
        f"average. Were sets drawn at random, so many would be found with p {chance}."
    )


def rows_of(selected: ContentSet, reading: Reading, domain: Domain) -> pd.DataFrame:
    """The inputs in which a set was found, each with its effect and a link to its explanation."""
    inputs = [reading.inputs[row] for row in selected.rows]
    links = [
        f"{domain.name}?{urlencode(Case(domain=domain.name, model=reading.model, raw=raw).to_query() or {})}"
        for raw in inputs
    ]
    return pd.DataFrame({"effect": selected.effects, "input": inputs, "explain": links})


def sets_table(result: ContentRun, content: Content) -> pd.DataFrame:
    """A row per set."""
    title = _titles(content)
    return pd.DataFrame(
        {
            "set": [title(each) for each in result.sets],
            "features": [each.order for each in result.sets],
            "found in": [each.count for each in result.sets],
            "of those that have it": [each.present for each in result.sets],
            "mean effect": [round(each.mean_effect, 3) for each in result.sets],
            "p": [each.p_value for each in result.sets],
        }
    )


def _titles(content: Content) -> Callable[[ContentSet], str]:
    return lambda each: content.joined.join(each.content)
