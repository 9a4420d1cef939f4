"""People's own graphs, from GraphML or from tables of edges and features."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from glider_core.domains.graph.data import MAX_BYTES, names_alone
from glider_core.domains.graph.network import Graph
from glider_core.errors import InvalidInput

MAX_NODES = 20_000
MAX_EDGES = 200_000
MAX_FEATURES = 2000
MAX_CLASSES = 50
_LABEL_NAMES = {"label", "class", "category", "group", "club", "target", "y", "community"}
MAX_CATEGORIES = 50  # distinct texts of one attribute that become columns


@dataclass(frozen=True, slots=True)
class ParsedGraph:
    """A visitor's graph as read, before one of its attributes is taken for the class."""

    names: Sequence[str]
    rows: Sequence[Mapping[str, Any]]  # attributes, parallel to names
    edges: Sequence[tuple[str, str]]

    def labels(self) -> list[str]:
        """Attributes that could be the class: 2 to 50 kinds of values shared by several nodes, likely ones first."""
        candidates = []
        for name in dict.fromkeys(key for row in self.rows for key in row):
            kinds = {_text(row.get(name)) for row in self.rows} - {""}
            if 2 <= len(kinds) <= MAX_CLASSES and len(kinds) < len(self.rows):
                numeric = all(_number(kind) is not None for kind in kinds)
                candidates.append((name.lower() not in _LABEL_NAMES, numeric, name))
        return [name for *_, name in sorted(candidates, key=lambda item: item[:2])]

    def graph(self, label: str = "") -> Graph:
        """The graph with the classes of this attribute; by default of the likeliest one.

        Numbers are scaled to mean 0 and deviation 1, texts of at most 50 kinds become one column each. Without any
        feature, each node's own name is its feature.

        Raises:
            InvalidInput: too small or too large, or without such classes.
        """
        candidates = self.labels()
        if label and label not in candidates:
            listed = ", ".join(candidates)[:200] or "none"
            raise InvalidInput(f"There is no class in {label[:60]!r}; attributes that could be one: {listed}.")
        if not candidates:
            raise InvalidInput(
                "No attribute of the nodes can be their class: one with 2 to 50 different values, shared by several "
                "nodes."
            )
        label = label or candidates[0]
        texts = [_text(row.get(label)) for row in self.rows]
        classes = sorted(set(texts) - {""})
        number_of = {name: number for number, name in enumerate(self.names)}
        pairs = {tuple(sorted((number_of[a], number_of[b]))) for a, b in self.edges if a != b}
        if not pairs:
            raise InvalidInput(
                "The graph has no edge between two different nodes; there is no neighbourhood to explain."
            )
        return Graph(
            title="Your graph",
            nodes=tuple(self.names),
            features=_features(self.rows, label),
            edges=np.array(sorted(pairs), dtype=np.int64),
            labels=np.array([classes.index(text) if text else -1 for text in texts]),
            classes=tuple(classes),
        )


def read_graphml(content: bytes) -> ParsedGraph:
    """A graph from GraphML; node attributes become features, one of them the class.

    Raises:
        InvalidInput: no GraphML, or too large.
    """
    import networkx

    _check_size(content)
    if re.search(rb"<!(DOCTYPE|ENTITY)", content, re.IGNORECASE):
        raise InvalidInput("The GraphML file declares a document type or entities, which is not read here. Remove it.")
    try:
        parsed = networkx.parse_graphml(content.decode("utf-8"))
    except Exception as error:  # the parser's own errors are of many kinds
        raise InvalidInput(
            f"This file cannot be read as GraphML ({type(error).__name__}: {str(error)[:120]}). "
            "Export the graph as GraphML in UTF-8, or give an edge list with a table of features."
        ) from None
    names = [str(node) for node in parsed]
    rows = [{str(key): value for key, value in parsed.nodes[node].items()} for node in parsed]
    return _parsed(names, rows, [(str(a), str(b)) for a, b in parsed.edges()])


