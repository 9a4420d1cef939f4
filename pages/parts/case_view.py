"""One case of the book: its picture, drawn without its model, and what people say of it."""

from __future__ import annotations

import difflib
from functools import partial
from urllib.parse import urlencode

import streamlit as st

import glider_core as gl
from glider_core.domains import DOMAINS
from glider_core.drawings import drawing_of
from glider_core.drawings.layered import LAYERS, layered
from glider_core.drawings.sentences import headline, set_sentence, unit_of
from glider_core.drawings.text import markdown
from glider_core.models import find_entry
from glider_core.reporting import as_python
from glider_core.store import VERDICT_NAMES, Line, ReviewedBook, Reviewer
from pages.parts import cases_export, comparing, glossary, judging, picture
from pages.parts.cases_state import CasesState
from pages.parts.saving import address

# Of pages, where it is not the domain's name. Their files are called like it: until the app is drawn for the first
# time, Streamlit knows pages by their files only, and says of another address that there is no such page.
ADDRESSES = {"function": "your_model"}
_TRAINED = ("recommender/own", "graph/own")
_DRAWN = "cases.drawn"  # of the session: the explanation that was read last


def show(state: CasesState, book: ReviewedBook, line: Line, reviewer: Reviewer) -> None:
    """Draw the case, the picture on the left, what people say on the right."""
    left, right = st.columns([11, 5], gap="medium")
    explanation = read(book, line.id)
    beside = book.line(state.beside) if state.beside not in (0, line.id) else None
    with left:
        if beside is None:
            _picture(state, book, line, explanation)
        else:
            _pair(state, book, beside, line)
    with right:
        judge_buttons(state, book, line, reviewer)
        judging.tags(book, line)
        judging.note(book, line.id, reviewer)
        _links(state, line, explanation)


def read(book: ReviewedBook, case_id: int) -> gl.Explanation:
    """The explanation of a case; the one that was read last is kept at hand.

    Raises:
        GliderError: it is not in the book, or cannot be read.
    """
    kept = st.session_state.get(_DRAWN)
    if kept is None or kept[0] != (book.id, case_id):
        kept = st.session_state[_DRAWN] = ((book.id, case_id), book.explanation(case_id))
    return kept[1]


def _picture(state: CasesState, book: ReviewedBook, line: Line, explanation: gl.Explanation) -> None:
    with st.container(border=True, key="cases-card"):
        st.subheader(markdown(line.answered), anchor=False)
        if line.flag:
            label = f"; the true answer is **{markdown(line.label)}**" if line.label and line.wrong else ""
            st.markdown(f":material/flag: **{markdown(line.flag)}**{label}")
        drawing = drawing_of(explanation)
        undrawn = drawing.undrawn(explanation, explanation.payload)
        chosen = state.set - 1 if 1 <= state.set <= len(explanation.interactions) else None
        about = "" if chosen is None else f" {set_sentence(explanation, chosen)}"
        glossary.write(headline(explanation, unit_of(explanation), undrawn) + about)
        with st.container(horizontal=True):
            st.segmented_control(
                "Layer", list(LAYERS), format_func=LAYERS.__getitem__, required=True, label_visibility="collapsed",
                **state.tie("layer"),
            )  # fmt: skip
            views = list(drawing.views)
            if state.view not in views:
                state.view = views[0]
            if len(views) > 1:
                st.segmented_control("View", views, required=True, label_visibility="collapsed", **state.tie("view"))
        picture.control(
            layered(explanation, chosen, layer=state.layer, view=state.view), "cases-picture", explanation,
            scope="cases", off=[], chosen=chosen, on_act=partial(_choose, state), fixed=True,
            label=f"{explanation.explained}: features and the sets that act together",
        )  # fmt: skip
        st.caption(markdown(drawing.caption(explanation, explanation.payload)))
        if line.parent_id is not None:
            _changed(book, line, explanation)


def _choose(state: CasesState, act: picture.Act) -> None:
    """Look at a set of the case, or at all of them."""
    if act.picked is None:
        state.set = 0 if act.chosen is None else act.chosen + 1


