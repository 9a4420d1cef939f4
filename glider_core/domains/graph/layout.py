"""Where the nodes of a neighbourhood stand in a picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_CAREFUL = 80  # up to so many nodes the slower, nicer layout is quick enough


def positions(d: int, edges: Sequence[tuple[int, int]], centre: int, hops: Sequence[int]) -> NDArray[np.float64]:
    """(d, 2) in 0..1, the same for the same graph; nodes far from the centre in hops stand far from it.

    Args:
        d: nodes.
        edges: pairs of their numbers.
        centre: the explained node.
        hops: (d,) distance of each from the centre.
    """
    import networkx

    graph = networkx.Graph()
    graph.add_nodes_from(range(d))
    graph.add_edges_from(edges)
    # Nodes whose way to the centre leads through others that are left out would fly off; a light tie holds them.
    for part in list(networkx.connected_components(graph)):
        if centre not in part:
            graph.add_edge(centre, min(part), weight=0.3)
    # Rings by distance, so that the start is good and the same each time.
    by_hop = sorted(range(d), key=lambda i: (hops[i], i))
    angles = {i: 2.4 * number for number, i in enumerate(by_hop)}  # the golden angle spreads any number of points
    start = {i: (hops[i] * np.cos(angles[i]), hops[i] * np.sin(angles[i])) for i in range(d)}
    if d <= _CAREFUL:
        places = networkx.kamada_kawai_layout(graph, pos=start)
    else:
        places = networkx.spring_layout(graph, pos=start, iterations=80, seed=0, k=1.6 / np.sqrt(d))
    points = np.array([places[i] for i in range(d)], dtype=np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    return (points - low) / np.where(high > low, high - low, 1.0)
