"""Graph: which neighbours act together in what a network says of a node."""

from collections.abc import Callable, Collection
from typing import cast

import streamlit as st

import glider_core as gl
from glider_core.domains.graph.model import GraphModel
from pages.parts import own_graph, workbench

OWN = "graph/own"
LISTED = 3000  # up to so many nodes are offered in a list
PREDICTED = "predicted"


def pick(number: str) -> None:
    """Explain the node that was clicked in the picture."""
    if model is not None and number.isdigit() and int(number) < len(model.graph):
        page.state.ask(model.graph.nodes[int(number)])


def choose() -> None:
    """Explain the node that was chosen instead of one that is not there."""
    if st.session_state["graph-raw-anew"] is not None:
        page.state.ask(st.session_state["graph-raw-anew"])


def visible(nodes: Collection[str]) -> Callable[[str], str]:
    """Writes names that begin or end with blanks in quotes, where that is no other's name."""
    taken = set(nodes)
    return lambda name: quoted if name != name.strip() and (quoted := f"“{name}”") not in taken else name


page = workbench.open_page("graph", more={OWN: "Your own graph"}, input_per_model=True)
if page.state.model == OWN:
    with page.before:
        trained, model = own_graph.panel()
    if trained:
        page.state.forget()
else:
    model = cast(GraphModel | None, page.load())

if model is not None:
    nodes, classes = model.graph.nodes, model.graph.classes
    label, known = f"Node, one of {len(nodes):,}", True
    if page.state.raw is None:
        page.state.raw = nodes[0]
    try:
        page.state.raw = nodes[model.find(page.state.raw)]  # a link may name it by "#" and its number
    except gl.GliderError as error:
        known = False
        page.refuse(error)
    if (target := page.state.options.get("target")) is not None and target not in classes:
        page.state.options.pop("target")
        page.state.unread = f"the class {target!s:.60}"
    if len(nodes) > LISTED:
        page.inputs.text_input(f"{label}, by its name", **page.tie("raw"))
    elif known:
        page.inputs.selectbox(label, nodes, format_func=visible(nodes), **page.tie("raw"))
    else:
        page.inputs.selectbox(
            label,
            nodes,
            index=None,
            placeholder="Choose a node",
            format_func=visible(nodes),
            key="graph-raw-anew",
            on_change=choose,
        )
    page.form.selectbox(
        "Explained class",
        [None, *classes],
        format_func=lambda name: PREDICTED if name is None else name,
        **page.state.tie_option("target", None),
    )
page.show(model=model, on_pick=pick)