def _pair(state: CasesState, book: ReviewedBook, beside: Line, line: Line) -> None:
    """The case that was kept on the left, the chosen one on the right."""
    both = book.explanation(beside.id), read(book, line.id)
    if both[0].domain != both[1].domain:
        st.info("The case that was kept is of another kind; choose one of its kind.", icon=":material/info:")
        return
    titles = tuple(f"Case {each.id}, {each.title[:80]}" for each in (beside, line))
    comparing.show(both, (titles[0], titles[1]), layer=state.layer, key="cases-pair")
    st.download_button(
        "Report of both", partial(cases_export.compared, book, [beside, line], address()), "compared.html", "text/html",
        key="cases.compared", on_click="ignore", icon=":material/download:",
    )  # fmt: skip


def _changed(book: ReviewedBook, line: Line, explanation: gl.Explanation) -> None:
    """What was edited, word by word, and what became of the answer."""
    parent = None if line.parent_id is None else book.line(line.parent_id)
    if parent is None:
        return
    before, now = book.explanation(parent.id).case.raw, explanation.case.raw
    if isinstance(before, str) and isinstance(now, str):
        st.markdown(f"Edited from case {parent.id} ({markdown(parent.answered)}): {word_changes(before, now)}")


def word_changes(before: str, now: str) -> str:
    """Two texts as one, word by word: what was taken out struck through, what came in bold; Markdown."""
    old, new = before.split(), now.split()
    told = []
    for kind, start, end, to_start, to_end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        out, into = markdown(" ".join(old[start:end])), markdown(" ".join(new[to_start:to_end]))
        if kind == "equal":
            told.append(into)
        else:
            told += [f"~~{out}~~"] * bool(out) + [f"**{into}**"] * bool(into)
    return " ".join(told)


def judge_buttons(state: CasesState, book: ReviewedBook, line: Line, reviewer: Reviewer) -> None:
    """The four verdicts as buttons, undo and pin; the keys 1 to 4, u and p do the same."""

    def judge(value: int) -> None:
        book.judge(line.id, None if line.verdict == value else value, reviewer)

    def undo() -> None:
        if (number := book.undo(reviewer)) is not None:
            state.case = number

    with st.container(horizontal=True, key="cases-verdicts"):
        for value, name in VERDICT_NAMES.items():
            st.button(
                f"{value} {name}",
                key=f"cases.judge.{value}",
                type="primary" if line.verdict == value else "secondary",
                on_click=judge,
                args=(value,),
            )
    with st.container(horizontal=True):
        st.button("Undo", icon=":material/undo:", key="cases.undo", on_click=undo, help="The last verdict; key u")
        st.button(
            "Unpin" if line.pinned else "Pin", icon=":material/keep:", key="cases.pin", on_click=book.pin,
            args=(line.id, not line.pinned), help="A pinned case stays until it is deleted; key p",
        )  # fmt: skip
        if state.beside:
            st.button(
                "Leave comparison",
                icon=":material/close:",
                key="cases.alone",
                on_click=setattr,
                args=(state, "beside", 0),
            )
        else:
            st.button(
                "Compare with…", icon=":material/compare:", key="cases.beside", on_click=setattr,
                args=(state, "beside", line.id), help="Keeps this case; the next one you choose stands beside it",
            )  # fmt: skip
    if line.verdict is not None and line.others:
        told = ", ".join(f"{markdown(name)}: **{VERDICT_NAMES[value]}**" for name, value in line.others)
        st.caption(f"Others: {told}")
    elif line.others:
        st.caption("Others have judged this case; their verdicts show once you have.")


def _links(state: CasesState, line: Line, explanation: gl.Explanation) -> None:
    query, known = explanation.case.to_query(), find_entry(explanation.case.model) is not None
    with st.container(horizontal=True):
        if known:  # no program of the visitor's has the app's own models
            with st.popover("Copy as Python", icon=":material/code:"):
                st.code(as_python(explanation.case), language="python")
        # A model of a file is gone with its visit; one that was trained in the app is kept for its visitor.
        if query is not None and line.domain in DOMAINS and (known or explanation.case.model in _TRAINED):
            where = ADDRESSES.get(line.domain, line.domain)
            query |= {"book": state.book} if state.book else {}
            st.link_button("Open it live", f"{where}?{urlencode(query)}", icon=":material/open_in_new:")
