"""GraphML as networkx, Gephi, yEd and Cytoscape write it, read element by element, so that nothing is unpacked.

networkx's own reader is not used: it takes nodes of one id for one, the last of two values of one name, edges to
nodes that are not there, and the first of several graphs, all without a word; and it fails without the namespace.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from glider_core.domains.graph.parsed import MAX_EDGES, MAX_NODES, MAX_VALUES, ParsedGraph, parsed_graph
from glider_core.domains.graph.text import decoded
from glider_core.errors import InvalidInput

_MAX_DEPTH = 100  # elements within each other
_MAX_GRAPHS = 1000
# What yEd draws, by elements within a node's data: the attribute that it becomes, and the XML attribute that has it.
_DRAWN = {"NodeLabel": ("label", ""), "Fill": ("fill", "color"), "Shape": ("shape", "type")}
_OTHER_FORMATS = {
    "{": "JSON",
    "[": "JSON",
    "graph [": "GML",
    "creator": "GML",
    "digraph": "DOT",
    "strict": "DOT",
    "graph {": "DOT",
    "*vertices": "Pajek",
    "*network": "Pajek",
    "dl ": "UCINET",
}
_OTHER_ROOTS = {"gexf": "GEXF", "html": "a web page", "svg": "an SVG drawing", "graph": "XGMML"}


@dataclass(slots=True)
class _Key:
    """A `<key>`: what data of this key are called, and what nodes without them have."""

    name: str
    of: str  # node, edge, all, ...
    kind: str
    default: str | None = None


@dataclass(slots=True)
class _Part:
    """A `<graph>` of the file."""

    title: str
    directed: bool
    nodes: dict[str, dict[str, str]] = field(default_factory=dict)  # values by keys' ids
    edges: list[tuple[str, str]] = field(default_factory=list)
    n_nodes: int = 0
    nested: bool = False
    mixed: bool = False  # whether an edge says of its direction something else than the graph
    edge_keys: set[str] = field(default_factory=set)


def read_graphml(content: bytes, graph: int = 0) -> ParsedGraph:
    """A graph from GraphML; node attributes become features, one of them the class.

    Args:
        content: of the file.
        graph: which of its graphs, from 0.

    Raises:
        InvalidInput: no GraphML, or too large, or it contradicts itself.
    """
    text, told = decoded(content, "GraphML file")
    _refuse_others(text)
    reader = _Reader(graph)
    parser = expat.ParserCreate("utf-8")  # whatever the file says of its encoding, it is undone
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.ExternalEntityRefHandler = _refuse_entities
    reader.line = lambda: parser.CurrentLineNumber
    try:
        parser.Parse(text.encode("utf-8"), True)
    except (expat.ExpatError, UnicodeEncodeError) as error:
        raise InvalidInput(
            f"This file cannot be read as GraphML ({str(error)[:120]}). Export the graph as GraphML in UTF-8, or give "
            "an edge list with a table of features."
        ) from None
    return reader.result(told)


def _refuse_entities(*_: Any) -> int:
    raise InvalidInput("The GraphML file declares a document type or entities, which is not read here. Remove it.")


def _refuse_others(text: str) -> None:
    head = text[:200].lstrip("\ufeff \t\r\n").lower()
    for beginning, name in _OTHER_FORMATS.items():
        if head.startswith(beginning):
            raise InvalidInput(
                f"This file cannot be read as GraphML: it looks like {name}. Export the graph as GraphML from the "
                "program that made it, or give an edge list with a table of features."
            )


class _Reader:
    """Takes a file's elements in turn. Names are read without their namespace, which some programs leave out."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._path: list[str] = []
        self._keys: dict[str, _Key] = {}
        self._parts: list[_Part] = []
        self._nodes: list[dict[str, str] | None] = []  # that are open; None in a graph that is not wanted
        self._data_depth = 0  # elements around the open data
        self._key = ""  # of the data that are open
        self._of = ""  # what the open data are of: node, edge or nothing of interest
        self._text: list[str] | None = None  # of the element whose text matters
        self._values = 0
        self._hyper = 0
        self.line: Any = lambda: 0
        self._starts = {
            "key": self._start_key,
            "default": self._start_default,
            "graph": self._start_graph,
            "node": self._start_node,
            "edge": self._start_edge,
            "data": self._start_data,
            "hyperedge": self._start_hyperedge,
        }

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if not self._path and name != "graphml":
            other = _OTHER_ROOTS.get(name.lower())
            raise InvalidInput(
                f"This file cannot be read as GraphML: it begins with <{tag[:40]}>"
                + (f", so it is {other}" if other else "")
                + ". Export the graph as GraphML."
            )
        if len(self._path) >= _MAX_DEPTH:
            raise InvalidInput(f"The GraphML file has elements more than {_MAX_DEPTH} deep within each other.")
        self._path.append(name)
        if not self._of:
            action = self._starts.get(name)
            if action is not None:
                action(attributes)
        elif self._of == "node" and "NodeLabel" not in self._path[:-1]:  # which has elements of its own after its text
            self._start_drawn(name, attributes)

    def end(self, tag: str) -> None:
        name = self._path.pop()
        if name == "node" and not self._of:
            self._nodes.pop()
        elif name == "data" and len(self._path) == self._data_depth:
            if self._text is not None and self._of == "node":
                self._put(self._key, "".join(self._text))
            self._text, self._of, self._key = None, "", ""
        elif name == "default" and self._text is not None:
            self._keys[self._key].default = "".join(self._text).strip()
            self._text, self._key = None, ""
        elif name == "NodeLabel" and self._text is not None and self._of == "node":
            self._put(" label", "".join(self._text).strip())
            self._text = None

    def characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _start_key(self, attributes: Mapping[str, str]) -> None:
        number = self._needed(attributes, "id", "key")
        if number in self._keys:
            raise InvalidInput(f"Two keys of the GraphML file have the id {number[:40]!r}; ids must differ.")
        self._key = number
        name = attributes.get("attr.name", "") or number
        self._keys[number] = _Key(name, attributes.get("for", "all"), attributes.get("attr.type", "no type"))

    def _start_default(self, attributes: Mapping[str, str]) -> None:
        if self._path[-2:-1] == ["key"]:
            self._text = []

    def _start_graph(self, attributes: Mapping[str, str]) -> None:
        if self._nodes:  # within a node: of the same graph
            self._parts[-1].nested = True
            return
        if len(self._parts) >= _MAX_GRAPHS:
            raise InvalidInput(f"The GraphML file has more than {_MAX_GRAPHS:,} graphs. Save the one that matters.")
        title = attributes.get("id", "") or f"graph {len(self._parts) + 1}"
        self._parts.append(_Part(title, attributes.get("edgedefault") == "directed"))

    def _start_node(self, attributes: Mapping[str, str]) -> None:
        name, part = self._needed(attributes, "id", "node"), self._part()
        part.n_nodes += 1
        if len(self._parts) - 1 != self._wanted:
            self._nodes.append(None)
            return
        if name in part.nodes:
            raise InvalidInput(
                f"Two nodes are called {name[:60]!r} (the second in line {self.line():,}); names must differ."
            )
        if len(part.nodes) >= MAX_NODES:
            raise InvalidInput(f"The graph has more than {MAX_NODES:,} nodes; give one of 4 to {MAX_NODES:,}.")
        values = part.nodes[name] = {}
        self._nodes.append(values)

    def _start_edge(self, attributes: Mapping[str, str]) -> None:
        ends = (self._needed(attributes, "source", "edge"), self._needed(attributes, "target", "edge"))
        part = self._part()
        if len(self._parts) - 1 != self._wanted:
            return
        if len(part.edges) >= MAX_EDGES:
            raise InvalidInput(f"The graph has more than {MAX_EDGES:,} edges; at most {MAX_EDGES:,} can be read.")
        part.mixed |= attributes.get("directed", str(part.directed)).lower() != str(part.directed).lower()
        part.edges.append(ends)

    def _start_data(self, attributes: Mapping[str, str]) -> None:
        owner = self._path[-2] if len(self._path) > 1 else ""
        self._key, self._of, self._data_depth = attributes.get("key", ""), owner or "nothing", len(self._path) - 1
        if owner == "node" and self._nodes and self._nodes[-1] is not None:
            self._text = []
        elif owner == "edge" and len(self._parts) - 1 == self._wanted:
            self._part().edge_keys.add(self._key)

    def _start_hyperedge(self, attributes: Mapping[str, str]) -> None:
        self._hyper += len(self._parts) - 1 == self._wanted

    def _start_drawn(self, name: str, attributes: Mapping[str, str]) -> None:
        """Of yEd: data that hold elements are drawings, whose text between the elements means nothing."""
        self._text = None
        attribute, where = _DRAWN.get(name, ("", ""))
        if name == "NodeLabel":
            self._text = []
        elif where and attributes.get(where):
            self._put(f" {attribute}", attributes[where])

    def _put(self, key: str, text: str) -> None:
        values = self._nodes[-1] if self._nodes else None
        if values is None:
            return
        if key in values and not key.startswith(" "):
            raise InvalidInput(
                f"The node {self._name_of(values)!r} has two values of {self._name(key)!r} (line {self.line():,}); one "
                "can be read. Remove the other."
            )
        self._values += 1
        values.setdefault(key, text)  # of yEd's several labels the first

    def _name_of(self, values: dict[str, str]) -> str:
        return next((name[:60] for name, other in self._parts[-1].nodes.items() if other is values), "")

    def _part(self) -> _Part:
        if not self._parts:
            raise InvalidInput(f"Line {self.line():,} of the GraphML file has a node or edge outside of any graph.")
        return self._parts[-1]

    def _needed(self, attributes: Mapping[str, str], name: str, what: str) -> str:
        if name not in attributes:
            raise InvalidInput(f"Line {self.line():,} of the GraphML file has a <{what}> without {name}.")
        return attributes[name]

    def _name(self, key: str) -> str:
        if key.startswith(" ") and key not in self._keys:  # drawn
            name = key.strip()
            return f"{name} (drawn)" if any(other.name == name for other in self._keys.values()) else name
        return self._keys[key].name if key in self._keys else key

    def result(self, told: tuple[str, ...]) -> ParsedGraph:
        """The graph that was wanted."""
        if not self._parts:
            raise InvalidInput("The GraphML file holds no graph.")
        if not 0 <= self._wanted < len(self._parts):
            raise InvalidInput(f"The file has no graph {self._wanted + 1}; it has {len(self._parts)}.")
        if self._hyper:
            raise InvalidInput(
                f"The GraphML file has {self._hyper:,} hyperedges, which tie more than two nodes and are not read. "
                "Write each as edges between two nodes."
            )
        part = self._parts[self._wanted]
        for a, b in part.edges:
            for end in (a, b):
                if end not in part.nodes:
                    raise InvalidInput(
                        f"The edge {a[:40]!r} - {b[:40]!r} leads to {end[:40]!r}, which is no node of the graph. Add "
                        "the node, or remove the edge."
                    )
        remarks = [*told, *self._told(part)]
        rows = self._rows(part, remarks)
        titles = tuple(f"{each.title}, {each.n_nodes:,} nodes" for each in self._parts)
        return parsed_graph(list(part.nodes), rows, part.edges, assumptions=remarks, graphs=titles)

    def _rows(self, part: _Part, remarks: list[str]) -> list[dict[str, str]]:
        """Every node's values by the names of attributes; `remarks` grow by what was assumed."""
        keys = {key for values in part.nodes.values() for key in values}
        defaults = {
            number: key.default
            for number, key in self._keys.items()
            if key.default is not None and key.of in ("node", "all")
        }
        if len(defaults) * len(part.nodes) > MAX_VALUES:
            raise InvalidInput(f"The {len(defaults):,} default values are too many for {len(part.nodes):,} nodes.")
        ids: dict[str, list[str]] = {}
        for key in [*self._keys, *sorted(keys - set(self._keys))]:
            if key in keys or key in defaults:
                ids.setdefault(self._name(key), []).append(key)
        shared = {name: several for name, several in ids.items() if len(several) > 1}
        for name, several in shared.items():
            kinds = [self._keys[key].kind if key in self._keys else "yEd's" for key in several]
            remarks.append(
                f"The attribute {name} is there {len(several)} times ({', '.join(kinds)}), on different nodes: read as "
                "one."
            )
        rows = []
        for node, values in part.nodes.items():
            row: dict[str, str] = {}
            for key, text in values.items():
                name = self._name(key)
                if name in row:
                    raise InvalidInput(
                        f"Two attributes are called {name[:60]!r}, and node {node[:60]!r} has a value of each. Rename "
                        "one."
                    )
                row[name] = text
            for key, text in defaults.items():
                row.setdefault(self._name(key), text)
            rows.append(row)
        if any(key.startswith(" ") for key in keys):
            drawn = ", ".join(sorted(key.strip() for key in keys if key.startswith(" ")))
            remarks.append(f"What yEd draws of a node is read as its attributes: {drawn}.")
        return rows

    def _told(self, part: _Part) -> list[str]:
        told = []
        if len(self._parts) > 1:
            which = "the first" if self._wanted == 0 else f"graph {self._wanted + 1}"
            told.append(f"The file holds {len(self._parts):,} graphs: {which}, {part.title[:60]}, is read.")
        if part.directed or part.mixed:
            told.append("The file says which way edges point; the network follows them both ways.")
        if part.nested:
            told.append("Graphs within nodes are read as parts of the one graph, and their groups as nodes.")
        keys = sorted(self._name(key) for key in part.edge_keys if key in self._keys and not self._is_drawing(key))
        if keys:
            told.append(f"Attributes of edges are not used: {', '.join(keys)[:200]}.")
        return told

    def _is_drawing(self, key: str) -> bool:
        return self._keys[key].name == key and self._keys[key].kind == "no type"
