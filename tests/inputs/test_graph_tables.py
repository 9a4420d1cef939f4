"""Edge lists and tables of nodes as people have them: read as they say, or refused with the sentence that helps."""

from collections.abc import Sequence

import pytest

import glider_core as gl
from glider_core.domains.graph.own import Dialect, read_tables
from tests.inputs.graph_files import EDGE_LIST, EDGES, KINDS, NAMES, table, told

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


def test_a_header_is_one_though_a_node_has_its_name() -> None:
    names = ("source", "b", "c", "d")
    assert read_tables(b"source,target\nsource,b\n", table(names)).edges == [("source", "b")]
    both = ("source", "target", "c", "d")  # then the line is an edge
    assert read_tables(b"source,target\nc,d\n", table(both)).edges == [("source", "target"), ("c", "d")]


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
