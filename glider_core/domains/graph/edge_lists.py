"""A graph from two tables: pairs of node names, and per node its name, its class and its features.

The names in the table of nodes are taken exactly as they are; those of the edges are looked up among them.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from glider_core.domains.graph.lines import DELIMITERS, Choice, Row, choose, even, split_lines
from glider_core.domains.graph.parsed import MAX_VALUES, ParsedGraph, parsed_graph
from glider_core.domains.graph.text import decoded
from glider_core.errors import InvalidInput

_SOURCE = {"source", "src", "from", "fromnode", "fromnodeid", "fromid", "start", "tail", "node1", "id1", "u", "sender"}
_TARGET = {"target", "dst", "to", "tonode", "tonodeid", "toid", "end", "head", "node2", "id2", "v", "receiver"}
_NODES, _EDGES = "table of features", "edge list"
_FIRST = 5  # columns of a table of nodes among which their names are looked for, to tell how an edge list is written
_ALIKE = 0.75  # of 1: a name that another is taken for with typing errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How the two tables are written, where it is not to be guessed."""

    nodes_delimiter: str = "auto"  # one of `DELIMITERS`
    nodes_header: Choice = "auto"
    edges_delimiter: str = "auto"
    edges_header: Choice = "auto"
    comments: Choice = "auto"  # whether lines that begin with #, % or // are comments


def read_tables(edge_list: bytes, features: bytes, dialect: Dialect | None = None) -> ParsedGraph:
    """A graph from an edge list and a table of features.

    Args:
        edge_list: two node names a line, and what else there is.
        features: a header, and per line a node's name and attributes.
        dialect: how they are written; guessed by default, and said in the result's `assumptions`.

    Raises:
        InvalidInput: not such tables, too large, or they contradict each other.
    """
    dialect = dialect or Dialect()
    told: list[str] = []
    nodes_text, nodes_told = decoded(features, _NODES)
    edges_text, edges_told = decoded(edge_list, _EDGES)
    told += [*nodes_told, *edges_told]
    table, delimiter, quotes = choose(split_lines(nodes_text, _NODES), _NODES, dialect.nodes_delimiter, even)
    told += _dialect_told(_NODES, delimiter, quotes, nodes_text)
    table = _without_comments(table, dialect.comments, told)
    cells = {value.strip() for row in table for value in row.values[:_FIRST]}

    def known_ends(rows: list[Row]) -> float:
        """How many lines hold two values of the table of nodes; where none does, how even they are."""
        first = [row.values for row in rows[:2000]]
        hits = sum(len(cells.intersection(map(str.strip, values))) > 1 or _is_loop(values, cells) for values in first)
        return 1 + hits / len(first) if hits else even(rows)

    lines = split_lines(edges_text, _EDGES)
    pairs, edges_delimiter, edges_quotes = choose(lines, _EDGES, dialect.edges_delimiter, known_ends)
    told += _dialect_told(_EDGES, edges_delimiter, edges_quotes, edges_text)
    ends = {value for row in pairs[1:] for value in row.values}
    if {value.strip() for value in pairs[0].values} & {row.values[0].strip() for row in table[1:]}:  # it is no header
        ends.update(pairs[0].values)
    names, rows = _nodes(table, ends, dialect.nodes_header, told)
    edges = _Edges(names).read(pairs, dialect, told)
    return parsed_graph(names, rows, edges, assumptions=told, european=delimiter in (";", "\t"))


def _is_loop(values: Sequence[str], cells: set[str]) -> bool:
    return len(values) > 1 and values[0] == values[1] and values[0].strip() in cells


def _dialect_told(what: str, delimiter: str, quotes: bool, text: str) -> list[str]:
    told = []
    others = [name for mark, name in DELIMITERS.items() if mark not in (delimiter, " ") and mark in text]
    if delimiter == " " or others:
        told.append(f"The {what} is split at every {DELIMITERS[delimiter]}.")
    if '"' in text and not quotes:
        told.append(f"Quotes in the {what} do not come in pairs; they are read as letters.")
    return told


