"""The tour: five steps on one page, from what LIME says to the visitor's own sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

import glider_core as gl
from glider_core import prepared
from glider_core.domains.sentiment import answer
from glider_core.drawings import charts, draw
from glider_core.drawings.sentences import effect_with_interval, percent
from glider_core.drawings.text import markdown
from glider_core.numerals import signed
from pages.parts import frame, glossary, picture, run
from pages.parts.evidence import CONFIG
from pages.parts.linked import LinkedState, linked, whole_number

STEPS = ("One by one", "Together", "What LIME misses", "Proof", "Your turn")
MODEL, TITLE = "sentiment/lstm", "Hardly dull"


@dataclass
class TourState(LinkedState):
    """Where in the tour the visitor is."""

    PAGE = "tour"

    step: int = linked("step", 1, whole_number(1, len(STEPS)), always=True)

    def go(self, step: int) -> None:
        """Show another step."""
        self.step = min(max(step, 1), len(STEPS))


@st.cache_data
def drawn(*, together: bool) -> str:
    """The sentence, with its interactions or with main effects alone."""
    found = prepared.stored(prepared.example(MODEL, TITLE))
    return draw(found, 0) if together else draw(replace(found, interactions=(), scores=found.scores[:1]))


def one_by_one(found: gl.Explanation) -> None:
    """Step 1: main effects."""
    glossary.write(
        f"A network was asked whether this review is good. Its answer: **{answer(found.prediction)}**, "
        f"{signed(found.prediction)} logits. Which words did that?"
    )
    picture.show(drawn(together=False), "tour.alone")
    parts = ", ".join(
        f"**{markdown(name)}** {signed(effect)}" for name, effect in zip(found.names, found.main_effects, strict=True)
    )
    glossary.write(
        f"LIME gives each word a number of its own: {parts}. If that were all, *dull* would be a compliment: odd."
    )


def together(found: gl.Explanation) -> None:
    """Step 2: an interaction."""
    top = found.interactions[0]
    glossary.write(
        f"Glider looks for words that act **together**. It finds that {named(top)} do: jointly they give "
        f"**{effect_with_interval(top)} logits** beyond what each gives alone."
    )
    picture.show(drawn(together=True), "tour.together")
    st.markdown("The bracket joins what was read as one. Two words that are each a complaint, together are praise.")


def missed(found: gl.Explanation) -> None:
    """Step 3: shares."""
    shares = found.shares
    glossary.write(
        "Switch words on and off at random, ask the network each time, and see who can foretell its answers. "
        f"LIME's numbers account for **{percent(shares.alone)}** of how they vary. "
        f"With interactions it is **{percent(shares.alone + shares.together)}**."
    )
    columns = st.columns(3)
    columns[0].metric("The words one by one", percent(shares.alone))
    columns[1].metric("Interactions add", percent(shares.together))
    columns[2].metric("Left open", percent(shares.rest))
    st.markdown(
        "In this sentence LIME misses nearly all of it. In many inputs it misses little, and Glider says that as "
        "plainly: *almost a plain sum*."
    )


def proof(found: gl.Explanation) -> None:
    """Step 4: the model's own answers."""
    top = found.interactions[0]
    st.markdown(
        f"You need not believe it. Here the network itself was asked, with {named(top)} on or off (struck through)."
    )
    figure = charts.factorial(top, found.explained, "logits")
    if figure is not None:
        st.plotly_chart(figure, key="tour.proof", config=CONFIG)
    nothing, first, second, both = top.answers or (0.0,) * 4
    st.markdown(
        f"Without both: {signed(nothing)}. *{markdown(top.names[0])}* alone takes it to {signed(first)}, "
        f"*{markdown(top.names[1])}* alone to {signed(second)}. If effects just added up, both would give "
        f"{signed(first + second - nothing)}. The network says **{signed(both)}**. The difference is the interaction."
    )


def your_turn(found: gl.Explanation) -> None:
    """Step 5: the visitor's own sentence."""
    st.markdown("Write a sentence about a film, with a twist in it if you like.")
    sentence = st.text_input("Your sentence", "The songs are never dull.", key="tour.sentence", max_chars=400)
    st.page_link(
        "pages/sentiment.py", label="Explain it", icon=":material/arrow_forward:",
        query_params={"model": MODEL, "text": sentence}, disabled=not sentence.strip(),
    )  # fmt: skip
    st.markdown("Or look at the same question elsewhere:")
    with st.container(horizontal=True):
        for page, label in (("dna", "DNA"), ("recommender", "Recommender"), ("image", "Image"), ("graph", "Graph")):
            st.page_link(f"pages/{page}.py", label=label, width="content")


def named(interaction: gl.Interaction) -> str:
    """The names of a set, in italics."""
    *first, last = (f"*{markdown(name)}*" for name in interaction.names)
    return f"{', '.join(first)} and {last}"


frame.enter()
state = TourState.of_visit()
st.title("Three minutes", anchor=False)
found = prepared.stored(prepared.example(MODEL, TITLE))
with st.container(horizontal=True, key="tour-steps"):
    st.segmented_control(
        "Step", range(1, len(STEPS) + 1), format_func=lambda step: f"{step} {STEPS[step - 1]}", required=True,
        label_visibility="collapsed", **state.tie("step"),
    )  # fmt: skip
with st.container(border=True, key="tour-card"):
    st.header(STEPS[state.step - 1], anchor=False)
    (one_by_one, together, missed, proof, your_turn)[state.step - 1](found)
with st.container(horizontal=True):
    st.button(
        "Back", icon=":material/chevron_left:", disabled=state.step == 1, on_click=state.go, args=(state.step - 1,),
        key="tour.back",
    )  # fmt: skip
    st.button(
        "Next", icon=":material/chevron_right:", type="primary", disabled=state.step == len(STEPS), on_click=state.go,
        args=(state.step + 1,), key="tour.next",
    )  # fmt: skip
state.link(state.to_query())
run.end_of_page()
