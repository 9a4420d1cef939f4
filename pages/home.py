"""The first page: what Glider is for, in two pictures of real runs, and the ways in."""

import streamlit as st

import glider_core as gl
from glider_core.drawings import draw
from glider_core.shipped import ASSETS
from pages.parts import picture, run, state

STEPS = (
    (":material/toggle_off:", "Ask", "Switch features off, some hundreds of times, and note what the model answers."),
    (":material/join_inner:", "Detect", "Find the sets of features whose answers are not the sum of their parts."),
    (":material/fact_check:", "Measure", "Ask the model itself about each one: together against one by one."),
)

MORE = (
    ("recommender", "Recommender", "The fields of a row that decide together whether someone clicks."),
    ("global_view", "Global view", "The sets that a recommender uses over and over, counted over many rows."),
    ("crosses", "Feature crosses", "Recommenders made better by the sets that another one uses."),
    ("image", "Image", "The parts of a photo that a classifier needs to see together."),
    ("graph", "Graph", "The neighbours that decide together what a node is."),
    ("side_by_side", "Two models", "What an LSTM and DistilBERT read in the same sentence."),
    ("function", "Your model", "Any function of your own, in twenty lines."),
)


@st.cache_data
def drawn(name: str) -> str:
    """The picture of a real run, stored so that the first page is there at once."""
    stored = (ASSETS / "samples" / f"{name}.json").read_text(encoding="utf-8")
    return draw(gl.Explanation.from_json(stored))


state.left()
st.title("See which features act together", anchor=False)
st.markdown(
    "A linear explanation says which features matter, one by one. It cannot say that *never* and *fails* matter "
    "**together**. Glider asks a model hundreds of what-if questions, finds such interactions, and shows them."
)

with st.container(border=True):
    st.subheader("Sentiment", anchor=False)
    st.markdown("The negations, intensifiers and idioms that an LSTM reads as one.")
    picture.show(drawn("never_fails"), "home.sentence")
    st.page_link("pages/sentiment.py", label="Explain a sentence", icon=":material/arrow_forward:")
with st.container(border=True):
    st.subheader("DNA", anchor=False)
    st.markdown("The binding motif that a CNN has learned, letter by letter and as a whole.")
    picture.show(drawn("e_box"), "home.sequence")
    st.page_link("pages/dna.py", label="Explain a sequence", icon=":material/arrow_forward:")

for row in (MORE[:3], MORE[3:]):
    for column, (page, label, text) in zip(st.columns(len(row)), row, strict=True):
        with column.container(border=True, height="stretch"):
            st.page_link(f"pages/{page}.py", label=label, icon=":material/arrow_forward:")
            st.caption(text)

for column, (icon, name, text) in zip(st.columns(3, gap="large"), STEPS, strict=True):
    column.markdown(f"**{icon} {name}**  \n{text}")
st.caption(
    "The models that ship with Glider were trained by us and run on this machine; nothing leaves it. "
    "Method: MADEX, Tsang et al., ICLR 2020."
)
run.end_of_page()