def _without_comments(table: list[Row], choice: Choice, told: list[str]) -> list[Row]:
    """The table without lines that begin as comments do and have another number of values than most."""
    widths = Counter(len(row.values) for row in table if not row.comment)
    width = max(widths, key=lambda number: (widths[number], number), default=0)
    kept = [
        row for row in table if not row.comment or choice == "no" or (choice == "auto" and len(row.values) == width)
    ]
    if len(kept) < len(table):
        told.append(f"{_lines(len(table) - len(kept))} of the {_NODES} left out as comments (#, %, //).")
    if (named := sum(row.comment for row in kept)) and choice == "auto":
        told.append(
            f"{_lines(named)} of the {_NODES} that begin with #, % or // are no comments: they have as many values as "
            "the others."
        )
    return kept


def _nodes(
    table: list[Row], ends: set[str], with_header: Choice, told: list[str]
) -> tuple[list[str], list[dict[str, str]]]:
    """The nodes' names and attributes; `told` grows by what was assumed."""
    width = len(table[0].values) if table else 0
    if with_header == "no" or (with_header == "auto" and table and table[0].values and table[0].values[0] in ends):
        told.append(f"The first line of the {_NODES} is read as a node, not as a header.")
        columns, body = [f"column {number}" for number in range(1, width + 1)], table
    else:
        columns, body = [value.strip() for value in table[0].values] if table else [], table[1:]
    if width < 2 or not body:
        raise InvalidInput(
            f"The {_NODES} needs a header, a name column, a class column and at least one node below it."
        )
    if width * len(body) > MAX_VALUES:
        raise InvalidInput(
            f"The {_NODES} has {len(body):,} lines of {width:,} values; at most {MAX_VALUES:,} values can be read. "
            "Keep the most useful columns."
        )
    if all(len(row.values) == width + 1 and not row.values[-1] for row in body):
        told.append(f"The delimiter at the end of each line of the {_NODES} is left out.")
        body = [Row(row.line, row.values[:-1]) for row in body]
    for row in body:
        if len(row.values) != width:
            raise InvalidInput(
                f"Line {row.line:,} of the {_NODES} has {len(row.values)} values, its header {width}; make them equal."
            )
    columns = [column or f"column {number}" for number, column in enumerate(columns, 1)]
    place = _name_column(columns, body, ends, told)
    seen: set[str] = set()
    for number, column in enumerate(columns):
        if number != place and column in seen:
            raise InvalidInput(
                f"Two columns of the {_NODES} are called {column[:60]!r}; names must differ. Rename one."
            )
        if number != place:
            seen.add(column)
    same: dict[str, str] = {}  # one text for equal ones
    names, rows, known = [], [], set()
    for row in body:
        if not row.values[place]:
            raise InvalidInput(f"Line {row.line:,} of the {_NODES} has no name of a node.")
        if row.values[place] in known:
            raise InvalidInput(
                f"Two nodes are called {row.values[place][:60]!r} (the second in line {row.line:,} of the {_NODES}); "
                "names must differ."
            )
        known.add(row.values[place])
        names.append(row.values[place])
        rows.append(
            {
                column: same.setdefault(value, value)
                for number, (column, value) in enumerate(zip(columns, row.values, strict=True))
                if number != place and (value or not rows)
            }
        )
    return names, rows


def _name_column(columns: list[str], body: list[Row], ends: set[str], told: list[str]) -> int:
    """The column that the edges speak of: the first, unless another one of different values has more of their ends."""
    trimmed = {end.strip() for end in ends}

    def hits(number: int) -> int:
        values = [row.values[number].strip() for row in body]
        return len(trimmed.intersection(values)) if len(set(values)) == len(values) or number == 0 else -1

    best = max(range(len(columns)), key=lambda number: (hits(number), -number))
    if best:
        told.append(f"Nodes have the names in the column {columns[best]}, which are those in the {_EDGES}.")
    return best


