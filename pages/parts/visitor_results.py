"""The last result of each page, kept for the visitor, and given to the queue again by a server that was started anew.

The queue answers with a result only whoever asks for its fingerprint, which covers the model, the input and the
versions; so what is restored is what would be computed.
"""

from __future__ import annotations

import re

import streamlit as st

import glider_core as gl
from pages.parts import books, run, visitor, visitor_asked
from pages.parts.state import PageState

_KIND = "result."
_PART = "explanation"
_KEPT = "visitor.results"  # of the session: what is kept of each page; there once all is restored


def restore() -> None:
    """Make results of former visits known to the queue, once in a visit."""
    if _KEPT in st.session_state:
        return
    known: dict[str, str] = {}
    st.session_state[_KEPT] = known
    mine = visitor.keeper()
    for kept in [] if mine is None else mine.everything():
        fingerprint = kept.meta.get("fingerprint")
        if mine is None or not kept.kind.startswith(_KIND) or not isinstance(fingerprint, str):
            continue
        try:
            explanation = gl.Explanation.from_json(mine.read(kept, _PART).decode())
        except (gl.GliderError, KeyError, UnicodeDecodeError):
            continue  # it is worked out anew
        if explanation.fingerprint == fingerprint:
            run.QUEUE.remember(fingerprint, explanation)
            known[kept.kind] = _content(explanation)


def keep() -> None:
    """Keep the results that stand on the pages of this visit, and what was asked where no address says it."""
    known: dict[str, str] = st.session_state.setdefault(_KEPT, {})
    for state in list(st.session_state.values()):
        if not isinstance(state, PageState):
            continue
        for side, outcome in state.outcomes.items():
            shown = outcome.shown
            if shown is None or shown.first_look:
                continue
            pending = outcome.pending
            books.take(outcome.name, shown.explanation, None if pending is None else pending.model)
            if not side:
                in_address = shown.asked.model not in state.own and shown.asked.to_query() is not None
                visitor_asked.keep(state.page, shown.asked, in_address=in_address)
            kind = _KIND + re.sub(r"[^a-z0-9_-]+", "-", outcome.name.lower())
            fingerprint = shown.explanation.fingerprint
            content = _content(shown.explanation)
            if fingerprint is not None and known.get(kind) != content:
                known[kind] = content
                files = {_PART: shown.explanation.to_json().encode()}
                visitor.keep(kind, meta={"fingerprint": fingerprint}, files=files)


def _content(explanation: gl.Explanation) -> str:
    """Names what is kept: a result is written again once its stability is known."""
    return f"{explanation.fingerprint} {explanation.runs}"
