"""Is a set found more often than chance would have it? Counts against sets drawn at random (Section 6.4, Figure 2)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import comb

import numpy as np
from scipy.stats import binom, false_discovery_control

from glider_core.errors import InvalidInput

NULL_ORDER = 3  # sets up to this order make the space that a random detector would draw from, as in the paper
MAX_NULL_ORDER = 10  # beyond, the space is so large that whatever comes back twice is significant


def n_sets(d: int, max_order: int = NULL_ORDER) -> int:
    """How many sets of order 2 to `max_order` d fields have."""
    return sum(comb(d, order) for order in range(2, max_order + 1))


@lru_cache(maxsize=50_000)  # many sets have the same small count
def p_value(count: int, d: int, n_rows: int, per_row: float, max_order: int = NULL_ORDER) -> float:
    """The probability that one given set is drawn in `count` rows or more, if each row drew `per_row` sets at random
    from all sets of at most `max_order` of d fields.

    A found set of more fields is judged as one of them. That is on the safe side: in the space that holds it, a random
    set would come back less often still.
    """
    return float(binom.sf(count - 1, n_rows, min(1.0, per_row / max(n_sets(d, max_order), 1))))


def significance_threshold(
    d: int, n_rows: int, per_row: float, *, max_order: int = NULL_ORDER, alpha: float = 0.05
) -> int:
    """The largest count that random sets reach with probability alpha or more, any of them; a set above it is
    significant.

    Bonferroni over all sets of at most `max_order` fields, also over those that were never found. With three fields and
    87 sets per row this gives the paper's own thresholds, 25 of 1000 rows for 39 fields and 71 for 23; no other whole
    number per row gives both.

    Raises:
        InvalidInput: max_order is not within 2..`MAX_NULL_ORDER`.
    """
    check_order(max_order)
    sets = max(n_sets(d, max_order), 1)
    return int(binom.isf(alpha / sets, n_rows, min(1.0, per_row / sets)))


def q_values(p_values: Sequence[float], tests: int) -> tuple[float, ...]:
    """The least rate of false discoveries at which each is one (Benjamini and Hochberg 1995), in the order given.

    Args:
        p_values: of the sets that were found.
        tests: all sets that could have been found; those that were not have p = 1.
    """
    if not p_values:
        return ()
    # The sets that were never found stand behind all others, so they only add to the number of tests.
    among_found = false_discovery_control(p_values)
    return tuple(np.minimum(1.0, among_found * (tests / len(p_values))).tolist())


def check_order(max_order: int) -> None:
    """Raise InvalidInput for an order that no space of sets can be made of."""
    if not 2 <= max_order <= MAX_NULL_ORDER:
        raise InvalidInput(f"Got sets of at most {max_order} fields to draw from; give 2 to {MAX_NULL_ORDER}.")
