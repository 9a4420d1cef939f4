"""What the picture of a node needs: the nodes around it, how they are tied, and what the model says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from glider_core.payload import Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourhoodPayload(Payload):
    """A node's neighbourhood; tuples of nodes are parallel to the features."""

    domain: ClassVar[str] = "graph"

    node: int  # place of the explained node among the features
    numbers: tuple[int, ...]  # of each node in the whole graph
    labels: tuple[int, ...]  # class of each node as the data say it; -1: unknown
    hops: tuple[int, ...]  # from the explained node
    edges: tuple[tuple[int, int], ...]  # between places
    classes: tuple[str, ...]
    target: int  # number of the explained class
    probabilities: tuple[float, ...]  # of the explained node, one per class, to four decimals
    reach: int  # nodes in the neighbourhood, switched or not
    predicted: tuple[int, ...] = ()  # class of each node as the model says it; empty: of results of version 0.3

    def fits(self, d: int) -> bool:
        """A node is a feature; edges and labels are of nodes and classes that are there."""
        return (
            len(self.numbers) == len(self.labels) == len(self.hops) == d
            and 0 <= self.node < d
            and all(0 <= end < d for edge in self.edges for end in edge)
            and len(self.predicted) in (0, d)
            and all(0 <= label < len(self.classes) for label in self.predicted)
            and all(-1 <= label < len(self.classes) for label in self.labels)
            and 0 <= self.target < len(self.classes) == len(self.probabilities)
        )
