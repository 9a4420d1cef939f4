"""Masks: which features of an instance are on, how near that is to the instance, and who trains on it (Section 3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from glider_core.errors import InvalidInput

Rows = NDArray[np.intp]


def sample_masks(d: int, n: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Draw n masks of d features with LIME's scheme (Section 3.1 of Tsang et al. 2020).

    Row 0 keeps everything. Every other row draws how many features to switch off, uniformly from 1..d,
    then which ones, uniformly. With three features or fewer the count may be 0 as well: else the instance itself would
    be seen once only, and what needs all features would stay hidden.

    Returns:
        (n, d) bool, True where the feature keeps its original value.

    Raises:
        InvalidInput: d < 1 or n < 1.
    """
    if d < 1 or n < 1:
        raise InvalidInput(f"Got {d} features and {n} masks; both must be at least 1.")
    n_off = rng.integers(1 if d > 3 else 0, d, endpoint=True, size=(n, 1))
    # A rank of random keys is a uniform permutation per row, so its entries below n_off are a uniform subset.
    masks = rng.random((n, d)).argsort(axis=1) >= n_off
    masks[0] = True
    return masks


def chances(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The chance of drawing each of these masks (n, d): first how many features are off, of 0..d, then which ones.

    The instance itself, which `sample_masks` puts in the first row, counts as the case of none off.
    """
    d = masks.shape[1]
    n_on = masks.sum(axis=1)
    choices = np.array([comb(d, k) for k in range(d + 1)], dtype=np.float64)
    return 1.0 / ((d + 1) * choices[n_on])


def lime_weights(masks: NDArray[np.bool_], kernel_width: float | None) -> NDArray[np.float64]:
    """How much each mask counts: sqrt(exp(-distance^2 / width^2)), distance = cosine distance to the full mask.

    Args:
        masks: (n, d) bool.
        kernel_width: in units of cosine distance; None weighs all masks alike.

    Returns:
        (n,) weights in (0, 1]; 1 for the full mask.
    """
    if kernel_width is None:
        return np.ones(len(masks))
    # For 0/1 vectors the cosine similarity to all ones is sqrt(kept / d); the empty mask is at distance 1.
    distance = 1.0 - np.sqrt(masks.mean(axis=1))
    return np.sqrt(np.exp(-(distance**2) / kernel_width**2))


@dataclass(frozen=True, slots=True)
class Split:
    """Row numbers of the masks that train, validate and test."""

    train: Rows
    validation: Rows
    test: Rows


def split_masks(n_train: int, n_validation: int, n_test: int, rng: np.random.Generator | None = None) -> Split:
    """Divide n_train + n_validation + n_test rows; the test rows are always the last.

    With `rng` the other rows are dealt anew between training and validation (a repeat for stability); row 0, the
    instance itself, always trains.
    """
    rows = np.arange(n_train + n_validation)
    if rng is not None:
        rows[1:] = rng.permutation(rows[1:])
    return Split(
        train=np.sort(rows[:n_train]),
        validation=np.sort(rows[n_train:]),
        test=np.arange(n_train + n_validation, n_train + n_validation + n_test),
    )


def distinct(masks: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Rows]:
    """The distinct masks (m, d), in order of first appearance, and for each of the n rows which one it is (n,)."""
    packed = np.packbits(masks, axis=1)
    keys = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    position = np.empty_like(order)
    position[order] = np.arange(len(order))
    return masks[first[order]], position[inverse.ravel()]
