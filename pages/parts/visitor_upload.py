"""An uploaded file that is kept for the visitor: the widget's, or the one that was uploaded before."""

from __future__ import annotations

from typing import Any, cast

import streamlit as st

import glider_core as gl
from glider_core.drawings.text import markdown
from pages.parts import visitor

_CONTENT = "upload"  # the part that holds it
_FORMER = "visitor.upload."  # of the session, before the kind: content and name of what is kept; None for nothing


def given(kind: str, file: Any, *, page: str = "") -> tuple[bytes, str] | None:
    """Content and name of the file in a widget, which is kept; or, where there is none, of the one that is kept.

    Args:
        kind: of what is kept.
        file: of `st.file_uploader`.
        page: in front of widgets' keys, where several pages show the same.
    """
    key = f"{_FORMER}{kind}"
    if file is not None:
        latest = cast(bytes, file.getvalue()), str(file.name)
        if latest != st.session_state.get(key):
            st.session_state[key] = latest
            visitor.keep(kind, name=latest[1], files={_CONTENT: latest[0]})
        return latest
    if visitor.keeper() is None:
        return None
    if key not in st.session_state:
        st.session_state[key] = _kept(kind)
    former: tuple[bytes, str] | None = st.session_state[key]
    if former is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/inventory_2: **{markdown(former[1])}**, uploaded before", width="content")
            st.button(
                "Remove", icon=":material/close:", type="tertiary", key=f"{page}.{kind}.remove", on_click=_remove,
                args=(kind,),
            )  # fmt: skip
    return former


def _kept(kind: str) -> tuple[bytes, str] | None:
    try:
        kept = visitor.kept(kind)
        return None if kept is None else (visitor.content(kept, _CONTENT), kept.name)
    except (gl.GliderError, KeyError) as error:
        visitor.lost(kind, f"A file that you uploaded cannot be restored: {error}")
        return None


def _remove(kind: str) -> None:
    st.session_state[f"{_FORMER}{kind}"] = None
    try:
        visitor.forget(kind)
    except gl.GliderError as error:
        visitor.lost(kind, error)
