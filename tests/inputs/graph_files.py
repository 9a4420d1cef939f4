"""Small graphs as files, for the tests of how they are read."""

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

from glider_core.domains.graph.own import ParsedGraph

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
EDGE_LIST = b"a,b\nb,c\nc,d\n"
