"""Signing in, where the server has been set up for it: cases are then of a person, not of a browser."""

from __future__ import annotations

from typing import Any

import streamlit as st

from glider_core.drawings.text import markdown
from pages.parts import books


def offered() -> bool:
    """Whether `.streamlit/secrets.toml` has an `[auth]` section, as Streamlit's `st.login` needs it."""
    return st.secrets.load_if_toml_exists() and "auth" in st.secrets


def panel() -> None:
    """Who is signed in, and the buttons; nothing, where there is no sign-in."""
    if not offered():
        return
    user: Any = st.user
    if not getattr(user, "is_logged_in", False):
        st.button("Sign in", icon=":material/login:", on_click=st.login, key="sign-in", width="stretch")
        return
    st.caption(f"Signed in as {markdown(books.signed_in_name() or 'someone without a name')}")
    st.button("Sign out", icon=":material/logout:", on_click=st.logout, key="sign-out", width="stretch")
