"""Puts a picture of ours into a page, as a control where the page wants one.

Streamlit's own HTML element strips SVG, so pictures go through a component: `picture.js` sets the HTML that the drawing
modules made, in which every string from outside is escaped, and makes controls of the parts that they have marked.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
import streamlit.components.v2

import glider_core as gl
from glider_core.drawings.sentences import tooltip, unit_of

_HERE = Path(__file__)
HELP = "Left and right step through the sets, up and down through the features; space switches one off; Escape returns."
FIXED = "Left and right step through the sets, up and down through the features; Escape returns."


@dataclass(frozen=True, slots=True)
class Act:
    """What a visitor did in a picture: all features that are off now, the chosen set, or a part that was picked."""

    off: tuple[int, ...] = ()
    chosen: int | None = None
    picked: str | None = None


@st.cache_resource
def _component():
    js, css = (_HERE.with_suffix(ending).read_text(encoding="utf-8") for ending in (".js", ".css"))
    return streamlit.components.v2.component("glider_picture", js=js, css=css)


def show(html: str, key: str) -> None:
    """Show HTML from a drawing module, which must have escaped what it was given."""
    _component()(data={"html": html}, key=key)


def choice(html: str, key: str, *, on_pick: Callable[[str], None]) -> None:
    """Show HTML whose parts with `data-pick` are buttons: a click, or Enter on one, picks it.

    Args:
        html: the picture.
        key: of the element.
        on_pick: called with the `data-pick` of that part, before the page runs again.
    """

    def acted() -> None:
        told = st.session_state[key].acted
        try:
            picked = json.loads(told or "{}").get("picked")
        except (ValueError, AttributeError, RecursionError):  # a browser may send anything
            return
        if isinstance(picked, str):
            on_pick(picked)

    _component()(data={"html": html, "picks": True}, key=key, on_acted_change=acted)


def control(
    html: str,
    key: str,
    explanation: gl.Explanation,
    *,
    scope: str,
    off: list[int],
    chosen: int | None,
    on_act: Callable[[Act], None],
    label: str = "",
    fixed: bool = False,
) -> None:
    """Show HTML of an explanation whose parts can be chosen, switched off and picked.

    The first such picture of a page takes arrows and Escape wherever nothing else wants them.

    Args:
        html: the picture.
        key: of the element.
        explanation: that it shows.
        scope: the page's name; pictures of one scope light up together.
        off: features that are off.
        chosen: position of the set that is looked at.
        on_act: called with what the visitor did, before the page runs again.
        label: what it is, for those who do not see it.
        fixed: whether nothing can be switched off, since no model is there to be asked.
    """

    def acted() -> None:
        told = st.session_state[key].acted
        if told is not None and (act := _read(told, explanation)) is not None:
            on_act(act)

    unit = unit_of(explanation)
    _component()(
        data={
            "html": html,
            "scope": scope,
            "names": explanation.names,
            "sets": [interaction.features for interaction in explanation.interactions],
            "labels": [tooltip(n, interaction, unit) for n, interaction in enumerate(explanation.interactions)],
            "off": off,
            "chosen": chosen,
            "label": f"{label or 'Picture'}. {FIXED if fixed else HELP}",
            "fixed": fixed,
        },
        key=key,
        on_acted_change=acted,
    )


def _read(told: Any, explanation: gl.Explanation) -> Act | None:
    """What a browser sends, which may be anything."""
    try:
        values = json.loads(told)
        picked, chosen = values.get("picked"), values.get("chosen")
        off = sorted({int(i) for i in values.get("off", ())})
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    if picked is not None:
        return Act(picked=str(picked)[:80])
    if type(chosen) is not int or not 0 <= chosen < len(explanation.interactions):
        chosen = None
    return Act(tuple(i for i in off if 0 <= i < len(explanation.names)), chosen)
