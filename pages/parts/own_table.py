"""A visitor's own table: uploaded, target and fields chosen, AutoInt trained on it; for every page that uses one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import pandas as pd
import streamlit as st

import glider_core as gl
from glider_core.domains.recommender.model import RecommenderModel
from glider_core.drawings.text import markdown
from glider_core.recommenders.fitting import Fit
from glider_core.tables.read import read_table
from glider_core.tables.target import guess_target, positive_values
from glider_core.tables.values import Kind, guess_kinds
from glider_core.workers import Task
from glider_core.workers.tasks import train_table
from pages.parts import run
from pages.parts.queue import Cost

_TABLE = "own_table"  # of the session
_EXAMPLES = 4  # values of a column that are shown


@dataclass(frozen=True, slots=True)
class OwnTable:
    """What a visitor chose, and the model trained on it."""

    table: pd.DataFrame
    target: str
    positive: str
    kinds: Mapping[str, Kind]  # of the fields that are used, as the visitor said to read them
    model: RecommenderModel
    fit: Fit


def current() -> OwnTable | None:
    """The visitor's table, if it was trained on in this visit."""
    return st.session_state.get(_TABLE)


def panel(page: str) -> tuple[bool, OwnTable | None]:
    """Upload, choice of target and fields, training; whether a training ended just now, and the table, if any."""
    name = f"{page}.own_table"
    trained = run.progress(name)
    if isinstance(trained, OwnTable):
        st.session_state[_TABLE] = trained
    own = current()
    with st.expander("Upload and train", expanded=own is None, icon=":material/upload_file:"):
        file = st.file_uploader(
            "A table with a header: CSV or Parquet, up to 50 MB",
            type=["csv", "tsv", "txt", "parquet"],
            key=f"{name}.file",
        )
        try:
            if file is not None:
                _prepare(name, _read(file.getvalue(), file.name))
        except gl.GliderError as error:
            st.error(markdown(str(error)), icon=":material/error:")
    if own is not None:
        st.success(
            f"Learned **{markdown(own.model.target)}** from {own.fit.epochs_started} rounds; on "
            f"{own.fit.test.rows:,} rows it never saw: AUC **{own.fit.test.auc:.3f}**, logloss "
            f"{own.fit.test.logloss:.3f}.",
            icon=":material/check_circle:",
        )
    return isinstance(trained, OwnTable), own


@st.cache_data(max_entries=3, show_spinner="Reading the table")
def _read(content: bytes, name: str) -> pd.DataFrame:
    return read_table(content, name).table


def _prepare(name: str, table: pd.DataFrame) -> None:
    """Choose target and fields, then train."""
    columns = [str(column) for column in table.columns]
    left, right = st.columns(2)
    target = left.selectbox("Predict", columns, index=columns.index(guess_target(table)))
    values = positive_values(cast(pd.Series, table[target]))
    if not values:
        st.error(f"{markdown(target)} has too many different values to be predicted; choose another column.")
        return
    positive = right.selectbox("Counts as yes", values)
    guessed = guess_kinds(table.drop(columns=[target]))
    fields = st.data_editor(
        pd.DataFrame(
            {
                "use": [kind is not None for kind in guessed.values()],
                "field": list(guessed),
                "read as": [kind or "categorical" for kind in guessed.values()],
                "examples": [", ".join(map(str, table[field].dropna().unique()[:_EXAMPLES]))[:60] for field in guessed],
            }
        ),
        column_config={
            "read as": st.column_config.SelectboxColumn(options=["categorical", "dense"], required=True),
        },
        disabled=["field", "examples"],
        hide_index=True,
        height=min(38 + 35 * len(guessed), 320),
        key=f"{name}.fields.{target}",
    )
    st.caption(f"{len(table):,} rows. A tenth of them is held out to measure on, another tenth to stop by.")
    if st.button("Train on it", type="primary", icon=":material/model_training:"):
        kinds = chosen_kinds(fields)

        def own(trained: tuple[RecommenderModel, Fit]) -> OwnTable:
            return OwnTable(table, target, positive, kinds, *trained)

        run.start(
            name,
            Task(train_table, table, target, positive, kinds),
            cost=Cost("train a table", len(table), guess=30.0, wide=True),
            then=own,
        )
        st.rerun()


def chosen_kinds(fields: pd.DataFrame) -> dict[str, Kind]:
    """How to read each field that is used, from the table that the visitor edited."""
    return {
        field: kind for use, field, kind in zip(fields["use"], fields["field"], fields["read as"], strict=True) if use
    }
