"""Networks on graphs, loaded from their folders or trained on a visitor's graph."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from glider_core.domains.base import Progress
from glider_core.domains.graph.data import cora_folder, fetch_cora, karate, load_cora
from glider_core.domains.graph.instance import MAX_NODES, NodeInstance
from glider_core.domains.graph.network import GCN, Fit, Graph, as_tensor, fit, split_nodes
from glider_core.errors import InvalidInput
from glider_core.provenance import fingerprint
from glider_core.shipped import ASSETS
from glider_core.weights import load_weights

MIN_LABELLED = 8


class GraphModel:
    """A GCN together with the graph that it was trained on."""

    def __init__(self, model_id: str, title: str, graph: Graph, network: GCN, identity: str) -> None:
        self.id, self.title, self.graph = model_id, title, graph
        self._network, self.identity = network, identity
        self._propagation = graph.propagation()
        self._number = {name: number for number, name in enumerate(graph.nodes)}

    def instance(self, raw: str, /, *, target: str | None = None, max_nodes: int = MAX_NODES) -> NodeInstance:
        """A node, by its name as the graph has it (or "#" and its number), as an instance.

        A name that is there exactly is taken, whatever blanks it begins or ends with; else one without those of `raw`.

        Raises:
            InvalidInput: no such node or class.
        """
        number = self.find(raw)
        if isinstance(max_nodes, bool) or not isinstance(max_nodes, int) or not 1 <= max_nodes <= MAX_NODES:
            raise InvalidInput(f"Got {max_nodes!s:.40} nodes at most; choose 1 to {MAX_NODES}.")
        if target is not None and target not in self.graph.classes:
            raise InvalidInput(
                f"There is no class {str(target)[:60]!r}; choose one of {', '.join(self.graph.classes)[:300]}."
            )
        return NodeInstance(
            self.graph,
            self._propagation,
            self._network,
            number,
            self.identity,
            model_id=self.id,
            target=None if target is None else self.graph.classes.index(target),
            max_nodes=max_nodes,
            predicted=self._predicted,
        )

    def find(self, raw: str) -> int:
        """The number of a node, as `instance` takes it.

        Raises:
            InvalidInput: no such node.
        """
        if not isinstance(raw, str):
            raise InvalidInput(f"A node is given by its name; got {raw!r:.40}.")
        number = self._number.get(raw, self._number.get(raw.strip()))
        if number is None and re.fullmatch(r"#[0-9]{1,9}", raw.strip()) and int(raw.strip()[1:]) < len(self.graph):
            number = int(raw.strip()[1:])
        if number is None:
            raise InvalidInput(
                f"There is no node {raw[:60]!r} in this graph of {len(self.graph):,}; "
                f"one of them is called {self.graph.nodes[0]!r:.60}."
            )
        return number

    @cached_property
    def _predicted(self) -> np.ndarray:
        """(n,) the class of every node as the network says it."""
        return self.predict_nodes().argmax(axis=1)

    @torch.inference_mode()
    def predict_nodes(self) -> np.ndarray:
        """Logits (n, classes) of all nodes."""
        return self._network(as_tensor(self._propagation), as_tensor(self.graph.features)).double().numpy()


def load(model_id: str, *, path: Path | None = None, on_progress: Progress | None = None) -> GraphModel:
    """The model as it ships; `path` is a folder with Cora's files, to be read instead of the cached or fetched ones.

    Raises:
        ModelUnavailable: weights or graph are missing or damaged, or cannot be fetched.
    """
    if model_id == "graph/karate":
        graph, title = karate(), "GCN on the karate club"
    else:
        graph, _ = load_cora(path or cora_folder() or fetch_cora(on_progress))
        title = "GCN on Cora"
    network = GCN(graph.width, len(graph.classes))
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    weights, identity = load_weights(ASSETS / model_id / "weights.safetensors", shapes)
    network.load_state_dict(weights)
    return GraphModel(model_id, title, graph, network.eval(), fingerprint(identity, graph.fingerprint))


def missing(model_id: str) -> str:
    """What keeps the model from running without network."""
    if not (ASSETS / model_id / "weights.safetensors").is_file():
        return f"its weights, in assets/{model_id}"
    return "" if cora_folder() else "the graph (0.5 MB), fetched when the model is first loaded"


def train_own(
    graph: Graph, *, seed: int = 0, on_progress: Callable[[str, float], None] | None = None
) -> tuple[GraphModel, Fit]:
    """A GCN trained on a visitor's graph, half of the labelled nodes to learn from; and how well it does.

    Raises:
        InvalidInput: too few labelled nodes to learn and to measure.
    """
    labelled = int((graph.labels >= 0).sum())
    if labelled < MIN_LABELLED:
        raise InvalidInput(f"{labelled} nodes have a class; at least {MIN_LABELLED} are needed to learn from.")
    parts = split_nodes(graph, seed)
    if not len(parts["validation"]) or not len(parts["test"]):
        raise InvalidInput("The classes have too few nodes each: none are left to measure on. Merge small classes.")
    epochs = 300
    result = fit(
        graph,
        parts,
        seed=seed,
        epochs=epochs,
        on_epoch=lambda epoch, _: on_progress("train", epoch / epochs) if on_progress else None,
    )
    return own_model(graph, result.network), result


def own_model(graph: Graph, network: GCN) -> GraphModel:
    """A network that was trained on a visitor's graph."""
    weights = [value.numpy().tobytes() for value in network.state_dict().values()]
    identity = fingerprint(*weights, graph.fingerprint)
    return GraphModel("graph/own", "GCN on your graph", graph, network, identity)
