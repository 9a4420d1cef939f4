"""NID: interactions of any order, read from a ReLU explainer's weights (Section 3.1; Tsang et al., ICLR 2018)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glider_core.interaction_sets import drop_subsets
from glider_core.results import Candidate

N_CANDIDATES = 200  # a ranking's length; what stands below is noise


def nid_ranking(weights: list[NDArray[np.floating]], *, max_order: int | None = None) -> list[Candidate]:
    """The strongest interactions of one explainer, subsets of stronger sets dropped.

    Args:
        weights: of its layers, (in, out) each, input layer first.
        max_order: no larger sets; None for any order.

    Returns:
        At most `N_CANDIDATES`, strongest first, ties by order and content.
    """
    sets, strengths = nid_strengths(weights[0].T, aggregate_influence(weights[1:]), max_order=max_order)
    sizes = sets.sum(axis=1)
    strongest_first = np.lexsort((np.arange(len(sets)), sizes, -strengths))
    ranked = [(tuple(np.flatnonzero(sets[i]).tolist()), float(strengths[i])) for i in strongest_first[:_WINDOW]]
    kept = drop_subsets((features for features, _ in ranked), limit=N_CANDIDATES)
    return [Candidate(features=ranked[i][0], strength=ranked[i][1]) for i in kept if ranked[i][1] > 0]


_WINDOW = 4000  # sets looked at for the ranking; the pruning needs only the top


def aggregate_influence(downstream: list[NDArray[np.floating]]) -> NDArray[np.float64]:
    """How strongly each first-layer unit reaches the output: the product of absolute downstream weights, (units,)."""
    influence = np.ones(downstream[-1].shape[1])
    for weight in reversed(downstream):
        influence = np.abs(weight.astype(np.float64)) @ influence
    return influence


def nid_strengths(
    input_weights: NDArray[np.floating], influence: NDArray[np.floating], *, max_order: int | None = None
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Strengths of all prefix sets: per unit, its inputs sorted by weight, the first two, three, ... d of them.

    A set's strength is the sum over the units that have it as a prefix of the least absolute weight in it times the
    unit's influence.

    Args:
        input_weights: (units, d).
        influence: (units,), see `aggregate_influence`.
        max_order: longest prefix taken.

    Returns:
        The distinct sets (m, d) bool, and their strengths (m,).
    """
    magnitude = np.abs(input_weights.astype(np.float64))
    units, d = magnitude.shape
    longest = min(d, max_order or d)
    if d < 2:
        return np.zeros((0, d), bool), np.zeros(0)
    order = np.argsort(-magnitude, axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    sizes = np.arange(2, longest + 1)
    # Prefix sets of all units at once, as bits: the set of size s holds the inputs ranked below s.
    packed = np.packbits(rank[:, None, :] < sizes[None, :, None], axis=2).reshape(units * len(sizes), -1)
    weakest = np.take_along_axis(magnitude, order, axis=1)[:, sizes - 1]  # (units, sizes)
    keys = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    strengths = np.bincount(inverse.ravel(), weights=(weakest * influence[:, None]).ravel()).astype(np.float64)
    return np.unpackbits(packed[first], axis=1, count=d).astype(bool), strengths
