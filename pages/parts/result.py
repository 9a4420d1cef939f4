"""A result as it stands on a page: verdict and picture on the left, the evidence in tabs on the right.

It redraws by itself when something in it is chosen or switched off, so that the rest of the page stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import streamlit as st

import glider_core as gl
from glider_core.domains import Domain
from glider_core.drawings import drawing_of
from glider_core.drawings.layered import LAYERS, layered
from glider_core.drawings.sentences import headline, set_sentence, unit_of
from glider_core.drawings.text import markdown
from glider_core.numerals import signed
from pages.parts import evidence, explaining, glossary, judging, picture
from pages.parts.state import PageState, Shown

OTHER_RESULT = (
    ":material/history: The link was copied from another result: the model or Glider's version have changed since, "
    "so numbers may differ."
)
VERDICTS = {  # badges: colour of Streamlit's, words
    "strong": ("green", "acts together"),
    "weak": ("blue", "weakly together"),
    "additive": ("gray", "almost a plain sum"),
    "unreadable": ("orange", "could not be read"),
}
Remark = Callable[[gl.Explanation], str]
Pick = Callable[[str], None]


@st.fragment
def show(
    state: PageState, domain: Domain, shown: Shown, *, remark: Remark | None = None, on_pick: Pick | None = None
) -> None:
    """Draw a result; see `Workbench.show`."""
    explanation, outcome = shown.explanation, state.outcome()

    def act(act: picture.Act) -> None:
        if act.picked is not None:
            if on_pick is not None:
                on_pick(act.picked)
                outcome.anew = True
        else:
            outcome.off, outcome.chosen = list(act.off), act.chosen

    undrawn = drawing_of(explanation).undrawn(explanation, explanation.payload)
    left, right = st.columns([58, 42], gap="medium")
    with left, st.container(border=True, key=f"{state.page}-card"):
        _verdict(state, domain, shown, undrawn, remark)
        _picture(state, explanation, act)
        explaining.stability(outcome)
        if not shown.first_look:
            judging.strip(state, explanation)
    state.link_look()
    with right:
        evidence.show(state, domain, shown, undrawn, act)
    if outcome.anew:  # something in it asked for another case: that is the whole page's
        outcome.anew = False
        st.rerun()


def _verdict(state: PageState, domain: Domain, shown: Shown, undrawn: Collection[int], remark: Remark | None) -> None:
    explanation, outcome = shown.explanation, state.outcome()
    colour, words = VERDICTS[explanation.verdict]
    truth = domain.truth(explanation)
    with st.container(horizontal=True, vertical_alignment="center", key=f"{state.page}-verdict"):
        st.subheader(markdown(domain.heading(explanation)), anchor=False, width="content")
        st.badge(words, color=colour)  # type: ignore[arg-type]
        if truth is not None:
            st.badge(f"the model is wrong: {markdown(truth)}", color="red", icon=":material/error:")
        answer = evidence.answer_off(state, shown)
        if answer is not None:
            change = signed(answer - explanation.prediction)
            told = f"**{markdown(domain.answer(answer))}** with {len(outcome.off)} off ({change})"
            st.markdown(f":material/arrow_forward: {told}", width="content")
            st.button("All on", key=f"{state.page}-all-on", type="tertiary", on_click=outcome.off.clear)
    if shown.first_look:
        st.markdown(explaining.first_look(explanation))
    glossary.write(headline(explanation, unit_of(explanation), undrawn) + _about(outcome.chosen, explanation, undrawn))
    for note in explanation.notes:
        st.caption(markdown(note))
    if state.promised and not shown.first_look and explanation.fingerprint != state.promised:
        st.caption(OTHER_RESULT)
    if remark is not None and (told := remark(explanation)):
        st.markdown(told)


def _about(chosen: int | None, explanation: gl.Explanation, undrawn: Collection[int]) -> str:
    """A sentence on the chosen set, or on the first."""
    number = evidence.first(explanation, undrawn) if chosen is None else chosen
    if explanation.verdict in ("unreadable", "additive") and chosen is None:
        return ""
    return "" if number is None else f" {set_sentence(explanation, number)}"


def _picture(state: PageState, explanation: gl.Explanation, act: Callable[[picture.Act], None]) -> None:
    drawing, outcome = drawing_of(explanation), state.outcome()
    views = list(drawing.views)
    if state.view not in views:
        state.view = views[0]
    state.usual_picture = views[0], "both" if state.page in ("sentiment", "image") else "together"
    if state.layer not in LAYERS:
        state.layer = state.usual_picture[1]
    with st.container(horizontal=True):
        st.segmented_control(
            "Layers",
            list(LAYERS),
            format_func=LAYERS.__getitem__,
            required=True,
            label_visibility="collapsed",
            **state.tie("layer"),
        )
        if len(views) > 1:
            st.segmented_control("View", views, required=True, label_visibility="collapsed", **state.tie("view"))
    picture.control(
        layered(explanation, outcome.chosen, layer=state.layer, view=state.view),
        f"{state.page}-picture",
        explanation,
        scope=state.page,
        off=outcome.off,
        chosen=outcome.chosen,
        on_act=act,
        label=f"{explanation.explained}: features and the sets that act together",
    )
    st.caption(markdown(drawing.caption(explanation, explanation.payload)))
