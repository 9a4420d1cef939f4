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
from glider_core.recommenders.auc import FEW
from glider_core.recommenders.fitting import Fit, Scores
from glider_core.tables.target import binary_target, positive_values
from glider_core.tables.values import Kind
from glider_core.workers import Task
from glider_core.workers.tasks import train_table
from pages.parts import own_table_kept, own_table_reading, run, visitor, visitor_upload
from pages.parts.own_table_reading import UploadedTable
from pages.parts.queue import Cost

_TABLE = "own_table"  # of the session


@dataclass(frozen=True, slots=True)
class OwnTable:
    """What a visitor chose, and the model trained on it."""

    table: pd.DataFrame
    target: str
    positive: str
    kinds: Mapping[str, Kind]  # of the fields that are used, as the visitor said to read them
    model: RecommenderModel
    fit: Fit
    uploaded: UploadedTable  # what the table was read from


def current() -> OwnTable | None:
    """The visitor's table, if it was trained on in this visit, or in a former one that is kept."""
    if _TABLE not in st.session_state:
        former = own_table_kept.restored()
        st.session_state[_TABLE] = None if former is None else OwnTable(**former)
    return st.session_state[_TABLE]


def panel(page: str) -> tuple[bool, OwnTable | None]:
    """Upload, choice of target and fields, training; whether a training ended just now, and the table, if any."""
    name = f"{page}.own_table"
    trained = run.progress(name, take=_take)
    own = current()
    with st.expander("Upload and train", expanded=own is None, icon=":material/upload_file:"):
        # No list of endings: what a file is, its content says, and what it cannot be gets a sentence.
        file = st.file_uploader(
            "A table: CSV and the like, Excel or Parquet, also packed by gzip or zip, up to 50 MB",
            key=visitor.key(f"{name}.file"),
        )
        try:
            given = visitor_upload.given(own_table_kept.UPLOAD, file, page=name)
            if given is not None and (uploaded := own_table_reading.read(name, *given)) is not None:
                _prepare(name, uploaded)
        except gl.GliderError as error:
            st.error(markdown(str(error)), icon=":material/error:")
        st.caption(visitor.note(own_table_kept.MODEL, own_table_kept.UPLOAD))
    if own is not None:
        learned(own)
    return isinstance(trained, OwnTable), own


def _take(trained: OwnTable) -> None:
    st.session_state[_TABLE] = trained
    own_table_kept.keep(trained.uploaded, trained.target, trained.positive, trained.kinds, trained.model, trained.fit)


def learned(own: OwnTable) -> None:
    """How well the table was learned, and how far that can be trusted."""
    test = own.fit.test
    told = (
        f"Learned **{markdown(own.model.target)}** from {own.fit.epochs_started} rounds; on {test.rows:,} rows it "
        f"never saw, {test.positives:,} of them yes: AUC **{test.auc:.3f}**{interval(test)}, logloss "
        f"{test.logloss:.3f}."
    )
    fewer = min(test.positives, test.rows - test.positives)
    if fewer < FEW:
        kind = "yes" if test.positives == fewer else "no"
        st.warning(
            f"{told} Only {fewer} of these rows {'is' if fewer == 1 else 'are'} {kind}: an AUC of so few says little.",
            icon=":material/warning:",
        )
    elif test.auc_interval is not None and test.auc_interval[0] <= 0.5:
        st.warning(f"{told} The interval reaches 0.5, which is what guessing gets.", icon=":material/warning:")
    else:
        st.success(told, icon=":material/check_circle:")
    _baselines(own.fit)


