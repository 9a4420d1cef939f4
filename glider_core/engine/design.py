"""A design: distinct masks with their weights, and what all instances that were asked about them share.

Masks that were drawn more than once are one row, whose weight is the sum of theirs: a black box answers both alike, so
they are one observation, and a test that took them for two would find noise significant.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.masks import distinct
from glider_core.engine.terms import Term

_KEPT = 48_000_000  # bytes of columns kept
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
        none_on = ~self.masks.any(axis=1)
        if not exhaustive and none_on.any() and not none_on.all():
            # LIME's scheme draws it as often as all masks of one size together, yet it is one answer: without a kernel
            # that makes little of it, its misfit would drown every test.
            total[none_on] = np.minimum(total[none_on], total[~none_on].max())
        self.weights = total / total.mean()
        self.root = np.sqrt(self.weights)
        self.on = self.masks.astype(np.float64)
        self.n, self.d = self.on.shape
        self.features = np.ascontiguousarray(self.masks.T)  # (d, n)
        # Terms whose columns are kept; a climb comes back to most of them, in this instance and in others.
        self._places: dict[Term, int] = {}
        self._columns = np.empty((0, self.n))
        self._lengths = np.empty((0, 2))
        self._grown: dict[Term, NDArray[np.float64]] = {}
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

    def weighted(self, terms: Sequence[Term]) -> NDArray[np.float64]:
        """The terms' columns as rows (terms, n), each entry times the root of its mask's weight."""
        return self.measured(terms)[0]

    def measured(self, terms: Sequence[Term]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The weighted columns (terms, n), and of each its squared length and that of what no linear model follows.

        Returns:
            (terms, n) and (terms, 2).
        """
        places = self._held(terms)
        return self._columns[places], self._lengths[places]

    def _held(self, terms: Sequence[Term]) -> list[int]:
        """Where the terms are kept."""
        places = self._places
        if new := [term for term in terms if term not in places]:
            if len(places) + len(new) > max(_KEPT // (8 * self.n), 1):
                places.clear()
                new = list(terms)
            needed = len(places) + len(new)
            if needed > len(self._columns):
                self._columns, self._lengths = (_longer(kept, 2 * needed) for kept in (self._columns, self._lengths))
            for term in dict.fromkeys(new):
                place = places[term] = len(places)
                column = self._columns[place]
                np.multiply(term.column(self.features), self.root, out=column)
                # One by one: in a block, rounding would depend on who else is there, and so on other instances.
                inside, whole = self.basis.T @ column, float(column @ column)
                self._lengths[place] = whole, whole - float(inside @ inside)
        return [places[term] for term in terms]

    def grown_moments(self, terms: Sequence[Term], vector: NDArray[np.float64]) -> NDArray[np.float64]:
        """Products (terms, d) of a weighted vector (n,) with what each of these terms becomes with one more feature."""
        stems = self.weighted(terms) * vector
        moments = stems @ self.on
        for row, stem, term in zip(moments, stems, terms, strict=True):
            if term.kind == "any":
                np.subtract(stem.sum(), row, out=row)
            elif term.kind == "odd":
                row += row - stem.sum()
        return moments

    def grown_variances(self, terms: Sequence[Term]) -> NDArray[np.float64]:
        """Variance (terms, d), times the sum of weights, of what each of these becomes with one more feature."""
        for term in terms:
            if term not in self._grown:
                means = self.grown_moments([term], self.root)[0]
                squares = self.weights.sum() if term.kind == "odd" else means  # of zeros and ones
                self._grown[term] = squares - means**2 / self.weights.sum()
        return np.stack([self._grown[term] for term in terms])

    def beyond_features(self, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weighted vectors (n,) or (n, k) without their part in the linear model's space."""
        return vectors - self.basis @ (self.basis.T @ vectors)


def _longer(rows: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    longer = np.empty((n, rows.shape[1]))
    longer[: len(rows)] = rows
    return longer
