"""LightGBM beside AutoInt on a visitor's own table: trained on a click, measured on the same rows, compared."""

from __future__ import annotations

from typing import Any

import streamlit as st

import glider_core as gl
from glider_core.comparison import compare
from glider_core.domains.recommender.boosted import BoostedModel
from glider_core.drawings.compared import set_table
from glider_core.drawings.text import markdown
from glider_core.recommenders.fitting import Scores
from glider_core.workers import Task
from glider_core.workers.tasks import train_boosted_table
from pages.parts import run
from pages.parts.own_table import OwnTable, interval
from pages.parts.queue import Cost
from pages.parts.state import PageState

_RUN, _TRAINED = "own_boosted", "own_boosted.trained"  # of the runs; of the session: the table, model and scores
_CHOSEN = "own_boosted.chosen"
AUTOINT, BOOSTED = "AutoInt", "LightGBM"


def choose(own: OwnTable, state: PageState) -> Any:
    """Train LightGBM if asked to, and let the visitor choose which of both is explained; the model."""

    def take(trained: tuple[BoostedModel, Scores]) -> None:
        st.session_state[_TRAINED] = id(own.table), *trained

    run.progress(_RUN, take=take)
    boosted = _trained(own)
    if boosted is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            pressed = st.button("Train LightGBM beside it", icon=":material/forest:", disabled=run.active(_RUN))
            st.caption("On the same rows. On most small tables it is the better model to explain.", width="content")
        if pressed:
            task = Task(train_boosted_table, own.table, own.target, own.positive, own.kinds)
            run.start(_RUN, task, doing="Training LightGBM", cost=Cost("boost a table", len(own.table), guess=8.0))
            st.rerun()
        return own.model
    model, test = boosted
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = st.segmented_control(
            "Explained by", [AUTOINT, BOOSTED], default=AUTOINT, required=True, key=_CHOSEN, on_change=_again,
            args=(state,), label_visibility="collapsed",
        )  # fmt: skip
        ours = own.fit.test
        st.markdown(
            f"AUC on the same {test.rows:,} rows: AutoInt **{ours.auc:.3f}**{interval(ours)}, "
            f"LightGBM **{test.auc:.3f}**{interval(test)}",
            width="content",
        )
    return model if chosen == BOOSTED else own.model


def compared(own: OwnTable, explanation: gl.Explanation, row: int) -> None:
    """The sets of both models on this row, on one scale; nothing before both are trained."""
    boosted = _trained(own)
    if boosted is None or not isinstance(row, int):
        return
    others = {own.model.id: (BOOSTED, boosted[0]), boosted[0].id: (AUTOINT, own.model)}
    if explanation.model_id not in others:
        return
    name, other = others[explanation.model_id]
    try:
        theirs = run.quick(
            "own_boosted.compared", lambda: gl.explain(other.instance(row), explanation.settings),
            key=(id(own.table), name, row, str(explanation.settings)), waiting=f"Asking {name}",
        )  # fmt: skip
    except gl.GliderError as error:
        st.error(markdown(str(error)), icon=":material/error:")
        return
    if theirs is None:
        return
    left, right = (explanation, theirs) if name == BOOSTED else (theirs, explanation)
    both = compare(left, right)
    with st.container(border=True, key="own-boosted-compared"):
        st.markdown(f"**Both models on this row.** {markdown(both.words)}")
        if both.sets:
            st.html(set_table(both, AUTOINT, BOOSTED))
        st.caption("Off, AutoInt reads a zero vector, LightGBM a typical value: a part of the difference is this.")


def _trained(own: OwnTable) -> tuple[BoostedModel, Scores] | None:
    kept = st.session_state.get(_TRAINED)
    return None if kept is None or kept[0] != id(own.table) else kept[1:]


def _again(state: PageState) -> None:
    """Explain the same row by the other model."""
    state.wanted = True
