"""Sentiment: which words of a sentence act together in a model's judgement."""

import math

import streamlit as st

import glider_core as gl
from glider_core.domains.sentiment.model import EXAMPLES
from glider_core.domains.sentiment.tokens import words
from glider_core.drawings import sentiment as draw_sentence
from glider_core.drawings.text import markdown
from pages.parts import frame, model_choice, picture, result_view, run_panel
from pages.parts.run_panel import FIRST_LOOK

PAGE = "sentiment"
OFF_STATES = {"zero": "a zero vector", "mask": "[MASK]", "delete": "deleted"}


def take_example() -> None:
    """Put the picked example into the field and run it."""
    if st.session_state["sentiment.example"]:
        st.session_state["sentiment.text"] = EXAMPLES[st.session_state["sentiment.example"]]
        st.session_state["sentiment.run"] = True


def verdict(logits: float) -> str:
    """The model's answer as a judgement and its probability."""
    probability = 1 / (1 + math.exp(-min(abs(logits), 50.0)))
    return f"{'Positive' if logits >= 0 else 'Negative'} {probability:.1%}"


frame.enter()
run_panel.start(PAGE, detector="GradientNID", text=next(iter(EXAMPLES.values())), model="sentiment/lstm", off="zero")

st.title("Sentiment", anchor=False)
st.markdown("Which words does the model read *together*? Type a sentence about a film, or take one of ours.")
st.pills("Examples", list(EXAMPLES), key="sentiment.example", on_change=take_example, label_visibility="collapsed")
text = st.text_area("Sentence", key="sentiment.text", height=90)
model_id = model_choice.select(PAGE, "sentiment")
model = model_choice.ready(PAGE, model_id)
if model is None:
    st.stop()
off_states = [state for state in OFF_STATES if state != "mask" or model_id != "sentiment/lstm"]
if st.session_state["sentiment.off"] not in off_states:
    st.session_state["sentiment.off"] = "zero"
message = st.empty()
with st.container(horizontal=True, vertical_alignment="center"):
    pressed = st.button("Run", type="primary", icon=":material/play_arrow:", key="sentiment.button", width=120)
    note = run_panel.detector_choice(PAGE)
    with st.popover("Settings", icon=":material/tune:"):
        settings = run_panel.settings_form(PAGE)
        off_state = st.radio(
            "A word that is off is",
            off_states,
            format_func=OFF_STATES.__getitem__,
            key="sentiment.off",
            horizontal=True,
        )
st.caption(f"{len(words(text)):,} words and marks · {note}")

case = run_panel.Case(text, settings, {"off_state": off_state}, model_id)
first_visit = "sentiment.visited" not in st.session_state
st.session_state["sentiment.visited"] = True
if pressed or first_visit or st.session_state.pop("sentiment.run", False):
    try:
        run_panel.submit(PAGE, model, case, ("text", "model", "off"), first_look=model_id == "sentiment/distilbert")
    except gl.GliderError as error:
        message.error(markdown(str(error)), icon=":material/error:")

shown = run_panel.panel(PAGE, case)
if shown is None:
    st.stop()

explanation, tokens = shown.explanation, shown.instance.payload["tokens"]  # type: ignore[attr-defined]
quiet = [n for n, found in enumerate(explanation.interactions) if not draw_sentence.drawable(found, tokens)]
result_view.forget_switches_of_others(explanation.names, PAGE)
with st.container(border=True):
    st.subheader(verdict(explanation.prediction), anchor=False)
    if shown.first_look:
        st.markdown(FIRST_LOOK)
    st.markdown(result_view.headline(explanation, "logits", quiet=quiet))
    chosen = st.session_state.get("sentiment.chosen")
    picture.show(draw_sentence.sentence(explanation, tokens, chosen), "sentiment.picture")
    st.caption(
        "A word's colour: its own effect on the positive score. Brackets: words that act together, with what they "
        "add jointly, in logits. Stop words and marks are grey"
        + (
            f"; {len(quiet)} interaction{'s' if len(quiet) > 1 else ''} with them only in the ranking."
            if quiet
            else "."
        )
    )
    result_view.choose(PAGE, explanation, quiet=quiet)
result_view.evidence(PAGE, shown, chosen, say=verdict, quiet=quiet)
