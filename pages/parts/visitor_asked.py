"""What a page was asked last, kept where no address can say it: of one's own table, graph or picture."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

import glider_core as gl
from glider_core.cases import Case
from pages.parts import visitor

_KIND = "asked"
_RAW = "raw"  # the part that holds a file, such as a picture
_KEPT = "visitor.asked"  # of the session: the case that is kept of each page, None for none


def keep(page: str, case: Case, *, in_address: bool) -> None:
    """Keep what a page was asked last; where its address says it, nothing is kept."""
    kept: dict[str, Case | None] = st.session_state.setdefault(_KEPT, {})
    wanted = None if in_address else case
    if page in kept and kept[page] == wanted:
        return
    kept[page] = wanted
    kind = f"{_KIND}.{page}"
    try:
        if wanted is None:
            visitor.forget(kind)
        elif isinstance(wanted.raw, bytes):
            plain = replace(wanted, raw=None).to_dict()
            visitor.keep(kind, name="a file", meta={"case": plain}, files={_RAW: wanted.raw})
        else:
            visitor.keep(kind, meta={"case": wanted.to_dict()})
    except gl.GliderError:  # it cannot be deleted; it goes by its age
        pass


def asked(page: str) -> Case | None:
    """What the page was asked last in a former visit, if no address could say it."""
    kind = f"{_KIND}.{page}"
    try:
        kept = visitor.kept(kind)
        if kept is None:
            return None
        case = Case.from_dict(kept.meta.get("case"))
        return replace(case, raw=visitor.content(kept, _RAW)) if _RAW in kept.files else case
    except gl.GliderError as error:
        visitor.lost(kind, f"What this page was asked in a former visit cannot be restored: {error}")
        return None
