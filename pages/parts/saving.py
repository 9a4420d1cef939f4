"""What a page gives out of its results: pictures as files, reports, and the address that they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

import streamlit as st

from glider_core.reporting import png_of, svg_file


def address() -> str:
    """Of this app, as the visitor's browser knows it; nothing where that cannot be told."""
    url = st.context.url or ""
    return url.rsplit("/", 1)[0] if url.startswith(("http://", "https://")) else ""


def here() -> str:
    """The whole address of what the page shows; nothing where that cannot be told."""
    return page_at({name: st.query_params.get_all(name) for name in st.query_params})


def page_at(query: Mapping[str, Sequence[str]]) -> str:
    """The whole address of this page with these parameters; nothing where that cannot be told."""
    return f"{st.context.url}?{urlencode(query, doseq=True)}" if address() and query else ""


def files(name: str, key: str, *, report: Callable[[], str], picture: Callable[[], str]) -> None:
    """Buttons for a report, and for the picture as SVG and as PNG; each is made when it is pressed.

    Args:
        name: of the files, without their ending.
        key: in front of the buttons' keys.
        report: makes the HTML of the report.
        picture: makes the HTML that holds the picture.
    """
    made: dict[str, tuple[str, str, Callable[[], str | bytes]]] = {
        "Report": ("html", "text/html", report),
        "Picture as SVG": ("svg", "image/svg+xml", lambda: svg_file(picture())),
        "Picture as PNG": ("png", "image/png", lambda: png_of(svg_file(picture()))),
    }
    for label, (ending, kind, make) in made.items():
        st.download_button(
            label, make, f"{name}.{ending}", kind, key=f"{key}.{ending}", on_click="ignore", icon=":material/download:"
        )
