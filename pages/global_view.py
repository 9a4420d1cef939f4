"""Global view: the interactions that a recommender uses over and over, counted over many rows."""

from __future__ import annotations

import streamlit as st

from glider_core.drawings import global_run as draw_global
from glider_core.drawings.text import markdown
from pages.parts import frame, global_compare, global_content, global_counts, global_tables, keys, run
from pages.parts.global_filters import SIGNIFICANCE_LEVEL
from pages.parts.global_forms import filter_form, slice_form
from pages.parts.global_run import COUNTINGS, RUN, SIMULATED, RunRequest, model_of, model_titles, n_rows, start
from pages.parts.global_state import OVER, TABLE, GlobalState

SMALL_RUN = 30  # rows below which hardly any count is significant


def rows_of_a_table() -> None:
    """Counts over rows, whose fields are the same in each."""
    visit, titles = state.visit, model_titles(state.model)
    if state.model not in titles:
        state.model, state.lost = SIMULATED, True

    with inputs.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Model", list(titles), format_func=titles.__getitem__, **state.tie("model"))
        model = model_of(state.model)
        with st.popover("Slice", icon=":material/filter_alt:"):
            rows, label = slice_form(state, model)
        st.number_input(f"Rows, at most, of {len(rows):,}", 1, 10**9, step=64, width=180, **state.tie("rows"))
        st.number_input("Seed", 0, 2**31, width=110, **state.tie("seed"))
        st.selectbox(
            "Counted in a row",
            list(COUNTINGS),
            format_func=COUNTINGS.__getitem__,
            width=160,
            help="The interactions of a row's explanation; or, as in the paper's own code, the first hundred sets that "
            "NID ranks, which takes several times as long.",
            **state.tie("counting"),
        )
        st.button(
            "Run", type="primary", icon=":material/play_arrow:", width=120, key="global.button", on_click=state.press
        )

    request = RunRequest(
        model=model,
        source=state.model,
        title=titles[state.model],
        rows=rows.head(state.rows),
        label=label,
        seed=state.seed,
        counting=state.counting,
    )
    if state.pressed or state.wanted:
        start(visit, request)
        state.ask()
    if state.lost:
        lost.info(
            "The model that was asked for is not here: one that was trained in the app is its visitor's alone. "
            "Another one is shown.",
            icon=":material/link_off:",
        )
    if label:
        few = " Counts over so few rows are seldom significant." if len(request.rows) < SMALL_RUN else ""
        notes.caption(f":material/filter_alt: {markdown(label)}: {len(rows):,} of {len(model.rows):,} rows.{few}")

    visit.look()
    with progress:
        run.progress(RUN, take=visit.settle)
    if not run.active(RUN):
        visit.settle(None)  # of one that failed or was cancelled, what it had counted
    shown = visit.current()
    if shown is None:
        notes.caption("The first rows take a few seconds." if visit.live else "There is no result yet; press Run.")
    else:
        shown_request, result = shown
        result = result if result.null_order == state.null_order else result.with_null(state.null_order)
        if visit.live is None and shown_request.key != request.key:
            notes.caption(":material/history: This is the result of the former input. Run to see the new one.")
        with summary.container(border=True):
            significant = sum(interaction.p_adjusted < SIGNIFICANCE_LEVEL for interaction in result.interactions)
            st.subheader(
                f"{n_rows(result.n_rows)}, {len(result.interactions):,} different sets, {significant} significant",
                anchor=False,
            )
            st.caption(markdown(f"{shown_request.name} · explains {result.explained}"))
            st.markdown(global_tables.headline(result, shown_request.model.planted_sets))
            listed = filter_form(state, result)
            selected = next(
                (interaction for interaction in listed if draw_global.title(interaction) == state.selected),
                listed[0] if listed else None,
            )
            global_tables.top(state, shown_request, result, listed, selected)
        with tabs:
            sets_tab, fields_tab, ranks_tab, orders_tab, counts_tab, compare_tab = st.tabs(
                ["Sets", "Fields", "Ranks", "Orders", "Two counts", "Compare"]
            )
        with sets_tab:
            global_tables.sets(state, shown_request, result, listed, selected)
        with fields_tab:
            global_tables.fields(result, listed, shown_request.model.planted_sets)
        with ranks_tab:
            global_tables.by_rank(state, result, listed, selected)
        with orders_tab:
            global_tables.orders(result)
        with counts_tab:
            global_counts.show(state, visit, shown_request, result)
        with compare_tab:
            global_compare.show(visit)
        with files.expander("Save, settings and versions"):
            global_tables.files(result, shown_request.model.planted_sets)


frame.enter()
keys.press("global.button")
with st.container(key="global-place-head", horizontal=True, vertical_alignment="center"):
    st.title("Global view", anchor=False, width="content")
    st.markdown(
        "Which interactions does a model use **over and over**? MADEX over many inputs, counted.", width="content"
    )
# Every place is taken before anything is drawn, so that nothing moves when a message or a result comes.
over, lost, inputs, notes, progress, summary, tabs, files = (
    st.container(key=f"global-{name}")
    for name in ("over", "lost", "inputs", "notes", "progress", "summary", "tabs", "files")
)
state = GlobalState.of_visit()
with over:
    st.segmented_control(
        "Over", list(OVER), format_func=OVER.__getitem__, required=True, label_visibility="collapsed",
        **state.tie("over"),
    )  # fmt: skip
if state.over == TABLE:
    rows_of_a_table()
    state.link_run()
else:
    global_content.show(state)
    state.link(state.of_content())
run.end_of_page()
