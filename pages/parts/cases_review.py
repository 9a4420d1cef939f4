"""Who reviews, and how far two reviewers agree."""

from __future__ import annotations

import streamlit as st

import glider_core as gl
from glider_core.drawings.text import markdown
from glider_core.store import ReviewedBook, Reviewer
from pages.parts import books, glossary
from pages.parts.cases_state import CasesState
from pages.parts.ties import chosen, tied


def show(state: CasesState, book: ReviewedBook, me: Reviewer) -> None:
    """Draw the form of names and books, and the agreement with another reviewer."""

    def rename() -> None:
        books.reviewer(chosen("cases.name"))

    if name := books.signed_in_name():
        st.markdown(f"You are signed in as **{markdown(name)}**.")
    else:
        st.text_input(
            "Your name, as other reviewers see it", max_chars=60, on_change=rename,
            **tied("cases.name", me.name, rename),
        )  # fmt: skip
    others = [(other, n) for other, n in book.reviewers() if other.id != me.id]
    if not others:
        st.caption(
            "Nobody else has judged cases of this book. Share a book, and each reviewer sees the own verdicts first, "
            "then how far you agree."
        )
    for other, n in others:
        told = book.agreement(me, other)
        glossary.write(f"**{markdown(other.name)}** has judged {n}. {told.words}")
        if told.differing:
            st.button(
                f"Show the {len(told.differing)} on which you differ", key=f"cases.differ.{other.id}",
                icon=":material/difference:", on_click=_only_differing, args=(state, other.id),
            )  # fmt: skip
    if book.kind == "private":
        st.divider()
        st.text_input("Share a book with others: its title", key="cases.share.title", max_chars=60)
        st.button(
            "Make a shared book of the cases shown", icon=":material/group_add:", on_click=_share, args=(state, book)
        )
        st.caption("Whoever has its link sees and judges its cases, and nothing else of yours.")
    elif book.kind == "shared":
        st.caption("The address of this page opens this book, for whoever has it.")


def differing(state: CasesState, book: ReviewedBook, me: Reviewer) -> tuple[int, ...] | None:
    """The cases on which the chosen reviewer and this one differ; None: nobody is chosen."""
    other = next((other for other, _ in book.reviewers() if other.id == state.differs), None)
    return None if other is None else book.agreement(me, other).differing


def _only_differing(state: CasesState, other: int) -> None:
    state.differs, state.page, state.case = other, 1, 0


def _share(state: CasesState, book: ReviewedBook) -> None:
    """A new book with the cases that are shown now."""
    _, kept = books.owner()
    if not kept:
        st.session_state["cases.problem"] = "Nothing is kept for this browser, so that it cannot share a book."
        return
    try:
        me = books.reviewer()
        key, shared = books.store(kept=True).share_book(st.session_state.get("cases.share.title") or "Shared cases")
        for line in reversed(book.lines(state.ask(differing(state, book, me)), me, limit=2000)):
            number = shared.add(
                book.explanation(line.id), title=line.title, label=line.label, batch=line.batch, pinned=True
            )
            if line.tags:
                shared.tag(number, line.tags)
            if line.note:
                shared.write_note(number, line.note, version=0, reviewer=me)
    except gl.GliderError as error:
        st.session_state["cases.problem"] = str(error)
        return
    state.show_all()
    state.book, state.case = f"{books.SHARED}{key}", 0
