"""Set algebra on interactions: bitmasks, pruning of subsets, merging of overlaps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Features = tuple[int, ...]


def to_bits(features: Iterable[int]) -> int:
    """The set as an integer with bit i set for feature i, for fast subset tests."""
    bits = 0
    for feature in features:
        bits |= 1 << feature
    return bits


def drop_subsets(ranked: Iterable[Features], *, limit: int | None = None) -> list[int]:
    """Positions of the sets that stay when each one with a stronger superset above it is dropped (Section 3.1).

    Args:
        ranked: sets, strongest first.
        limit: stop once so many stay.
    """
    remaining: list[int] = []
    remaining_bits: list[int] = []
    for position, features in enumerate(ranked):
        if limit is not None and len(remaining) >= limit:
            break
        bits = to_bits(features)
        if all(bits & above != bits for above in remaining_bits):
            remaining.append(position)
            remaining_bits.append(bits)
    return remaining


def maximal(ranked: NDArray[np.bool_], *, limit: int | None = None) -> NDArray[np.intp]:
    """`drop_subsets` for sets as rows (m, d) of booleans, strongest first; much faster for many.

    What stands below a superset goes even if that superset itself is gone: then a superset of both stands above.
    """
    packed = np.packbits(ranked, axis=1)
    words = np.zeros((len(ranked), -(-packed.shape[1] // 8)), dtype=np.uint64)
    words.view(np.uint8)[:, : packed.shape[1]] = packed
    remaining = np.zeros(0, dtype=np.intp)
    for start in range(0, len(ranked), _BLOCK):
        block = np.arange(start, min(start + _BLOCK, len(ranked)))
        above = np.concatenate([remaining, block])
        inside = np.ones((len(block), len(above)), dtype=bool)
        for word in words.T:
            inside &= (word[block, None] & word[None, above]) == word[block, None]
        inside &= above[None, :] < block[:, None]
        remaining = np.concatenate([remaining, block[~inside.any(axis=1)]])
        if limit is not None and len(remaining) >= limit:
            return remaining[:limit]
    return remaining


_BLOCK = 256


def merge_overlaps(sets: Sequence[Features], *, threshold: float = 0.5) -> list[Features]:
    """Unite sets until no two overlap by the threshold or more (the pictures of Section 6.3).

    The overlap coefficient is the size of the intersection over the smaller size. The most overlapping pair is united
    first, ties by content, so the result does not depend on the order given.

    Returns:
        Sorted sets, largest first, then by content.
    """
    merged = {tuple(sorted(set(features))) for features in sets if features}
    while True:
        pairs = [
            (-overlap, left, right)
            for left in merged
            for right in merged
            if left < right and (overlap := _overlap(left, right)) >= threshold
        ]
        if not pairs:
            return sorted(merged, key=lambda features: (-len(features), features))
        _, left, right = min(pairs)
        merged -= {left, right}
        merged.add(tuple(sorted({*left, *right})))


def _overlap(left: Features, right: Features) -> float:
    return len(set(left) & set(right)) / min(len(left), len(right))
