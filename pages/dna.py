"""DNA: which letters of a sequence act together in a model of binding strength."""

import streamlit as st

import glider_core as gl
from glider_core.domains.dna.sequence import LENGTH, letter_count, name_motif, random_sequence
from glider_core.drawings.text import markdown
from pages.parts import workbench


def draw_random() -> None:
    """Explain a new random sequence around CACGTG."""
    st.session_state["dna.draws"] = st.session_state.get("dna.draws", 0) + 1
    page.state.ask(random_sequence(st.session_state["dna.draws"]))


def known_motif(explanation: gl.Explanation) -> str:
    """The motif that an interaction makes up, if it has a name."""
    letters = "".join(name[0] for name in explanation.names)
    names = (name_motif(letters, interaction.features) for interaction in explanation.interactions)
    return next((f"Known motif: **{markdown(name)}**." for name in names if name), "")


page = workbench.open_page("dna")
page.inputs.text_area(f"Sequence of {LENGTH} letters", height=68, **page.tie("raw"))
page.controls.button("Random sequence with CACGTG", icon=":material/casino:", on_click=draw_random)
page.show(f"{letter_count(page.state.raw)} of {LENGTH} letters", remark=known_motif)