class _Edges:
    """Looks the names in an edge list up among those of the nodes."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._exact = set(names)
        self._trimmed: dict[str, str | None] = {}
        for name in names:
            self._trimmed[name.strip()] = None if name.strip() in self._trimmed else name

    def read(self, rows: list[Row], dialect: Dialect, told: list[str]) -> list[tuple[str, str]]:
        """Pairs of names; `told` grows by what was assumed."""
        kept = [row for row in rows if not self._is_comment(row, dialect.comments)]
        if len(kept) < len(rows):
            told.append(f"{_lines(len(rows) - len(kept))} of the {_EDGES} left out as comments (#, %, //).")
        if not kept:
            raise InvalidInput(f"The {_EDGES} is empty.")
        header, (source, target) = self._header(kept[0], dialect.edges_header, told)
        body = kept[1:] if header else kept
        edges, wrong, trimmed = [], [], 0
        for row in body:
            if len(row.values) <= max(source, target):
                raise InvalidInput(
                    f"Line {row.line:,} of the {_EDGES} has a single value; each line needs two node names."
                )
            ends = row.values[source], row.values[target]
            a, b = (self._find(end) for end in ends)
            if a is None or b is None:
                wrong.append((row.line, ends))
            else:
                edges.append((a, b))
                trimmed += (a, b) != ends
        if wrong:
            line, (first, second) = wrong[0]
            more = f" So do {len(wrong) - 1:,} other lines." if len(wrong) > 1 else ""
            raise InvalidInput(
                f"The edge {first[:40]} - {second[:40]} in line {line:,} names a node that the {_NODES} does not have. "
                f"Every node needs a line there.{more}"
            )
        if trimmed:
            told.append(f"In {_lines(trimmed)} of the {_EDGES}, blanks around names are passed over.")
        self._check_rest(body, header, (source, target), told)
        return edges

    def _find(self, name: str) -> str | None:
        """The node's name: exactly this, or the only one that differs by blanks around it."""
        return name if name in self._exact else self._trimmed.get(name.strip())

    def _is_comment(self, row: Row, choice: Choice) -> bool:
        if not row.comment or choice == "no":
            return False
        return choice == "yes" or len(row.values) < 2 or None in map(self._find, row.values[:2])

    def _header(self, row: Row, choice: Choice, told: list[str]) -> tuple[list[str], tuple[int, int]]:
        """The header's values, none where the first line is an edge; and where the two names stand."""
        words = [re.sub(r"[^a-z0-9]", "", value.lower()) for value in row.values]
        source = next((n for n, word in enumerate(words) if word in _SOURCE), None)
        target = next((n for n, word in enumerate(words) if word in _TARGET), None)
        known = [self._find(value) is not None for value in row.values[:2]]
        named = source is not None and target is not None  # as headers are, though a node may have such a name, too
        if choice == "no" or (choice == "auto" and (all(known) or (any(known) and not named))):
            return [], (0, 1)
        if source is not None and target is not None:
            places = source, target
        elif choice == "auto" and (like := self._like(row.values[:2])):
            raise InvalidInput(
                f"The first line of the {_EDGES}, {' - '.join(row.values[:2])[:80]}, names no node of the {_NODES}, "
                f"but looks like an edge (there is a node {like[:40]!r}). Mend its names; if it is a header, say so."
            )
        else:
            places = 0, 1
        told.append(f"The first line of the {_EDGES} ({', '.join(row.values)[:80]}) is read as its header.")
        if places != (0, 1):
            named = (row.values[place].strip() for place in places)
            told.append(f"Its columns {' and '.join(named)[:80]} are read as the ends of edges.")
        return row.values, places

    def _like(self, values: Sequence[str]) -> str | None:
        """A node that one of the values is taken for with typing errors: of nearly its letters, or built like it."""
        for value in values:
            close = difflib.get_close_matches(value.strip(), self._names, n=1, cutoff=_ALIKE)
            if close:
                return close[0]
            if any(letter.isdigit() for letter in value):
                built = next((name for name in self._names if _build(name) == _build(value)), None)
                if built is not None:
                    return built
        return None

    def _check_rest(self, body: list[Row], header: list[str], places: tuple[int, int], told: list[str]) -> None:
        """Say that other columns are not used; refuse lists of neighbours, whose other names would be lost."""
        widths = {len(row.values) for row in body}
        rest = [
            value for row in body for place, value in enumerate(row.values) if place not in places and value.strip()
        ]
        if not rest:
            return
        if len(widths) > 1 and all(self._find(value) is not None for value in rest):
            raise InvalidInput(
                f"Lines of the {_EDGES} hold different numbers of names: it is a list of neighbours. Write each pair "
                "of nodes in a line of its own."
            )
        names = [value.strip() for place, value in enumerate(header) if place not in places]
        which = f": {', '.join(names)[:120]}" if any(names) else ""
        told.append(f"What stands beside the two names in the {_EDGES} is not used{which}.")


def _build(name: str) -> str:
    """How a name is built: its digits and letters for any."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", name.strip()))


def _lines(number: int) -> str:
    return f"{number:,} line{'s' if number != 1 else ''}"
