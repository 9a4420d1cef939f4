"""A design: distinct masks with their weights, and what all instances that were asked about them share.

Masks that were drawn more than once are one row, whose weight is the sum of theirs: a black box answers both alike, so
they are one observation, and a test that took them for two would find noise significant.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.masks import distinct
from glider_core.engine.terms import Term

_DEPENDENT = 1e-9  # share of the largest below which a direction of the features is rounding


class Design:
    """Distinct masks, weights with mean 1, and the space of the linear model of the features.

    Args:
        masks: (n, d), equal ones welcome.
        weights: (n,).
        exhaustive: whether these are all masks of d features.
    """

    def __init__(self, masks: NDArray[np.bool_], weights: NDArray[np.float64], *, exhaustive: bool = False) -> None:
        self.masks, which = distinct(masks)
        self.exhaustive = exhaustive
        total = np.bincount(which, weights=weights, minlength=len(self.masks))
        self.weights = total / total.mean()
        self.root = np.sqrt(self.weights)
        self.on = self.masks.astype(np.float64)
        self.n, self.d = self.on.shape
        self.features = np.ascontiguousarray(self.masks.T)  # (d, n)
        self._free: dict[Term, float] = {}
        span = self.root[:, None] * np.hstack([np.ones((self.n, 1)), self.on])
        q, r = np.linalg.qr(span)
        size = np.abs(np.diag(r))
        if len(size) and size.min() <= _DEPENDENT * size.max():
            u, s, _ = np.linalg.svd(span, full_matrices=False)
            q = u[:, s > _DEPENDENT * s[0]]
        self.basis = q  # (n, p) orthonormal: intercept and features, weighted
        self.leverage = (q * q).sum(axis=1)  # (n,)

    @cached_property
    def pair_variances(self) -> NDArray[np.float64]:
        """(d, d) weighted variance, times the sum of weights, of every pair's column of both on."""
        norm = (self.on * self.weights[:, None]).T @ self.on
        return norm - norm**2 / self.weights.sum()

    def weighted(self, terms: list[Term]) -> NDArray[np.float64]:
        """The terms' columns (n, terms), each row by the root of its weight."""
        block = np.empty((len(terms), self.n))
        for row, term in zip(block, terms, strict=True):
            np.multiply(term.column(self.features), self.root, out=row)
        return block.T

    def free_norms(self, terms: list[Term], weighted: NDArray[np.float64]) -> NDArray[np.float64]:
        """Squared length of the part of each weighted column (n, terms) that the linear model cannot follow."""
        for term, column in zip(terms, weighted.T, strict=True):
            # One by one: in a block, rounding would depend on which others are asked for, and so on other instances.
            if term not in self._free:
                inside = self.basis.T @ column
                self._free[term] = float(column @ column - inside @ inside)
        return np.array([self._free[term] for term in terms])

    def beyond_features(self, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weighted vectors (n,) or (n, k) without their part in the linear model's space."""
        return vectors - self.basis @ (self.basis.T @ vectors)
