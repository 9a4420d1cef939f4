"""Two models, one sentence: what each of them reads together (Table 8 of Tsang et al. 2020)."""

from __future__ import annotations

import math

import streamlit as st

import glider_core as gl
from glider_core.domains.sentiment.model import EXAMPLES
from glider_core.drawings import charts
from glider_core.drawings import sentiment as draw_sentence
from glider_core.drawings.text import markdown, signed
from pages.parts import frame, model_choice, picture, run_panel

PAGE = "pair"
SIDES = ("pair.left", "pair.right")
SHOWN = 6


def take_example() -> None:
    """Put the picked example into the field and run it."""
    if st.session_state["pair.example"]:
        st.session_state["pair.text"] = EXAMPLES[st.session_state["pair.example"]]
        st.session_state["pair.run"] = True


def verdict(logits: float) -> str:
    """The model's answer as a judgement and its probability."""
    probability = 1 / (1 + math.exp(-min(abs(logits), 50.0)))
    return f"{'Positive' if logits >= 0 else 'Negative'} {probability:.1%}"


def column(side: str, title: str, shown: run_panel.Shown) -> dict[tuple[int, ...], str]:
    """One model's picture; the interactions that can be drawn, with their place in its ranking and their effect."""
    explanation = shown.explanation
    tokens = shown.instance.payload["tokens"]  # type: ignore[attr-defined]
    drawn = {
        found.features: f"I{number}  {signed(found.effect)}"
        for number, found in enumerate(explanation.interactions, 1)
        if draw_sentence.drawable(found, tokens)
    }
    with st.container(border=True):
        st.subheader(markdown(f"{title}: {verdict(explanation.prediction)}"), anchor=False)
        picture.show(draw_sentence.sentence(explanation, tokens), f"{side}.picture")
        if not drawn:
            st.caption(charts.NO_INTERACTION)
    return drawn


frame.enter()
run_panel.start(PAGE, detector="GradientNID", text=next(iter(EXAMPLES.values())))
st.title("Two models, one sentence", anchor=False)
st.markdown("Do two models that agree on a sentence read the same words *together*?")
st.pills("Examples", list(EXAMPLES), key="pair.example", on_change=take_example, label_visibility="collapsed")
text = st.text_area("Sentence", key="pair.text", height=90)
message = st.empty()
models: list[gl.Model] = []
for side, column_of, default in zip(SIDES, st.columns(2), ("lstm", "distilbert-small"), strict=True):
    st.session_state.setdefault(f"{side}.model", f"sentiment/{default}")
    with column_of:
        found = model_choice.ready(side, model_choice.select(side, "sentiment"))
    if found is not None:
        models.append(found)
if len(models) < len(SIDES):
    st.stop()
with st.container(horizontal=True, vertical_alignment="center"):
    pressed = st.button("Run", type="primary", icon=":material/play_arrow:", key="pair.button", width=120)
    note = run_panel.detector_choice(PAGE)
    with st.popover("Settings", icon=":material/tune:"):
        settings = run_panel.settings_form(PAGE)
st.caption(f"{note} A word that is off is a zero vector.")

cases = [run_panel.Case(text, settings, {"off_state": "zero"}, model.id) for model in models]
first_visit = "pair.visited" not in st.session_state
st.session_state["pair.visited"] = True
if pressed or first_visit or st.session_state.pop("pair.run", False):
    try:
        for side, model, case in zip(SIDES, models, cases, strict=True):
            run_panel.submit(side, model, case, (), linked=False)
    except gl.GliderError as error:
        message.error(markdown(str(error)), icon=":material/error:")

results = [run_panel.panel(side, case) for side, case in zip(SIDES, cases, strict=True)]
if any(shown is None for shown in results):
    st.stop()
both = [shown for shown in results if shown is not None]
titles = {model.id: model.title for model in models}
sets = [
    column(side, titles.get(shown.explanation.model_id, shown.explanation.model_id), shown)
    for side, shown in zip(SIDES, both, strict=True)
]
if both[0].explanation.names != both[1].explanation.names:
    st.stop()  # one of the two still stands for the former sentence

st.subheader("Found by", anchor=False)
order = list(dict.fromkeys(features for s in sets for features in list(s)[:SHOWN]))
names = both[0].explanation.names
columns = [titles.get(shown.explanation.model_id, "") for shown in both]
if columns[0] == columns[1]:
    columns[1] += " (right)"
rows = [
    {"words": " · ".join(names[i] for i in features)}
    | {column: s.get(features, "–") for column, s in zip(columns, sets, strict=True)}
    | {"both": "✓" if all(features in s for s in sets) else ""}
    for features in order
]
if rows:
    st.dataframe(rows, hide_index=True)
    shared = sum(row["both"] == "✓" for row in rows)
    st.caption(
        f"{shared} of {len(rows)} sets are found in both models. Numbers: place in the model's own ranking, and the "
        "joint effect in logits."
    )
else:
    st.caption(charts.NO_INTERACTION)
