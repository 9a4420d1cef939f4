"""Widgets that show a value which is kept elsewhere, and change it, whatever a browser and a server do at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

_AGREED = "glider.agreed"  # of the session


def tied(key: str, value: Any, changed: Callable[[], None] | None = None) -> dict[str, Any]:
    """Give a widget its value before it is drawn; the keyword arguments that it is drawn with.

    Only where it differs: a value that is set anew would replace what a visitor is typing. A browser that has not drawn
    the widget yet, because its code comes late over a slow line or a popover holds it that is closed, gets the value
    again with each drawing until it has: Streamlit does so for a state that persists. Such a field would else be empty
    for good, and its emptiness be taken for what the visitor wants.

    Args:
        key: of the widget.
        value: what it is to show.
        changed: its callback, which takes what it shows by `chosen`. Streamlit stops a callback, and forgets it, when
            the next click comes just then; what the visitor has chosen is taken here in that case.
    """
    agreed, drawn = _agreed(), {"key": key, "persist_state": "session"}
    if key not in st.session_state or st.session_state[key] != value:
        if changed is not None and key in st.session_state and key in agreed and agreed[key] == value:
            changed()
            return drawn
        st.session_state[key] = value
    agreed[key] = value
    return drawn


def chosen(key: str) -> Any:
    """What a widget shows; to be called in its callback, once."""
    agreed, value = _agreed(), st.session_state[key]
    agreed[key] = value
    return value


def _agreed() -> dict[str, Any]:
    """By key of a widget, the value that it and the state had last."""
    return st.session_state.setdefault(_AGREED, {})
