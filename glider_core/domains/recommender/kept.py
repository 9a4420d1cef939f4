"""A recommender that was trained on a visitor's table, written down and made again from the same table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from glider_core.domains.recommender.model import RecommenderModel, own_dataset, own_model, own_network
from glider_core.recommenders.fitting import Fit
from glider_core.tables.assumptions import Assumptions
from glider_core.tables.values import Kind
from glider_core.trained import check_identity, fit_of, scores_of, weights_of, with_weights


def written(model: RecommenderModel, fit: Fit) -> tuple[dict[str, Any], bytes]:
    """What `restored` needs besides the table and how it was read: JSON values, and the weights as safetensors."""
    steps = any(field.steps for field in model.fields)
    return {"identity": model.identity, "fit": scores_of(fit), "steps": steps}, weights_of(fit.network)


def restored(
    table: pd.DataFrame,
    target: str,
    positive: str,
    kinds: Mapping[str, Kind],
    *,
    seed: int = 0,
    assumptions: Assumptions | None = None,
    told: Mapping[str, Any],
    weights: bytes,
) -> tuple[RecommenderModel, Fit]:
    """What `train_own` gave for this table, without training.

    Args:
        table: as `train_own` got it, and the same of all else that it got.
        target: the column to predict.
        positive: the value of it that counts as 1.
        kinds: how each field is read.
        seed: of the split.
        assumptions: of the reader of the table.
        told: of `written`.
        weights: of `written`.

    Raises:
        ModelUnavailable: it is not the model that was trained: the table is read in another way by now.
        InvalidInput: the table cannot be learned from.
    """
    dataset = own_dataset(table, target, positive, kinds, seed=seed, steps=told.get("steps") is True)
    network = with_weights(own_network(dataset), weights)
    model = own_model(dataset, network, assumptions)
    check_identity(model.identity, told.get("identity"))
    return model, fit_of(Fit, network, told.get("fit"))
