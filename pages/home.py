"""The first page: what Glider is for, in one picture, and the ways in."""

import streamlit as st

import glider_core as gl
from glider_core.models import ASSETS
from pages.parts import draw_sentence, picture

st.title("See which features act together", anchor=False)
st.markdown(
    "A linear explanation says which features matter, one by one. It cannot say that *never* and *fails* matter "
    "**together**. Glider asks a model thousands of what-if questions, finds such interactions, and shows them."
)


@st.cache_data
def hero() -> str:
    """A real run's picture, stored so that the first page is there at once."""
    explanation = gl.Explanation.from_json((ASSETS / "samples" / "never_fails.json").read_text(encoding="utf-8"))
    return draw_sentence.sentence(explanation, draw_sentence.plain_tokens(explanation.names))


with st.container(border=True):
    picture.show(hero(), "home.picture")
    st.caption("A film review, explained: background shows each word's own effect, brackets show joint effects.")

left, right = st.columns(2, gap="large")
with left.container(border=True):
    st.subheader("Sentiment", anchor=False)
    st.markdown("Type a sentence. See the negations, intensifiers and idioms that an LSTM reads as one.")
    st.page_link("pages/sentiment.py", label="Explain a sentence", icon=":material/arrow_forward:")
with right.container(border=True):
    st.subheader("DNA", anchor=False)
    st.markdown("Paste 36 letters. See the binding motif that a CNN has learned, letter by letter and as a whole.")
    st.page_link("pages/dna.py", label="Explain a sequence", icon=":material/arrow_forward:")

st.caption(
    "All models here were trained by us, ship with Glider and run on this machine; nothing leaves it. "
    "Method: MADEX, Tsang et al., ICLR 2020."
)
