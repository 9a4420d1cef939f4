"""The controls of the Global view that choose rows before a run, and sets after it."""

from __future__ import annotations

from typing import cast

import pandas as pd
import streamlit as st

import glider_core as gl
from glider_core.domains.recommender.model import RecommenderModel
from glider_core.rows.significance import n_sets
from glider_core.rows.slices import row_slices
from pages.parts.global_filters import orders_of
from pages.parts.global_state import NULL_ORDERS, GlobalState


def slice_form(state: GlobalState, model: RecommenderModel) -> tuple[pd.DataFrame, str]:
    """The rows that the visitor restricts the run to, and what to call them; the name is empty where they are all."""
    table, names = model.rows, [field.name for field in model.fields]
    known = state.row_slice().within(table, names)
    state.slice_field, state.slice_values = known.field, known.values
    st.selectbox(
        "Only rows with certain values of", names, index=None, placeholder="all rows", **state.tie("slice_field")
    )
    if state.slice_field is not None:
        parts = row_slices(cast(pd.Series, table[state.slice_field]))
        st.multiselect(
            "Values",
            list(parts),
            format_func=lambda value: f"{value} ({parts[value].sum():,} rows)",
            placeholder="one or several",
            **state.tie("slice_values"),
        )
    return state.row_slice().apply(table)


def filter_form(state: GlobalState, run: gl.GlobalInteractions) -> list[gl.GlobalInteraction]:
    """The interactions that pass what the visitor asks for."""
    orders = orders_of(run)
    if state.order not in orders:
        state.order = orders[0]
    state.any_fields = tuple(name for name in state.any_fields if name in run.names)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control("Fields in a set", orders, required=True, width="content", **state.tie("order"))
        st.multiselect(
            "With any of these fields", run.names, placeholder="all fields", width=280, **state.tie("any_fields")
        )
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.toggle("Significant only", **state.tie("significant"))
            st.toggle(
                "No subsets", help="Leave out a set that a more frequent one contains.", **state.tie("no_subsets")
            )
            with st.popover("Significance", icon=":material/help:"):
                st.segmented_control(
                    "Fields in a random set, at most", NULL_ORDERS, required=True, **state.tie("null_order")
                )
                _significance(run)
    return state.set_filter().apply(run)


def _significance(run: gl.GlobalInteractions) -> None:
    """What a p-value of this run means."""
    order = run.null_order
    st.markdown(
        f"Suppose each row drew as many sets as were found in it on average ({run.per_row:.1f}), but at random, from "
        f"the **{n_sets(len(run.names), order):,}** sets of at most **{order}** of the {len(run.names)} fields. The "
        "p-value is the chance that a set then comes back as often as it did; adjusted, a bound on the chance that any "
        f"of these sets does (Bonferroni). Below 5 %, that is, in more than **{run.threshold():,}** of {run.n_rows:,} "
        "rows, a set counts as significant."
    )
    st.caption(
        "The paper draws from sets of at most three fields. Its thresholds, 25 of 1000 rows for 39 fields and 71 for "
        "23, come out so with 87 sets per row."
    )
