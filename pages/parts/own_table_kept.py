"""A visitor's table and the model trained on it, kept on the server's disk and made again from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import streamlit as st
from pydantic import TypeAdapter, ValidationError

import glider_core as gl
from glider_core.domains.recommender import kept as kept_model
from glider_core.domains.recommender.model import RecommenderModel
from glider_core.drawings.text import markdown
from glider_core.recommenders.fitting import Fit
from glider_core.tables.assumptions import Assumptions
from glider_core.tables.values import Kind
from pages.parts import own_table_reading, visitor
from pages.parts.own_table_reading import UploadedTable

UPLOAD, MODEL = "table", "table.model"  # kinds of what is kept
_CONTENT, _WEIGHTS = "upload", "weights"  # parts of them
_FORMER = "own_table.upload"  # of the session: content and name of the upload that is kept; None for none


@dataclass(frozen=True, slots=True, kw_only=True)
class _Training:
    """What was trained: JSON beside the table and the weights."""

    target: str
    positive: str
    kinds: dict[str, Kind]
    assumptions: Assumptions  # that decide how the file is read
    told: dict[str, Any]  # of the model


def keep(
    uploaded: UploadedTable,
    target: str,
    positive: str,
    kinds: Mapping[str, Kind],
    model: RecommenderModel,
    fit: Fit,
) -> None:
    """Keep a table with what was trained on it."""
    told, weights = kept_model.written(model, fit)
    training = _Training(
        target=target, positive=positive, kinds=dict(kinds), assumptions=uploaded.assumptions.given, told=told
    )
    visitor.keep(
        MODEL,
        name=uploaded.name,
        meta=TypeAdapter(_Training).dump_python(training, mode="json"),
        files={_CONTENT: uploaded.content, _WEIGHTS: weights},
    )


def restored() -> dict[str, Any] | None:
    """The fields of the `OwnTable` that is kept; None where nothing is, or after a word why it cannot be restored."""
    name = "a table"
    try:
        kept = visitor.kept(MODEL)
        if kept is None:
            return None
        name = kept.name
        with st.spinner("Restoring your table and its model"):
            training = TypeAdapter(_Training).validate_python(dict(kept.meta))
            uploaded = own_table_reading.prepare(visitor.content(kept, _CONTENT), kept.name, training.assumptions)
            model, fit = kept_model.restored(
                uploaded.table, training.target, training.positive, training.kinds,
                assumptions=uploaded.assumptions, told=training.told, weights=visitor.content(kept, _WEIGHTS),
            )  # fmt: skip
    except (gl.GliderError, ValidationError, KeyError) as error:
        why = str(error) if isinstance(error, gl.GliderError) else "another version of Glider wrote it."
        visitor.lost(MODEL, f"The model that was trained on {name} cannot be restored: {why}")
        return None
    return {
        "table": uploaded.table, "target": training.target, "positive": training.positive, "kinds": training.kinds,
        "model": model, "fit": fit, "uploaded": uploaded,
    }  # fmt: skip


def upload(page: str, file: Any) -> tuple[bytes, str] | None:
    """Content and name of the file in a widget, which is kept; or, where there is none, of the one that is kept.

    Args:
        page: in front of widgets' keys.
        file: of `st.file_uploader`.
    """
    former: tuple[bytes, str] | None = st.session_state.get(_FORMER)
    if file is not None:
        given = cast(bytes, file.getvalue()), str(file.name)
        if given != former:
            st.session_state[_FORMER] = given
            visitor.keep(UPLOAD, name=given[1], files={_CONTENT: given[0]})
        return given
    if _FORMER not in st.session_state:
        former = st.session_state[_FORMER] = _kept_upload()
    if former is None or visitor.keeper() is None:
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/inventory_2: **{markdown(former[1])}**, uploaded before", width="content")
        st.button("Remove", icon=":material/close:", type="tertiary", key=f"{page}.remove", on_click=_remove)
    return former


def _kept_upload() -> tuple[bytes, str] | None:
    try:
        kept = visitor.kept(UPLOAD)
        return None if kept is None else (visitor.content(kept, _CONTENT), kept.name)
    except (gl.GliderError, KeyError) as error:
        visitor.lost(UPLOAD, f"The table that you uploaded cannot be restored: {error}")
        return None


def _remove() -> None:
    st.session_state[_FORMER] = None
    try:
        visitor.forget(UPLOAD)
    except gl.GliderError as error:
        visitor.lost(UPLOAD, error)
