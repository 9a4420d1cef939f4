"""Brings many inputs into the case book: pasted, of a file, photos, rows or nodes; they run ahead in the queue."""

from __future__ import annotations

import time
from typing import Any, cast

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

import glider_core as gl
from glider_core.batches import (
    MOST,
    MOST_GIVEN,
    ROW_ORDERS,
    Input,
    checked,
    chosen,
    nodes_of,
    of_table,
    pasted,
    rows_of,
    sets_found,
    usual_columns,
)
from glider_core.domains import DOMAINS
from glider_core.drawings.text import markdown
from glider_core.provenance import fingerprint
from glider_core.rows.slices import row_slices
from glider_core.store import ReviewedBook
from glider_core.tables.read import read_table
from glider_core.workers import Task
from glider_core.workers.tasks import explain_cases
from pages.parts import cases_own, model_choice, run
from pages.parts.cases_filters import title_of
from pages.parts.cases_state import CasesState
from pages.parts.queue import Cost

ORDER = ("sentiment", "dna", "recommender", "image", "graph")  # of domains; others follow
RUN = "cases.batch"
STARTED = "cases.started"  # of the session: how many batches were
_ARRIVED = "cases.arrived"  # of the session: what has come in since the page was drawn; refusals as sentences
_USUAL = 30
_LABELS = {"sentiment": "A sentence a line", "dna": "A sequence a line, or records of FASTA"}
_EXAMPLES = {
    "sentiment": "This charming little film never fails to delight.\nThe story is not bad, but the jokes fall flat.",
    "dna": ">one\nCGTTAATTACTCCTCCACGTGTTGTCCTACACTACC\n>two\nGGTCCAGATTACAGCCATGTGATCTTGCAGGAACTC",
}


