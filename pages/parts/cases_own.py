"""Batches of a visitor's own models: those trained in the app, those of the page Your model, and their inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from glider_core.adapters.pictures import ImageModel
from glider_core.adapters.tabular import TabularModel
from glider_core.adapters.text import TextModel
from glider_core.batches import ROW_ORDERS, Input, checked, chosen
from glider_core.domains.function.configured import configured
from glider_core.provenance import fingerprint
from pages.parts import own_file, own_graph, own_table, run
from pages.parts.state import PageState

Which = Callable[[pd.DataFrame, list[str], int], tuple[str, int, Any]]  # draws in which order rows are taken, and which
_SIGNED = ("uncertain", "highest", "lowest")  # orders that need one answer, told by its sign


def models() -> dict[str, Any]:
    """By id: models that stand in this visit, and None for those that the configuration names, which load anywhere."""
    here = [own_file.current(), getattr(own_table.current(), "model", None), own_graph.current()]
    return {model.id: model for model in here if model is not None} | {
        f"function/{name}": None for name in configured()
    }


def options(model_id: str) -> Mapping[str, Any]:
    """How the page Your model explains it now: class and off state; as usual for any other model."""
    state: PageState | None = st.session_state.get("glider.function")
    return dict(state.options) if state is not None and state.model == model_id == own_file.FILE else {}


def inputs(model_id: str, model: Any, which: Which, texts: Callable[[], list[Input]]) -> list[Input]:
    """The form of a model of the page Your model; nothing while it is empty.

    Args:
        model_id: of the model.
        model: as `models` gives it.
        which: draws the choice of rows.
        texts: draws a field and a file of texts.

    Raises:
        GliderError: the model cannot be loaded, or none of its inputs is as asked for.
    """
    model = model or run.model(model_id)
    asked = options(model_id)
    if asked:
        st.caption("As on *Your model*: " + ", ".join(f"{name.replace('_', ' ')} {asked[name]}" for name in asked))
    if isinstance(model, TabularModel):
        return _rows(model, which)
    if isinstance(model, TextModel):
        return texts()
    if isinstance(model, ImageModel):
        return photos()
    count = len(model)
    n = st.number_input("How many, from the first", 1, count, min(count, 30), key="cases.batch.instances")
    return checked([Input(raw=number, title=f"Instance {number}") for number in range(int(n))])


def photos() -> list[Input]:
    """Photos that are uploaded together."""
    files = st.file_uploader(
        "Photos", type=["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"], accept_multiple_files=True,
        max_upload_size=10, key="cases.batch.photos",
    )  # fmt: skip
    return checked([Input(raw=file.getvalue(), title=file.name) for file in files]) if files else []


def _rows(model: TabularModel, which: Which) -> list[Input]:
    """Some of the rows that came with a model of tables."""
    one_answer = len(model.classes) <= 2
    # Without classes an answer has no sign that says yes.
    orders = [how for how in ROW_ORDERS if how in ("first", "random") or (how in _SIGNED and one_answer)]
    if not model.classes:
        orders = [how for how in orders if how != "uncertain"]
    how, n, part = which(model.rows, sorted(orders, key=lambda how: how != "first"), len(model.rows))
    places = np.arange(len(model.rows)) if part is None else np.flatnonzero(part)
    rows = [Input(raw=int(place), title=f"Row {place}") for place in places]
    asked = fingerprint(str(id(model)), str(model.identity), how, str(n), places.tobytes())
    found = run.quick(
        "cases.batch.chosen", lambda: chosen(model, rows, how, n), key=asked, waiting="Asking the model which they are"
    )
    return found or []
