"""NID: interactions of any order, read from a ReLU explainer's weights (Section 3.1; Tsang et al., ICLR 2018)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.detectors.base import N_CANDIDATES
from glider_core.engine.detectors.network import NetworkDetector
from glider_core.engine.interaction_sets import maximal
from glider_core.engine.recipe import Recipe, enough_epochs
from glider_core.results import Candidate
from glider_core.settings import Settings

if TYPE_CHECKING:
    from glider_core.engine.explainer import Explainers

_STRONG_L1 = 1e-3  # from here on emptying the weights that nothing needs takes longer


class NID(NetworkDetector):
    """Sets of any order, from the weights of a ReLU network."""

    name = "NID"
    title = "NID"
    note = "Sets of any size, as in the paper: NID reads them from the weights of a network trained on the answers."
    max_order = None
    spread_power = 1

    def recipe(self, settings: Settings, n_train: int) -> Recipe:
        """ReLU with an L1 term on all weights."""
        return Recipe(
            hidden=settings.hidden,
            activation="relu",
            linear=False,
            l1=settings.l1,
            learning_rate=settings.learning_rate or 1e-2,
            batch_size=settings.batch_size,
            schedule=settings.schedule,
            epochs=settings.epochs or enough_epochs(12 if settings.l1 >= _STRONG_L1 else 8, n_train),
            patience=settings.patience,
            max_epochs=settings.max_epochs,
        )

    def read(
        self, explainers: Explainers, settings: Settings, report: Callable[[float], None]
    ) -> list[list[Candidate]]:
        """Per explainer the strongest sets, subsets of stronger ones dropped."""
        layers = [weight.cpu().numpy() for weight in explainers.weights]
        rankings = []
        for member in range(len(layers[0])):
            report(member / len(layers[0]))
            rankings.append(nid_ranking([layer[member] for layer in layers], max_order=settings.max_order))
        return rankings


DETECTOR = NID()


def nid_ranking(weights: list[NDArray[np.floating]], *, max_order: int | None = None) -> list[Candidate]:
    """The strongest interactions of one explainer, subsets of stronger sets dropped.

    Args:
        weights: of its layers, (in, out) each, input layer first.
        max_order: no larger sets; None for any order.

    Returns:
        At most `N_CANDIDATES`, strongest first, ties by order and content.
    """
    sets, strengths = nid_strengths(weights[0].T, aggregate_influence(weights[1:]), max_order=max_order)
    strongest_first = np.lexsort((np.arange(len(sets)), sets.sum(axis=1), -strengths))[:_WINDOW]
    strongest_first = strongest_first[strengths[strongest_first] > 0]
    top = strongest_first[maximal(sets[strongest_first], limit=N_CANDIDATES)]
    return [Candidate(features=tuple(np.flatnonzero(sets[i]).tolist()), strength=float(strengths[i])) for i in top]


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
    d = magnitude.shape[1]
    longest = min(d, max_order or d)
    if d < 2:
        return np.zeros((0, d), bool), np.zeros(0)
    order = np.argsort(-magnitude, axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    sizes = np.arange(2, longest + 1)
    weakest = np.take_along_axis(magnitude, order, axis=1)[:, sizes - 1]  # (units, sizes)
    # All prefixes of all units by a number each: the exclusive or of its features' codes.
    keys = np.bitwise_xor.accumulate(_codes(d)[order], axis=1)[:, sizes - 1].ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    strengths = np.bincount(inverse.ravel(), weights=(weakest * influence[:, None]).ravel()).astype(np.float64)
    unit, size = np.divmod(first, len(sizes))
    return rank[unit] < sizes[size][:, None], strengths


def _codes(d: int) -> NDArray[np.uint64]:
    """A number for each feature. Up to 64 features a bit each, so that a prefix's number is the prefix; beyond, random
    ones: that any two of a hundred thousand prefixes agree has probability 3e-10."""
    if d <= 64:
        return np.left_shift(np.uint64(1), np.arange(d, dtype=np.uint64))
    return np.random.default_rng(0).integers(2**64, size=d, dtype=np.uint64)
