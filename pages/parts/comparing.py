"""Two explanations beside each other: one scale, how far they agree, differences first."""

from __future__ import annotations

import streamlit as st

import glider_core as gl
from glider_core.comparison import compare
from glider_core.domains import DOMAINS
from glider_core.drawings import drawing_of
from glider_core.drawings.compared import common_scale, set_table
from glider_core.drawings.layered import layered
from glider_core.drawings.sentences import headline, unit_of
from glider_core.drawings.text import markdown
from glider_core.numerals import number
from pages.parts import glossary, picture

NAMES = ("Left", "Right")


def show(
    both: tuple[gl.Explanation, gl.Explanation], titles: tuple[str, str], *, layer: str, key: str, changed: str = ""
) -> None:
    """Draw two explanations.

    Args:
        both: left and right.
        titles: of each, where they were asked.
        layer: LIME's picture, both, or together.
        key: in front of the pictures' keys.
        changed: what differs between the inputs, where that can be said; Markdown.
    """
    told, scale = compare(*both), common_scale(*both)
    st.markdown(f"**{markdown(told.words)}**" + (f"  \n{changed}" if changed else ""))
    more = []
    if told.features is not None:
        more.append(
            f"What features do one by one: correlation {number(told.features)}, 1 is the same in all, −1 the opposite. "
            "Both pictures have one scale of colour."
        )
    if not told.same_input:
        more.append("The inputs differ: features are taken for the same where their names are, in order.")
    if more:
        st.caption(" ".join(more))
    for side, explanation, title, place in zip(NAMES, both, titles, st.columns(2, gap="medium"), strict=True):
        with place, st.container(border=True, key=f"{key}-{side.lower()}"):
            domain = DOMAINS.get(explanation.domain)
            heading = explanation.explained if domain is None else domain.heading(explanation)
            st.markdown(f"**{side}: {markdown(heading)}** · {markdown(title)}")
            undrawn = drawing_of(explanation).undrawn(explanation, explanation.payload)
            glossary.write(headline(explanation, unit_of(explanation), undrawn))
            picture.show(layered(explanation, layer=layer, scale=scale), f"{key}-{side.lower()}-picture")
    if told.sets:
        st.markdown("#### Sets of either, differences first")
        picture.show(set_table(told, *NAMES), f"{key}-sets")
