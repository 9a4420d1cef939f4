"""Which of more keys than fit into memory are frequent: exact, in memory that does not grow with the rows.

Two passes over the same keys. The first counts slots that many keys share, which bounds each key from above; the
second counts those keys alone whose slot is full enough. At most rows / least keys are frequent, and few others get
through.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glider_core.tables.counts import Counts

_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_BITS = 22  # of a slot's number: 16 MB of counts


class Sieve:
    """Keys that more than `least` rows have.

    Args:
        least: rows that a key must exceed.
        bits: of a slot's number; more let fewer rare keys through to the second pass.
    """

    def __init__(self, least: int, bits: int = _BITS) -> None:
        self._least, self._shift = least, np.uint64(64 - bits)
        self._bounds = np.zeros(1 << bits, np.uint32)
        self._counts = Counts()

    def bound(self, keys: NDArray[np.uint64]) -> None:
        """The first pass: rows by their keys (n,), part by part."""
        slots, rows = np.unique(self._slots(keys), return_counts=True)
        self._bounds[slots] += rows.astype(np.uint32)

    def count(self, keys: NDArray[np.uint64]) -> None:
        """The second pass, over the same parts."""
        self._counts.add(keys[self._bounds[self._slots(keys)] > self._least])

    def frequent(self, most: int | None = None) -> NDArray[np.uint64]:
        """The keys, sorted; where there are more than `most`, those that most rows have."""
        enough = self._counts.counts > self._least
        keys, counts = self._counts.keys[enough], self._counts.counts[enough]
        if most is not None and len(keys) > most:
            keys = np.sort(keys[np.argsort(-counts, kind="stable")[:most]])
        return keys

    def _slots(self, keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
        return (keys * _SPREAD) >> self._shift


def positions_of(keys: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.int32]:
    """(n,) 1 to len(known) of keys (n,) that are among the sorted ones, 0 of all others."""
    if not len(known):
        return np.zeros(len(keys), np.int32)
    places = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[places] == keys, places + 1, 0).astype(np.int32)