def read_tables(edge_list: bytes, features: bytes) -> ParsedGraph:
    """A graph from two tables: pairs of node names, and per node its name, its class and its features.

    Commas, semicolons, tabs or spaces separate; the feature table has a header and its first column is the name.

    Raises:
        InvalidInput: not such tables, or too large.
    """
    header, *body = _table(features, "table of features")
    if len(header) < 2 or not body:
        raise InvalidInput(
            "The table of features needs a header, a name column, a class column and at least one node below it."
        )
    for number, row in enumerate(body, 2):
        if len(row) != len(header):
            raise InvalidInput(
                f"Line {number} of the table of features has {len(row)} values, its header {len(header)}; "
                "make them equal."
            )
    names = [row[0] for row in body]
    rows = [dict(zip(header[1:], row[1:], strict=True)) for row in body]
    pairs = _table(edge_list, "edge list")
    if any(len(row) < 2 for row in pairs):
        raise InvalidInput("A line of the edge list has a single value; each line needs two node names.")
    known = set(names)
    if not {pairs[0][0], pairs[0][1]} & known:
        pairs = pairs[1:]  # a header
    for a, b, *_ in pairs:
        if a not in known or b not in known:
            raise InvalidInput(
                f"The edge {a[:40]} - {b[:40]} names a node that the table of features does not have. "
                "Every node needs a line there."
            )
    return _parsed(names, rows, [(a, b) for a, b, *_ in pairs])


def _parsed(names: Sequence[str], rows: Sequence[Mapping[str, Any]], edges: Sequence[tuple[str, str]]) -> ParsedGraph:
    if not 4 <= len(names) <= MAX_NODES:
        raise InvalidInput(f"The graph has {len(names):,} nodes; give one of 4 to {MAX_NODES:,}.")
    if len(edges) > MAX_EDGES:
        raise InvalidInput(f"The graph has {len(edges):,} edges; at most {MAX_EDGES:,} can be read.")
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InvalidInput(f"Two nodes are called {name[:60]!r}; names must differ.")
        seen.add(name)
    return ParsedGraph(names, rows, edges)


def _features(rows: Sequence[Mapping[str, Any]], label: str) -> sparse.csr_matrix:
    columns: list[NDArray[np.float32]] = []
    for name in dict.fromkeys(key for row in rows for key in row if key != label):
        values = [_text(row.get(name)) for row in rows]
        numbers = [_number(value) if value else math.nan for value in values]
        if None not in numbers:
            column = np.array(numbers, dtype=np.float64)
            spread = np.nanstd(column) if np.isfinite(column).any() else 0.0
            if spread > 0:
                columns.append(np.nan_to_num((column - np.nanmean(column)) / spread).astype(np.float32))
            continue
        kinds = sorted(set(values) - {""})
        if 2 <= len(kinds) <= MAX_CATEGORIES:
            columns.extend(np.array([value == kind for value in values], dtype=np.float32) for kind in kinds)
        if len(columns) > MAX_FEATURES:
            raise InvalidInput(f"The nodes have more than {MAX_FEATURES:,} features; keep the most useful ones.")
    if columns:
        return sparse.csr_matrix(np.stack(columns, axis=1))
    if len(rows) > MAX_FEATURES:
        raise InvalidInput(
            f"The nodes have no features, and {len(rows):,} nodes are too many to be told apart by name alone "
            f"(at most {MAX_FEATURES:,}). Add attributes to them."
        )
    return names_alone(len(rows))


def _check_size(content: bytes) -> None:
    if len(content) > MAX_BYTES:
        raise InvalidInput(f"The file has {len(content) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB can be read.")


def _table(content: bytes, what: str) -> list[list[str]]:
    _check_size(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(f"The {what} is no text in UTF-8; save it as CSV in UTF-8.") from None
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if not lines:
        raise InvalidInput(f"The {what} is empty.")
    if len(lines) > MAX_EDGES + 1:
        raise InvalidInput(f"The {what} has {len(lines):,} lines; at most {MAX_EDGES:,} can be read.")
    delimiter = next((mark for mark in ("\t", ",", ";") if mark in lines[0]), " ")
    try:
        rows: Iterable[list[str]] = csv.reader(
            io.StringIO("\n".join(lines)), delimiter=delimiter, skipinitialspace=True
        )
        return [[value.strip() for value in row if delimiter != " " or value.strip()] for row in rows]
    except csv.Error as error:
        raise InvalidInput(f"The {what} cannot be read as a table ({error}).") from None


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
