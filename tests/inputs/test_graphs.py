"""Graphs as people have them: read right, with what was assumed, or refused with the sentence that helps."""

import csv
import io
import json
import os
import pickle
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import networkx
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import glider_core as gl
from glider_core.domains.graph.model import GraphModel, train_own
from glider_core.domains.graph.network import GCN
from glider_core.domains.graph.own import Dialect, ParsedGraph, read_graphml, read_tables
from glider_core.domains.graph.payload import NeighbourhoodPayload
from glider_core.payload import read_payload

CASES = Path(os.environ.get("GLIDER_CASES", Path(__file__).parents[3] / "shared" / "cases"))
NAMES = ("a", "b", "c", "d")
EDGES = [("a", "b"), ("b", "c"), ("c", "d")]
KINDS = ["x", "x", "y", "y"]
NAMESPACE = 'xmlns="http://graphml.graphdrawing.org/xmlns"'


def graphml(
    body: str, keys: str = '<key id="k" for="node" attr.name="kind" attr.type="string"/>', *, root: str = NAMESPACE,
    attributes: str = 'edgedefault="undirected"',
) -> bytes:  # fmt: skip
    return f"<graphml {root}>{keys}<graph {attributes}>{body}</graph></graphml>".encode()


def nodes(names: Sequence[str] = NAMES, more: str = "") -> str:
    return "".join(
        f'<node id="{name}"><data key="k">{kind}</data>{more}</node>'
        for name, kind in zip(names, KINDS * len(names), strict=False)
    )


def edges(pairs: Sequence[tuple[str, str]] = tuple(EDGES)) -> str:
    return "".join(f'<edge source="{a}" target="{b}"/>' for a, b in pairs)


def table(names: Sequence[str] = NAMES, delimiter: str = ",") -> bytes:
    rows = [
        ("node", "kind", "size"),
        *((name, kind, n) for n, (name, kind) in enumerate(zip(names, KINDS, strict=True))),
    ]
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue().encode()


def told(parsed: ParsedGraph, part: str) -> bool:
    return any(part in sentence for sentence in parsed.assumptions)


def declared(said: str, encoding: str, name: str) -> tuple:
    """GraphML with a node of this name, which says in which encoding it is."""
    content = graphml(nodes((name, "b", "c", "d")) + edges([(name, "b")])).decode()
    names = (name, "b", "c", "d")
    text = f'<?xml version="1.0" encoding="{said}"?>{content}'
    return text.encode(encoding), names, [(name, "b")], ("2 nodes without",)


PLAIN = graphml(nodes() + edges())

# --- GraphML that is read: content, names, edges, sentences


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


# --- Tables that are read: edge list, table of nodes, names, edges, sentences

