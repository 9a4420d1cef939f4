"""Recommender: which fields of a row act together in whether someone clicks."""

from typing import cast

import streamlit as st

import glider_core as gl
from glider_core.domains.recommender.model import RecommenderModel
from glider_core.domains.recommender.payload import RowPayload
from glider_core.drawings.text import markdown
from pages.parts import own_boosted, own_table, row_finder, value_pairs_view, workbench

OWN = "recommender/own"


def step(by: int, rows: int) -> None:
    """Explain the next row, or the one before."""
    page.state.ask((page.state.raw + by) % rows)


def planted(explanation: gl.Explanation) -> str:
    """Whether the sets that the simulator planted in this row were found."""
    payload = explanation.payload
    if not isinstance(payload, RowPayload) or payload.planted is None:
        return ""
    explained = {interaction.features for interaction in explanation.interactions}
    truth = [
        ("✓ " if fields in explained else "✗ ") + " × ".join(explanation.names[i] for i in fields)
        for fields in payload.planted
    ]
    told = f"in this row: {markdown(', '.join(truth))}" if truth else "nothing that matters in this row."
    return f":material/verified: The simulator planted {told}"


page = workbench.open_page("recommender", raw=0, more={OWN: "Your own table"}, input_per_model=True)
if page.state.model == OWN:
    with page.before:
        trained, own = own_table.panel("recommender")
    if trained:
        page.state.forget()
    with page.before:
        model = None if own is None else own_boosted.choose(own, page.state)
else:
    own, model = None, cast(RecommenderModel | None, page.load())

note = ""
if model is not None:
    rows, note = len(model.rows), f"{len(model.fields)} fields"
    row, last = page.state.raw or 0, rows - 1
    if not 0 <= row <= last:  # of a link: said above the inputs, and no other row is opened in its place
        page.state.raw, page.state.wanted = min(max(row, 0), last), False
        page.state.unread = f"row {row}, where there are rows 0 to {last}"
        st.rerun()
    page.state.raw = row
    with page.inputs.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(f"Row, 0 to {rows - 1}", 0, rows - 1, width=125, **page.tie("raw"))
        st.button("Previous", on_click=step, args=(-1, rows))
        st.button("Next", on_click=step, args=(1, rows))
        if isinstance(model, RecommenderModel):
            row_finder.show(model, page.state.ask)


def other_values(explanation: gl.Explanation) -> None:
    """Two fields of the row over their values, unless the result is of another model than stands there now."""
    if isinstance(model, RecommenderModel) and explanation.model_id == model.id:
        value_pairs_view.show(explanation, model)
    if own is not None and model is not None and explanation.model_id == model.id:
        own_boosted.compared(own, explanation, page.state.raw)


page.show(note, model=model, remark=planted, below=other_values)
