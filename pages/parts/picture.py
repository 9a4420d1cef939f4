"""Puts a picture of ours into a page.

Streamlit's own HTML element strips SVG, so pictures go through a component of one line: it sets the HTML that the
drawing modules made, in which every string from outside is escaped.
"""

from __future__ import annotations

import streamlit as st
import streamlit.components.v2

_SET_HTML = """
export default function ({ parentElement, data }) {
  let place = parentElement.querySelector(".place");
  if (!place) {
    place = document.createElement("div");
    place.className = "place";
    parentElement.appendChild(place);
  }
  if (place.innerHTML !== data) place.innerHTML = data;
}
"""


@st.cache_resource
def _component():
    return streamlit.components.v2.component("glider_picture", js=_SET_HTML)


def show(html: str, key: str) -> None:
    """Show HTML from a drawing module; it must have escaped what it was given."""
    _component()(data=html, key=key)
