"""A visitor's own table: uploaded, target and fields chosen, AutoInt trained on it; for every page that uses one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

import glider_core as gl
from glider_core.domains.recommender.model import RecommenderModel, train_own
from glider_core.drawings.text import markdown
from glider_core.recommenders.fitting import Fit
from glider_core.tables.fields import (
    Kind,
    guess_kinds,
    guess_target,
    positive_values,
    read_table,
)
from pages.parts import training

_KEY = "recommender.own"


@dataclass(frozen=True, slots=True)
class Own:
    """What a visitor chose, and the model trained on it."""

    table: pd.DataFrame
    target: str
    positive: str
    kinds: Mapping[str, Kind]
    model: RecommenderModel
    fit: Fit


def kept() -> Own | None:
    """The visitor's table, if it was trained on in this visit."""
    return st.session_state.get(_KEY)


def panel(page: str) -> tuple[bool, Own | None]:
    """Upload, choice of target and fields, training; whether a training ended just now, and the table, if any."""
    trained = training.panel(page)
    if isinstance(trained, Own):
        st.session_state[_KEY] = trained
    own = kept()
    with st.expander("Upload and train", expanded=own is None, icon=":material/upload_file:"):
        file = st.file_uploader(
            "A table with a header: CSV or Parquet, up to 50 MB", type=["csv", "tsv", "txt", "parquet"]
        )
        try:
            if file is not None:
                _prepare(page, _read(file.getvalue(), file.name))
        except gl.GliderError as error:
            st.error(markdown(str(error)), icon=":material/error:")
    if own is not None:
        st.success(
            f"Learned **{markdown(own.model.target)}** from {own.fit.epochs} rounds; on {own.fit.test.rows:,} rows it "
            f"never saw: AUC **{own.fit.test.auc:.3f}**, logloss {own.fit.test.logloss:.3f}.",
            icon=":material/check_circle:",
        )
    return isinstance(trained, Own), own


@st.cache_data(max_entries=3, show_spinner="Reading the table")
def _read(content: bytes, name: str) -> pd.DataFrame:
    return read_table(content, name)


def _prepare(page: str, table: pd.DataFrame) -> None:
    columns = [str(column) for column in table.columns]
    left, right = st.columns(2)
    target = left.selectbox("Predict", columns, index=columns.index(guess_target(table)))
    values = positive_values(table[target])  # type: ignore[arg-type]
    if not values:
        st.error(f"{markdown(target)} has too many different values to be predicted; choose another column.")
        return
    positive = right.selectbox("Counts as yes", values)
    kinds = guess_kinds(table.drop(columns=[target]))
    chosen = st.data_editor(
        pd.DataFrame(
            {
                "use": [kind is not None for kind in kinds.values()],
                "field": list(kinds),
                "read as": [kind or "categorical" for kind in kinds.values()],
                "examples": [", ".join(map(str, table[name].dropna().unique()[:4]))[:60] for name in kinds],
            }
        ),
        column_config={
            "read as": st.column_config.SelectboxColumn(options=["categorical", "dense"], required=True),
        },
        disabled=["field", "examples"],
        hide_index=True,
        height=min(38 + 35 * len(kinds), 320),
        key=f"{page}.fields.{target}",
    )
    st.caption(f"{len(table):,} rows. A tenth of them is held out to measure on, another tenth to stop by.")
    if st.button("Train on it", type="primary", icon=":material/model_training:"):
        fields = {
            name: kind for use, name, kind in zip(chosen["use"], chosen["field"], chosen["read as"], strict=True) if use
        }

        def work(report: Callable[[str, float], None]) -> Own:
            return Own(table, target, positive, fields, *train_own(table, target, positive, fields, on_progress=report))

        training.start(page, work)
        st.rerun()