EDGE_LIST = b"a,b\nb,c\nc,d\n"
COMMA_NAMES = ("Lee, Ann", "Ray, Bob", "Orr, Cy", "Poe, Di")
TABLES = [
    pytest.param(EDGE_LIST, table(), NAMES, EDGES, (), id="plain"),
    pytest.param(
        b"source,target\n" + EDGE_LIST, table(), NAMES, EDGES, ("(source, target) is read as its header",), id="header"
    ),
    pytest.param(
        b"person,friend\n" + EDGE_LIST,
        table(),
        NAMES,
        EDGES,
        ("(person, friend) is read as its header",),
        id="header-guessed",
    ),
    pytest.param(
        b"Id,Source,Target,Type,Weight\n1,a,b,Undirected,1\n2,b,c,Undirected,2\n3,c,d,Undirected,1\n",
        table(),
        NAMES,
        EDGES,
        ("is read as its header", "columns Source and Target", "is not used: Id, Type, Weight"),
        id="gephi",
    ),
    pytest.param(b"a\tb\nb\tc\nc\td\n", table(delimiter="\t"), NAMES, EDGES, (), id="tabs"),
    pytest.param(b"a;b\nb;c\nc;d\n", table(delimiter=";"), NAMES, EDGES, (), id="semicolons"),
    pytest.param(b"a|b\nb|c\nc|d\n", table(delimiter="|"), NAMES, EDGES, (), id="bars"),
    pytest.param(
        b"a b\nb   c\nc d \n",
        table(delimiter=" "),
        NAMES,
        EDGES,
        ("table of features is split at every blank", "edge list is split at every blank"),
        id="blanks",
    ),
    pytest.param(
        b"a b\nb c\nc d\n",
        table(delimiter=";"),
        NAMES,
        EDGES,
        ("edge list is split at every blank",),
        id="two-dialects",
    ),
    pytest.param(
        b"a, b\nb, c\nc, d\n", table(), NAMES, EDGES, ("In 3 lines of the edge list, blanks",), id="blank-after-comma"
    ),
    pytest.param(
        b"a b 0.5\nb c 1\nc d 2\n", table(), NAMES, EDGES, ("split at every blank", "is not used"), id="weights"
    ),
    pytest.param(
        b"# made by hand\n# FromNodeId ToNodeId\na b\nb c\nc d\n",
        table(),
        NAMES,
        EDGES,
        ("split at every blank", "2 lines of the edge list left out as comments"),
        id="snap-comments",
    ),
    pytest.param(
        b"% sym\na b\nb c\nc d\n",
        table(),
        NAMES,
        EDGES,
        ("split at every blank", "1 line of the edge list left out"),
        id="konect-comments",
    ),
    pytest.param(
        EDGE_LIST,
        b"# made, by, hand, today\n" + table(),
        NAMES,
        EDGES,
        ("1 line of the table of features left out",),
        id="table-comment",
    ),
    pytest.param(
        b"#1,#2\n#2,#3\n#3,#4\n",
        table(("#1", "#2", "#3", "#4")),
        ("#1", "#2", "#3", "#4"),
        [("#1", "#2"), ("#2", "#3"), ("#3", "#4")],
        ("4 lines of the table of features that begin with #",),
        id="names-with-hash",
    ),
    pytest.param(
        b'"Lee, Ann","Ray, Bob"\n"Ray, Bob","Orr, Cy"\n"Orr, Cy","Poe, Di"\n',
        table(COMMA_NAMES),
        COMMA_NAMES,
        [(COMMA_NAMES[i], COMMA_NAMES[i + 1]) for i in range(3)],
        (),
        id="commas-in-quotes",
    ),
    pytest.param(
        b"Lee, Ann;Ray, Bob\nRay, Bob;Orr, Cy\nOrr, Cy;Poe, Di\n",
        table(COMMA_NAMES, ";"),
        COMMA_NAMES,
        [(COMMA_NAMES[i], COMMA_NAMES[i + 1]) for i in range(3)],
        ("table of features is split at every semicolon", "edge list is split at every semicolon"),
        id="commas-between-semicolons",
    ),
    pytest.param(
        b'a, "b"\n"b", c\nc, d\n',
        table(),
        NAMES,
        EDGES,
        (),
        id="quote-after-blank",
    ),
    pytest.param(
        b'"Al,b\nb,c\nc,d\n',
        b'n,kind\n"Al,x\nb,x\nc,y\nd,y\n',
        ('"Al', "b", "c", "d"),
        [('"Al', "b"), ("b", "c"), ("c", "d")],
        ("Quotes in the table of features", "Quotes in the edge list"),
        id="single-quote-mark",
    ),
    pytest.param(
        b"\xef\xbb\xbf" + EDGE_LIST,
        b"\xef\xbb\xbf" + table(),
        NAMES,
        EDGES,
        (),
        id="utf8-mark",
    ),
    pytest.param(EDGE_LIST.decode().encode("utf-16"), table().decode().encode("utf-16"), NAMES, EDGES, (), id="utf16"),
    pytest.param(
        "ä,b\nb,c\nc,d\n".encode("latin-1"),
        table(("ä", "b", "c", "d")).decode().encode("latin-1"),
        ("ä", "b", "c", "d"),
        [("ä", "b"), ("b", "c"), ("c", "d")],
        ("table of features is no UTF-8", "edge list is no UTF-8"),
        id="latin1",
    ),
    pytest.param(
        "a,b\nb,c\nc,€\n".encode("cp1252"),
        table(("a", "b", "c", "€")),
        ("a", "b", "c", "€"),
        [("a", "b"), ("b", "c"), ("c", "€")],
        ("(cp1252)",),
        id="cp1252",
    ),
    pytest.param(EDGE_LIST.replace(b"\n", b"\r\n"), table().replace(b"\r\n", b"\r"), NAMES, EDGES, (), id="line-ends"),
    pytest.param(
        b" a ,a\na,\xc2\xa0a\n\xc2\xa0a,01\n",
        table((" a ", "a", "\u00a0a", "01")),
        (" a ", "a", "\u00a0a", "01"),
        [(" a ", "a"), ("a", "\u00a0a"), ("\u00a0a", "01")],
        (),
        id="names-as-given",
    ),
    pytest.param(
        b"1,01\n01,001\n1,1.0\n",
        table(("1", "01", "001", "1.0")),
        ("1", "01", "001", "1.0"),
        [("1", "01"), ("01", "001"), ("1", "1.0")],
        (),
        id="leading-zeros",
    ),
    pytest.param(
        b"a,b\nb,a\na,a\nc,d\n",
        table(),
        NAMES,
        [("a", "b"), ("b", "a"), ("a", "a"), ("c", "d")],
        ("1 edge of a node to itself", "1 edge between nodes"),
        id="parallel-and-loop",
    ),
    pytest.param(b"a,b\n", table(), NAMES, [("a", "b")], ("2 nodes without an edge",), id="alone"),
    pytest.param(
        EDGE_LIST,
        table().split(b"\r\n", 1)[1],
        NAMES,
        EDGES,
        ("read as a node, not as a header",),
        id="table-without-header",
    ),
    pytest.param(
        EDGE_LIST,
        table().replace(b",0", b",0,").replace(b",1", b",1,").replace(b",2", b",2,").replace(b",3", b",3,"),
        NAMES,
        EDGES,
        ("delimiter at the end",),
        id="delimiter-at-row-ends",
    ),
    pytest.param(
        EDGE_LIST,
        b",node,kind\n0,a,x\n1,b,x\n2,c,y\n3,d,y\n",
        NAMES,
        EDGES,
        ("names in the column node",),
        id="numbered-rows",
    ),
]


