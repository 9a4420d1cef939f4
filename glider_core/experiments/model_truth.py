"""A model's own truth about one instance, from its answers to all masks: no detector, no sampling, no test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.design import Design
from glider_core.engine.exhaustive import all_masks, over_supersets, walsh
from glider_core.engine.interaction_sets import Features
from glider_core.engine.masks import chances, lime_weights

_MOST = 10  # sets


@dataclass(frozen=True, slots=True)
class Truth:
    """Sets of two features and more with their shares of the answers' variation, the largest first."""

    # The functional analysis of variance over all masks alike, which on masks is the Walsh transform: how much of the
    # variation is of exactly these features. Shares of all sets sum to one.
    components: tuple[tuple[Features, float], ...]
    # Products added to the linear model one by one, of all sets always the one that explains most of what is left, with
    # the weights of the masks that a detector draws.
    products: tuple[tuple[Features, float], ...]


class TruthOfAll:
    """What is shared by all instances of d features, at most 16.

    Args:
        d: features.
        kernel_width: of LIME's weights.
    """

    def __init__(self, d: int, kernel_width: float | None) -> None:
        self.masks = all_masks(d)
        # In the masks' own order, the rows of the design are the sets of features that are on.
        self.design = Design(self.masks, chances(self.masks) * lime_weights(self.masks, kernel_width))
        self._number = self.masks @ (1 << np.arange(d))
        self._features = [tuple(j for j in range(d) if s >> j & 1) for s in range(2**d)]
        self._joint = np.array([len(features) for features in self._features]) >= 2
        self._norms = self._sums(self.design.root[:, None])[:, 0]
        self._free = self._norms - (self._sums(self.design.basis) ** 2).sum(axis=1)

    def of(self, answers: NDArray[np.float64], *, least: float = 1e-3) -> Truth:
        """The truth of answers (2^d,) to `masks`; sets below `least` of the variation aside."""
        return Truth(tuple(self._components(answers, least)), tuple(self._products(answers, least)))

    def _sums(self, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of weighted vectors (2^d, k) the products with every set's weighted column of all on, by the set's number."""
        by_number = np.empty_like(vectors)
        by_number[self._number] = self.design.root[:, None] * vectors
        return over_supersets(by_number)

    def _components(self, answers: NDArray[np.float64], least: float) -> list[tuple[Features, float]]:
        by_number = np.empty((len(answers), 1))
        by_number[self._number, 0] = answers - answers.mean()
        energy = walsh(by_number)[:, 0] ** 2
        shares = np.where(self._joint, energy / (energy.sum() or 1.0), 0.0)
        largest = np.argsort(-shares, kind="stable")[:_MOST]
        return [(self._features[s], float(shares[s])) for s in largest.tolist() if shares[s] >= least]

    def _products(self, answers: NDArray[np.float64], least: float) -> list[tuple[Features, float]]:
        design = self.design
        weighted = design.root * (answers - float(design.weights @ answers) / float(design.weights.sum()))
        total, residual, free = float(weighted @ weighted), design.beyond_features(weighted), self._free
        span: list[NDArray[np.float64]] = []
        sets: list[tuple[Features, float]] = []
        while len(sets) < _MOST:
            possible = self._joint & (free > 1e-6 * self._norms)
            moments = self._sums(residual[:, None])[:, 0]
            drops = np.where(possible, moments**2 / np.where(possible, free, 1.0), 0.0)
            best = int(drops.argmax())
            if not total or drops[best] < least * total:
                break
            sets.append((self._features[best], float(drops[best]) / total))
            column = design.root * self.masks[:, list(self._features[best])].all(axis=1)
            column = design.beyond_features(column)
            for direction in span:
                column = column - direction * float(direction @ column)
            column /= np.linalg.norm(column)
            span.append(column)
            residual = residual - column * float(column @ residual)
            free = free - self._sums(column[:, None])[:, 0] ** 2
        return sets
