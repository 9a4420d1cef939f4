"""Texts from outside, made safe for the places where pages show them."""

from __future__ import annotations

import string


def markdown(text: str) -> str:
    """Text that Streamlit shows as it stands: links, images, HTML and emoji codes in it stay letters."""
    return "".join(f"\\{c}" if c in string.punctuation else c for c in text)


def plotly(text: str) -> str:
    """Text that Plotly does not read as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
