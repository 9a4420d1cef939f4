"""Negative controls over many rows: how many sets of fields a run calls significant where the model joins none."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from glider_core.engine.instance import FunctionInstance, Instance
from glider_core.models import load_model
from glider_core.rows.run import PAPER, ROWS, detect_global

ALPHA = 0.05  # of p, all sets of at most three fields considered, as the page of global interactions marks them
COUNTINGS = {"the gates, as in the app": ROWS, "the paper's, top 100 of NID": PAPER}
_FIELDS = 15


class Additive:
    """A model that adds up what its fields say; in each row a field says more or less."""

    id = "recommender/additive"
    title = "additive"
    identity = None

    def __init__(self) -> None:
        self._main = np.random.default_rng(0).normal(size=_FIELDS)

    def instance(self, raw: int, /) -> Instance:
        """The row with this number."""
        said = self._main * np.random.default_rng([1, raw]).uniform(0.5, 1.5, _FIELDS)

        def answer(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
            return masks @ said

        return FunctionInstance([f"field {i + 1}" for i in range(_FIELDS)], answer)


def untrained(seed: int = 0) -> Any:
    """The recommender of the simulated log as it is before any training."""
    model: Any = copy.deepcopy(load_model("recommender/simulated"))
    torch.manual_seed(seed)
    for module in model._network.modules():
        reset: Any = getattr(module, "reset_parameters", None)
        if reset is not None:
            reset()
    return model


def significant_sets(model: Any, rows: int, counting: str) -> dict[str, Any]:
    """What a run over the first rows counts, and how many sets of it are called significant."""
    result = detect_global(model, range(rows), COUNTINGS[counting])
    return {
        "rows": rows,
        "sets per row": round(result.per_row, 3),
        "sets": len(result.interactions),
        "significant": sum(interaction.p_adjusted < ALPHA for interaction in result.interactions),
        "most rows": max((interaction.count for interaction in result.interactions), default=0),
    }
