"""A node as an instance: its features are the nodes around it, whose own features are zero when off (Section 6.1)."""

from __future__ import annotations

import warnings

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor, nn

from glider_core.cases import Case
from glider_core.domains.graph.network import GCN, LAYERS, Graph
from glider_core.domains.graph.payload import NeighbourhoodPayload
from glider_core.engine.instance import RESOLUTION, Instance

MAX_NODES = 300  # features of one instance; of larger neighbourhoods the nodes that weigh most
MAX_DENSE = 4_000_000  # entries of a matrix that mixes nodes, kept dense
_BATCH_FLOATS = 20_000_000  # activations held at once, so that memory stays bounded


class NodeInstance(Instance):
    """One node's class, as it depends on the nodes of its 3-hop neighbourhood.

    The network sees three hops, so the answer is exact though only the neighbourhood is computed: the first product
    (features by weights) once, then per mask three small products.

    Args:
        graph: it stands in.
        propagation: of the graph, see `Graph.propagation`.
        network: trained on it.
        node: number of the explained node.
        identity: of the network's weights and the graph.
        model_id: of the model.
        target: number of the explained class; the predicted one by default.
        max_nodes: at most so many features; the other nodes of a larger neighbourhood stay on.
        predicted: (n,) the class of every node of the graph as the network says it, for the picture.
    """

    resolution = RESOLUTION
    scale = "given"  # logits

    def __init__(
        self,
        graph: Graph,
        propagation: sparse.csr_matrix,
        network: GCN,
        node: int,
        identity: str,
        *,
        model_id: str,
        target: int | None = None,
        max_nodes: int = MAX_NODES,
        predicted: NDArray[np.intp] | None = None,
    ) -> None:
        hops = neighbourhood(propagation, node)  # from the node itself to everything in reach
        reach = hops[-1]
        weight = _influence(propagation, node)[reach]
        by_weight = reach[np.lexsort((reach, -weight, reach != node))]  # the node itself first, whatever it weighs
        switched = np.sort(by_weight[:max_nodes])
        self._column = np.searchsorted(switched, reach).clip(max=len(switched) - 1)
        self._always_on = torch.from_numpy(switched[self._column] != reach)
        # Layer by layer: which nodes it needs, and how they mix.
        self._mix = [
            _as_tensor(propagation[inner][:, outer]) for inner, outer in zip(hops[-2::-1], hops[:0:-1], strict=True)
        ]
        layers = [layer for layer in network.linear if isinstance(layer, nn.Linear)]
        self._weights = [(layer.weight.detach(), layer.bias.detach()) for layer in layers]
        # (reach, hidden): the costly product, once; sparse, since a hub's reach is most of a large graph.
        self._first = torch.from_numpy(np.asarray(graph.features[reach] @ self._weights[0][0].T.numpy()))
        logits = self._logits(np.ones((1, len(switched)), dtype=bool))[0]
        self._target = int(logits.argmax()) if target is None else target
        inside = {int(number): place for place, number in enumerate(switched)}
        ends = [(inside.get(int(a)), inside.get(int(b))) for a, b in graph.edges]
        distance = {int(number): hop for hop in range(LAYERS, -1, -1) for number in hops[hop]}
        super().__init__(
            [graph.nodes[number] for number in switched],
            explained=graph.classes[self._target],
            payload=NeighbourhoodPayload(
                node=inside[node],
                numbers=tuple(switched.tolist()),
                labels=tuple(graph.labels[switched].tolist()),
                hops=tuple(distance[int(number)] for number in switched),
                edges=tuple((a, b) for a, b in ends if a is not None and b is not None),
                classes=tuple(graph.classes),
                target=self._target,
                # Of the payload the case's identity is made, which must be the same on every processor: their
                # arithmetic differs by some 1e-7.
                probabilities=tuple(round(share, 4) for share in torch.softmax(logits.double(), 0).tolist()),
                reach=len(reach),
                predicted=() if predicted is None else tuple(predicted[switched].tolist()),
            ),
            case=Case(
                domain="graph",
                model=model_id,
                raw=graph.nodes[node],
                options={"target": None if target is None else graph.classes[target], "max_nodes": max_nodes},
                identity=identity,
            ),
        )

    def predict(self, masks: NDArray[np.bool_], /) -> NDArray[np.float64]:
        """Logits (n,) of the explained class with the features of masked nodes (n, d) set to zero."""
        return self._logits(masks)[:, self._target].double().numpy()

    @torch.inference_mode()
    def _logits(self, masks: NDArray[np.bool_]) -> Tensor:
        """(n, classes)."""
        kept = torch.from_numpy(masks[:, self._column]) | self._always_on  # (n, reach)
        per_mask = self._first.numel() + self._mix[0].shape[0] * self._first.shape[1] * 2
        return torch.cat([self._forward(part) for part in kept.split(max(1, _BATCH_FLOATS // per_mask))])

    def _forward(self, kept: Tensor) -> Tensor:
        # Masks go last, so that every mixing of nodes is one matrix product: (inner, reach) by (reach, hidden * n).
        x = self._first[:, :, None] * kept.T[:, None, :].float()  # (reach, hidden, n)
        for number, mix in enumerate(self._mix):
            weight, bias = self._weights[number]
            if number:
                x = torch.einsum("oh,ihn->ion", weight, x)
            x = (mix @ x.reshape(len(x), -1)).view(len(mix), *x.shape[1:]) + bias[:, None]
            if number < LAYERS - 1:
                x = x.relu()
        return x[0].T


def _as_tensor(mix: sparse.csr_matrix) -> Tensor:
    """The matrix as a dense tensor where it is small, which is faster; else as a sparse one, which fits into memory."""
    rows, columns = mix.get_shape()
    if rows * columns <= MAX_DENSE:
        return torch.from_numpy(mix.toarray())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that CSR tensors are young
        return torch.sparse_csr_tensor(
            torch.from_numpy(mix.indptr.astype(np.int64)),
            torch.from_numpy(mix.indices.astype(np.int64)),
            torch.from_numpy(mix.data),
            size=(rows, columns),
        )


def neighbourhood(propagation: sparse.csr_matrix, node: int) -> list[NDArray[np.int64]]:
    """Node numbers within 0, 1, ... `LAYERS` hops, each sorted."""
    hops = [np.array([node], dtype=np.int64)]
    for _ in range(LAYERS):
        hops.append(np.unique(propagation[hops[-1]].indices).astype(np.int64))
    return hops


def _influence(propagation: sparse.csr_matrix, node: int) -> NDArray[np.float64]:
    """(n,): how much of each node's features arrives at this one when nothing is cut off by ReLU."""
    row = np.zeros(propagation.get_shape()[0])
    row[node] = 1.0
    for _ in range(LAYERS):
        row = propagation.T @ row
    return row
