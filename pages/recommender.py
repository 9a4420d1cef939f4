"""Recommender: which fields of a row act together in whether someone clicks."""

from __future__ import annotations

import math

import streamlit as st

import glider_core as gl
from glider_core.domains.recommender.model import RecommenderModel
from glider_core.drawings import recommender as draw_row
from glider_core.drawings.text import markdown
from glider_core.recommenders import simulator
from pages.parts import frame, model_choice, own_table, picture, result_view, run_panel

PAGE = "recommender"
SOURCES = {
    "recommender/simulated": "Simulated clicks",
    "recommender/census": "Census Income",
    "own": "Your own table",
}


def forget_row() -> None:
    """Another table has other rows; explain its first at once."""
    for name in ("row", "address", "shown"):
        st.session_state.pop(f"recommender.{name}", None)
    st.session_state["recommender.run"] = st.session_state["recommender.source"] != "own"


def step(by: int, rows: int) -> None:
    """Explain the next row, or the one before."""
    st.session_state["recommender.row"] = (st.session_state["recommender.row"] + by) % rows
    st.session_state["recommender.run"] = True


def own_model() -> RecommenderModel | None:
    """Upload, choice of target and fields, training; the trained model, if there is one."""
    trained, own = own_table.panel(PAGE)
    if trained:
        forget_row()
        st.session_state["recommender.run"] = True
    return None if own is None else own.model


def verdict(logits: float) -> str:
    """The model's answer as a probability."""
    return f"{1 / (1 + math.exp(-max(min(logits, 50.0), -50.0))):.1%}"


def planted(names: tuple[str, ...], values: list[str]) -> list[tuple[int, ...]]:
    """The sets that the simulator planted and that matter in this row."""
    matter = simulator.planted_in(dict(zip(names, values, strict=True)))
    return [tuple(sorted(names.index(name) for name in fields)) for fields in matter]


frame.enter()
run_panel.start(PAGE, detector="NID", source="recommender/simulated")
if st.session_state["recommender.source"] not in SOURCES:
    st.session_state["recommender.source"] = "recommender/simulated"

st.title("Recommender", anchor=False)
st.markdown("Which fields of a row decide *together* whether someone clicks?")
source = st.segmented_control(
    "Table",
    list(SOURCES),
    format_func=SOURCES.__getitem__,
    key="recommender.source",
    required=True,
    on_change=forget_row,
    label_visibility="collapsed",
)
model: RecommenderModel | None = own_model() if source == "own" else model_choice.ready(PAGE, str(source))  # type: ignore[assignment]
if model is None:
    st.stop()
run_panel.start(PAGE, detector="NID", row=0)
st.session_state["recommender.row"] = min(max(st.session_state["recommender.row"], 0), len(model.rows) - 1)
with st.container(horizontal=True, vertical_alignment="bottom"):
    number = st.number_input(
        f"Row, 0 to {len(model.rows) - 1}, held out from training",
        0,
        len(model.rows) - 1,
        key="recommender.row",
        width=320,
    )
    st.button("Previous", icon=":material/chevron_left:", on_click=step, args=(-1, len(model.rows)))
    st.button("Next", icon=":material/chevron_right:", on_click=step, args=(1, len(model.rows)))
message = st.empty()
with st.container(horizontal=True, vertical_alignment="center"):
    pressed = st.button("Run", type="primary", icon=":material/play_arrow:", key="recommender.button", width=120)
    note = run_panel.detector_choice(PAGE)
    with st.popover("Settings", icon=":material/tune:"):
        settings = run_panel.settings_form(PAGE)
st.caption(f"{len(model.fields)} fields · {note}")

case = run_panel.Case(int(number), settings, {}, model.id)
first_visit = "recommender.visited" not in st.session_state
st.session_state["recommender.visited"] = True
if pressed or first_visit or st.session_state.pop("recommender.run", False):
    try:
        run_panel.submit(PAGE, model, case, ("source", "row"))
    except gl.GliderError as error:
        message.error(markdown(str(error)), icon=":material/error:")

shown = run_panel.panel(PAGE, case)
if shown is None or shown.explanation.model_id != model.id:
    st.stop()

explanation = shown.explanation
payload = shown.instance.payload  # type: ignore[attr-defined]
truth = planted(explanation.names, payload["row"]) if source == "recommender/simulated" else []
result_view.forget_switches_of_others(explanation.names, PAGE)
with st.container(border=True):
    st.subheader(markdown(f"{explanation.explained}: {verdict(explanation.prediction)}"), anchor=False)
    st.markdown(result_view.headline(explanation, "logits"))
    if source == "recommender/simulated":
        found = {interaction.features for interaction in explanation.interactions}
        told = ", ".join(
            ("✓ " if features in found else "✗ ") + " × ".join(explanation.names[i] for i in features)
            for features in truth
        )
        st.markdown(
            f":material/verified: The simulator planted in this row: {markdown(told)}"
            if truth
            else ":material/verified: The simulator planted nothing that matters in this row."
        )
    chosen = st.session_state.get("recommender.chosen")
    view = st.segmented_control(
        "View", ["Row", "Matrix"], default="Row", required=True, key="recommender.view", label_visibility="collapsed"
    )
    drawn = draw_row.matrix(explanation) if view == "Matrix" else draw_row.row(explanation, payload, chosen, truth)
    picture.show(drawn, f"recommender.picture.{view}")
    st.caption(
        "Bars: what each value adds on its own, against a neutral one. Brackets: fields that act together, with what "
        "they add jointly, in logits." + (" ✓: planted by the simulator." if truth else "")
    )
    result_view.choose(PAGE, explanation)
result_view.evidence(PAGE, shown, chosen, say=verdict)
