"""Makes sure that a page stands in the frame of app.py, whichever address a visitor opens first."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager


def enter() -> None:
    """Start again inside app.py when Streamlit ran the page alone; to be called first in a page.

    Until app.py has called `st.navigation` once, a server takes a folder named `pages` for an app of Streamlit's old
    kind: a link that is opened first would show the page without the frame. Both kinds name pages by their address,
    so the second run finds the same page.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()
