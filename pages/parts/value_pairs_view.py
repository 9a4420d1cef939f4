"""Below a row's result: two of its fields over all their values, asked live."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import streamlit as st

import glider_core as gl
from glider_core.domains.recommender.model import RecommenderModel
from glider_core.domains.recommender.value_pairs import ValuePairs, value_pairs
from glider_core.drawings.text import markdown
from glider_core.drawings.value_map import value_map
from glider_core.numerals import signed
from pages.parts import glossary, picture, run

OFFERED = 12  # pairs of fields


def show(explanation: gl.Explanation, model: RecommenderModel) -> None:
    """The heat map of a pair of fields that a set joins, for the values of both."""
    fields = {field.name for field in model.fields}
    pairs = [pair for pair in offered(explanation) if fields >= set(pair)]  # not of fields that were joined into one
    if not pairs or explanation.case.raw is None:
        return
    with st.container(border=True, key="recommender-values"):
        left, right = st.columns([2, 1], vertical_alignment="center")
        left.subheader("Other values of the same two fields", anchor=False)
        titles = {" × ".join(pair): pair for pair in pairs}
        pair = titles[right.selectbox("Fields", list(titles), key="recommender-pair", label_visibility="collapsed")]
        try:
            found = run.quick(
                "recommender.values",
                lambda: value_pairs(model, explanation.case.raw, *pair),
                key=(explanation.fingerprint, *pair) if explanation.fingerprint else None,
                waiting="Asking the model about other values",
            )
        except gl.GliderError as error:
            st.error(markdown(str(error)), icon=":material/error:")
            return
        if found is None:
            return
        glossary.write(sentence(found))
        picture.show(value_map(found.fields, found.values, found.effects.tolist(), here=found.here), "recommender-map")
        st.caption("What both add together beyond one by one, all other fields as in this row. Framed: the row itself.")


def offered(explanation: gl.Explanation) -> list[tuple[str, str]]:
    """Pairs of fields that a set joins, those of the first sets first."""
    if explanation.verdict == "unreadable":
        return []
    pairs: dict[tuple[str, str], Any] = {}
    for interaction in explanation.interactions:
        pairs.update(dict.fromkeys(combinations(interaction.names, 2)))
    return list(pairs)[:OFFERED]


def sentence(found: ValuePairs) -> str:
    """The values that do most, beside the row's own; Markdown."""
    effects = found.effects
    row, column = divmod(int(abs(effects).argmax()), effects.shape[1])
    own = effects[found.here]

    def told(i: int, j: int) -> str:
        values = (found.values[0][i], found.values[1][j])
        return " with ".join(f"{markdown(n)} {markdown(v)}" for n, v in zip(found.fields, values, strict=True))

    here = f"Here, **{told(*found.here)}**: {signed(own)} logits."
    return (
        here
        if (row, column) == found.here
        else f"{here} Most is **{told(row, column)}**: {signed(effects[row, column])}."
    )
