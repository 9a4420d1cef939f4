"""Feature crosses: do the sets that one recommender uses make another one better?"""

from __future__ import annotations

import streamlit as st

from glider_core.recommenders.network import RECOMMENDERS
from pages.parts import crosses_run, crosses_sets, crosses_view, frame, measured_crosses, own_table, run
from pages.parts.crosses_run import OWN_TABLE, SIMULATED, TrainingRequest
from pages.parts.crosses_state import MAX_SEEDS, SOURCES, TRAINING_ROWS, CrossesState
from pages.parts.global_run import model_of

frame.enter()
st.title("Feature crosses", anchor=False)
st.markdown(
    "Do the sets that one recommender uses make **another one better**? Each set becomes a feature of its own, and the "
    "other recommender is trained with it and without it, side by side."
)
# Every place is taken before anything is drawn, so that nothing moves when a message or a result comes.
source, table, found, form, notes, progress, result, measured = (
    st.container(key=f"crosses-{name}")
    for name in ("source", "table", "found", "form", "notes", "progress", "result", "measured")
)
state = CrossesState.of_visit()
with source:
    st.segmented_control(
        "Table", list(SOURCES), format_func=SOURCES.__getitem__, required=True, label_visibility="collapsed",
        **state.tie("source"),
    )  # fmt: skip
own = None
if state.source == OWN_TABLE:
    with table:
        own = own_table.panel("crosses")[1]
explained = model_of(SIMULATED) if state.source == SIMULATED else None if own is None else own.model
detection, sets = None, ()
with found:
    if own is not None:
        detection = crosses_sets.find_sets(state, own)
    elif state.source == SIMULATED:
        detection = crosses_sets.shipped_sets()
    if detection is not None and explained is not None:
        sets = crosses_sets.choose_sets(state, detection, explained.planted_sets)

request = None
if sets and explained is not None:
    with form.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Recommender to train", list(RECOMMENDERS), width=200, **state.tie("target"))
        if own is None:
            st.selectbox("Training rows", TRAINING_ROWS, format_func="{:,}".format, width=140, **state.tie("rows"))
        st.number_input("Seeds", 1, MAX_SEEDS, width=110, **state.tie("seeds"))
        st.number_input(
            "T, rows an id must exceed", 0, None, None, placeholder="100 of a million", width=200,
            help="A combination gets an id of its own when more than T training rows have it; all others share one. "
            "The paper's T is 100 of a million. A higher T makes crosses smaller, and keeps them from learning rare "
            "rows by heart.", **state.tie("threshold"),
        )  # fmt: skip
        st.toggle(
            "Also wider vectors instead",
            help="The control of the paper: as many parameters as with crosses, in longer vectors for the fields.",
            **state.tie("wider"),
        )
        pressed = st.button("Train side by side", type="primary", icon=":material/play_arrow:", key="crosses.button")
    request = TrainingRequest(
        source=state.source, own=own, identity=explained.identity, sets=sets, target=state.target, rows=state.rows,
        seeds=state.seeds, threshold=state.threshold, variants=state.variants,
    )  # fmt: skip
    if pressed:
        state.live = crosses_run.start(request)

with progress:
    run.progress(crosses_run.RUN, take=state.take_trained, beside=None if state.live is None else state.live.draw)
if not run.active(crosses_run.RUN):
    if state.trained is not None:
        if request is None or state.trained.request.key != request.key:
            notes.caption(":material/history: This is the result of the former choice. Train to see the new one.")
        with result:
            crosses_view.show(state.trained)
    elif sets:
        notes.caption("You can watch both learn; more rows and more seeds take longer, and tell more.")

with measured:
    st.divider()
    st.header("Measured at full size", anchor=False)
    measured_crosses.show()
state.link(state.to_query())
run.end_of_page()
