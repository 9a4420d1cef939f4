"""Graphs written in a random dialect are read back equal; noise is refused and never crashes."""

import csv
import io

import networkx
from hypothesis import given, settings
from hypothesis import strategies as st

import glider_core as gl
from glider_core.domains.graph.own import Dialect, read_graphml, read_tables
from tests.inputs.graph_files import (
    EDGE_LIST,
    PLAIN,
    table,
)

NAME = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="\ufeff\ufffe\uffff"),
    min_size=1,
    max_size=6,
)
VALUE = st.text(st.characters(categories=("L", "N"), max_codepoint=0x2FFF), max_size=6)


@st.composite
def graphs(draw) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    names = draw(st.lists(NAME, min_size=4, max_size=8, unique=True))
    kinds = [draw(VALUE) for _ in names]
    pairs = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), min_size=1, max_size=10))
    return names, kinds, pairs


@settings(max_examples=80, deadline=None)
@given(graphs(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.booleans(), st.booleans())
def test_any_graph_written_as_graphml_is_read_back(graph, encoding: str, directed: bool, namespace: bool) -> None:
    names, kinds, pairs = graph
    written = networkx.MultiDiGraph() if directed else networkx.MultiGraph()
    for name, kind in zip(names, kinds, strict=True):
        written.add_node(name, kind=kind)
    written.add_edges_from(pairs)
    text = "\n".join(networkx.generate_graphml(written))
    if not namespace:
        text = text.replace(' xmlns="http://graphml.graphdrawing.org/xmlns"', "")
    parsed = read_graphml(text.encode(encoding))
    assert parsed.names == names
    assert [row["kind"] for row in parsed.rows] == kinds
    assert sorted(map(sorted, parsed.edges)) == sorted(map(sorted, pairs))


@settings(max_examples=80, deadline=None)
@given(
    graphs(), st.sampled_from("\t;|,"), st.sampled_from("\t;|,"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(), st.sampled_from(["\n", "\r\n"]),
)  # fmt: skip
def test_any_graph_written_as_tables_is_read_back(
    graph, first: str, second: str, encoding: str, header: bool, end: str
) -> None:
    names, kinds, pairs = graph
    quoted = csv.QUOTE_ALL if any(n[0] == '"' or n.isspace() or n.startswith(("#", "%", "//")) for n in names) else 0

    def written(rows: list[tuple], delimiter: str) -> bytes:
        file = io.StringIO()
        csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoted).writerows(rows)
        return file.getvalue().encode(encoding)

    features = written([("the name", "kind", "n"), *zip(names, kinds, range(len(names)), strict=True)], first)
    listed = written([("source", "target")] * header + pairs, second)
    dialect = Dialect(
        nodes_delimiter=first, edges_delimiter=second, edges_header="yes" if header else "no", nodes_header="yes"
    )
    parsed = read_tables(listed, features, dialect)
    assert parsed.names == names
    assert [row.get("kind", "") for row in parsed.rows] == kinds
    assert parsed.edges == pairs


PLAIN_NAME = st.text(st.characters(categories=("L", "N"), max_codepoint=0x17F), min_size=1, max_size=6)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(PLAIN_NAME, min_size=4, max_size=8, unique=True), st.data(), st.sampled_from("\t;|, "),
    st.sampled_from("\t;|, "), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]), st.booleans(),
)  # fmt: skip
def test_the_dialect_of_plain_tables_is_guessed(
    names: list[str], data: st.DataObject, first: str, second: str, encoding: str, header: bool
) -> None:
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), min_size=1, max_size=10))
    kinds = ["x" if n % 2 else "y" for n in range(len(names))]
    rows = [("node_name", "kind"), *zip(names, kinds, strict=True)]
    features = "".join(first.join(row) + "\n" for row in rows).encode(encoding)
    listed = "".join(second.join(row) + "\n" for row in [("source", "target")] * header + pairs).encode(encoding)
    parsed = read_tables(listed, features)
    assert parsed.names == names
    assert parsed.edges == pairs
    assert [row["kind"] for row in parsed.rows] == kinds


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=60), st.integers(0, len(PLAIN)), st.integers(0, 40))
def test_damaged_graphml_is_read_or_refused_and_never_crashes(noise: bytes, place: int, cut: int) -> None:
    try:
        read_graphml(PLAIN[:place] + noise + PLAIN[place + cut :])
    except gl.InvalidInput as error:
        assert str(error)  # noqa: PT017


@settings(max_examples=120, deadline=None)
@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "replace")), st.booleans())
def test_noise_as_a_table_is_read_or_refused_and_never_crashes(noise: bytes, as_edges: bool) -> None:
    try:
        read_tables(*((noise, table()) if as_edges else (EDGE_LIST, noise)))
    except gl.InvalidInput as error:
        assert str(error)  # noqa: PT017
