"""Recommender: which fields of a row act together in whether someone clicks."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

import glider_core as gl
from glider_core.domains.recommender import simulator
from glider_core.domains.recommender.model import RecommenderModel, train_own
from glider_core.domains.recommender.table import guess_kinds, guess_target, positive_values, read_table
from pages.parts import draw_row, frame, model_choice, picture, result_view, run_panel, training
from pages.parts.text import markdown

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
    trained = training.panel(PAGE)
    if trained is not None:
        st.session_state["recommender.own"] = trained
        forget_row()
        st.session_state["recommender.run"] = True
    done = "recommender.own" in st.session_state
    with st.expander("Upload and train", expanded=not done, icon=":material/upload_file:"):
        file = st.file_uploader(
            "A table with a header: CSV or Parquet, up to 50 MB", type=["csv", "tsv", "txt", "parquet"]
        )
        try:
            if file is not None:
                _prepare(read(file.getvalue(), file.name))
        except gl.GliderError as error:
            st.error(markdown(str(error)), icon=":material/error:")
    if not done:
        return None
    model, fit = st.session_state["recommender.own"]
    st.success(
        f"Learned **{markdown(model.target)}** from {fit.epochs} rounds; on {fit.test.rows:,} rows it never saw: "
        f"AUC **{fit.test.auc:.3f}**, logloss {fit.test.logloss:.3f}.",
        icon=":material/check_circle:",
    )
    return model


@st.cache_data(max_entries=3, show_spinner="Reading the table")
def read(content: bytes, name: str) -> pd.DataFrame:
    """The uploaded table."""
    return read_table(content, name)


def _prepare(table: pd.DataFrame) -> None:
    columns = [str(column) for column in table.columns]
    left, right = st.columns(2)
    target = left.selectbox("Predict", columns, index=columns.index(guess_target(table)))
    values = positive_values(table[target])  # type: ignore[arg-type]
    if not values:
        st.error(f"{markdown(target)} has too many different values to be predicted; choose another column.")
        return
    positive = right.selectbox("Counts as yes", values)
    kinds = guess_kinds(table.drop(columns=[target]))
    chosen = st.data_editor(
        pd.DataFrame(
            {
                "use": [kind is not None for kind in kinds.values()],
                "field": list(kinds),
                "read as": [kind or "categorical" for kind in kinds.values()],
                "examples": [", ".join(map(str, table[name].dropna().unique()[:4]))[:60] for name in kinds],
            }
        ),
        column_config={
            "read as": st.column_config.SelectboxColumn(options=["categorical", "dense"], required=True),
        },
        disabled=["field", "examples"],
        hide_index=True,
        height=min(38 + 35 * len(kinds), 320),
        key=f"recommender.fields.{target}",
    )
    st.caption(f"{len(table):,} rows. A tenth of them is held out to measure on, another tenth to stop by.")
    if st.button("Train on it", type="primary", icon=":material/model_training:"):
        fields = {
            name: kind for use, name, kind in zip(chosen["use"], chosen["field"], chosen["read as"], strict=True) if use
        }
        training.start(PAGE, lambda report: train_own(table, target, positive, fields, on_progress=report))
        st.rerun()


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
