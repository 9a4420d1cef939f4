"""Terms of a sparse model of masks: a set of features with the way in which they act together.

Sums of such terms beside a linear model are the functions of logic regression (Ruczinski, Kooperberg and LeBlanc 2003),
here fitted by least squares: an answer that needs two words together, one of several words, or an odd number of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache
from math import lgamma, log, sqrt
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.interaction_sets import Features

Kind = Literal["all", "any", "odd"]
KINDS: tuple[Kind, ...] = ("all", "any", "odd")
FALSE_ALARM = 0.01  # accepted chance that any noise column of one order passes the test


class Term(NamedTuple):
    """One column of a model of masks: 1 where all of the features are on, where none is, or their parity as +1 and -1.

    "any" is written as none on, which is the same beside an intercept. For a pair the three kinds are the same beside
    the features themselves.
    """

    features: Features  # sorted
    kind: Kind

    def column(self, features: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Its values (n,) for masks given feature by feature, (d, n)."""
        members = features[list(self.features)]
        if self.kind == "all":
            return np.asarray(np.logical_and.reduce(members), dtype=np.float64)
        if self.kind == "any":
            return np.asarray(~np.logical_or.reduce(members), dtype=np.float64)
        return 1.0 - 2.0 * np.logical_xor.reduce(~members)


@lru_cache(maxsize=4096)
def log_choices(d: int, order: int) -> float:
    """Logarithm of the number of sets of this order among d features."""
    return lgamma(d + 1) - lgamma(order + 1) - lgamma(d - order + 1)


@lru_cache(maxsize=4096)
def t_threshold(d: int, order: int) -> float:
    """The |t| that noise reaches in any set of this order with a chance of `FALSE_ALARM` shared among all orders.

    A Gaussian tail bound over all C(d, order) choices; 2 k (k - 1) makes the orders' chances sum to less than one.
    """
    return sqrt(2.0 * (log_choices(d, order) + log(2.0 * order * (order - 1) / FALSE_ALARM)))


def parts_of(features: Features) -> list[Features]:
    """All sets of two and more of these features: the interactions of their table."""
    return [part for order in range(2, len(features) + 1) for part in itertools.combinations(features, order)]


def columns(terms: Sequence[Term], masks: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The terms' columns (n, terms)."""
    if not terms:
        return np.zeros((len(masks), 0))
    return np.stack([term.column(masks.T) for term in terms], axis=1)
