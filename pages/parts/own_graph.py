"""A visitor's own graph: uploaded, its class chosen, a graph network trained on it."""

from __future__ import annotations

import streamlit as st

import glider_core as gl
from glider_core.domains.graph.model import GraphModel
from glider_core.domains.graph.own import ParsedGraph, read_graphml, read_tables
from glider_core.drawings.text import markdown
from glider_core.workers import Task
from glider_core.workers.tasks import train_graph
from pages.parts import run
from pages.parts.queue import Cost

_KEY = "graph.own"  # of the session: the model trained in this visit, and how well it does
_TRAINING = "graph.training"


def panel() -> tuple[bool, GraphModel | None]:
    """Upload, choice of the class, training; whether a training ended just now, and the model, if there is one."""
    trained = run.progress(_TRAINING)
    if trained is not None:
        st.session_state[_KEY] = trained
    with st.expander("Upload and train", expanded=_KEY not in st.session_state, icon=":material/upload_file:"):
        try:
            parsed = _upload()
            if parsed is not None:
                _offer(parsed)
        except gl.GliderError as error:
            st.error(markdown(str(error)), icon=":material/error:")
    if _KEY not in st.session_state:
        return False, None
    model, fit = st.session_state[_KEY]
    st.success(
        f"Learned from {fit.sizes['train']:,} nodes; right on **{fit.accuracy['test']:.0%}** of "
        f"{fit.sizes['test']:,} nodes it never saw.",
        icon=":material/check_circle:",
    )
    return trained is not None, model


def _upload() -> ParsedGraph | None:
    kind = st.radio("Format", ["GraphML", "Edge list and table of features"], key="graph-format", horizontal=True)
    if kind == "GraphML":
        file = st.file_uploader("GraphML file", type=["graphml", "xml"], key="graph-file", max_upload_size=20)
        return read_graphml(file.getvalue()) if file else None
    left, right = st.columns(2)
    edges = left.file_uploader(
        "Edge list: two node names a line", type=["csv", "tsv", "txt", "edges"], key="graph-edges"
    )
    table = right.file_uploader("Nodes: name, class, features", type=["csv", "tsv", "txt"], key="graph-table")
    return read_tables(edges.getvalue(), table.getvalue()) if edges and table else None


def _offer(parsed: ParsedGraph) -> None:
    label = st.selectbox("Attribute that is the class", parsed.labels(), key="graph-label")
    st.caption(
        f"{len(parsed.names):,} nodes and {len(parsed.edges):,} edges read. Half of the nodes with a class train a "
        "graph network of three layers; the others tell how well it does."
    )
    if st.button("Train on it", type="primary", icon=":material/model_training:"):
        graph = parsed.graph(label or "")
        run.start(_TRAINING, Task(train_graph, graph), cost=Cost("train a graph", len(graph), guess=30.0, wide=True))
        st.rerun()
