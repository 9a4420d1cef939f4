"""A visitor's own graph: uploaded, its class chosen, a graph network trained on it."""

from __future__ import annotations

import streamlit as st

import glider_core as gl
from glider_core.domains.graph.model import GraphModel
from glider_core.domains.graph.network import Fit, Graph
from glider_core.domains.graph.own import Dialect, ParsedGraph, read_graphml, read_tables
from glider_core.drawings.text import markdown
from glider_core.provenance import fingerprint
from glider_core.workers import Task
from glider_core.workers.tasks import train_graph
from pages.parts import own_graph_kept, run, visitor, visitor_upload
from pages.parts.queue import Cost

_KEY = "graph.own"  # of the session: the model, and how well it does; None for none
_NAME = "graph.name"  # of the session: of the file that was read last
_UPLOADS = ("graph.file", "graph.edges", "graph.nodes")  # kinds of what is kept
_TRAINING = "graph.training"
_GRAPHML, _TABLES = "GraphML", "Edge list and table of features"
_TEXTS = ["csv", "tsv", "txt", "edges", "edgelist", "tab", "dat"]
_DELIMITERS = {"auto": "guess", "\t": "tab", ";": "semicolon ;", "|": "bar |", ",": "comma ,", " ": "blank"}
_CHOICES = {"auto": "guess", "yes": "yes", "no": "no"}


def panel() -> tuple[bool, GraphModel | None]:
    """Upload, choice of the class, training; whether a training ended just now, and the model, if there is one."""
    trained = run.progress(_TRAINING, take=_take)
    if _KEY not in st.session_state:
        st.session_state[_KEY] = own_graph_kept.restored()
    own: tuple[GraphModel, Fit] | None = st.session_state[_KEY]
    with st.expander("Upload and train", expanded=own is None, icon=":material/upload_file:"):
        try:
            read = _upload()
            if read is not None:
                _offer(*read)
        except gl.GliderError as error:
            st.error(markdown(str(error)), icon=":material/error:")
        st.caption(visitor.note(own_graph_kept.MODEL, *_UPLOADS))
    if own is None:
        return False, None
    model, fit = own
    st.success(
        f"Learned from {fit.sizes['train']:,} nodes; right on **{fit.accuracy['test']:.0%}** of "
        f"{fit.sizes['test']:,} nodes it never saw.",
        icon=":material/check_circle:",
    )
    return trained is not None, model


def current() -> GraphModel | None:
    """The network on the visitor's graph, if it was trained in this visit, or in a former one that is kept."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = own_graph_kept.restored()
    own: tuple[GraphModel, Fit] | None = st.session_state[_KEY]
    return None if own is None else own[0]


def _take(trained: tuple[GraphModel, Fit]) -> None:
    st.session_state[_KEY] = trained
    own_graph_kept.keep(st.session_state.get(_NAME, ""), *trained)


def _upload() -> tuple[tuple[str, ...], ParsedGraph] | None:
    """What was uploaded, as read; and what tells it apart."""
    if st.radio("Format", [_GRAPHML, _TABLES], key="graph-format", horizontal=True) == _GRAPHML:
        key = visitor.key("graph-file")
        widget = st.file_uploader("GraphML file", type=["graphml", "xml"], key=key, max_upload_size=20)
        if (file := visitor_upload.given("graph.file", widget)) is None:
            return None
        st.session_state[_NAME] = file[1]
        return _which(file[0])
    left, right = st.columns(2)
    with left:
        key = visitor.key("graph-edges")
        widget = st.file_uploader("Edge list: two node names a line", type=_TEXTS, key=key, max_upload_size=20)
        edges = visitor_upload.given("graph.edges", widget)
    with right:
        key = visitor.key("graph-table")
        widget = st.file_uploader("Nodes: name, class, features", type=_TEXTS, key=key, max_upload_size=20)
        table = visitor_upload.given("graph.nodes", widget)
    dialect = _dialect()
    if edges is None or table is None:
        return None
    contents, st.session_state[_NAME] = (edges[0], table[0]), edges[1]
    return (*map(fingerprint, contents), repr(dialect)), _tables(*contents, dialect)


def _which(content: bytes) -> tuple[tuple[str, ...], ParsedGraph]:
    """The graph of a file; where it holds several, the one that the visitor chooses."""
    parsed, number = _graphml(content, 0), 0
    if len(parsed.graphs) > 1:
        number = st.selectbox(
            "Graph, of several in the file",
            range(len(parsed.graphs)),
            format_func=parsed.graphs.__getitem__,
            key="graph-part",
        )
    return (fingerprint(content), str(number)), _graphml(content, number) if number else parsed


def _dialect() -> Dialect:
    """How the two tables are written, where the guess is wrong."""
    with st.popover("How they are written", icon=":material/tune:"):
        left, right = st.columns(2)

        def delimiter(place, what: str) -> str:
            label = f"Values of the {what} are split at"
            return place.selectbox(
                label, list(_DELIMITERS), format_func=_DELIMITERS.__getitem__, key=f"graph-{what}-at"
            )

        def choice(place, label: str, key: str) -> str:
            return place.selectbox(label, list(_CHOICES), format_func=_CHOICES.__getitem__, key=f"graph-{key}")

        return Dialect(
            edges_delimiter=delimiter(left, "edge list"),
            nodes_delimiter=delimiter(right, "table"),
            edges_header=choice(left, "The edge list has a header", "edges-header"),  # type: ignore[arg-type]
            nodes_header=choice(right, "The table has a header", "table-header"),  # type: ignore[arg-type]
            comments=choice(left, "Lines with #, %, // are comments", "comments"),  # type: ignore[arg-type]
        )


def _offer(key: tuple[str, ...], parsed: ParsedGraph) -> None:
    label = st.selectbox("Attribute that is the class", parsed.labels(), key="graph-label")
    graph, told = _built(key, label or "", parsed)
    st.caption(
        f"{len(parsed.names):,} nodes and {len(parsed.edges):,} edges read. Half of the nodes with a class train a "
        "graph network of three layers; the others tell how well it does."
    )
    if assumed := [*parsed.assumptions, *told]:
        st.info("\n".join(f"- {markdown(' '.join(sentence.split()))}" for sentence in assumed))
    if st.button("Train on it", type="primary", icon=":material/model_training:"):
        run.start(_TRAINING, Task(train_graph, graph), cost=Cost("train a graph", len(graph), guess=30.0))
        st.rerun()


@st.cache_data(max_entries=3, show_spinner="Reading the graph")
def _graphml(content: bytes, number: int) -> ParsedGraph:
    return read_graphml(content, number)


@st.cache_data(max_entries=3, show_spinner="Reading the graph", hash_funcs={Dialect: repr})
def _tables(edges: bytes, table: bytes, dialect: Dialect) -> ParsedGraph:
    return read_tables(edges, table, dialect)


@st.cache_data(max_entries=3, show_spinner="Reading the attributes")
def _built(key: tuple[str, ...], label: str, _parsed: ParsedGraph) -> tuple[Graph, tuple[str, ...]]:
    """The graph with this class; `key` tells files and dialects apart."""
    return _parsed.build(label)
