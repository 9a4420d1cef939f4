"""A visitor's graph as read, and what becomes of its attributes: one is the class, the others are features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from glider_core.domains.graph.data import names_alone
from glider_core.domains.graph.network import Graph
from glider_core.domains.graph.numbers import Column, column_of, text_of
from glider_core.errors import InvalidInput

MAX_NODES = 20_000
MAX_EDGES = 200_000
MAX_VALUES = 5_000_000  # nodes times attributes; they take up to 500 MB
MAX_FEATURES = 2000
MAX_ENTRIES = 20_000_000  # nodes times features
MAX_CLASSES = 50
MAX_CATEGORIES = 50  # distinct texts of one attribute that become columns
_LABEL_NAMES = {"label", "class", "category", "group", "club", "target", "y", "community"}
_LISTED = 12  # attributes that are named


@dataclass(frozen=True, slots=True)
class ParsedGraph:
    """A visitor's graph as read, before one of its attributes is taken for the class."""

    names: Sequence[str]
    rows: Sequence[Mapping[str, Any]]  # attributes, parallel to names
    edges: Sequence[tuple[str, str]]
    assumptions: tuple[str, ...] = ()  # sentences on how the file was read
    graphs: tuple[str, ...] = ()  # titles of the graphs in the file, one of which this is
    european: bool = False  # whether a comma is likelier to be a decimal mark than one of thousands

    def attributes(self) -> list[str]:
        """Names of all attributes that some node has."""
        return list(dict.fromkeys(key for row in self.rows for key in row))

    def labels(self) -> list[str]:
        """Attributes that could be the class: 2 to 50 kinds of values shared by several nodes, likely ones first."""
        candidates = []
        for name in self.attributes():
            kinds = {text_of(row.get(name)) for row in self.rows} - {""}
            if 2 <= len(kinds) <= MAX_CLASSES and len(kinds) < len(self.rows):
                numeric = column_of(list(kinds), european=self.european).numbers is not None
                candidates.append((name.lower() not in _LABEL_NAMES, numeric, name))
        return [name for *_, name in sorted(candidates, key=lambda item: item[:2])]

    def graph(self, label: str = "") -> Graph:
        """The graph with the classes of this attribute; by default of the likeliest one. See `build`."""
        return self.build(label)[0]

    def build(self, label: str = "") -> tuple[Graph, tuple[str, ...]]:
        """The graph with the classes of this attribute, and sentences on what became of the others.

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
        texts = [text_of(row.get(label)) for row in self.rows]
        classes = sorted(set(texts) - {""})
        number_of_class = {name: number for number, name in enumerate(classes)}
        number_of = {name: number for number, name in enumerate(self.names)}
        pairs = {tuple(sorted((number_of[a], number_of[b]))) for a, b in self.edges if a != b}
        if not pairs:
            raise InvalidInput(
                "The graph has no edge between two different nodes; there is no neighbourhood to explain."
            )
        features, told = self._features(label)
        unknown = texts.count("")
        if unknown:
            told = (*told, f"{unknown:,} nodes have no class.")
        graph = Graph(
            title="Your graph",
            nodes=tuple(self.names),
            features=features,
            edges=np.array(sorted(pairs), dtype=np.int64),
            labels=np.array([number_of_class.get(text, -1) for text in texts]),
            classes=tuple(classes),
        )
        return graph, told

    def _features(self, label: str) -> tuple[sparse.csr_matrix, tuple[str, ...]]:
        columns: list[NDArray[np.float32]] = []
        used, left, remarks = [], [], []
        for name in self.attributes():
            if name == label:
                continue
            column = column_of([row.get(name) for row in self.rows], european=self.european)
            made, what = _columns(column)
            (used if made else left).append(f"{name} ({what})")
            if made and column.remark:
                remarks.append(f"{name}: {column.remark}")
            columns += made
            if len(columns) > MAX_FEATURES or len(columns) * len(self.rows) > MAX_ENTRIES:
                raise InvalidInput(
                    f"The nodes have more than {min(MAX_FEATURES, MAX_ENTRIES // len(self.rows)):,} features; keep the "
                    "most useful ones."
                )
        told = [f"{head}: {_listed(names)}." for head, names in (("Features", used), ("Left out", left)) if names] + [
            _listed(remarks) + "."
        ] * bool(remarks)
        if columns:
            return sparse.csr_matrix(np.stack(columns, axis=1)), tuple(told)
        if len(self.rows) > MAX_FEATURES:
            raise InvalidInput(
                f"The nodes have no features, and {len(self.rows):,} nodes are too many to be told apart by name alone "
                f"(at most {MAX_FEATURES:,}). Add attributes to them."
            )
        told.append("No attribute is a feature: who a node is, is its only one.")
        return names_alone(len(self.rows)), tuple(told)


def parsed_graph(
    names: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    edges: Sequence[tuple[str, str]],
    *,
    assumptions: Sequence[str] = (),
    graphs: tuple[str, ...] = (),
    european: bool = False,
) -> ParsedGraph:
    """A graph that is neither too small nor too large, whose names differ, and what is left out of its edges.

    Raises:
        InvalidInput: it is not so.
    """
    if not 4 <= len(names) <= MAX_NODES:
        raise InvalidInput(f"The graph has {len(names):,} nodes; give one of 4 to {MAX_NODES:,}.")
    if len(edges) > MAX_EDGES:
        raise InvalidInput(f"The graph has {len(edges):,} edges; at most {MAX_EDGES:,} can be read.")
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InvalidInput(f"Two nodes are called {name[:60]!r}; names must differ.")
        seen.add(name)
    attributes = {key for row in rows for key in row}
    if len(attributes) * len(names) > MAX_VALUES:
        raise InvalidInput(
            f"The graph has {len(names):,} nodes with {len(attributes):,} attributes; at most {MAX_VALUES:,} values "
            "can be read. Keep the most useful attributes."
        )
    told = (*assumptions, *_edges_told(names, edges))
    return ParsedGraph(names, rows, edges, tuple(told), graphs, european)


def _edges_told(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> list[str]:
    told = []
    loops = sum(a == b for a, b in edges)
    different = {(a, b) if a <= b else (b, a) for a, b in edges if a != b}
    repeated = len(edges) - loops - len(different)
    alone = len(set(names) - {end for pair in different for end in pair})
    if loops:
        told.append(f"{_count(loops, 'edge')} of a node to itself: left out, since every node sees itself anyway.")
    if repeated:
        told.append(
            f"{_count(repeated, 'edge')} between nodes that already have one, in either direction: read as one."
        )
    if alone:
        told.append(f"{_count(alone, 'node')} without an edge to another.")
    return told


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'s' if number != 1 else ''}"


def _columns(column: Column) -> tuple[list[NDArray[np.float32]], str]:
    """The features of an attribute, none where it is left out; and what it is."""
    if column.numbers is not None:
        values = column.numbers
        spread = np.nanstd(values) if np.isfinite(values).any() else 0.0
        if not spread > 0:
            return [], "one value"
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = (values - np.nanmean(values)) / spread
        if not np.isfinite(scaled[~np.isnan(values)]).all():
            return [], "numbers too large to be scaled"
        return [np.nan_to_num(scaled).astype(np.float32)], "number"
    texts = column.texts
    kinds = sorted(set(texts) - {""})
    if len(kinds) < 2:
        return [], "one value" if kinds else "empty"
    if len(kinds) > MAX_CATEGORIES:
        return [], f"{len(kinds):,} different texts, more than {MAX_CATEGORIES}"
    return [np.array([text == kind for text in texts], dtype=np.float32) for kind in kinds], f"{len(kinds)} texts"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(name if len(name) <= 80 else f"{name[:79]}…" for name in names[:_LISTED]) + more
