"""From a set to its values: which combinations of them carry it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import glider_core as gl
from glider_core.drawings import global_run as draw_global
from glider_core.drawings.text import markdown
from glider_core.drawings.value_map import value_map
from glider_core.numerals import signed
from glider_core.rows.by_values import Combination, combinations, grid
from pages.parts import glossary, picture
from pages.parts.global_run import RunRequest, n_rows
from pages.parts.signs import with_signs

LISTED = 12  # combinations of a set of three fields and more


def show(request: RunRequest, selected: gl.GlobalInteraction) -> None:
    """The selected set over its values: a heat map of a pair, a table of larger sets."""
    st.subheader(markdown(draw_global.title(selected)), anchor=False)
    try:
        found = combinations(selected, request.rows)
    except gl.InvalidInput as error:
        st.caption(markdown(str(error)))
        return
    glossary.write(sentence(selected, found))
    if selected.order == 2:
        cells = grid(found)
        first, second = selected.names
        drawn = value_map((first, second), cells.values, cells.effects, counts=cells.counts)
        picture.show(drawn, "global.values")
        st.caption(
            "Mean joint effect of the rows that have both values, measured in each. Empty: the set was not found."
        )
        return
    st.dataframe(
        with_signs(table(selected, found[:LISTED]), {"mean effect": 2}),
        hide_index=True,
        height=38 + 35 * min(len(found), LISTED),
    )


def sentence(selected: gl.GlobalInteraction, found: list[Combination]) -> str:
    """What carries a set most, and how its effects differ from row to row; Markdown."""
    low, high = min(selected.effects), max(selected.effects)
    most = found[0]
    values = " with ".join(
        f"**{markdown(name)} {markdown(value)}**" for name, value in zip(selected.names, most.values, strict=True)
    )
    up = sum(effect > 0 for effect in selected.effects)
    return (
        f"From {signed(low)} to {signed(high)} logits, up in {up:,} of {n_rows(len(selected.effects))}. "
        f"Carried most by {values}: {signed(most.effect)} in {n_rows(most.count)}."
    )


def table(selected: gl.GlobalInteraction, found: list[Combination]) -> pd.DataFrame:
    """A row per combination of values."""
    columns = {name: [each.values[place] for each in found] for place, name in enumerate(selected.names)}
    return pd.DataFrame(
        columns
        | {
            "rows found": [each.count for each in found],
            "mean effect": [each.effect for each in found],
            "from": [signed(each.low) for each in found],
            "to": [signed(each.high) for each in found],
        }
    )
