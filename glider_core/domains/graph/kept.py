"""A network that was trained on a visitor's graph, written down and made again from the same graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glider_core.domains.graph.model import GraphModel, own_model
from glider_core.domains.graph.network import GCN, Fit, Graph
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
