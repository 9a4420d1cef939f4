"""Ctrl+Enter presses a page's main button, wherever on the page it is struck.

A component of its own, which stands before anything else of the page: the key works as soon as the page is seen.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st
import streamlit.components.v2

HELP = "Ctrl+Enter runs, too"


@st.cache_resource
def _component():
    js = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    return streamlit.components.v2.component("glider_keys", js=js)


def press(button: str) -> None:
    """Let Ctrl+Enter, or Command+Enter, press the button of this key; to be called before the page is drawn."""
    with st.container(key=f"{button.replace('.', '-')}-place-keys"):
        _component()(data={"button": button.replace(".", "-")}, key=f"{button}-keys")
