"""Which sets of fields are crossed: those that come back most often when AutoInt is explained."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

import glider_core as gl
from glider_core import prepared
from glider_core.workers import Task
from glider_core.workers.tasks import detect_rows
from pages.parts import run
from pages.parts.crosses_run import SIMULATED
from pages.parts.crosses_state import CrossesState
from pages.parts.global_tables import planted_marks, table_height
from pages.parts.own_table import OwnTable
from pages.parts.queue import Cost

LISTED_SETS = 20  # to choose from
EXPLAINED_ROWS = 128  # of a visitor's table, to find its sets in
CROSSED_SHARE = 0.25  # sets found in this share of the rows are crossed at first
CROSSED_AT_FIRST = 10  # at most so many of them
SETS_RUN = "crosses.sets"  # name in the queue


@st.cache_resource(show_spinner=False)
def shipped_sets() -> gl.GlobalInteractions:
    """What was found in the example rows of the shipped model of simulated clicks."""
    return prepared.stored_run(SIMULATED)


def find_sets(state: CrossesState, own: OwnTable) -> gl.GlobalInteractions | None:
    """What is found in the visitor's own table; it is looked for when the table is new."""
    model = own.model
    if state.sets_asked != model.identity:
        state.sets_asked = model.identity
        rows = model.rows.head(EXPLAINED_ROWS)
        run.start(
            SETS_RUN,
            Task(detect_rows, model, rows),
            doing=f"Looking for sets in {len(rows)} rows",
            cost=Cost(("rows", "own"), len(rows), guess=20.0, wide=True),
        )
    run.progress(SETS_RUN, take=state.take_sets)
    if state.own_sets is not None and state.own_sets.fingerprint == model.identity:
        return state.own_sets
    if not run.active(SETS_RUN) and st.button("Look for sets", icon=":material/search:"):
        state.sets_asked = ""
        st.rerun()
    return None


def choose_sets(
    state: CrossesState, detection: gl.GlobalInteractions, planted: Sequence[Sequence[str]]
) -> tuple[tuple[str, ...], ...]:
    """The table of sets, and how many of them are crossed; nothing where no set was found."""
    ranked = detection.prune(LISTED_SETS)
    if not ranked:
        st.info("No set of fields was found: AutoInt adds these fields up, and there is nothing to cross.")
        return ()
    often = sum(interaction.share >= CROSSED_SHARE for interaction in ranked)
    if state.k is not None:
        state.k = min(state.k, len(ranked))
    left, right = st.columns([1, 2.2], vertical_alignment="center")
    usual = min(max(often, 1), CROSSED_AT_FIRST)
    k = int(left.number_input("Sets to cross, K", 1, len(ranked), **state.tie("k", usual=usual)))
    significant = sum(interaction.p_adjusted < 0.05 for interaction in ranked)
    right.caption(
        f"From {detection.n_rows:,} rows in which AutoInt was explained; sets that a more frequent one contains are "
        f"left out. {significant} of those listed {'is' if significant == 1 else 'are'} significant."
    )
    table = pd.DataFrame(
        {
            "crossed": [rank < k for rank in range(len(ranked))],
            "fields": [" × ".join(interaction.names) for interaction in ranked],
            "share": [interaction.share for interaction in ranked],
            "mean effect": [interaction.mean_effect for interaction in ranked],
            "p, adjusted": [interaction.p_adjusted for interaction in ranked],
        }
    )
    if planted:
        table.insert(2, "planted", planted_marks(ranked, planted))
    st.dataframe(
        table,
        column_config={
            "crossed": st.column_config.CheckboxColumn(width="small"),
            "fields": st.column_config.TextColumn(width="large"),
            "planted": st.column_config.TextColumn(width="small"),
            "share": st.column_config.ProgressColumn("share of rows", format="percent", min_value=0, max_value=1),
            "mean effect": st.column_config.NumberColumn("mean effect, logits", format="%+.2f"),
            "p, adjusted": st.column_config.NumberColumn(format="%.2g"),
        },
        hide_index=True,
        height=table_height(len(table), 290),
    )
    return tuple(interaction.names for interaction in ranked[:k])
