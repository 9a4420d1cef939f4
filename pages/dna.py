"""DNA: which letters of a sequence act together in a model of binding strength."""

import streamlit as st

import glider_core as gl
from glider_core.domains.dna.model import EXAMPLES, NID_L1
from glider_core.domains.dna.sequence import LENGTH, letter_count, name_motif, random_sequence
from glider_core.drawings import dna as draw_sequence
from glider_core.drawings.text import markdown
from pages.parts import frame, picture, result_view, run_panel

PAGE, MODEL = "dna", "dna/cnn"


def take_example() -> None:
    """Put the picked example into the field and run it."""
    if st.session_state["dna.example"]:
        st.session_state["dna.text"] = EXAMPLES[st.session_state["dna.example"]]
        st.session_state["dna.run"] = True


def draw_random() -> None:
    """Put a new random sequence around CACGTG into the field and run it."""
    st.session_state["dna.draws"] = st.session_state.get("dna.draws", 0) + 1
    st.session_state["dna.text"] = random_sequence(st.session_state["dna.draws"])
    st.session_state["dna.example"] = None
    st.session_state["dna.run"] = True


frame.enter()
run_panel.start(PAGE, detector="NID", l1=NID_L1, text=next(iter(EXAMPLES.values())))

st.title("DNA", anchor=False)
st.markdown("Which letters decide *together* how strongly a transcription factor binds?")
st.pills("Examples", list(EXAMPLES), key="dna.example", on_change=take_example, label_visibility="collapsed")
text = st.text_area(f"Sequence of {LENGTH} letters", key="dna.text", height=68)
message = st.empty()
with st.container(horizontal=True, vertical_alignment="center"):
    pressed = st.button("Run", type="primary", icon=":material/play_arrow:", key="dna.button", width=120)
    note = run_panel.detector_choice(PAGE)
    with st.popover("Settings", icon=":material/tune:"):
        settings = run_panel.settings_form(PAGE)
    st.button("Random sequence with CACGTG", icon=":material/casino:", on_click=draw_random, key="dna.random")
st.caption(f"{letter_count(text)} of {LENGTH} letters · {note}")

case = run_panel.Case(text, settings, {})
first_visit = "dna.visited" not in st.session_state
st.session_state["dna.visited"] = True
if pressed or first_visit or st.session_state.pop("dna.run", False):
    try:
        run_panel.submit(PAGE, MODEL, case, ("text",))
    except gl.GliderError as error:
        message.error(markdown(str(error)), icon=":material/error:")

shown = run_panel.panel(PAGE, case)
if shown is None:
    st.stop()

explanation = shown.explanation
letters: str = shown.instance.payload["sequence"]  # type: ignore[attr-defined]
result_view.forget_switches_of_others(explanation.names, PAGE)
with st.container(border=True):
    motif = next((name for i in explanation.interactions if (name := name_motif(letters, i.features))), None)
    st.subheader(f"Log intensity {explanation.prediction:.2f}", anchor=False)
    st.markdown(result_view.headline(explanation, "log intensity") + (f" Known motif: **{motif}**." if motif else ""))
    chosen = st.session_state.get("dna.chosen")
    drawing = draw_sequence.sequence(
        explanation, letters, name_of=lambda features: name_motif(letters, features), chosen=chosen
    )
    picture.show(drawing, "dna.picture")
    st.caption(
        "Bars: what each letter adds on its own, against a random other letter. Rows below: letters that act together, "
        "with what they add jointly beyond that."
    )
    result_view.choose(PAGE, explanation)
result_view.evidence(PAGE, shown, chosen, say=lambda answer: f"{answer:.2f}")
