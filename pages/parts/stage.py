"""The stage: cases shown to an audience, one finding a screen, out of the store alone.

Arrow keys step through answer, LIME, what it misses, proof, and trying it out; then comes the next case. The note of a
case is the speaker's. No model is asked, so that a talk goes on without any.
"""

from __future__ import annotations

import base64

import streamlit as st

import glider_core as gl
from glider_core.domains import DOMAINS
from glider_core.drawings import charts, drawing_of
from glider_core.drawings.figures import sized
from glider_core.drawings.layered import layered
from glider_core.drawings.sentences import headline, percent, set_sentence, unit_of
from glider_core.drawings.svg import tag
from glider_core.drawings.text import markdown
from glider_core.numerals import signed
from glider_core.store import Line, ReviewedBook
from pages.parts import glossary, picture
from pages.parts.cases_state import CasesState

STEPS = ("answer", "LIME", "what it misses", "proof", "try it")
# Within a picture, which takes no style from the page: it grows with the room that there is.
_LARGE = (
    "<style>svg.glider-wide{width:100%!important;max-width:100%!important;max-height:58vh}"
    ".glider-layer,.glider-misses{font-size:28px!important;flex-wrap:wrap}.glider-legend{font-size:22px!important}"
    "</style>"
)
_NOTES = "cases.stage.notes"  # of the session: whether the speaker's notes show
_STYLE = (
    "<style>[data-testid=stSidebar],[data-testid=stHeader],[data-testid=stSidebarCollapsedControl]{display:none}"
    ".stMainBlockContainer{padding:1.5rem 3rem;max-width:100rem}"
    "@media (max-width:768px){.stMainBlockContainer{padding:1rem}.st-key-stage-keys{left:1rem;right:1rem}}"
    ".st-key-stage p,.st-key-stage li,.st-key-stage label p{font-size:28px;line-height:1.4}"
    ".st-key-stage{padding-bottom:5rem}"  # the keys stand over what is below
    ".st-key-stage h1{font-size:44px;padding:.2rem 0}.st-key-stage h2{font-size:40px;padding:0}"
    ".st-key-stage [data-testid=stCaptionContainer] p,.st-key-stage .glider-term::after{font-size:20px!important}"
    ".st-key-stage-keys{position:fixed;bottom:.6rem;left:3rem;right:3rem;width:auto!important;z-index:9;"
    "background:var(--st-background-color)}</style>"
)


def show(state: CasesState, book: ReviewedBook, ids: list[int], line: Line) -> None:
    """Draw one screen of a talk.

    Args:
        state: which case, and which step.
        book: that the cases are in.
        ids: numbers of the talk's cases, in order.
        line: the case that is shown.
    """
    place = ids.index(line.id) if line.id in ids else 0
    explanation = book.explanation(line.id)
    st.html(_STYLE)
    with st.container(key="stage"):
        _SCREENS[state.step](line, explanation)
        if st.session_state.get(_NOTES) and line.note:
            st.info(markdown(line.note), icon=":material/speaker_notes:")
    _keys(state, ids, place)


def _answer(line: Line, explanation: gl.Explanation) -> None:
    st.title(markdown(line.title), anchor=False)
    photo = getattr(explanation.payload, "png", None)
    if isinstance(photo, bytes):
        source = f"data:image/png;base64,{base64.b64encode(photo).decode()}"
        picture.show(
            str(tag("img", src=source, alt=line.title, style="max-height:60vh;border-radius:.5rem")), "stage-photo"
        )
    st.header(markdown(line.answered), anchor=False)
    if line.wrong and line.label:
        st.markdown(f":material/flag: The true answer is **{markdown(line.label)}**: the model is wrong.")


def _lime(line: Line, explanation: gl.Explanation) -> None:
    st.header("One by one", anchor=False)
    picture.show(_LARGE + str(layered(explanation, layer="lime")), "stage-lime")
    alone = percent(explanation.shares.alone)
    glossary.write(f"LIME, a linear explanation, tells **{alone}** of how the answers vary.")


def _together(line: Line, explanation: gl.Explanation) -> None:
    undrawn = drawing_of(explanation).undrawn(explanation, explanation.payload)
    glossary.write(headline(explanation, unit_of(explanation), undrawn))
    picture.show(_LARGE + str(layered(explanation, layer="together")), "stage-together")


def _proof(line: Line, explanation: gl.Explanation) -> None:
    number = _first(explanation)
    if number is None:
        st.header("Nothing acts together here.", anchor=False)
        return
    interaction = explanation.interactions[number]
    glossary.write(set_sentence(explanation, number))
    figure = charts.factorial(interaction, explanation.explained, unit_of(explanation))
    if figure is None:
        st.markdown("This set joins more than six features; its answers were not kept one by one.")
        return
    sized(figure, 24).update_layout(height=620)
    st.plotly_chart(figure, key="stage-proof", config={"displayModeBar": False})


def _try(line: Line, explanation: gl.Explanation) -> None:
    """Features of the first set to be switched, answered out of what was kept: no model is asked."""
    number = _first(explanation)
    answers = None if number is None else explanation.interactions[number].answers
    if number is None or answers is None:
        st.header("There is nothing to switch here.", anchor=False)
        return
    names = explanation.interactions[number].names
    st.header("Your turn: what if these were off?", anchor=False)
    with st.container(horizontal=True):
        on = [st.toggle(markdown(name), True, key=f"stage-try-{line.id}-{n}") for n, name in enumerate(names)]
    value = answers[sum(1 << n for n, kept in enumerate(on) if kept)]
    added = answers[0] + sum(answers[1 << n] - answers[0] for n, kept in enumerate(on) if kept)
    domain = DOMAINS.get(explanation.domain)
    say = signed if domain is None else domain.answer
    st.title(markdown(say(value)), anchor=False)
    st.markdown(f"If effects just added up: **{markdown(say(added))}**")


_SCREENS = (_answer, _lime, _together, _proof, _try)


def _first(explanation: gl.Explanation) -> int | None:
    """The first set that is a finding and whose answers were kept, else the first."""
    if explanation.verdict == "unreadable" or not explanation.interactions:
        return None
    undrawn = drawing_of(explanation).undrawn(explanation, explanation.payload)
    shown = [n for n in range(len(explanation.interactions)) if n not in undrawn]
    kept = [n for n in shown if explanation.interactions[n].answers is not None]
    return next(iter([*kept[:1], *shown[:1]]), 0)


def _keys(state: CasesState, ids: list[int], place: int) -> None:
    """Step, notes and the way back, by key or by button."""

    def go(by: int) -> None:
        step = place * len(STEPS) + state.step + by
        step = min(max(step, 0), len(ids) * len(STEPS) - 1)
        state.case, state.step = ids[step // len(STEPS)], step % len(STEPS)

    def leave() -> None:
        state.stage, state.step = False, 0

    def notes() -> None:
        st.session_state[_NOTES] = not st.session_state.get(_NOTES, False)

    with st.container(key="stage-keys", horizontal=True, vertical_alignment="center"):
        st.button("Back", on_click=go, args=(-1,), key="stage.back", shortcut="left", type="tertiary")
        st.button("On", on_click=go, args=(1,), key="stage.on", shortcut="right", type="tertiary")
        st.caption(f"{place + 1} of {len(ids)} · {STEPS[state.step]}", width="stretch")
        st.button("Notes", on_click=notes, key="stage.notes", shortcut="n", type="tertiary")
        st.button("Leave", on_click=leave, key="stage.leave", shortcut="escape", type="tertiary")
