"""Cases: all that was explained, to be gone through, judged, compared, reported and presented."""

import streamlit as st

import glider_core as gl
from glider_core.drawings.text import markdown
from glider_core.store import Line, ReviewedBook, Reviewer
from pages.parts import (
    book_table,
    books,
    case_view,
    cases_batch,
    cases_export,
    cases_filters,
    cases_review,
    frame,
    glossary,
    run,
    stage,
)
from pages.parts.book_table import Act
from pages.parts.cases_state import PER_PAGE, CasesState

NOTHING = (
    "No case yet. Whatever you explain on the other pages comes here by itself; or bring many at once with **Add "
    "many**: sentences, a column of a table, FASTA, photos, rows or nodes."
)


KEYS = "j k or ↓ ↑: next, previous · ← →: its sets · 1 plausible 2 odd 3 wrong 4 needs action · u undo · p pin"
COLUMNS = (
    "Bars: shares of how the answers vary, told by features alone, by sets together, by neither. First set: its effect "
    "and half its 95 % interval."
)


def choose_book(current: ReviewedBook) -> None:
    """The books that this visitor can open, where there is more than one's own."""
    options = [books.OWN, *(f"{books.NAMED}{name}" for name in books.named())]
    if state.book not in options:
        options.append(state.book)
    if len(options) < 2:
        return
    titles = {books.OWN: "Your cases", state.book: current.title}

    def changed() -> None:
        state.show_all()
        state.case = state.beside = 0

    st.selectbox(
        "Book", options, format_func=lambda name: titles.get(name) or str(name).removeprefix(books.NAMED),
        label_visibility="collapsed", width=200, **state.tie("book", then=changed),
    )  # fmt: skip


def take(act: Act) -> None:
    """Do what someone did in the table."""
    state.told = ""
    try:
        if act.kind == "open" and act.case is not None:
            state.case, state.set = act.case, 0
        elif act.kind == "judge" and act.case is not None and type(act.value) is int:
            book.judge(act.case, act.value, me)
            state.case, state.set = act.next or act.case, 0
        elif act.kind == "undo":
            state.case = book.undo(me) or state.case
        elif act.kind == "pin" and act.case is not None:
            if (line := book.line(act.case)) is not None:
                book.pin(act.case, not line.pinned)
        elif act.kind == "page" and act.value in (-1, 1):
            state.page, state.case = max(state.page + act.value, 1), 0
        elif act.kind == "sort" and act.value in {name for name, _, sortable in book_table.COLUMNS if sortable}:
            state.ascending = not state.ascending if state.sort == act.value else act.value == "title"
            state.sort, state.page = act.value, 1
    except gl.GliderError as error:
        st.session_state["cases.problem"] = str(error)


def present() -> None:
    """Show the cases to an audience, from the chosen one on."""
    state.stage, state.step = True, 0


def step_page(by: int) -> None:
    """Another page of lines."""
    state.page, state.case = state.page + by, 0


def heading(book: ReviewedBook, me: Reviewer, chosen: Line | None) -> None:
    """Title, how much is judged, and what can be done with the book."""
    with st.container(horizontal=True, vertical_alignment="center", key="cases-place-head"):
        st.title("Cases", anchor=False, width="content")
        choose_book(book)
        if total:
            st.markdown(f"**{judged} of {total:,} judged**", width="content")
        # Another key is another popover, which is closed.
        started = st.session_state.get(cases_batch.STARTED, 0)
        with st.popover("Add many", icon=":material/playlist_add:", key=f"cases.add.{started}"):
            cases_batch.show(state, book)
        with st.popover("Reviewers", icon=":material/group:"):
            cases_review.show(state, book, me)
        if total:
            st.button(
                "Present", icon=":material/slideshow:", on_click=present, help="The cases shown, one by one, large"
            )
            with st.popover("Export", icon=":material/download:"):
                cases_export.show(state, book, me, asked, total, chosen)


def lines_of(book: ReviewedBook, me: Reviewer) -> list[Line]:
    """The lines of this page; a case that a link names is looked for among the others."""
    lines = book.lines(asked, me, offset=(state.page - 1) * PER_PAGE, limit=PER_PAGE)
    if state.case and state.case not in {line.id for line in lines}:
        numbers = book.ids(asked, me)
        if state.case in numbers:
            state.page = numbers.index(state.case) // PER_PAGE + 1
            lines = book.lines(asked, me, offset=(state.page - 1) * PER_PAGE, limit=PER_PAGE)
        elif (line := book.line(state.case, me)) is not None:  # it is here, but left out by the filters
            lines = [line, *lines]
        else:
            state.told = f"Case {state.case} is not in this book; it may have been deleted, or be another visitor's."
            state.case = 0
    return lines


def draw(chosen: Line | None) -> None:
    """The book: its lines, and the chosen case."""
    with top:
        heading(book, me, chosen)
    if problem := st.session_state.pop("cases.problem", ""):
        st.error(markdown(problem), icon=":material/error:")
    if total or state.filtered:
        cases_filters.show(state, book)
    if state.told:
        st.warning(markdown(state.told))
    if chosen is None:
        st.info("No case is like that." if state.filtered else NOTHING, icon=":material/inbox:")
    else:
        state.case = chosen.id
        book_table.show(lines, chosen.id, sort=state.sort, descending=not state.ascending, take=take)
        with st.container(horizontal=True, vertical_alignment="center"):
            glossary.write(f"{KEYS}  \n{COLUMNS}", small=True)
            if total > PER_PAGE:
                first = (state.page - 1) * PER_PAGE
                st.caption(f"{first + 1:,} to {min(first + PER_PAGE, total):,} of {total:,}", width="content")
                st.button("Former", disabled=state.page == 1, on_click=step_page, args=(-1,), key="cases.former")
                st.button("Next", disabled=first + PER_PAGE >= total, on_click=step_page, args=(1,), key="cases.next")
        case_view.show(state, book, chosen, me)


frame.enter()
state = CasesState.of_visit()
try:
    book = books.book(state.book)
    me = books.reviewer()
except gl.InvalidInput as error:
    state.told, state.book = str(error), books.OWN
    book, me = books.own(), books.reviewer()
except gl.GliderError as error:
    st.title("Cases", anchor=False)
    st.error(markdown(str(error)), icon=":material/database_off:")
    st.stop()
top, progress = st.container(), st.container()
with progress:
    cases_batch.follow()  # before lines are read: what it takes note of is in them
asked = state.ask(cases_review.differing(state, book, me) if state.differs else None)
total, judged = book.count(asked, me)
state.page = min(state.page, max((total - 1) // PER_PAGE + 1, 1))
lines = lines_of(book, me)
chosen = next((line for line in lines if line.id == state.case), lines[0] if lines else None)
if state.stage and chosen is not None:
    state.case = chosen.id
    stage.show(state, book, book.ids(asked, me), chosen)
else:
    draw(chosen)
state.link(state.to_query())
run.end_of_page()