def _baselines(fit: Fit) -> None:
    """Baselines beside the network, and which model to explain instead where one of them is better."""
    if not fit.beside:
        return
    told = ", ".join(f"{other.name} **{other.test.auc:.3f}**" for other in fit.beside)
    better = [other for other in fit.beside if other.better]
    if not better:
        st.caption(f"AUC on the same rows: {told}. Neither is better beyond chance, by a logloss that matters.")
        return
    best = max(better, key=lambda other: other.saved)
    st.warning(
        f"AUC on the same rows: {told}. **{best.name} is better beyond chance** (logloss {best.test.logloss:.3f}): "
        f"it knows more of this table than AutoInt, so it is the model to explain. {_HOW[best.name]}",
        icon=":material/balance:",
    )


_HOW = {
    "LightGBM": "The page *Recommender* trains it beside AutoInt, to be explained row by row.",
    "logistic regression": "It adds its fields up: what AutoInt finds beyond that says little here.",
}


def interval(test: Scores) -> str:
    """The interval of an AUC, in brackets."""
    found = test.auc_interval
    return "" if found is None else f" (95 % interval {found[0]:.3f} to {found[1]:.3f})"


def _prepare(name: str, uploaded: UploadedTable) -> None:
    """Choose target and fields, then train."""
    table = uploaded.table
    columns = [str(column) for column in table.columns]
    left, right = st.columns(2)
    target = left.selectbox("Predict", columns, index=columns.index(uploaded.target))
    values = positive_values(cast(pd.Series, table[target]))
    if not values:
        st.error(f"{markdown(target)} has too many different values to be predicted; choose another column.")
        return
    positive = right.selectbox("Counts as yes", values)
    guessed = {column: guess for column, guess in uploaded.guesses.items() if column != target}
    fields = st.data_editor(
        pd.DataFrame(
            {
                "use": [guess.kind is not None for guess in guessed.values()],
                "field": list(guessed),
                "read as": [guess.kind or guess.otherwise for guess in guessed.values()],
                "good to know": [guess.reason for guess in guessed.values()],
                "examples": [uploaded.examples[column] for column in guessed],
            }
        ),
        column_config={
            "use": st.column_config.CheckboxColumn(width="small"),
            "read as": st.column_config.SelectboxColumn(options=["categorical", "dense"], required=True, width="small"),
            "good to know": st.column_config.TextColumn(width="large"),
        },
        disabled=["field", "good to know", "examples"],
        hide_index=True,
        height=min(38 + 35 * len(guessed), 320),
        key=f"{name}.fields.{target}",
    )
    st.caption(_amounts(cast(pd.Series, table[target]), positive))
    if st.button("Train on it", type="primary", icon=":material/model_training:"):
        kinds = chosen_kinds(fields)

        with st.spinner("Reading the table"):
            chosen = uploaded.as_number([field for field, kind in kinds.items() if kind == "dense"])

        def own(trained: tuple[RecommenderModel, Fit]) -> OwnTable:
            return OwnTable(chosen.table, target, positive, kinds, *trained, chosen)

        run.start(
            name,
            Task(train_table, chosen.table, target, positive, kinds, chosen.assumptions),
            cost=Cost("train a table", len(table), guess=30.0),
            then=own,
        )
        st.rerun()


def _amounts(target: pd.Series, positive: str) -> str:
    """How many rows there are to learn from and to measure on.

    Raises:
        InvalidInput: the target cannot be learned.
    """
    yes, rows = int(binary_target(target, positive).sum()), len(target)
    share = f"{yes / rows:.1%}" if yes < 0.001 * rows or yes > 0.999 * rows else f"{yes / rows:.0%}"
    held_out = yes / 10
    words = "" if held_out >= FEW else f", about {max(1, round(held_out))} of them yes, too few for a sure AUC"
    return (
        f"{rows:,} rows, {yes:,} of them yes ({share}). A tenth of them is held out to measure on{words}; another "
        "tenth to stop by."
    )


def chosen_kinds(fields: pd.DataFrame) -> dict[str, Kind]:
    """How to read each field that is used, from the table that the visitor edited."""
    return {
        field: kind for use, field, kind in zip(fields["use"], fields["field"], fields["read as"], strict=True) if use
    }
