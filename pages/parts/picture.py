"""Puts a picture of ours into a page.

Streamlit's own HTML element strips SVG, so pictures go through a component of one line: it sets the HTML that the
drawing modules made, in which every string from outside is escaped.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
import streamlit.components.v2

_SET_HTML = """
export default function ({ parentElement, data, setTriggerValue }) {
  let place = parentElement.querySelector(".place");
  if (!place) {
    place = document.createElement("div");
    place.className = "place";
    parentElement.appendChild(place);
  }
  if (place.innerHTML !== data) place.innerHTML = data;
  place.onclick = (event) => {
    const target = event.target.closest("[data-pick]");
    if (target) setTriggerValue("picked", target.dataset.pick);
  };
}
"""


@st.cache_resource
def _component():
    return streamlit.components.v2.component("glider_picture", js=_SET_HTML)


def show(html: str, key: str, *, on_pick: Callable[[str], None] | None = None) -> None:
    """Show HTML from a drawing module; it must have escaped what it was given.

    Args:
        html: the picture.
        key: of the element.
        on_pick: called with the `data-pick` of a part that was clicked, before the page runs again.
    """

    def picked() -> None:
        if on_pick is not None and (part := st.session_state[key].picked) is not None:
            on_pick(part)

    _component()(data=html, key=key, on_picked_change=picked)
