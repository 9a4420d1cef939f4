"""GraphML as people have it: read as it says, with what was assumed, or refused with the sentence that helps."""

import io

import networkx
import pytest

import glider_core as gl
from glider_core.domains.graph.own import read_graphml
from tests.inputs.graph_files import EDGES, NAMES, PLAIN, declared, edges, graphml, nodes, told

READ = [
    pytest.param(PLAIN, NAMES, EDGES, (), id="plain"),
    pytest.param(graphml(nodes() + edges(), root=""), NAMES, EDGES, (), id="cytoscape-no-namespace"),
    pytest.param(
        b'<g:graphml xmlns:g="http://graphml.graphdrawing.org/xmlns">'
        + PLAIN.split(b">", 1)[1].replace(b"<", b"<g:").replace(b"<g:/", b"</g:"),
        NAMES,
        EDGES,
        (),
        id="prefix",
    ),
    pytest.param(b"\xef\xbb\xbf" + PLAIN, NAMES, EDGES, (), id="utf8-mark"),
    pytest.param(PLAIN.decode().encode("utf-16"), NAMES, EDGES, (), id="utf16"),
    pytest.param(PLAIN.decode().encode("utf-16-le"), NAMES, EDGES, (), id="utf16-no-mark"),
    pytest.param(b'<?xml version="1.0" encoding="UTF-16"?>' + PLAIN, NAMES, EDGES, (), id="utf16-declared-only"),
    pytest.param(*declared("ISO-8859-1", "latin-1", "ä"), id="latin1-declared"),
    pytest.param(*declared("windows-1251", "cp1251", "ж"), id="cyrillic-declared"),
    pytest.param(*declared("Shift_JIS", "shift_jis", "語"), id="japanese-declared"),
    pytest.param(
        graphml(nodes(("ä", "b", "c", "d")) + edges([("ä", "b")])).decode().encode("latin-1"),
        ("ä", "b", "c", "d"),
        [("ä", "b")],
        ("Western European", "2 nodes without"),
        id="latin1-undeclared",
    ),
    pytest.param(
        graphml(nodes((" a ", "a", "\u00a0a", "007")) + edges([(" a ", "a"), ("\u00a0a", "007"), ("a", "007")])),
        (" a ", "a", "\u00a0a", "007"),
        [(" a ", "a"), ("\u00a0a", "007"), ("a", "007")],
        (),
        id="names-as-given",
    ),
    pytest.param(
        graphml(nodes(("1", "01", "001", "1.0")) + edges([("1", "01"), ("001", "1.0"), ("01", "1.0")])),
        ("1", "01", "001", "1.0"),
        [("1", "01"), ("001", "1.0"), ("01", "1.0")],
        (),
        id="leading-zeros",
    ),
    pytest.param(
        graphml(nodes() + edges([*EDGES, ("b", "a"), ("a", "b"), ("d", "d")])),
        NAMES,
        [*EDGES, ("b", "a"), ("a", "b"), ("d", "d")],
        ("1 edge of a node to itself", "2 edges between nodes"),
        id="parallel-and-loop",
    ),
    pytest.param(
        graphml(nodes() + edges(), attributes='edgedefault="directed"'), NAMES, EDGES, ("both ways",), id="directed"
    ),
    pytest.param(
        graphml(nodes() + edges() + '<edge source="a" target="d" directed="true"/>'),
        NAMES,
        [*EDGES, ("a", "d")],
        ("both ways",),
        id="mixed-directions",
    ),
    pytest.param(
        graphml(
            nodes() + '<edge source="a" target="b"><data key="w">3</data></edge>',
            '<key id="k" for="node" attr.name="kind"/><key id="w" for="edge" attr.name="weight"/>',
        ),
        NAMES,
        [("a", "b")],
        ("edges are not used: weight", "2 nodes without"),
        id="weights",
    ),
    pytest.param(
        PLAIN.replace(b"</graphml>", b'<graph id="second"><node id="z"/></graph></graphml>'),
        NAMES,
        EDGES,
        ("holds 2 graphs: the first, graph 1, is read",),
        id="two-graphs",
    ),
    pytest.param(
        graphml(
            nodes(("a", "b", "c")) + '<node id="g"><graph id="g:" edgedefault="undirected"><node id="d">'
            '<data key="k">y</data></node><edge source="c" target="d"/></graph></node>'
            + edges([("a", "b"), ("b", "g")])
        ),
        ("a", "b", "c", "g", "d"),
        [("c", "d"), ("a", "b"), ("b", "g")],
        ("within nodes",),
        id="nested-groups",
    ),
    pytest.param(
        graphml(edges([("a", "b")]) + nodes() + edges([("c", "d")])),
        NAMES,
        [("a", "b"), ("c", "d")],
        (),
        id="edges-first",
    ),
]


