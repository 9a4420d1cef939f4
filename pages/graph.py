"""Graph: which neighbours act together in what a network says of a node."""

from __future__ import annotations

import numpy as np
import streamlit as st

import glider_core as gl
from glider_core.domains.graph.data import ParsedGraph, read_graphml, read_tables
from glider_core.domains.graph.layout import positions
from glider_core.domains.graph.model import EXAMPLES, GraphModel, train_own
from glider_core.drawings import graph as draw_network
from glider_core.drawings.text import markdown
from pages.parts import frame, model_choice, picture, result_view, run_panel, training

PAGE = "graph"
SOURCES = {"graph/karate": "Karate club", "graph/cora": "Citations (Cora)", "own": "Your own graph"}
LISTED = 3000  # up to so many nodes are offered in a list


def take_example() -> None:
    """Choose the picked example's node and run it."""
    if picked := st.session_state["graph.example"]:
        st.session_state["graph.node"] = EXAMPLES[st.session_state["graph.source"]][picked]
        st.session_state["graph.run"] = True


def forget_node() -> None:
    """Another graph has other nodes and classes; explain its first example at once."""
    for name in ("node", "explained", "example", "address", "shown"):
        st.session_state.pop(f"graph.{name}", None)
    st.session_state["graph.run"] = st.session_state["graph.source"] != "own"


def pick(number: str) -> None:
    """Explain the node that was clicked in the picture."""
    shown = st.session_state.get("graph.model")
    if shown is not None and number.isdigit() and int(number) < len(shown.graph):
        st.session_state["graph.node"] = shown.graph.nodes[int(number)]
        st.session_state["graph.example"] = None
        st.session_state["graph.run"] = True


def own_model() -> GraphModel | None:
    """Upload, choice of the class and training; the trained model, if there is one."""
    trained = training.panel(PAGE)
    if trained is not None:
        st.session_state["graph.own"] = trained
        forget_node()
        st.session_state["graph.run"] = True
    with st.expander("Upload and train", expanded="graph.own" not in st.session_state, icon=":material/upload_file:"):
        kind = st.radio("Format", ["GraphML", "Edge list and table of features"], key="graph.kind", horizontal=True)
        try:
            parsed = _upload(kind)
            if parsed is not None:
                candidates = parsed.labels()
                label = st.selectbox("Attribute that is the class", candidates, key="graph.label")
                st.caption(
                    f"{len(parsed.names):,} nodes and {len(parsed.edges):,} edges read. Half of the nodes with a class "
                    "train a graph network of three layers; the others tell how well it does."
                )
                if st.button("Train on it", type="primary", icon=":material/model_training:"):
                    graph = parsed.graph(label or "")
                    training.start(PAGE, lambda report: train_own(graph, on_progress=report))
                    st.rerun()
        except gl.GliderError as error:
            st.error(markdown(str(error)), icon=":material/error:")
    if "graph.own" not in st.session_state:
        return None
    model, fit = st.session_state["graph.own"]
    st.success(
        f"Learned from {fit.sizes['train']:,} nodes; right on **{fit.accuracy['test']:.0%}** of "
        f"{fit.sizes['test']:,} nodes it never saw.",
        icon=":material/check_circle:",
    )
    return model


def _upload(kind: str) -> ParsedGraph | None:
    if kind == "GraphML":
        file = st.file_uploader("GraphML file", type=["graphml", "xml"], key="graph.file", max_upload_size=20)
        return read_graphml(file.getvalue()) if file else None
    left, right = st.columns(2)
    edges = left.file_uploader(
        "Edge list: two node names a line", type=["csv", "tsv", "txt", "edges"], key="graph.edges"
    )
    table = right.file_uploader("Nodes: name, class, features", type=["csv", "tsv", "txt"], key="graph.table")
    return read_tables(edges.getvalue(), table.getvalue()) if edges and table else None


