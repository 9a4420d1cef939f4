"""The first page: what Glider is for, in pictures of real runs, each a click away from its live case; and the tour."""

import streamlit as st

import glider_core as gl
from glider_core import prepared
from glider_core.domains import DOMAINS
from glider_core.drawings import draw
from glider_core.drawings import global_run as draw_global
from glider_core.drawings.sentences import headline
from glider_core.drawings.text import markdown
from glider_core.recommenders.simulator import PLANTED
from pages.parts import glossary, picture, run, state, unknown
from pages.parts.global_run import SIMULATED
from pages.parts.global_tables import headline as headline_of_run

# What each card asks, of which model, and which of its examples; the first two are as wide as the page.
CARDS = (
    ("A sentence", "sentiment/lstm", "Hardly dull"),
    ("A stretch of DNA", "dna/cnn", "E-box in the centre"),
    ("A person in a table", "recommender/census", "At 79, seven hours a week"),
    ("A photo", "image/small50", "Coffee"),
    ("A member of a club", "graph/karate", "Friends of friends"),
)

MORE = (
    ("crosses", "Feature crosses", "Do the sets that one recommender uses make another one better? Losses are shown."),
    ("compare", "Compare", "Two models, inputs, classes or settings on one scale, differences first."),
    ("your_model", "Your model", "An ONNX or scikit-learn file, a model of a library, any function."),
    ("evidence", "Evidence", "The paper's tables and figures, measured again beside other methods. Losses are shown."),
)
_OPENED = "glider.home"  # of the session


@st.cache_data
def card(model: str, title: str) -> tuple[str, str, str, dict[str, str]]:
    """Of a stored explanation: the answer, the finding, the picture, and the address of its case."""
    example = prepared.example(model, title)
    explanation, domain = prepared.stored(example), DOMAINS[example.domain]
    told = headline(explanation, domain.unit)
    return markdown(domain.heading(explanation)), told, draw(explanation), example.case.to_query() or {}


@st.cache_data
def global_card() -> tuple[str, str]:
    """Of the stored run over many rows: the finding and the picture."""
    result = prepared.stored_run(SIMULATED)
    return headline_of_run(result, PLANTED), draw_global.upset_of(result, result.interactions[:8], PLANTED)


def show(name: str, model: str, title: str) -> None:
    """A card of an example."""
    domain = model.partition("/")[0]
    try:
        answer, told, drawn, query = card(model, title)
    except gl.GliderError:  # of an installation without the stored explanations
        st.page_link(f"pages/{domain}.py", label=f"{name}: explain one", icon=":material/arrow_forward:")
        return
    st.markdown(f"**{name}** · {answer}")
    glossary.write(told)
    picture.show(drawn, f"home.{domain}")
    st.page_link(f"pages/{domain}.py", label="Open this case", icon=":material/arrow_forward:", query_params=query)


state.left()
if not st.session_state.setdefault(_OPENED, False):
    st.session_state[_OPENED] = True
    unknown.note(st.query_params)  # it reads none
st.title("See which features act together", anchor=False)
glossary.write(
    "A linear explanation (LIME) says which features matter, one by one. It cannot say that *hardly* and *dull* matter "
    "**together**. Glider asks a model what-if questions, finds such interactions, and measures each on the model."
)
st.page_link(
    "pages/tour.py", label="Take the tour: five steps, three minutes", icon=":material/play_circle:", width="content"
)
sentence, sequence, person, photo, member = CARDS
for number, card_of in enumerate((sentence, sequence)):
    with st.container(border=True, key=f"home-wide-{number}"):
        show(*card_of)
for column, card_of in zip(st.columns(2), (person, photo), strict=True):
    with column.container(border=True, height="stretch"):
        show(*card_of)
left, right = st.columns(2)
with left.container(border=True, height="stretch"):
    show(*member)
with right.container(border=True, height="stretch"):
    finding, drawn = global_card()
    st.markdown("**Many rows** · a recommender's sets, counted")
    st.markdown(finding)
    picture.show(drawn, "home.global")
    st.page_link("pages/global_view.py", label="Open this run", icon=":material/arrow_forward:")
for column, (page, label, text) in zip(st.columns(len(MORE)), MORE, strict=True):
    with column.container(border=True, height="stretch"):
        st.page_link(f"pages/{page}.py", label=label, icon=":material/arrow_forward:")
        st.caption(text)
st.caption(
    "Every picture is of a run of a model that ships with Glider: trained by us, on this machine; nothing leaves it. "
    "Method: MADEX, Tsang et al., ICLR 2020."
)
run.end_of_page()
