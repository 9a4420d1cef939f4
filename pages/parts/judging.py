"""What people say of a case: verdict, tags and note; in the case book, and below a result on the pages that explain."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

import glider_core as gl
from glider_core.drawings.text import markdown
from glider_core.store import VERDICT_NAMES, Ask, Line, Note, NoteChanged, ReviewedBook, Reviewer
from glider_core.store.summary import digest_of
from pages.parts import books
from pages.parts.run import DRAWINGS
from pages.parts.state import PageState
from pages.parts.ties import chosen, tied

_CONFLICT = "cases.conflict"  # of the session: by case, a note that someone else changed meanwhile
_DRAWN = "cases.note.drawn"  # of the session: which note was drawn last, and in which drawing


def strip(state: PageState, explanation: gl.Explanation) -> None:
    """A line below a result: the verdict by button or key, note and tags, pin, and the way through its batch."""
    try:
        me, (book, line) = books.reviewer(), _found(state, explanation)
        if line is not None:
            _strip(state, book, line, me)
    except gl.GliderError as error:  # the result stays, whatever becomes of the store
        st.caption(f":material/database_off: {markdown(str(error))}")


def _found(state: PageState, explanation: gl.Explanation) -> tuple[ReviewedBook, Line | None]:
    """The case in the book that the link names, else in the visitor's own."""
    if state.book:
        try:
            named = books.book(state.book)
        except gl.InvalidInput:
            state.book = ""
        else:
            if (number := named.find(digest_of(explanation))) is not None:
                return named, named.line(number, books.reviewer())
    own, number = books.own(), books.taken(state.outcome().name)
    return own, None if number is None else own.line(number, books.reviewer())


def _strip(state: PageState, book: ReviewedBook, line: Line, me: Reviewer) -> None:
    key = f"{state.page}-judge"
    # Those of its batch; of a case by itself, all that were asked of this model.
    asked: Ask = Ask(
        batches=(line.batch,) if line.batch else (), models=(line.model,), sort="created", descending=False
    )
    ids, (total, judged) = book.ids(asked, me), book.count(asked, me)
    place = ids.index(line.id) if line.id in ids else 0

    def judge(value: int) -> None:
        safely(lambda: book.judge(line.id, None if line.verdict == value else value, me))

    def undo() -> None:
        safely(lambda: go(book.undo(me)))

    def go(number: int | None) -> None:
        """Show another case, from the store."""
        if number is not None and number != line.id and number in ids:
            state.ask_case(book.explanation(number).case)
            state.outcome().anew = True

    def safely(step: Callable[[], object]) -> None:
        """Take a step; why it could not be taken is said below."""
        try:
            step()
        except gl.GliderError as error:
            st.session_state[f"{key}.problem"] = str(error)

    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=key):
        for value, name in VERDICT_NAMES.items():
            st.button(
                name, key=f"{key}.{value}", type="primary" if line.verdict == value else "secondary",
                on_click=judge, args=(value,), shortcut=str(value),
            )  # fmt: skip
        noted = ":material/sticky_note_2:" if line.note or line.tags else ":material/note_add:"
        with st.popover("Note", icon=noted, type="tertiary"):
            tags(book, line)
            note(book, line.id, me)
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}-way", gap="small"):
        told = [f"**{judged} of {total:,} judged**"] + [f"case {place + 1:,}"] * (len(ids) > 1)
        st.caption(" · ".join([*told, *[markdown(line.batch)] * bool(line.batch)]), width="stretch")
        st.button("Undo", key=f"{key}.undo", on_click=undo, shortcut="u", type="tertiary")
        st.button(
            "Unpin" if line.pinned else "Pin", key=f"{key}.pin", type="tertiary", shortcut="p",
            on_click=lambda: safely(lambda: book.pin(line.id, not line.pinned)),
            help="A pinned case stays in the case book until it is deleted",
        )  # fmt: skip
        if len(ids) > 1:
            for label, by, shortcut in (("Previous case", -1, "k"), ("Next case", 1, "j")):
                there = 0 <= place + by < len(ids)
                st.button(
                    label, key=f"{key}.{shortcut}", type="tertiary", shortcut=shortcut, disabled=not there,
                    on_click=lambda at=place + by: safely(lambda: go(ids[at])),
                )  # fmt: skip
    if problem := st.session_state.pop(f"{key}.problem", ""):
        st.error(markdown(problem), icon=":material/error:")


def tags(book: ReviewedBook, line: Line) -> None:
    """The tags, as they are in the store."""
    key = f"cases.tags.{book.id}.{line.id}"

    def changed() -> None:
        book.tag(line.id, chosen(key))

    known = list(dict.fromkeys([*book.choices().tags, *line.tags]))
    st.multiselect(
        "Tags", known, on_change=changed, accept_new_options=True, placeholder="Tags", label_visibility="collapsed",
        **tied(key, list(line.tags), changed),
    )  # fmt: skip


def note(book: ReviewedBook, case_id: int, reviewer: Reviewer) -> None:
    """The note; where someone else has changed it meanwhile, both texts and a way on."""
    key, kept = f"cases.note.{book.id}.{case_id}", f"cases.note.read.{book.id}.{case_id}"
    conflicts: dict[int, NoteChanged] = st.session_state.setdefault(_CONFLICT, {})
    now, (drawn, when) = st.session_state.get(DRAWINGS, 0), st.session_state.get(_DRAWN, ("", 0))
    if drawn != key or now > when + 1:  # it may have been changed meanwhile
        st.session_state[kept] = book.note(case_id)
    st.session_state[_DRAWN] = key, now

    def written() -> Note:
        return st.session_state[kept]

    def write(text: str, version: int) -> None:
        try:
            st.session_state[kept] = book.write_note(case_id, text, version=version, reviewer=reviewer)
        except NoteChanged as error:
            conflicts[case_id] = error
        else:
            conflicts.pop(case_id, None)

    def changed() -> None:
        write(chosen(key), written().version)

    problem = conflicts.get(case_id)
    st.text_area(
        "Note", height=110, on_change=changed, placeholder="A note; saved when you leave the field",
        label_visibility="collapsed", **tied(key, written().text if problem is None else problem.mine, changed),
    )  # fmt: skip
    problem = conflicts.get(case_id)  # `tied` may have written the note
    if problem is None:
        if written().version:
            st.caption(f"Last written by {markdown(written().by or 'someone')}")
        return
    st.warning(markdown(str(problem)), icon=":material/sync_problem:")
    st.markdown(f"**Theirs:** {markdown(problem.theirs.text)}")
    st.markdown(f"**Yours:** {markdown(problem.mine)}")
    both = f"{problem.theirs.text}\n{problem.mine}".strip()
    for label, text in (("Take theirs", problem.theirs.text), ("Take yours", problem.mine), ("Keep both", both)):
        st.button(label, key=f"{key}.{label}", on_click=write, args=(text, problem.theirs.version))
