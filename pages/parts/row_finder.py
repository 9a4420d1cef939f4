"""Find a row worth explaining: where the model is wrong or unsure, by answer, by a value, by a set that is in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import pandas as pd
import streamlit as st

from glider_core.batches import in_order, sets_found
from glider_core.domains.recommender import answer
from glider_core.domains.recommender.model import RecommenderModel
from glider_core.rows.slices import row_slices

WRONG, UNSURE, HIGHEST, LOWEST, VALUE, SET = "wrong", "uncertain", "highest", "lowest", "value", "set"
WAYS = {
    WRONG: "The model is wrong, most wrong first",
    UNSURE: "Near 50 %",
    HIGHEST: "Highest answers",
    LOWEST: "Lowest answers",
    VALUE: "A value of a field",
    SET: "A set that is found in it",
}
LISTED = 50  # rows


def show(model: RecommenderModel, take: Callable[[int], None]) -> None:
    """A popover in which a row is looked for; `take` is called with the number of the one that is picked."""
    with st.popover("Find a row", icon=":material/search:"):
        found_in = sets_of(model)
        ways = [way for way in WAYS if (way != WRONG or model.answers is not None) and (way != SET or found_in)]
        way = st.radio("Rows where", ways, format_func=WAYS.__getitem__, key="recommender-find")
        logits = answers_of(model)
        if way == VALUE:
            field = st.selectbox("Field", [field.name for field in model.fields], key="recommender-find-field")
            parts = row_slices(cast(pd.Series, model.rows[field]))
            value = st.selectbox("Value", list(parts), key=f"recommender-find-value-{field}")
            numbers = np.flatnonzero(parts[value])
        elif way == SET:
            title = st.selectbox("Set", list(found_in), key=f"recommender-find-set-{model.identity}")
            numbers = np.array(found_in[title], dtype=np.int64)
        else:
            numbers = in_order(way, logits, None if model.answers is None else list(map(bool, model.answers)))
        st.caption(f"{len(numbers):,} of {len(model.rows):,} rows. Pick one to explain it.")
        table = listed(model, numbers[:LISTED], logits)
        # Another list is another table, in which nothing is picked yet.
        key = f"recommender-found-{hash((model.identity, way, numbers.tobytes()))}"

        def picked() -> None:
            for place in st.session_state[key]["selection"]["rows"]:
                take(int(numbers[place]))

        st.dataframe(table, hide_index=True, height=290, on_select=picked, selection_mode="single-row", key=key)


def listed(model: RecommenderModel, numbers: np.ndarray, logits: np.ndarray) -> pd.DataFrame:
    """The rows by number, with the answer, what really happened where that is known, and their values."""
    rows = model.rows.iloc[numbers].reset_index(drop=True)
    rows.insert(0, "row", numbers)
    rows.insert(1, "answer", [answer(float(logits[number])) for number in numbers])
    if model.answers is not None:
        rows.insert(2, "really", ["yes" if model.answers[number] else "no" for number in numbers])
    return rows


def sets_of(model: RecommenderModel) -> dict[str, tuple[int, ...]]:
    """The rows of each of the most frequent sets, where a run over them is stored."""
    return {" × ".join(names): rows for names, rows in sets_found(model).items()}


def answers_of(model: RecommenderModel) -> np.ndarray:
    """The model's logits (n,) of its rows, worked out once."""
    return _answers(str(model.identity), model)


@st.cache_data(max_entries=20)
def _answers(identity: str, _model: RecommenderModel) -> np.ndarray:
    return _model.predict_rows(_model.rows)
