"""Archipelago's synthetic functions F1 to F4 (Tsang, Rambhatla and Liu, NeurIPS 2020), as functions of on and off.

A feature is +1 on and -1 off; all four have every feature as a main effect besides.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.instance import FunctionInstance
from glider_core.engine.interaction_sets import Features

FUNCTIONS = ("F1", "F2", "F3", "F4")


def archipelago(name: str, d: int = 40) -> tuple[FunctionInstance, list[Features]]:
    """One of the functions of d features, a multiple of four, and the sets that interact in it.

    F1: the square of the sum of the first quarter, and the product of the sums of the second and the third. F2: both
    the first half and the second and third quarters must be on. F3: the first half must be off instead. F4: the first
    two on and the third off instead. What "must" is met counts +1, else -1.
    """
    q = d // 4
    first, middle = np.arange(2 * q), np.arange(q, 3 * q)

    def black_box(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
        x = 2.0 * masks - 1.0
        answers = x.sum(axis=1)
        if name == "F1":
            return answers + x[:, :q].sum(1) ** 2 + x[:, q : 2 * q].sum(1) * x[:, 2 * q : 3 * q].sum(1)
        if name == "F4":
            special = masks[:, 0] & masks[:, 1] & ~masks[:, 2]
        else:
            special = (masks[:, first] if name == "F2" else ~masks[:, first]).all(axis=1)
        return answers + np.where(special, 1.0, -1.0) + np.where(masks[:, middle].all(axis=1), 1.0, -1.0)

    if name == "F1":
        crossed = [(i, j) for i in range(q, 2 * q) for j in range(2 * q, 3 * q)]
        sets: list[Features] = [*combinations(range(q), 2), *crossed]
    else:
        sets = [(0, 1, 2) if name == "F4" else tuple(first.tolist()), tuple(middle.tolist())]
    return FunctionInstance([f"x{i + 1}" for i in range(d)], black_box, explained=name), sets
