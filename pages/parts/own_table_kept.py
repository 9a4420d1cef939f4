"""A visitor's table and the model trained on it, kept on the server's disk and made again from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
from pydantic import TypeAdapter, ValidationError

import glider_core as gl
from glider_core.domains.recommender import kept as kept_model
from glider_core.domains.recommender.model import RecommenderModel
from glider_core.recommenders.fitting import Fit
from glider_core.tables.assumptions import Assumptions
from glider_core.tables.values import Kind
from pages.parts import own_table_reading, visitor
from pages.parts.own_table_reading import UploadedTable

UPLOAD, MODEL = "table", "table.model"  # kinds of what is kept
_CONTENT, _WEIGHTS = "upload", "weights"  # parts of them


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
