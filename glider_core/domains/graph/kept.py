"""A network that was trained on a visitor's graph, written down and made again from the same graph."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_safetensors
from safetensors.numpy import save as save_safetensors
from scipy import sparse

from glider_core.domains.graph.model import GraphModel, own_model
from glider_core.domains.graph.network import GCN, Fit, Graph
from glider_core.errors import ModelUnavailable
from glider_core.trained import check_identity, fit_of, scores_of, weights_of, with_weights


def written(model: GraphModel, fit: Fit) -> tuple[dict[str, Any], bytes]:
    """What `restored` needs besides the graph: JSON values, and the weights as safetensors."""
    return {"identity": model.identity, "fit": scores_of(fit)}, weights_of(fit.network)


def restored(graph: Graph, *, told: Mapping[str, Any], weights: bytes) -> tuple[GraphModel, Fit]:
    """What `train_own` gave for this graph, without training.

    Args:
        graph: as `train_own` got it.
        told: of `written`.
        weights: of `written`.

    Raises:
        ModelUnavailable: it is not the model that was trained: the graph is read in another way by now.
    """
    network = with_weights(GCN(graph.width, len(graph.classes)), weights)
    model = own_model(graph, network)
    check_identity(model.identity, told.get("identity"))
    return model, fit_of(Fit, network, told.get("fit"))


def graph_written(graph: Graph) -> tuple[bytes, bytes]:
    """A graph without its file: title, names and classes as JSON, numbers as safetensors."""
    names = {"title": graph.title, "nodes": graph.nodes, "classes": graph.classes}
    features = graph.features.tocsr()
    arrays = {
        "data": features.data, "indices": features.indices, "indptr": features.indptr,
        "shape": np.array(features.shape), "edges": graph.edges, "labels": graph.labels,
    }  # fmt: skip
    content = save_safetensors({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    return json.dumps(names).encode(), content


def graph_restored(names: bytes, arrays: bytes) -> Graph:
    """The graph that `graph_written` wrote.

    Raises:
        ModelUnavailable: it is damaged.
    """
    try:
        told, of = json.loads(names), load_safetensors(arrays)
        shape = (int(of["shape"][0]), int(of["shape"][1]))
        return Graph(
            title=told["title"],
            nodes=tuple(told["nodes"]),
            features=sparse.csr_matrix((of["data"], of["indices"], of["indptr"]), shape=shape),
            edges=of["edges"],
            labels=of["labels"],
            classes=tuple(told["classes"]),
        )
    except (ValueError, KeyError, IndexError, TypeError, SafetensorError) as error:
        raise ModelUnavailable(f"What was kept of the graph is damaged ({type(error).__name__}).") from None
