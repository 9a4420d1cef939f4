"""Sentiment: which words of a sentence act together in a model's judgement."""

import math

import streamlit as st

import glider_core as gl
from glider_core.domains.sentiment.model import EXAMPLES
from glider_core.domains.sentiment.tokens import words
from pages.parts import draw_sentence, picture, result_view, run_panel

PAGE, MODEL = "sentiment", "sentiment/lstm"
OFF_STATES = {"zero": "Off words: zero vector", "delete": "Off words: deleted"}


def take_example() -> None:
    """Put the picked example into the field and run it."""
    if st.session_state["sentiment.example"]:
        st.session_state["sentiment.text"] = EXAMPLES[st.session_state["sentiment.example"]]
        st.session_state["sentiment.run"] = True


run_panel.from_address(PAGE, text=next(iter(EXAMPLES.values())), off="zero")
if st.session_state["sentiment.off"] not in OFF_STATES:
    st.session_state["sentiment.off"] = "zero"

st.title("Sentiment", anchor=False)
st.markdown("Which words does the model read *together*? Type a sentence about a film, or take one of ours.")
st.pills("Examples", list(EXAMPLES), key="sentiment.example", on_change=take_example, label_visibility="collapsed")
text = st.text_area("Sentence", key="sentiment.text", height=90)
message = st.empty()
run, tune, off, count = st.columns([1.2, 1.2, 2, 3], vertical_alignment="center")
pressed = run.button("Run", type="primary", icon=":material/play_arrow:", width="stretch", key="sentiment.button")
with tune:
    settings = run_panel.settings_form(PAGE, "GradientNID")
off_state = off.selectbox(
    "A word that is off is",
    list(OFF_STATES),
    format_func=OFF_STATES.__getitem__,
    key="sentiment.off",
    label_visibility="collapsed",
)
count.caption(f"{len(words(text)):,} words and marks")

first_visit = "sentiment.visited" not in st.session_state
st.session_state["sentiment.visited"] = True
if pressed or first_visit or st.session_state.pop("sentiment.run", False):
    try:
        run_panel.submit(PAGE, MODEL, run_panel.Case(text, settings, {"off_state": off_state}))
        run_panel.to_address(PAGE, ("text", "off"))
    except gl.GliderError as error:
        message.error(str(error), icon=":material/error:")

shown = run_panel.panel(PAGE)
if shown is None:
    st.stop()

explanation, tokens = shown.explanation, shown.instance.payload["tokens"]  # type: ignore[attr-defined]
result_view.unseen(explanation.names, PAGE)
probability = 1 / (1 + math.exp(-max(min(explanation.prediction, 50), -50)))
with st.container(border=True):
    verdict = "Positive" if explanation.prediction >= 0 else "Negative"
    st.markdown(
        f"#### {verdict} &nbsp; {max(probability, 1 - probability):.1%}\n\n"
        + result_view.headline(explanation, "logits")
    )
    chosen = st.session_state.get("sentiment.chosen")
    picture.show(draw_sentence.sentence(explanation, tokens, chosen), "sentiment.picture")
    hidden = sum(not draw_sentence.drawable(i, tokens) for i in explanation.interactions)
    st.caption(
        "Blue-green raises the positive score, orange lowers it; the deeper, the more. Brackets join words that act "
        "together, with what they add jointly. Stop words and marks are grey"
        + (f"; {hidden} interaction{'s' if hidden > 1 else ''} with them only in the ranking." if hidden else ".")
    )
    result_view.choose(PAGE, explanation)
result_view.evidence(PAGE, shown, chosen)
