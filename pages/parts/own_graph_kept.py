"""A visitor's graph and the network trained on it, kept on the server's disk and made again from there."""

from __future__ import annotations

import streamlit as st

import glider_core as gl
from glider_core.domains.graph import kept as kept_graph
from glider_core.domains.graph.model import GraphModel
from glider_core.domains.graph.network import Fit
from pages.parts import visitor

MODEL = "graph.model"  # the kind of what is kept
_GRAPH, _WEIGHTS, _NAMES = "graph", "weights", "names"  # its parts


def keep(name: str, model: GraphModel, fit: Fit) -> None:
    """Keep a graph with what was trained on it."""
    told, weights = kept_graph.written(model, fit)
    names, arrays = kept_graph.graph_written(model.graph)
    visitor.keep(MODEL, name=name, meta={"told": told}, files={_GRAPH: arrays, _NAMES: names, _WEIGHTS: weights})


def restored() -> tuple[GraphModel, Fit] | None:
    """What is kept; None where nothing is, or after a word why it cannot be restored."""
    name = "a graph"
    try:
        kept = visitor.kept(MODEL)
        if kept is None:
            return None
        name = kept.name or name
        with st.spinner("Restoring your graph and its network"):
            names, arrays, weights = (visitor.content(kept, part) for part in (_NAMES, _GRAPH, _WEIGHTS))
            graph = kept_graph.graph_restored(names, arrays)
            return kept_graph.restored(graph, told=kept.meta["told"], weights=weights)
    except (gl.GliderError, KeyError) as error:
        why = str(error) if isinstance(error, gl.GliderError) else "another version of Glider wrote it."
        visitor.lost(MODEL, f"The network that was trained on {name} cannot be restored: {why}")
        return None