@pytest.mark.parametrize(("content", "names", "pairs", "sentences"), READ)
def test_graphml_is_read_as_it_says(
    content: bytes, names: tuple[str, ...], pairs: list[tuple[str, str]], sentences: tuple[str, ...]
) -> None:
    parsed = read_graphml(content)
    assert tuple(parsed.names) == names
    assert list(parsed.edges) == pairs
    assert len(parsed.assumptions) == len(sentences), parsed.assumptions
    for sentence in sentences:
        assert told(parsed, sentence), parsed.assumptions
    assert [row["kind"] for row in parsed.rows if row][:2] == ["x", "x"]


def test_each_of_several_graphs_can_be_chosen() -> None:
    second = graphml(nodes(("p", "q", "r", "s")) + edges([("p", "q")])).split(b"<graph ")[1]
    content = PLAIN.replace(b"</graphml>", b"<graph id='two' " + second)
    parsed = read_graphml(content, 1)
    assert parsed.names == ["p", "q", "r", "s"]
    assert parsed.graphs == ("graph 1, 4 nodes", "two, 4 nodes")
    assert told(parsed, "graph 2, two, is read")
    with pytest.raises(gl.InvalidInput, match="no graph 3; it has 2"):
        read_graphml(content, 2)


YED = """<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://www.yworks.com/xml/graphml">
<key for="port" id="d0" yfiles.type="portgraphics"/><key for="node" id="d5" attr.name="team"/>
<key for="node" id="d6" yfiles.type="nodegraphics"/><key for="graphml" id="d7" yfiles.type="resources"/>
<key for="edge" id="d9" yfiles.type="edgegraphics"/>
<graph edgedefault="directed" id="G">{nodes}
<edge id="e0" source="n0" target="n1">
<data key="d9"><y:PolyLineEdge><y:EdgeLabel>tie</y:EdgeLabel></y:PolyLineEdge></data></edge>
<edge id="e1" source="n2" target="n3"/><edge id="e2" source="n1" target="n2"/></graph>
<data key="d7"><y:Resources><node id="no node"/></y:Resources></data></graphml>"""
YED_NODE = """<node id="n{n}">{team}<data key="d6">
  <y:ShapeNode><y:Geometry height="30" x="{n}"/><y:Fill color="{colour}" transparent="false"/>
  <y:NodeLabel alignment="center">{label}<y:LabelModel><y:SmartNodeLabelModel/></y:LabelModel></y:NodeLabel>
  <y:NodeLabel>a second label</y:NodeLabel><y:Shape type="rectangle"/></y:ShapeNode></data></node>"""


def yed(team: bool = False) -> bytes:
    return YED.format(
        nodes="".join(
            YED_NODE.format(
                n=n, colour="#FF0000" if n < 2 else "#0000FF", label=label,
                team=f"<data key='d5'>t{n // 2}</data>" if team else "",
            )
            for n, label in enumerate(("Ann", "Bob", "Cy", "Di"))
        )
    ).encode()  # fmt: skip


def test_yed_is_read_with_what_it_draws() -> None:
    parsed = read_graphml(yed())
    assert parsed.names == ["n0", "n1", "n2", "n3"]
    assert [dict(row) for row in parsed.rows[:2]] == [
        {"label": name, "fill": "#FF0000", "shape": "rectangle"} for name in ("Ann", "Bob")
    ]
    assert parsed.labels() == ["fill"]
    assert told(parsed, "What yEd draws of a node is read as its attributes: fill, label, shape.")
    assert not told(parsed, "not used")  # drawings of edges are no attributes
    assert read_graphml(yed(team=True)).labels() == ["team", "fill"]


def test_an_attribute_with_a_drawn_ones_name_stays_apart() -> None:
    parsed = read_graphml(yed(team=True).replace(b'"team"', b'"label"'))
    assert parsed.rows[0] == {"label": "t0", "label (drawn)": "Ann", "fill": "#FF0000", "shape": "rectangle"}


def test_defaults_are_those_of_nodes_without_a_value() -> None:
    keys = '<key id="k" for="node" attr.name="kind"><default>y</default></key>'
    told = "".join(f'<node id="{name}"><data key="k">x</data></node>' for name in "ab")
    body = told + '<node id="c"/><node id="d"/>'
    assert [row["kind"] for row in read_graphml(graphml(body + edges(), keys)).rows] == ["x", "x", "y", "y"]


