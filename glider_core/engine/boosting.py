"""Boosted trees of masks, and the exact spectrum of what they learned: their sum as a polynomial of on and off.

A tree of depth k reads at most k features on any path, so its Walsh spectrum is short and is read off node by node,
whatever masks it was fitted on (the idea of ProxySPEX, Butler et al. 2025).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.interaction_sets import Features

TREES = 400
RATE = 0.1  # share of what a tree sees that it takes
_SHRINK = 1.0  # added to a node's weight
_LEAST = 5.0  # weight, in masks of mean weight, on either side of a split
_PATIENCE = 30  # trees without a better fit to the masks held out
_HELD_OUT = 6  # every so many masks is held out
_MANY = 2000  # masks, of which those held out are not missed; of fewer, as many trees are grown again on all

Spectrum = dict[Features, float]  # coefficient of each set's parity: the product of its features as +1 on and -1 off


@dataclass(frozen=True, slots=True)
class Tree:
    """A complete binary tree: node r has the children 2r + 1 (off) and 2r + 2 (on)."""

    features: NDArray[np.int64]  # (2^depth - 1,) that each inner node asks for; -1: none, all go the way of off
    values: NDArray[np.float64]  # (2^depth,) of the leaves

    def __call__(self, masks: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Its values (n,) for masks (n, d)."""
        node = np.zeros(len(masks), dtype=np.int64)
        for _ in range(len(self.values).bit_length() - 1):
            feature = self.features[node]
            node = 2 * node + 1 + (masks[np.arange(len(masks)), feature] & (feature >= 0))
        return self.values[node - len(self.features)]


def boost(
    masks: NDArray[np.bool_],
    target: NDArray[np.float64],
    weights: NDArray[np.float64],
    *,
    depth: int,
    trees: int = TREES,
    step: Callable[[float], None] = lambda share: None,
) -> list[Tree]:
    """Trees whose sum follows the target, as many as also help on masks held out.

    Args:
        masks: (n, d), distinct.
        target: (n,) with mean about zero.
        weights: (n,) with mean 1.
        depth: of each tree, at least 1.
        trees: at most.
        step: called with the share done before each tree; may raise to stop.
    """
    held = np.zeros(len(masks), dtype=bool)
    held[_HELD_OUT - 1 :: _HELD_OUT] = True
    learned, outside = _Boosting(masks[~held], target[~held], weights[~held], depth), target[held].copy()
    best, n_best = float(weights[held] @ outside**2), 0
    while len(learned.trees) < min(trees, n_best + _PATIENCE) and learned.add():
        step(len(learned.trees) / trees)
        outside -= learned.trees[-1](masks[held])
        loss = float(weights[held] @ outside**2)
        if loss < best:
            best, n_best = loss, len(learned.trees)
    if len(masks) >= _MANY:
        return learned.trees[:n_best]
    everything = _Boosting(masks, target, weights, depth)
    while len(everything.trees) < n_best and everything.add():
        pass
    return everything.trees


class _Boosting:
    """Trees that follow the residual of those before them."""

    def __init__(
        self, masks: NDArray[np.bool_], target: NDArray[np.float64], weights: NDArray[np.float64], depth: int
    ) -> None:
        self.trees: list[Tree] = []
        self._masks, self._on, self._weights, self._depth = masks, masks.astype(np.float64), weights, depth
        self._residual = target.copy()
        self._nothing = 1e-20 * float(weights @ target**2)

    def add(self) -> bool:
        """One more tree; whether there was anything left to learn."""
        if float(self._weights @ self._residual**2) <= self._nothing:
            return False
        tree, fitted = _fit(self._masks, self._on, self._residual, self._weights, self._depth)
        self.trees.append(tree)
        self._residual -= fitted
        return True


def _fit(
    masks: NDArray[np.bool_],
    on: NDArray[np.float64],
    residual: NDArray[np.float64],
    weights: NDArray[np.float64],
    depth: int,
) -> tuple[Tree, NDArray[np.float64]]:
    """One tree, grown level by level, and its values (n,) for the masks."""
    n = len(masks)
    features = np.full(2**depth - 1, -1, dtype=np.int64)
    place = np.zeros(n, dtype=np.int64)  # within the level
    rows = np.arange(n)
    pull = weights * residual
    for level in range(depth):
        nodes = 2**level
        member = place == np.arange(nodes)[:, None]
        sums = np.concatenate([member * pull, member * weights])
        whole, on_side = sums.sum(axis=1), sums @ on
        g, w = whole[:nodes, None], whole[nodes:, None]
        g_on, w_on = on_side[:nodes], on_side[nodes:]
        gain = g_on**2 / (w_on + _SHRINK) + (g - g_on) ** 2 / (w - w_on + _SHRINK) - g**2 / (w + _SHRINK)
        gain[(w_on < _LEAST) | (w - w_on < _LEAST)] = -np.inf
        chosen = gain.argmax(axis=1)
        chosen[gain[np.arange(nodes), chosen] <= 0] = -1
        features[nodes - 1 : 2 * nodes - 1] = chosen
        asked = chosen[place]
        place = 2 * place + (masks[rows, asked] & (asked >= 0))
    weight = np.bincount(place, weights=weights, minlength=2**depth)
    values = RATE * np.bincount(place, weights=pull, minlength=2**depth) / (weight + _SHRINK)
    return Tree(features, values), values[place]


def spectrum(trees: list[Tree]) -> Spectrum:
    """The sum of the trees as a sum of parities: exact, of all sets that any path reads.

    With s = +1 for on and -1 for off, a node is (off + on) / 2 + s (on - off) / 2 of its children's sums.
    """
    total: dict[int, float] = {}
    for tree in trees:
        for key, value in _of_node(tree, 0).items():
            total[key] = total.get(key, 0.0) + value
    return {_members(key): value for key, value in total.items()}


def _of_node(tree: Tree, node: int) -> dict[int, float]:
    """A subtree's coefficients, by sets as numbers whose bits are the features."""
    inner = len(tree.features)
    if node >= inner:
        return {0: float(tree.values[node - inner])}
    feature = int(tree.features[node])
    off = _of_node(tree, 2 * node + 1)
    if feature < 0:
        return off
    total: dict[int, float] = {}
    bit = 1 << feature
    for side, sign in ((off, -1.0), (_of_node(tree, 2 * node + 2), 1.0)):
        for key, value in side.items():
            total[key] = total.get(key, 0.0) + value / 2
            # A feature that is asked twice on a path is a square, which is 1.
            total[key ^ bit] = total.get(key ^ bit, 0.0) + sign * value / 2
    return total


def _members(key: int) -> Features:
    return tuple(place for place in range(key.bit_length()) if key >> place & 1)