@pytest.mark.parametrize(("edge_list", "features", "names", "pairs", "sentences"), TABLES)
def test_tables_are_read_as_they_say(
    edge_list: bytes, features: bytes, names: Sequence[str], pairs: list[tuple[str, str]], sentences: tuple[str, ...]
) -> None:
    parsed = read_tables(edge_list, features)
    assert list(parsed.names) == list(names)
    assert list(parsed.edges) == pairs
    assert len(parsed.assumptions) == len(sentences), parsed.assumptions
    for sentence in sentences:
        assert told(parsed, sentence), parsed.assumptions
    assert [row["kind" if "kind" in row else "column 2"] for row in parsed.rows] == KINDS


NO_TABLES = [
    pytest.param(b"", table(), "edge list is empty", id="no-edges"),
    pytest.param(b"# nothing\n", table(), "edge list is empty", id="only-comments"),
    pytest.param(EDGE_LIST, b"", "table of features is empty", id="no-nodes"),
    pytest.param(EDGE_LIST, b"node,kind\n", "needs a header", id="header-alone"),
    pytest.param(EDGE_LIST, b"node\na\nb\nc\nd\n", "needs a header", id="one-column"),
    pytest.param(b"a\nb\n", table(), "Line 1 of the edge list has a single value", id="single-values"),
    pytest.param(b"a,b\nb,q\n", table(), "The edge b - q in line 2 names a node", id="unknown-node"),
    pytest.param(b"aa,bb\nb,c\n", table(("aaa", "b", "c", "bbb")), "looks like an edge", id="typos-first"),
    pytest.param(
        b"n01,n02\nn1,n2\n",
        table(("n1", "n2", "n3", "n4")),
        "looks like an edge.*if it is a header, say so",
        id="zeros-first",
    ),
    pytest.param(b"a,typo\nb,c\n", table(), "The edge a - typo in line 1", id="typo-first"),
    pytest.param(
        EDGE_LIST,
        b"node,kind,kind\na,x,1\nb,x,2\nc,y,1\nd,y,2\n",
        "Two columns of the table of features are called 'kind'",
        id="equal-columns",
    ),
    pytest.param(
        EDGE_LIST, b"node, kind,kind \na,x,1\nb,x,2\nc,y,1\nd,y,2\n", "are called 'kind'", id="equal-but-for-blanks"
    ),
    pytest.param(EDGE_LIST, table(("a", "b", "a", "d")), "Two nodes are called 'a'", id="equal-names"),
    pytest.param(EDGE_LIST, table(("a", "", "c", "d")), "Line 3 of the table of features has no name", id="no-name"),
    pytest.param(
        EDGE_LIST,
        b"node,kind\na,x\nb,x,9\nc,y\nd,y\n",
        "Line 3 of the table of features has 3 values, its header 2",
        id="uneven",
    ),
    pytest.param(b"a b c d\nb c\nc d\n", table(), "a list of neighbours", id="neighbours"),
    pytest.param(b" a,b\nb,c\n", table(("a ", "\ta", "b", "c")), "names a node", id="two-ways-to-trim"),
    pytest.param(b"a,b\0c\n", table(), "is no text: it holds zero bytes", id="zero-bytes"),
    pytest.param(b"PK\x03\x04", table(), "edge list is a ZIP file, an Excel", id="excel"),
    pytest.param(b"\xff\xfea", table(), "is damaged: it is no UTF-16", id="cut-utf16"),
    pytest.param(b"a,b\n" * 250_001, table(), "250,001 lines", id="many-lines"),
    pytest.param(EDGE_LIST * 70_000, table(), "has 210,000 edges", id="many-edges"),
    pytest.param(b"x" * 20_000_001, table(), "20 MB", id="many-bytes"),
    pytest.param(
        EDGE_LIST,
        b"n," + b"c," * 4_999 + b"z\n" + (b"1," * 5_000 + b"2\n") * 1001,
        "at most 5,000,000 values",
        id="many-values",
    ),
]