@st.cache_data(max_entries=50, show_spinner=False)
def places(identity: str, _payload: dict) -> np.ndarray:
    """Where the nodes stand; `identity` is the instance's."""
    return positions(len(_payload["numbers"]), _payload["edges"], _payload["node"], _payload["hops"])


frame.enter()
run_panel.start(PAGE, detector="NID", source="graph/karate")
if st.session_state["graph.source"] not in SOURCES:
    st.session_state["graph.source"] = "graph/karate"

st.title("Graph", anchor=False)
st.markdown("Which neighbours decide *together* what a graph network says of a node?")
source = st.segmented_control(
    "Graph",
    list(SOURCES),
    format_func=SOURCES.__getitem__,
    key="graph.source",
    required=True,
    on_change=forget_node,
    label_visibility="collapsed",
)
model: GraphModel | None = own_model() if source == "own" else model_choice.ready(PAGE, str(source))  # type: ignore[assignment]
if model is None:
    st.stop()
st.session_state["graph.model"] = model
nodes = model.graph.nodes
if source in EXAMPLES:
    st.pills(
        "Examples", list(EXAMPLES[source]), key="graph.example", on_change=take_example, label_visibility="collapsed"
    )
first = next(iter(EXAMPLES[source].values())) if source in EXAMPLES else nodes[0]
run_panel.start(PAGE, detector="NID", node=first, explained="predicted")
if len(nodes) <= LISTED:
    if st.session_state["graph.node"] not in nodes:
        st.session_state["graph.node"] = first
    node = st.selectbox(f"Node, one of {len(nodes):,}", nodes, key="graph.node")
else:
    node = st.text_input(f"Node, by its name; one of {len(nodes):,}", key="graph.node")
message = st.empty()
with st.container(horizontal=True, vertical_alignment="center"):
    pressed = st.button("Run", type="primary", icon=":material/play_arrow:", key="graph.button", width=120)
    note = run_panel.detector_choice(PAGE)
    with st.popover("Settings", icon=":material/tune:"):
        settings = run_panel.settings_form(PAGE)
        choices = ["predicted", *model.graph.classes]
        if st.session_state["graph.explained"] not in choices:
            st.session_state["graph.explained"] = "predicted"
        explained = st.selectbox("Explained class", choices, key="graph.explained")
st.caption(note)

case = run_panel.Case(node, settings, {"target": None if explained == "predicted" else explained})
first_visit = "graph.visited" not in st.session_state
st.session_state["graph.visited"] = True
if pressed or first_visit or st.session_state.pop("graph.run", False):
    try:
        run_panel.submit(PAGE, model, case, ("source", "node", "explained"))
    except gl.GliderError as error:
        message.error(markdown(str(error)), icon=":material/error:")

shown = run_panel.panel(PAGE, case)
if shown is None or shown.explanation.model_id != model.id:
    st.stop()

explanation = shown.explanation
payload = shown.instance.payload  # type: ignore[attr-defined]
result_view.forget_switches_of_others(explanation.names, PAGE)
with st.container(border=True):
    name, probability = explanation.names[payload["node"]], payload["probabilities"][payload["target"]]
    st.subheader(markdown(f"{name}: {explanation.explained} {probability:.1%}"), anchor=False)
    st.markdown(result_view.headline(explanation, "logits"))
    chosen = st.session_state.get("graph.chosen")
    drawing = draw_network.network(explanation, payload, places(explanation.fingerprint or "", payload), chosen)
    picture.show(drawing, "graph.picture", on_pick=pick)
    left_on = payload["reach"] - len(explanation.names)
    st.caption(
        "The ringed node is explained; nodes up to three ties away decide its class. Fill: class. Size: a node's own "
        "effect, edge: its sign. Bands: nodes that act together, with what they add jointly, in logits. "
        "Click a node to explain it."
        + (
            f" Of {payload['reach']} nodes in reach, the {len(explanation.names)} that weigh most are switched."
            if left_on
            else ""
        )
    )
    result_view.choose(PAGE, explanation)
result_view.evidence(PAGE, shown, chosen, say=lambda answer: f"{answer:+.2f} logits")
