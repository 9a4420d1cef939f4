"""The graph, and the network on it: three graph convolutions (Kipf and Welling 2017)."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor, nn

from glider_core.provenance import fingerprint

HIDDEN = 16
LAYERS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Nodes with features and, for some, a class; undirected edges."""

    title: str
    nodes: tuple[str, ...]  # names, unique
    features: sparse.csr_matrix  # (n, f) float32
    edges: NDArray[np.int64]  # (m, 2) node numbers, each pair once, no loops
    labels: NDArray[np.int64]  # (n,) class numbers, -1 where unknown
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.nodes)

    @property
    def fingerprint(self) -> str:
        """Identity of everything in it that a network computes from or a page shows."""
        features = self.features.tocsr()
        arrays = (features.data, features.indices, features.indptr, self.edges, self.labels)
        parts = [part for array in arrays for part in (str(array.dtype), str(array.shape), array.tobytes())]
        return fingerprint(self.title, str(len(self.nodes)), *self.nodes, str(len(self.classes)), *self.classes, *parts)

    @property
    def width(self) -> int:
        """Features per node."""
        return int(self.features.get_shape()[1])

    def propagation(self) -> sparse.csr_matrix:
        """(n, n): the adjacency with self-loops, symmetrically normalised by degrees."""
        n = len(self)
        one_way = sparse.coo_matrix((np.ones(len(self.edges)), self.edges.T), shape=(n, n))
        both = (one_way + one_way.T + sparse.eye(n)).tocsr()
        scale = sparse.diags(1 / np.sqrt(np.asarray(both.sum(axis=1)).ravel()))
        return (scale @ both @ scale).tocsr().astype(np.float32)


class GCN(nn.Module):
    """Three graph convolutions, ReLU between them: (n, f) node features to (n, classes) logits."""

    def __init__(self, features: int, classes: int, *, hidden: int = HIDDEN, dropout: float = 0.5) -> None:
        super().__init__()
        sizes = (features, hidden, hidden, classes)
        self.linear = nn.ModuleList(nn.Linear(sizes[i], sizes[i + 1]) for i in range(LAYERS))
        for layer in self.linear:
            assert isinstance(layer, nn.Linear)
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        self.dropout = dropout

    def forward(self, propagation: Tensor, features: Tensor) -> Tensor:
        """Logits of all nodes; `propagation` (n, n) and `features` (n, f) may be sparse."""
        x = features
        for number, layer in enumerate(self.linear):
            assert isinstance(layer, nn.Linear)
            if number:
                x = nn.functional.dropout(x.relu(), self.dropout, self.training)
            elif self.training:  # dropping entries of sparse features
                x = torch.sparse_coo_tensor(
                    x.indices(),
                    nn.functional.dropout(x.values(), self.dropout),
                    x.shape,
                    is_coalesced=True,
                    check_invariants=False,
                )
            x = propagation @ (x @ layer.weight.T) + layer.bias
        return x


def as_tensor(matrix: sparse.csr_matrix) -> Tensor:
    """A sparse torch tensor, coalesced."""
    coo = matrix.tocoo()
    places = torch.from_numpy(np.stack([coo.row, coo.col]).astype(np.int64))
    return torch.sparse_coo_tensor(
        places, torch.from_numpy(coo.data.astype(np.float32)), coo.shape, check_invariants=True
    ).coalesce()


@dataclass(frozen=True, slots=True)
class Fit:
    """A trained network and how well it does."""

    network: GCN
    accuracy: dict[str, float]  # share right, per part: train, validation, test
    sizes: dict[str, int]  # nodes, per part


def fit(
    graph: Graph,
    parts: Mapping[str, NDArray[np.int64]],
    *,
    seed: int = 0,
    epochs: int = 300,
    learning_rate: float = 1e-2,
    weight_decay: float = 5e-4,
    on_epoch: Callable[[int, float], None] | None = None,
) -> Fit:
    """Train on the nodes of `parts["train"]`; the epoch with the best accuracy on `parts["validation"]` is kept.

    Args:
        graph: with labels for all nodes in `parts`.
        parts: node numbers of train, validation and test.
        seed: of weights and dropout.
        epochs: of full-graph gradient descent (Adam).
        learning_rate: of Adam.
        weight_decay: of Adam.
        on_epoch: called with the epochs done and the validation accuracy; may raise to stop.
    """
    torch.manual_seed(seed)
    propagation, features = as_tensor(graph.propagation()), as_tensor(graph.features)
    labels = torch.from_numpy(graph.labels)
    rows = {part: torch.from_numpy(numbers) for part, numbers in parts.items()}
    network = GCN(features.shape[1], len(graph.classes))
    optimizer = torch.optim.Adam(network.parameters(), lr=learning_rate, weight_decay=weight_decay)
    best, best_score = copy.deepcopy(network.state_dict()), (-1.0, -float("inf"))
    for epoch in range(1, epochs + 1):
        network.train()
        optimizer.zero_grad()
        logits = network(propagation, features)
        nn.functional.cross_entropy(logits[rows["train"]], labels[rows["train"]]).backward()
        optimizer.step()
        network.eval()
        with torch.no_grad():
            logits = network(propagation, features)[rows["validation"]]
        truth = labels[rows["validation"]]
        score = (
            float((logits.argmax(1) == truth).float().mean()),
            -float(nn.functional.cross_entropy(logits, truth)),
        )
        if score > best_score:
            best, best_score = copy.deepcopy(network.state_dict()), score
        if on_epoch is not None:
            on_epoch(epoch, score[0])
    network.load_state_dict(best)
    network.eval()
    with torch.no_grad():
        right = network(propagation, features).argmax(1) == labels
    return Fit(
        network,
        {part: float(right[numbers].float().mean()) for part, numbers in rows.items()},
        {part: len(numbers) for part, numbers in rows.items()},
    )


def split_nodes(
    graph: Graph, seed: int, *, train: float = 0.5, validation: float = 0.2
) -> dict[str, NDArray[np.int64]]:
    """Labelled nodes dealt into train, validation and test, at least one of every class in train."""
    rng = np.random.default_rng(seed)
    parts: dict[str, list[int]] = {"train": [], "validation": [], "test": []}
    for label in range(len(graph.classes)):
        nodes = rng.permutation(np.flatnonzero(graph.labels == label))
        first = max(1, round(train * len(nodes)))
        second = first + round(validation * len(nodes))
        for part, numbers in zip(parts, np.split(nodes, [first, second]), strict=True):
            parts[part].extend(numbers.tolist())
    return {part: np.array(sorted(numbers), dtype=np.int64) for part, numbers in parts.items()}
