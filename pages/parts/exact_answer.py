"""The exact answer of all 2^d masks beside MADEX's, where the features are few."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import glider_core as gl
from glider_core.domains.function.proof import MAX_FEATURES, ProvenSet, proven
from glider_core.drawings.text import markdown
from pages.parts import glossary, run
from pages.parts.signs import with_signs


def show(instance: gl.Instance, explanation: gl.Explanation, *, at_once: bool) -> None:
    """Draw it; nothing where there are too many features, or answers with noise.

    Args:
        instance: that was explained.
        explanation: of it.
        at_once: whether all masks are asked without being told to: of a model that is known to be fast.
    """
    d = len(instance.names)
    if d > MAX_FEATURES or instance.stochastic or not explanation.reacts:
        return
    key = f"exact.{explanation.fingerprint or id(instance)}.{explanation.settings.seed}"
    with st.container(border=True, key="exact-answer"):
        if not at_once and f"{key}.asked" not in st.session_state:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"With {d} features all {2**d:,} masks can be asked: the exact answer, to compare with.")
                st.button(
                    "Ask all", key="exact-ask", on_click=st.session_state.__setitem__, args=(f"{key}.asked", True)
                )
            return
        if key not in st.session_state:
            try:
                sets = run.quick("exact", lambda: proven(instance, explanation), key=None, waiting="Asking all masks")
            except gl.GliderError as error:
                st.error(markdown(str(error)), icon=":material/error:")
                return
            if sets is None:
                return
            st.session_state[key] = sets
        _table(st.session_state[key], explanation, d)


def _table(sets: tuple[ProvenSet, ...], explanation: gl.Explanation, d: int) -> None:
    needed = [one for one in sets if one.coefficient]
    found = [one for one in needed if one.found is not None]
    extra = sum(one.found is not None and not one.coefficient for one in sets)
    more = f" and {extra} that it does not need" if extra else ""
    glossary.write(
        f"**The exact answer.** All {2**d:,} masks were asked: the function needs {len(needed)} "
        f"set{'s' * (len(needed) != 1)} of two and more features; {len(found)} of them "
        f"{'was' if len(found) == 1 else 'were'} found above{more}."
        if sets
        else f"**The exact answer.** All {2**d:,} masks were asked: the function is a plain sum of its features."
    )
    if sets:
        st.dataframe(
            with_signs(
                pd.DataFrame(
                    {
                        "set": [" × ".join(explanation.names[i] for i in one.features) for one in sets],
                        "in the function": [one.coefficient for one in sets],
                        "exact effect": [one.effect for one in sets],
                        "found above": [one.found for one in sets],
                    }
                ),
                {"in the function": 3, "exact effect": 3, "found above": 3},
            ),
            column_config={
                "in the function": st.column_config.NumberColumn(
                    help="What is left with these features on and no others, beyond their subsets."
                ),
                "exact effect": st.column_config.NumberColumn(
                    help="What they add together beyond one by one, the mean over all contexts."
                ),
                "found above": st.column_config.NumberColumn(help="The same, measured above."),
            },
            hide_index=True,
        )
