"""What leaves the case book: a report, tables, pictures; of the cases that are shown, or of one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from glider_core.reporting import book_csv, book_json, entries_of, png_of, report_html, svg_of
from glider_core.reporting.page import MOST
from glider_core.store import Ask, Line, ReviewedBook, Reviewer
from pages.parts.cases_state import CasesState
from pages.parts.saving import address

_MOST_LINES = 100_000


def show(state: CasesState, book: ReviewedBook, me: Reviewer, asked: Ask, total: int, chosen: Line | None) -> None:
    """Draw the buttons; what they give is made when they are pressed."""
    n, app = min(total, MOST), address()  # not to be told any more when a button is pressed
    title = st.text_input("Title of the report", "Glider report", key="cases.report.title", max_chars=120)
    told = "all of this book" if not state.filtered else "as filtered"
    _button(
        f"Report of {n:,} cases, {told}",
        "report.html",
        "text/html",
        partial(_report, state, book, me, asked, title, app),
    )
    if chosen is not None:
        case = partial(_report_of, book, me, [chosen], title, app)
        _button("Report of the chosen case", f"case-{chosen.id}.html", "text/html", case)
        _button(
            "Its picture as SVG", f"case-{chosen.id}.svg", "image/svg+xml", lambda: svg_of(book.explanation(chosen.id))
        )
        picture = lambda: png_of(svg_of(book.explanation(chosen.id)))  # noqa: E731
        _button("Its picture as PNG", f"case-{chosen.id}.png", "image/png", picture)
    _button("Table as CSV", "cases.csv", "text/csv", lambda: book_csv(_lines(book, me, asked)))
    _button(
        f"{n:,} cases as JSON, with whole explanations", "cases.json", "application/json",
        lambda: book_json(book, _lines(book, me, asked, MOST)),
    )  # fmt: skip
    st.caption("The report is one file that opens without a network, needs no script, and prints well.")


def _button(label: str, name: str, kind: str, made: Callable[[], str | bytes]) -> None:
    st.download_button(
        label, made, name, kind, key=f"cases.export.{name.partition('.')[2]}.{label[:12]}", on_click="ignore",
        icon=":material/download:", width="stretch",
    )  # fmt: skip


def _lines(book: ReviewedBook, me: Reviewer, asked: Ask, most: int = _MOST_LINES) -> list[Line]:
    return book.lines(asked, me, limit=most)


def _report(state: CasesState, book: ReviewedBook, me: Reviewer, asked: Ask, title: str, app: str) -> str:
    """Of the cases shown, with the agreement of two reviewers, where there are two."""
    lines = _lines(book, me, asked, MOST)
    judged = sum(line.verdict is not None for line in lines)
    intro = f"{len(lines):,} cases of the book “{book.title}”, {judged:,} of them judged by {me.name}."
    return report_html(
        entries_of(book, lines, me.name), title=title or "Glider report", intro=intro, agreement=book.agreements(),
        address=app, link=f"{app}/cases?{urlencode(state.to_query(), doseq=True)}" if app else "",
    )  # fmt: skip


def _report_of(book: ReviewedBook, me: Reviewer, lines: list[Line], title: str, app: str) -> str:
    return report_html(entries_of(book, lines, me.name), title=title or "Glider report", address=app)


def compared(book: ReviewedBook, lines: list[Line], app: str) -> str:
    """The report of two cases side by side, with links to this address of the app."""
    title = "Glider: two cases compared"
    return report_html(entries_of(book, lines), title=title, address=app, comparison=True)
