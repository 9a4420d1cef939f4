"""Planted truth: random on/off functions whose interactions are known, and how well a detector ranks them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.instance import FunctionInstance
from glider_core.engine.interaction_sets import Features
from glider_core.results import Candidate, Interaction


def planted_instance(
    d: int, seed: int, *, orders: Sequence[int] = (2, 2, 3)
) -> tuple[FunctionInstance, list[Features]]:
    """A sum of random main effects and of one product for each order asked for, on disjoint random features.

    Main effects are standard normal; a product's coefficient is 1 to 3 in size, of either sign.

    Returns:
        The instance, and its planted sets.
    """
    rng = np.random.default_rng(seed)
    features = rng.permutation(d)[: sum(orders)]
    planted = [tuple(sorted(part.tolist())) for part in np.split(features, np.cumsum(orders)[:-1])]
    main = rng.normal(size=d)
    sizes = rng.uniform(1, 3, len(planted)) * rng.choice([-1, 1], len(planted))

    def black_box(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
        answers = masks @ main
        for size, members in zip(sizes, planted, strict=True):
            answers = answers + size * masks[:, members].all(axis=1)
        return answers

    return FunctionInstance([f"x{i}" for i in range(d)], black_box), planted


def r_precision(ranking: Sequence[Candidate | Interaction], planted: Sequence[Features]) -> float:
    """The share of the planted sets among as many sets at the top of the ranking."""
    top = {candidate.features for candidate in ranking[: len(planted)]}
    return len(top & set(planted)) / len(planted)


Function = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def table9() -> dict[str, tuple[Function, Features]]:
    """F1 to F4 of the paper's Table 9 on ten features in [-1, 1], (n, 10) to (n,), each with its interaction."""
    return {
        "F1": (lambda x: 10 * x[:, 0] * x[:, 1] + x[:, 2:].sum(1), (0, 1)),
        "F2": (lambda x: x[:, 0] * x[:, 1] + x[:, 2:].sum(1), (0, 1)),
        "F3": (lambda x: np.exp(np.abs(x[:, 0] + x[:, 1])) + x[:, 2:].sum(1), (0, 1)),
        "F4": (lambda x: 10 * x[:, 0] * x[:, 1] * x[:, 2] + x[:, 3:].sum(1), (0, 1, 2)),
    }


def on_off(function: Function, x: NDArray[np.float64]) -> Callable[[NDArray[np.bool_]], NDArray[np.float64]]:
    """The function of masks (n, d) that has a feature's value from the instance x (d,) where it is on, else 0."""
    return lambda masks: function(masks * x)
