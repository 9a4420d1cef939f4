"""Below a DNA result: the sequence logo of what was found, and what every other letter in every place would do."""

from __future__ import annotations

from typing import cast

import streamlit as st

import glider_core as gl
from glider_core.domains.dna.model import DNAModel
from glider_core.domains.dna.mutagenesis import letter_shares, mutagenesis
from glider_core.domains.dna.payload import SequencePayload
from glider_core.drawings.mutagenesis import logo, mutations
from pages.parts import picture, run

AROUND = 2  # letters of the logo on either side of the set


def show(explanation: gl.Explanation) -> None:
    """Ask the model about all 108 single changes, and draw them."""
    if not isinstance(explanation.payload, SequencePayload):
        return
    letters = explanation.payload.sequence
    drawn_map, drawn_logo = drawn(explanation.model_id, letters, _stressed(explanation))
    with st.container(border=True, key="dna-mutations"):
        st.subheader("Every letter in every place", anchor=False)
        picture.show(drawn_map, "dna-map")
        st.caption(
            "What the log intensity would change by, were this letter another one and all else as it is. Dots: the "
            "letters of the sequence. Underlined: the first set above."
        )
        if drawn_logo:
            picture.show(drawn_logo, "dna-logo")
            st.caption(
                "Sequence logo: the taller a letter, the more of the binding intensity at its place is with it. Flat "
                "where any letter does. One letter at a time; what letters do together stands above."
            )


@st.cache_data(max_entries=200)
def drawn(model_id: str, letters: str, stressed: tuple[int, ...]) -> tuple[str, str]:
    """The map, and the logo around the stressed places; no logo without any."""
    table = mutagenesis(cast(DNAModel, run.model(model_id)), letters)
    shown = mutations(letters, table, stressed)
    if not stressed:
        return shown, ""
    first, last = max(stressed[0] - AROUND, 0), min(stressed[-1] + AROUND, len(letters) - 1)
    return shown, logo(letters, letter_shares(table), first, last)


def _stressed(explanation: gl.Explanation) -> tuple[int, ...]:
    """The places of the first set; none where nothing was found that can be read."""
    assert isinstance(explanation.payload, SequencePayload)
    # Where letters were joined into one feature, features are no places.
    letters = len(explanation.names) == len(explanation.payload.sequence)
    found = letters and explanation.interactions and explanation.verdict in ("strong", "weak")
    return explanation.interactions[0].features if found else ()
