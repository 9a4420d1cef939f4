"""People's own graphs: what pages and programs call to read one, from GraphML or from tables of edges and features."""

from glider_core.domains.graph.edge_lists import Dialect, read_tables
from glider_core.domains.graph.graphml import read_graphml
from glider_core.domains.graph.parsed import ParsedGraph

__all__ = ["Dialect", "ParsedGraph", "read_graphml", "read_tables"]
