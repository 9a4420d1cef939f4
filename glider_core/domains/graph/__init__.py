"""Graphs: networks that tell a node's class from its neighbourhood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from glider_core.domains.base import Domain, ModelEntry, plain_heading
from glider_core.domains.graph.payload import NeighbourhoodPayload
from glider_core.results import Explanation

# Nodes with something to see: members whose friends know each other, the two heads, one between the sides. The first
# two have interactions worth a word; of the heads and the one between, an answer is almost a plain sum.
EXAMPLES = {
    "graph/karate": {
        "Friends of friends": "25",
        "A close circle": "13",
        "Between the sides": "9",
        "The officer": "Officer",
    },
    "graph/cora": {"A small circle": "paper 1708", "Between fields": "paper 8", "A hub": "paper 88"},
}


def _heading(explanation: Explanation) -> str:
    payload = cast(NeighbourhoodPayload | None, explanation.payload)
    if payload is None:  # of nodes that were joined
        return plain_heading(explanation)
    probability = payload.probabilities[payload.target]
    return f"{explanation.names[payload.node]}: {explanation.explained} {probability:.1%}"


def _truth(explanation: Explanation) -> str | None:
    """The node's class as the data say it, where the model says another."""
    payload = cast(NeighbourhoodPayload | None, explanation.payload)
    if payload is None or payload.labels[payload.node] < 0:
        return None
    said = max(range(len(payload.classes)), key=payload.probabilities.__getitem__)
    true = payload.labels[payload.node]
    return None if said == true else f"it is {payload.classes[true]}"


def _examples(model_id: str) -> Mapping[str, str]:
    return EXAMPLES.get(model_id, {})


DOMAIN = Domain(
    name="graph",
    title="Graph",
    icon="hub",
    question="Which neighbours decide *together* what a graph network says of a node?",
    feature="node",
    unit="logits",
    heading=_heading,
    truth=_truth,
    examples=_examples,
    models={
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
    },
)
