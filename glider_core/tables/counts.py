"""How often each combination of values occurs, by a number for each combination."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Counts:
    """How many rows have each key; keys sorted."""

    def __init__(self) -> None:
        self.keys = np.zeros(0, np.uint64)
        self.counts = np.zeros(0, np.int64)

    def add(self, keys: NDArray[np.uint64]) -> None:
        """Count rows by their keys (n,)."""
        distinct, counts = np.unique(keys, return_counts=True)
        if not len(self.keys):
            self.keys, self.counts = distinct, counts
            return
        both, where = np.unique(np.concatenate([self.keys, distinct]), return_inverse=True)
        self.counts = np.bincount(where, weights=np.concatenate([self.counts, counts])).astype(np.int64)
        self.keys = both


def keys_of(codes: Sequence[NDArray[np.int64]]) -> NDArray[np.uint64]:
    """A number (n,) for each combination of codes (n,), 0 where one of them is unseen (-1).

    64 bits mixed as in SplitMix64: that any two of a million combinations share a number has probability 3e-8.
    """
    keys = np.zeros(len(codes[0]), np.uint64)
    for code in codes:
        keys ^= code.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        keys *= np.uint64(0xBF58476D1CE4E5B9)
        keys ^= keys >> np.uint64(27)
        keys *= np.uint64(0x94D049BB133111EB)
        keys ^= keys >> np.uint64(31)
    keys[np.any([code < 0 for code in codes], axis=0)] = 0
    return keys


def positions_of(keys: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.int32]:
    """(n,) 1 to len(known) of keys (n,) that are among the sorted ones, 0 of all others."""
    if not len(known):
        return np.zeros(len(keys), np.int32)
    places = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[places] == keys, places + 1, 0).astype(np.int32)


def merged(keys: NDArray[np.uint64], counts: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Each key once, sorted, with the sum of its counts; (n,) and (n,) of any order."""
    if not len(keys):
        return keys, counts
    order = np.argsort(keys, kind="stable")  # which merges runs that are sorted already
    keys, counts = keys[order], counts[order]
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return keys[starts], np.add.reduceat(counts, starts)
