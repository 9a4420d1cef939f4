"""Feature crosses: do the sets that one recommender uses make another one better?"""

from __future__ import annotations

import streamlit as st

from glider_core.recommenders.network import RECOMMENDERS
from pages.parts import (
    crosses_kept,
    crosses_run,
    crosses_sets,
    crosses_view,
    frame,
    improving_run,
    improving_view,
    keys,
    measured_crosses,
    own_table,
    run,
)
from pages.parts.crosses_run import CENSUS, OWN_TABLE, SIMULATED, TrainingRequest
from pages.parts.crosses_state import (
    AIMS,
    BETTER,
    BOTH,
    CANDIDATES,
    DETECTED,
    MAX_SEEDS,
    SOURCES,
    TRAINING_ROWS,
    CrossesState,
)
from pages.parts.global_run import model_of

SHIPPED = (SIMULATED, CENSUS)  # tables whose model and sets ship

frame.enter()
keys.press("crosses.button")
with st.container(key="crosses-place-head", horizontal=True, vertical_alignment="center"):
    st.title("Feature crosses", anchor=False, width="content")
    st.markdown(
        "Do the sets that one recommender uses make **another one better**? Each set becomes a feature of its own, and "
        "the other recommender is trained with it and without it, side by side."
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
better = own is not None and state.aim == BETTER
if own is not None:
    with table:
        st.segmented_control("Aim", list(AIMS), format_func=AIMS.__getitem__, required=True, **state.tie("aim"))
        if better:
            st.caption(
                "Looks for crosses that make a recommender of this table better, keeps them only if they do so beyond "
                "chance on rows it was not trained on, and compares with logistic regression and boosted trees."
            )
explained = model_of(state.source) if state.source in SHIPPED else None if own is None else own.model
detection, sets = None, ()
with found:
    if better:
        st.segmented_control(
            "Candidates", list(CANDIDATES), format_func=CANDIDATES.__getitem__, required=True,
            help="All pairs are judged in seconds, by training rows. Sets that AutoInt uses, found in rows of your "
            "table, can have three fields and more: they are looked for anew without the rows that judge them, beside "
            "the pairs; or you find and tick them.", **state.tie("candidates"),
        )  # fmt: skip
    if own is not None and (not better or state.candidates == DETECTED):
        detection = crosses_sets.find_sets(state, own)
    elif state.source in SHIPPED:
        detection = crosses_sets.shipped_sets(state.source)
    if detection is not None and explained is not None:
        sets = crosses_sets.choose_sets(state, detection, explained.planted_sets)

request, asked = None, None
if own is not None and better and (sets or state.candidates != DETECTED):
    asked = improving_run.Asked(
        own=own, target=state.target, sets=sets if state.candidates == DETECTED else None,
        detect=state.candidates == BOTH,
    )  # fmt: skip
    with form.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Recommender to train", list(RECOMMENDERS), width=200, **state.tie("target"))
        st.button(
            "Make it better", type="primary", icon=":material/trending_up:", key="crosses.improve", on_click=state.press
        )
    if state.pressed:
        improving_run.start(asked, state.stages)
elif sets and explained is not None:
    with form.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Recommender to train", list(RECOMMENDERS), width=200, **state.tie("target"))
        if own is None:
            st.selectbox("Training rows", TRAINING_ROWS, format_func="{:,}".format, width=140, **state.tie("rows"))
        st.number_input("Seeds", 1, MAX_SEEDS, width=110, **state.tie("seeds"))
        st.number_input(
            "A combination counts above so many rows", 0, None, None, placeholder="1 in 10,000 rows", width=280,
            help="A cross has a value for each combination that occurs, such as Rome with gold. Rare ones are learned "
            "by heart and mislead, so all that occur in this many training rows or fewer share one value. In the "
            "paper this is T, 100 of a million rows.", **state.tie("threshold"),
        )  # fmt: skip
        st.toggle(
            "Also a control: as large, without crosses",
            help="A model with crosses is larger, and size alone may help. The control (the paper's) has as many "
            "numbers to learn, but no cross: longer vectors for the fields.",
            **state.tie("wider"),
        )
        there = state.source != CENSUS or crosses_run.census_folder() is not None
        st.button(
            "Train side by side", type="primary", icon=":material/play_arrow:", key="crosses.button",
            disabled=not there, on_click=state.press,
        )  # fmt: skip
    if not there:
        notes.info(
            "Training needs the whole Census table, of which 300 rows ship. Name a folder that holds it in GLIDER_DATA "
            "(`ctr/adult.data.gz`, `ctr/adult.test.gz` of the UCI repository), or read below what was measured on it.",
            icon=":material/database:",
        )
    request = TrainingRequest(
        source=state.source, own=own, identity=explained.identity, sets=sets, target=state.target, rows=state.rows,
        seeds=state.seeds, threshold=state.threshold, variants=state.variants,
    )  # fmt: skip
    if state.pressed:
        state.live = crosses_run.start(request)
state.pressed = False

with progress:
    run.progress(crosses_run.RUN, take=state.take_trained, beside=None if state.live is None else state.live.draw)
    run.progress(improving_run.RUN, take=state.take_improved, beside=state.draw_stage)
if better:
    if not run.active(improving_run.RUN) and state.improved is not None:
        if asked is None or state.improved.asked.key != asked.key:
            notes.caption(":material/history: This is the result of the former choice. Make it better to see the new.")
        with result:
            improving_view.show(state.improved)
elif not run.active(crosses_run.RUN):
    with progress:
        state.trained = state.trained or crosses_kept.latest()
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