def show(state: CasesState, book: ReviewedBook) -> None:
    """Draw the form; its button queues the batch."""
    own = cases_own.models()
    domains = sorted(DOMAINS, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    models = [*own, *(model for name in domains if name != "function" for model in DOMAINS[name].models)]
    titles = {name: title_of(name) if own.get(name) is None else own[name].title for name in models}
    model_id = st.selectbox("Model", models, format_func=lambda name: titles.get(name, name), key="cases.batch.model")
    if model_id is None or (model_id not in own and not model_choice.available("cases.batch", model_id)):
        return
    domain, model = DOMAINS[model_id.partition("/")[0]], own.get(model_id)
    try:
        if domain.name == "function":
            inputs = cases_own.inputs(model_id, model, _which, lambda: _texts(domain.name, model_id, model))
        else:
            inputs = _inputs(domain.name, model_id, model)
    except gl.GliderError as error:
        st.error(markdown(str(error)), icon=":material/error:")
        return
    masks = st.select_slider(
        "Questions for each", [300, 600, 1000, 2000, 4000], value=600, key="cases.batch.masks",
        help="How many masks the model is asked about, for each input.",
    )  # fmt: skip
    n = len(inputs)
    pressed = st.button(
        f"Explain {n} input{'s' if n != 1 else ''}" if n else "Explain", type="primary", disabled=not n,
        icon=":material/playlist_play:", key="cases.batch.go",
    )  # fmt: skip
    if pressed:
        _start(state, book, model_id, titles[model_id], model, inputs, masks)
        st.session_state[STARTED] = st.session_state.get(STARTED, 0) + 1
        st.rerun()


def follow() -> None:
    """Draw the batch that runs, and what could not be explained of the last."""
    arrived: dict[str, Any] = st.session_state.setdefault(_ARRIVED, {"new": 0, "refused": [], "failed": ""})
    arrived["new"] = 0
    run.progress(RUN)
    refused, failed = arrived["refused"], arrived["failed"]
    if failed:
        st.error(markdown(failed), icon=":material/error:")
    if refused:
        with st.expander(f"{len(refused)} could not be explained", icon=":material/report:"):
            for title, sentence in refused[:100]:
                st.markdown(f"**{markdown(title[:80])}**: {markdown(sentence)}")


def _inputs(domain: str, model_id: str, own: Any) -> list[Input]:
    """What the form says; nothing while it is empty.

    Raises:
        GliderError: it cannot be read.
    """
    if domain == "recommender":
        return _rows(own or run.model(model_id))
    if domain == "graph":
        return _nodes(own or run.model(model_id))
    if domain == "image":
        return cases_own.photos()
    return _texts(domain, model_id, own)


def _texts(domain: str, model_id: str, own: Any) -> list[Input]:
    """A field and a file of texts or sequences.

    Raises:
        GliderError: they cannot be read.
    """
    text = st.text_area(
        _LABELS.get(domain, "A text a line"),
        height=160, placeholder=_EXAMPLES.get(domain, ""), key=f"cases.batch.text.{domain}",
    )  # fmt: skip
    file = st.file_uploader(
        "Or a file: a table with a column of them, or lines",
        type=["csv", "tsv", "txt", "parquet", "xlsx", "fa", "fasta"],
        key=f"cases.batch.file.{domain}",
    )  # fmt: skip
    if file is not None:
        return _of_file(model_id, file.name, file.getvalue(), own)
    return _lines(domain, model_id, text) if text.strip() else []


def _lines(domain: str, model_id: str, text: str) -> list[Input]:
    if domain != "function":
        return pasted(model_id, text)
    return checked([Input(raw=line.strip()) for line in text.splitlines() if line.strip()])


def _of_file(model_id: str, name: str, content: bytes, own: Any) -> list[Input]:
    if name.lower().endswith((".txt", ".fa", ".fasta")):
        return _lines(model_id.partition("/")[0], model_id, content.decode("utf-8", "replace"))
    table = read_table(content, name, least_rows=1, least_columns=1).table
    columns = list(map(str, table.columns))
    text, label = usual_columns(columns)
    left, right = st.columns(2)
    column = left.selectbox(
        "Column of the inputs", columns, columns.index(text) if text else 0, key="cases.batch.column"
    )
    others = [None, *(other for other in columns if other != column)]
    truth = right.selectbox(
        "Column of true labels", others, others.index(label) if label in others else 0, key="cases.batch.label",
        format_func=lambda name: "none" if name is None else name,
    )  # fmt: skip
    told_by_sign = model_id.startswith("sentiment/")
    ways = [how for how in ROW_ORDERS if how in ("first", "random") or (told_by_sign and (how != "wrong" or truth))]
    how, n, part = _which(table, sorted(ways, key=lambda how: how != "first"), len(table))
    inputs = of_table(table if part is None else cast(pd.DataFrame, table[part]), column, truth, most=MOST_GIVEN)
    if how == "first":
        return checked(inputs[:n])
    asked = fingerprint(content, model_id, str((column, truth, how, n, None if part is None else part.tobytes())))
    found = run.quick(
        "cases.batch.chosen", lambda: chosen(own or gl.load_model(model_id), inputs, how, n), key=asked,
        waiting="Asking the model which they are",
    )  # fmt: skip
    return found or []


def _which(table: pd.DataFrame, ways: list[str], most: int) -> tuple[str, int, NDArray[np.bool_] | None]:
    """In which order rows are taken, how many at most, and the part of them; None for all."""
    left, right = st.columns(2)
    how = left.selectbox("Which rows", ways, format_func=ROW_ORDERS.__getitem__, key="cases.batch.how")
    most = min(most, MOST)
    n = right.number_input("How many, at most", 1, most, min(_USUAL, most), key="cases.batch.n")
    field = left.selectbox(
        "Only where", [None, *map(str, table.columns)], key="cases.batch.field",
        format_func=lambda name: "any row" if name is None else f"{name} is",
    )  # fmt: skip
    if field is None:
        return how or ways[0], int(n), None
    parts = row_slices(cast(pd.Series, table[field]))
    part = right.selectbox("Value", list(parts), key="cases.batch.value")
    return how or ways[0], int(n), parts.get(part)


def _rows(model: Any) -> list[Input]:
    known = [how for how in ROW_ORDERS if how != "wrong" or model.answers is not None]
    how, n, part = _which(model.rows, known, len(model.rows))
    sets = sets_found(model)
    found = None
    if sets:
        found = st.selectbox(
            "Only rows with this set", [None, *sets], key="cases.batch.set",
            format_func=lambda names: "any" if names is None else f"{' × '.join(names)}, in {len(sets[names]):,} rows",
        )  # fmt: skip
    return rows_of(model, how, n, part=part, found=found or ())


def _nodes(model: Any) -> list[Input]:
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    of_class = left.selectbox(
        "Of class", [None, *model.graph.classes], key="cases.batch.class",
        format_func=lambda name: "any" if name is None else name,
    )  # fmt: skip
    n = middle.number_input("How many", 1, 500, _USUAL, key="cases.batch.nodes")
    wrong = right.toggle("Wrong answers only", key="cases.batch.wrong")
    return nodes_of(model, of_class, int(n), wrong=wrong)


def _start(
    state: CasesState, book: ReviewedBook, model_id: str, title: str, model: Any, inputs: list[Input], masks: int
) -> None:
    """Queue the batch; each result goes into the book as soon as it is there, whatever page is open by then."""
    domain = DOMAINS[model_id.partition("/")[0]]
    others = {
        name: value for name, value in domain.settings.items() if name not in ("n_train", "n_validation", "n_test")
    }
    settings = gl.Settings.with_masks(masks, **others)
    options = cases_own.options(model_id)
    cases = [
        gl.Case(domain=domain.name, model=model_id, raw=each.raw, options=options, settings=settings) for each in inputs
    ]
    name = f"{title}, {time.strftime('%d %b %H:%M')}, {len(inputs)} inputs"
    arrived: dict[str, Any] = {"new": 0, "refused": [], "failed": ""}
    st.session_state[_ARRIVED] = arrived

    def keep(part: tuple[int, gl.Explanation | None, str]) -> None:
        place, explanation, sentence = part
        given = inputs[place]
        if explanation is None:
            arrived["refused"].append((given.title or str(given.raw), sentence))
            return
        try:
            book.add(explanation, title=given.title, label=given.label, batch=name)
        except gl.GliderError as error:
            arrived["failed"] = str(error)
        arrived["new"] += 1

    size = masks * len(inputs) / 1000
    run.start(
        RUN,
        Task(explain_cases, cases, model),
        doing=f"Explaining {len(inputs)} cases",
        arrived=lambda: bool(arrived["new"]),
        cost=Cost(("batch", model_id), size, guess=size * 0.3),
        send=keep,
    )
    state.show_all()
    state.batches, state.case, state.sort, state.ascending = (name,), 0, "created", True