def test_one_attribute_with_two_types_is_one_attribute() -> None:
    """networkx writes a key for each type."""
    graph = networkx.Graph(EDGES)
    for name, value in zip(graph, (1, 2.5, "young", "young"), strict=True):
        graph.nodes[name]["age"] = value
        graph.nodes[name]["kind"] = "x" if name in "ab" else "y"
    file = io.BytesIO()
    networkx.write_graphml(graph, file)
    parsed = read_graphml(file.getvalue())
    assert [row["age"] for row in parsed.rows] == ["1", "2.5", "young", "young"]
    assert told(parsed, "The attribute age is there 3 times")
    assert parsed.graph("kind").width == 3  # three texts


REFUSED = [
    pytest.param(b"", "cannot be read as GraphML", id="empty"),
    pytest.param(b"\xff\xfe", "cannot be read as GraphML", id="mark-alone"),
    pytest.param(PLAIN[:-20], "cannot be read as GraphML", id="cut"),
    pytest.param(b'{"nodes": []}', "looks like JSON", id="json"),
    pytest.param(b"[" * 100_000, "looks like JSON", id="json-100000-deep"),
    pytest.param(b"graph [ node [ id 1 ] ]", "looks like GML", id="gml"),
    pytest.param(b"digraph { a -> b }", "looks like DOT", id="dot"),
    pytest.param(b"*Vertices 3", "looks like Pajek", id="pajek"),
    pytest.param(b"<gexf/>", "it is GEXF", id="gexf"),
    pytest.param(b"<html></html>", "a web page", id="html"),
    pytest.param(b"PK\x03\x04....", "a ZIP file", id="zip"),
    pytest.param(b"\x1f\x8b....", "a gzip file", id="gzip"),
    pytest.param(b"PAR1....", "a Parquet table", id="parquet"),
    pytest.param(b"<graphml/>", "holds no graph", id="no-graph"),
    pytest.param(graphml(nodes(("a", "b", "c"))), "has 3 nodes", id="three-nodes"),
    pytest.param(graphml(nodes(("a", "b", "a", "d")) + edges()), "Two nodes are called 'a'", id="equal-names"),
    pytest.param(graphml(nodes() + edges([("a", "q")])), "leads to 'q', which is no node", id="edge-to-nowhere"),
    pytest.param(graphml("<node/>" + nodes()), "<node> without id", id="node-without-id"),
    pytest.param(graphml(nodes() + "<edge source='a'/>"), "<edge> without target", id="edge-without-end"),
    pytest.param(b"<graphml><node id='a'/></graphml>", "outside of any graph", id="outside"),
    pytest.param(
        graphml(
            nodes(more='<data key="k2">3</data>') + edges(),
            '<key id="k" for="node" attr.name="kind"/><key id="k2" for="node" attr.name="kind"/>',
        ),
        "Two attributes are called 'kind'",
        id="equal-attributes",
    ),
    pytest.param(graphml(nodes(more='<data key="k">z</data>') + edges()), "two values of 'kind'", id="two-values"),
    pytest.param(graphml(nodes() + edges(), '<key id="k"/><key id="k"/>'), "Two keys", id="equal-keys"),
    pytest.param(
        graphml(nodes() + edges() + "<hyperedge><endpoint node='a'/></hyperedge>"), "1 hyperedges", id="hyperedge"
    ),
    pytest.param(b'<!DOCTYPE x SYSTEM "http://example.org/x.dtd">' + PLAIN, "document type or entities", id="doctype"),
    pytest.param(
        b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        + PLAIN.replace(b">x<", b">&b;<"),
        "document type or entities",
        id="billion-laughs",
    ),
    pytest.param(
        ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + PLAIN.decode().replace(">x<", ">&a;<")).encode(
            "utf-16"
        ),
        "document type or entities",
        id="external-entity-utf16",
    ),
    pytest.param(PLAIN.replace(b">x<", b">&a;<", 1), "undefined entity", id="unknown-entity"),
    pytest.param(graphml("<node id='a'>" + "<graph>" * 200_000), "deep within each other", id="deep"),
    pytest.param(b"<graphml>" + b"<graph/>" * 1001 + b"</graphml>", "more than 1,000 graphs", id="many-graphs"),
    pytest.param(
        graphml("".join(f"<node id='{n}'/>" for n in range(20_001))), "more than 20,000 nodes", id="many-nodes"
    ),
    pytest.param(graphml(nodes() + edges(EDGES * 66_667)), "more than 200,000 edges", id="many-edges"),
    pytest.param(b"<graphml>" + b" " * 20_000_000, "20 MB", id="many-bytes"),
]


@pytest.mark.parametrize(("content", "sentence"), REFUSED)
def test_graphml_that_cannot_be_read_is_refused_with_its_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(gl.InvalidInput, match=sentence):
        read_graphml(content)
