"""Graphs: networks that tell a node's class from its neighbourhood."""

from glider_core.models import ModelEntry

MODELS = {
    "graph/karate": ModelEntry(
        title="GCN on the karate club",
        tier="shipped",
        detail="Which side a member of Zachary's karate club took",
        module="glider_core.domains.graph.model",
        recipe="glider_core.domains.graph.train",
    ),
    "graph/cora": ModelEntry(
        title="GCN on Cora",
        tier="paper",
        detail="The field of a paper, from its words and citations; 2708 papers, fetched once",
        module="glider_core.domains.graph.model",
        recipe="glider_core.domains.graph.train",
    ),
}