@pytest.mark.parametrize(("edge_list", "features", "sentence"), NO_TABLES)
def test_tables_that_cannot_be_read_are_refused_with_their_sentence(
    edge_list: bytes, features: bytes, sentence: str
) -> None:
    with pytest.raises(gl.InvalidInput, match=sentence):
        read_tables(edge_list, features)


def test_what_was_guessed_can_be_changed() -> None:
    names = ("n1", "n2", "n3", "n4")
    with pytest.raises(gl.InvalidInput, match="looks like an edge"):
        read_tables(b"n01,n02\nn1,n2\n", table(names))
    assert read_tables(b"n01,n02\nn1,n2\n", table(names), Dialect(edges_header="yes")).edges == [("n1", "n2")]
    with pytest.raises(gl.InvalidInput, match="The edge source - target in line 1"):
        read_tables(b"source,target\na,b\n", table(), Dialect(edges_header="no"))
    assert read_tables(b"a,b\nb,c\n", table(), Dialect(edges_header="yes")).edges == [("b", "c")]
    with pytest.raises(gl.InvalidInput, match="The edge #c - d"):
        read_tables(b"a,b\n#c,d\n", table(), Dialect(comments="no"))
    with pytest.raises(gl.InvalidInput, match="delimiter 'x'"):
        read_tables(b"a,b\n", table(), Dialect(nodes_delimiter="x"))
    assert read_tables(b"a b,b c\n", table(("a b", "b c", "c", "d")), Dialect(edges_delimiter=",")).edges == [
        ("a b", "b c")
    ]


# --- Attributes as features and classes


