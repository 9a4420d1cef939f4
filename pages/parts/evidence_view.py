"""How evidence is shown: what all of it comes to, rows beside the paper's, a section for each experiment."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st
from markupsafe import Markup

from glider_core.drawings.svg import tag
from glider_core.drawings.text import markdown
from glider_core.experiments import Beside, evidence
from glider_core.experiments.evidence import Section
from pages.parts import picture

ALL, MET, MISSED, NEITHER = "all", "met", "missed", "neither"
SHOWN: Mapping[str, str] = {ALL: "All", MET: "Met or beaten", MISSED: "Not met", NEITHER: "Neither is better"}
_ASIDE = 5  # rows at most that stand beside a single picture
_WIDE = 600  # of a picture, in its own units, that gets a row of its own
_KINDS = {True: MET, False: MISSED, None: NEITHER}
_SIGNS = {MET: ("✓", "met or beaten"), MISSED: ("✗", "not met"), NEITHER: ("–", "neither is better")}


def style() -> None:
    """The looks of tables and signs, once a page."""
    st.html(Path(__file__).with_suffix(".css"))


def overview(sections: Sequence[Section]) -> None:
    """Four numbers, and for each experiment a line with a sign for each of its rows."""
    counts = evidence.summary(sections)
    tiles = (
        (counts.met, "of the paper's or another method's numbers are **met or beaten**", MET),
        (counts.missed, "are **not met**", MISSED),
        (counts.beside, "stand beside ours where **neither is better**", NEITHER),
        (f"{counts.measured} of {len(sections)}", "experiments have results", ""),
    )
    st.html(tag("div", *(_tile(number, words, kind) for number, words, kind in tiles), class_="ev-tiles"))
    for title, held in evidence.chapters(sections).items():
        lines = [_line(section) for section in held]
        st.html(tag("div", tag("b", title), tag("div", *lines, role="list"), class_="ev-wall"))


def _tile(number: int | str, words: str, kind: str) -> Markup:
    parts = [tag("b", part) if place % 2 else part for place, part in enumerate(words.split("**"))]
    sign = tag("span", _SIGNS[kind][0], class_=f"ev-sign ev-{kind}", aria_hidden="true") if kind else ""
    return tag("div", tag("div", sign, f"{number}", class_="ev-number"), tag("div", *parts), class_="ev-tile")


def _line(section: Section) -> Markup:
    signs = [_sign(row, row.what) for row in section.rows]
    held = sum(row.met is True for row in section.rows)
    judged = sum(row.met is not None for row in section.rows)
    told = f"{held} of {judged}" if judged else ""
    if not section.rows:
        words = "measured; the paper has no number for it" if section.files else f"not measured yet: {section.command}"
        signs = [tag("span", words, class_="ev-neither")]
    return tag(
        "div",
        tag("a", section.title, href=f"#{section.name}"),
        tag("span", *signs, class_="ev-signs"),
        tag("span", told, class_="ev-held"),
        role="listitem",
    )


def _sign(row: Beside, title: str = "") -> Markup:
    kind = _KINDS[row.met]
    sign, means = _SIGNS[kind]
    told = f"{title}: {means}" if title else means
    return tag("span", sign, class_=f"ev-sign ev-{kind}", role="img", aria_label=told, title=told)


def rows(sections: Sequence[Section], shown: str) -> None:
    """The rows of all sections, or those of one kind, in a box of their own."""
    bodies = []
    for section in sections:
        kept = [row for row in section.rows if shown in (ALL, _KINDS[row.met])]
        if kept:
            link = tag("a", section.title, href=f"#{section.name}")
            bodies.append(tag("tr", tag("th", link, colspan=5, scope="rowgroup", class_="ev-group")))
            bodies += [_row(row) for row in kept]
    if not bodies:
        st.caption("There is no such row.")
        return
    table = _table(bodies, "The paper, or a peer, beside Glider")
    st.html(tag("div", table, class_="ev-box ev-holds", role="region", tabindex=0, aria_label="All rows"))


def _table(bodies: Sequence[Markup], caption: str) -> Markup:
    heads = ("", "what", "the paper, or a peer", "Glider", "why they differ")
    head = tag("tr", *(tag("th", name or tag("span", "verdict", class_="ev-unseen"), scope="col") for name in heads))
    unseen = tag("caption", caption, class_="ev-unseen")
    return tag("table", unseen, tag("thead", head), tag("tbody", *bodies), class_="ev-table")


def _row(row: Beside) -> Markup:
    cells = ((row.what, "what"), (row.paper, "the paper, or a peer"), (row.ours, "Glider"), (row.differs, "why"))
    told = [tag("td", text, data_head=head) for text, head in cells]
    return tag("tr", tag("td", _sign(row)), *told)


@st.fragment
def section(section: Section) -> None:
    """An experiment: its claim, its pictures, the paper's numbers beside ours, and the command to measure it again."""
    with st.container(key=f"evidence-section-{section.name}"):
        st.subheader(markdown(section.title), anchor=section.name)
        if section.claim:
            st.markdown(f"*Claim:* {markdown(section.claim)}")
        aside = len(section.pictures) == 1 and not _room(section.pictures[0][1]) and 0 < len(section.rows) <= _ASIDE
        left, right = st.columns(2) if aside else (st.container(), st.container())
        with left:
            if section.pictures:
                picture.show(_STYLE_PICTURES + _pictures(section), f"evidence.{section.name}.pictures")
        with right:
            if section.rows:
                table = _table([_row(row) for row in section.rows], section.title)
                st.html(tag("div", table, class_="ev-holds"))
        command, facts = st.columns([2, 3], vertical_alignment="center")
        command.code(section.command, language=None)
        facts.caption(_facts(section) if section.files else "Not measured yet; this command does it.")
        if not section.files:
            return
        details = st.expander("All numbers", key=f"evidence.{section.name}.report", on_change="rerun")
        if details.open and section.report:
            with details:
                st.markdown(section.report)


def _pictures(section: Section) -> Markup:
    return tag(
        "div",
        *(
            tag("figure", tag("figcaption", caption), _chart(caption, svg), class_=_room(svg))
            for caption, svg in section.pictures
        ),
        class_="ev-pictures",
    )


def _chart(caption: str, svg: str) -> Markup:
    """A picture of ours, in which every text is escaped; keys scroll it where it is wider than its place."""
    return tag("div", Markup(svg), class_="ev-chart", tabindex=0, role="group", aria_label=caption)


def _room(svg: str) -> str | None:
    """Whether a picture is too wide to stand beside another."""
    size = re.search(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+)', svg)
    return "ev-wide" if size is not None and float(size[1]) > _WIDE else None


def _facts(section: Section) -> str:
    """When and on what it was measured; Markdown."""
    told = [] if section.seconds is None else [f"Took {_duration(section.seconds)}."]
    if section.data:
        told.append(markdown(f"Data: {'; '.join(section.data)}."))
    told.append(markdown(f"With {' and '.join(section.versions)}." if section.versions else ""))
    told.append(markdown(f"Results in assets/results: {', '.join(section.files)}."))
    return " ".join(filter(None, told))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds" if seconds >= 1.5 else "a second or less"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


_STYLE_PICTURES = Markup(
    "<style>.ev-pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,31rem),1fr));gap:1.2rem}"
    ".ev-pictures .ev-wide{grid-column:1/-1}.ev-pictures figure{margin:0;min-width:0}.ev-chart{overflow-x:auto}"
    ".ev-pictures figcaption{font-size:.95rem;font-weight:600;margin-bottom:.5rem;line-height:1.35}</style>"
)
