"""Which sets of fields are crossed: those that come back most often when AutoInt is explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

import glider_core as gl
from glider_core import prepared
from glider_core.provenance import fingerprint
from glider_core.workers import Task
from glider_core.workers.tasks import detect_rows
from pages.parts import run
from pages.parts.crosses_state import CrossesState
from pages.parts.global_tables import planted_marks, table_height
from pages.parts.own_table import OwnTable
from pages.parts.queue import Cost
from pages.parts.signs import with_signs

LISTED_SETS = 20  # to choose from
EXPLAINED_ROWS = 128  # of a visitor's table, to find its sets in
CROSSED_SHARE = 0.25  # sets found in this share of the rows are crossed at first
CROSSED_AT_FIRST = 10  # at most so many of them
SETS_RUN = "crosses.sets"  # name in the queue


@st.cache_resource(show_spinner=False)
def shipped_sets(source: str) -> gl.GlobalInteractions:
    """What was found in the example rows of a shipped model."""
    return prepared.stored_run(source)


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
    """The table of sets, ticked where they are crossed: the most frequent ones, or those that are ticked by hand.

    Nothing where no set was found, or none is ticked.
    """
    ranked = detection.prune(LISTED_SETS)
    if not ranked:
        st.info("No set of fields was found: AutoInt adds these fields up, and there is nothing to cross.")
        return ()
    often = sum(interaction.share >= CROSSED_SHARE for interaction in ranked)
    if state.k is not None:
        state.k = min(state.k, len(ranked))
    left, right = st.columns([1, 2.2], vertical_alignment="center")
    usual = min(max(often, 1), CROSSED_AT_FIRST)

    def count_changed() -> None:
        state.crossed = None  # what was ticked by hand gives way to the most frequent

    number = left.number_input(
        "The most frequent sets",
        1,
        len(ranked),
        **state.tie("k", usual=usual, then=count_changed),
        help="How many sets become features of their own (K in the paper). Or tick them one by one in the table.",
    )
    titles = [" × ".join(interaction.names) for interaction in ranked]
    crossed = [rank < number for rank in range(len(ranked))]
    if state.crossed is not None:
        crossed = [title in state.crossed for title in titles]
    significant = sum(interaction.p_adjusted < 0.05 for interaction in ranked)
    right.caption(
        f"From {detection.n_rows:,} rows in which AutoInt was explained; sets that a more frequent one contains are "
        f"left out. {significant} of those listed {'is' if significant == 1 else 'are'} significant."
    )
    table = pd.DataFrame(
        {
            "crossed": crossed,
            "fields": titles,
            "share": [interaction.share for interaction in ranked],
            "mean effect": [interaction.mean_effect for interaction in ranked],
            "p, adjusted": [interaction.p_adjusted for interaction in ranked],
        }
    )
    if planted:
        table.insert(2, "planted", planted_marks(ranked, planted))
    # Another choice is another table: its own ticks are then those that are shown.
    key = f"crosses.editor.{fingerprint(*titles, str(crossed))}"

    def ticked() -> None:
        state.crossed = chosen_by_hand(titles, crossed, st.session_state[key]["edited_rows"])

    st.data_editor(
        with_signs(table, {"mean effect": 2}),
        column_config={
            "crossed": st.column_config.CheckboxColumn("cross it", width="small"),
            "fields": st.column_config.TextColumn(width="large"),
            "planted": st.column_config.TextColumn(width="small"),
            "share": st.column_config.ProgressColumn("share of rows", format="percent", min_value=0, max_value=1),
            "mean effect": st.column_config.NumberColumn("mean effect, logits"),
            "p, adjusted": st.column_config.NumberColumn(format="%.2g"),
        },
        disabled=[name for name in table.columns if name != "crossed"],
        hide_index=True,
        height=table_height(len(table), 290),
        key=key,
        on_change=ticked,
    )
    if not any(crossed):
        st.info("No set is ticked, so there is nothing to cross. Tick one or more.", icon=":material/info:")
    return tuple(interaction.names for interaction, here in zip(ranked, crossed, strict=True) if here)


def chosen_by_hand(
    titles: Sequence[str], crossed: Sequence[bool], edits: Mapping[int, Mapping[str, bool]]
) -> tuple[str, ...]:
    """The titles that are ticked after the visitor's edits of the table.

    Args:
        titles: of the sets, by row.
        crossed: what was ticked before.
        edits: by row, the cells that were changed, as Streamlit tells them.
    """
    after = [edits.get(row, {}).get("crossed", before) for row, before in enumerate(crossed)]
    return tuple(title for title, here in zip(titles, after, strict=True) if here)