@pytest.mark.parametrize(
    ("values", "european", "numbers", "remark"),
    [
        pytest.param(["1", "2.5", "-3e2"], False, [1, 2.5, -300], "", id="plain"),
        pytest.param(["1,5", "2,25", "3"], False, [1.5, 2.25, 3], "decimal mark", id="decimal-comma"),
        pytest.param(["1,500", "2,250", "3"], False, [1500, 2250, 3], "thousands", id="thousands"),
        pytest.param(["1,500", "2,250", "3"], True, [1.5, 2.25, 3], "decimal mark", id="european"),
        pytest.param(["1.234,50", "2,5"], False, [1234.5, 2.5], "decimal mark", id="points-and-comma"),
        pytest.param(["1", "NA", "nan", "", "3"], False, [1, None, None, None, 3], "NA is read", id="missing"),
        pytest.param(["007", "7", "70"], False, None, "", id="codes"),
        pytest.param(["1_000", "2"], False, None, "", id="underscore"),
        pytest.param(["inf", "1"], False, None, "", id="infinite"),
        pytest.param(["1e999", "1"], False, None, "", id="too-large"),
        pytest.param(["١", "٢"], False, None, "", id="other-digits"),
        pytest.param(["x", "1"], False, None, "", id="texts"),
        pytest.param(["NA", "x"], False, None, "", id="namibia"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_they_are_written(
    values: list[str], european: bool, numbers: list | None, remark: str
) -> None:
    from glider_core.domains.graph.numbers import column_of

    column = column_of(values, european=european)
    if numbers is None:
        assert column.numbers is None
    else:
        assert column.numbers is not None
        assert column.numbers == pytest.approx([np.nan if n is None else n for n in numbers], nan_ok=True)
        assert remark in column.remark


def test_what_becomes_of_attributes_is_said() -> None:
    names = [f"n{n}" for n in range(60)]
    rows = [
        {"kind": "xy"[n % 2], "size": f"{n},5", "note": f"text {n}", "same": "1", "town": "PQ"[n % 2]}
        for n in range(60)
    ]
    parsed = ParsedGraph(names, rows, [("n0", "n1")])
    graph, sentences = parsed.build("kind")
    assert graph.width == 3
    assert sentences == (
        "Features: size (number), town (2 texts).",
        "Left out: note (60 different texts, more than 50), same (one value).",
        "size: the comma is read as the decimal mark.",
    )
    assert parsed.build("town")[1][0] == "Features: kind (2 texts), size (number)."


# --- Written in a random dialect, read back equal

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


@settings(max_examples=150, deadline=None)
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


@settings(max_examples=150, deadline=None)
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


# --- Memory

_PROGRAM = """
import pickle, resource, sys
from glider_core.domains.graph.own import read_graphml, read_tables
from glider_core.errors import InvalidInput
for name, contents in pickle.load(sys.stdin.buffer).items():
    try:
        parsed = read_graphml(*contents) if len(contents) == 1 else read_tables(*contents)
        print(name, "| read", len(parsed.names))
    except InvalidInput as error:
        print(name, "|", error)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def _hostile() -> dict[str, tuple[bytes, ...]]:
    laughs = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
    head = b"n," + b",".join(b"c%d" % n for n in range(300)) + b"\n"
    rows = b"".join(b"n%d" % n + b",0.123" * 300 + b"\n" for n in range(10_000))
    defaults = "".join(f"<key id='d{n}' for='node' attr.name='d{n}'><default>1</default></key>" for n in range(2000))
    return {
        "laughs": (f'<!DOCTYPE x [<!ENTITY e0 "ha">{laughs}]><graphml><graph id="&e12;"/></graphml>'.encode(),),
        "deep": (b"<graphml>" + b"<graph>" * 2_000_000,),
        "keys": (graphml("".join(f"<node id='{n}'/>" for n in range(20_000)), defaults),),
        "attributes": (graphml("".join(f"<node id='{n}'><data key='{n}'>1</data></node>" for n in range(20_000)), ""),),
        "wide": (b"a,b\n", head + rows),
        "cells": (b"a,b\n", b"a,b\n" + b"1," * 9_000_000),
        "nothing but quotes": (b"a,b\n", b'"' * 5_000_000),
    }


def test_hostile_graphs_stay_within_their_memory() -> None:
    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (4_000_000_000, 4_000_000_000))

    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], input=pickle.dumps(_hostile()), capture_output=True, preexec_fn=bounded,
        cwd=Path(__file__).parents[2], env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    *sentences, peak = done.stdout.decode().splitlines()
    assert len(sentences) == len(_hostile())
    assert not any("| read" in sentence for sentence in sentences if not sentence.startswith("wide")), sentences
    assert int(peak) < 1500  # MB, with all libraries


# --- Nodes


def untrained(parsed: ParsedGraph) -> GraphModel:
    torch.manual_seed(0)
    graph = parsed.graph()
    return GraphModel("graph/own", "A graph", graph, GCN(graph.width, len(graph.classes)).eval(), graph.fingerprint)


def payload_of(instance: gl.Instance) -> NeighbourhoodPayload:
    assert isinstance(instance.payload, NeighbourhoodPayload)
    return instance.payload


FEW = gl.Settings(n_train=400, n_validation=60, n_test=60)


@pytest.mark.parametrize(
    ("pairs", "node", "around"),
    [
        ([("a", "b")], "c", {"c"}),
        ([("a", "b")], "a", {"a", "b"}),
        ([("a", "b"), ("a", "b"), ("a", "a"), ("c", "c")], "a", {"a", "b"}),
        ([("b", "a"), ("c", "a"), ("d", "a")], "a", {"a", "b", "c", "d"}),
    ],
    ids=["alone", "one-edge", "parallel-and-loop", "only-inwards"],
)  # fmt: skip
def test_nodes_with_few_neighbours_are_explained(pairs: list[tuple[str, str]], node: str, around: set[str]) -> None:
    model = untrained(read_graphml(graphml(nodes() + edges(pairs), attributes='edgedefault="directed"')))
    instance = model.instance(node)
    assert set(instance.names) == around
    assert payload_of(instance).node == instance.names.index(node)
    explanation = gl.explain(instance, FEW)
    assert set(explanation.names) == around
    from glider_core.drawings import draw

    assert node in draw(explanation)


@pytest.mark.parametrize("name", ["nobody", "#²", "#4", "#-1", "#", "", "  ", "A", "a b", "#1e3", "#٣"])
def test_a_node_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(gl.InvalidInput, match="There is no node"):
        untrained(read_graphml(PLAIN)).find(name)


@pytest.mark.parametrize(("name", "number"), [("a", 0), (" b ", 1), ("#2", 2), ("#3 ", 3)])
def test_a_node_is_found_by_its_name_or_number(name: str, number: int) -> None:
    assert untrained(read_graphml(PLAIN)).find(name) == number


@pytest.mark.parametrize("options", [{"max_nodes": 0}, {"max_nodes": "x"}, {"max_nodes": True}, {"target": 3}])
def test_options_that_make_no_sense_are_refused(options: dict) -> None:
    with pytest.raises(gl.InvalidInput):
        untrained(read_graphml(PLAIN)).instance("a", **options)


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a":' * 100_000, b"{}", b'{"node": 1e999}'])
def test_a_payload_that_is_nested_or_something_else_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="validation error"):
        read_payload("graph", content)
    with pytest.raises(gl.InvalidInput):
        gl.Explanation.from_json(content.decode())


# --- The shelf of cases


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("leak_graph_A.graphml", ("patient-00", "patient-29")),
        ("leak_graph_B.graphml", ("bob-00", "bob-29")),
        ("node_names_with_spaces.graphml", (" n0 ", " n29 ")),
    ],
)
def test_the_files_of_the_shelf_are_learned_and_their_nodes_explained(file: str, names: tuple[str, str]) -> None:
    if not CASES.is_dir():
        pytest.skip("the shelf of cases is not here")
    graph = read_graphml((CASES / file).read_bytes()).graph()
    assert (graph.nodes[0], graph.nodes[-1]) == names
    model, _ = train_own(graph)
    for name in names:
        instance = model.instance(name)
        assert instance.names[payload_of(instance).node] == name
        assert json.loads(instance.case(FEW).to_json())["raw"] == name


def test_graphs_that_differ_in_names_or_classes_have_different_results() -> None:
    if not CASES.is_dir():
        pytest.skip("the shelf of cases is not here")
    models = [untrained(read_graphml((CASES / f"leak_graph_{x}.graphml").read_bytes())) for x in "AB"]
    first, second = (model.instance(model.graph.nodes[0]).case(FEW) for model in models)
    assert first.fingerprint != second.fingerprint
