"""Every product of every set at once, where all masks were asked: sums over all masks by fast transforms.

The sum of a function over all supersets of each set is a fast zeta transform, its sums with all parities a fast Walsh
transform; both take d 2^d steps (Yates 1937).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.term_model import TermModel
from glider_core.engine.terms import Kind, Term

Half = NDArray[np.float64]
MAX_FEATURES = 16
_EQUAL = 1e-9  # relative difference below which two terms explain alike
_SHOWN = 8  # best terms given back


def all_masks(d: int) -> NDArray[np.bool_]:
    """All masks (2^d, d), the full one first: row r has feature j off where bit j of r is set."""
    return (np.arange(2**d)[:, None] >> np.arange(d)) & 1 == 0


def best_terms(model: TermModel, max_order: int) -> list[Term]:
    """The terms that explain most beyond the model, of all sets and kinds, the best first; the smaller set of equals.

    Args:
        model: on a design of all masks.
        max_order: of the sets.
    """
    design, d = model.design, model.design.d
    # Number of the set of features that are on, for each row of the design; sums are indexed by it.
    number = design.masks @ (1 << np.arange(d))
    order = np.array([bin(s).count("1") for s in range(2**d)])
    vectors = np.column_stack([model.residual, design.basis, model.span])  # (n, 1 + p + t)
    by_mask = np.zeros((2**d, vectors.shape[1]))
    by_mask[number] = design.root[:, None] * vectors
    weight = np.zeros(2**d)
    weight[number] = design.weights
    found: list[tuple[float, int, tuple[int, ...], Term]] = []
    for kind, transformed, norm in (
        ("all", over_supersets(by_mask), over_supersets(weight[:, None])[:, 0]),
        ("any", over_supersets(by_mask[::-1]), over_supersets(weight[::-1, None])[:, 0]),
        ("odd", walsh(by_mask), np.full(2**d, weight.sum())),
    ):
        left = norm - (transformed[:, 1:] ** 2).sum(axis=1)
        possible = (left > 1e-8 * np.maximum(norm, 1e-300)) & (order >= 2) & (order <= max_order)
        possible &= (order > 2) | (kind == "all")  # for pairs the three are the same
        drops = np.where(possible, transformed[:, 0] ** 2 / np.where(possible, left, 1.0), 0.0)
        for s in np.argsort(-drops, kind="stable")[:_SHOWN].tolist():
            if drops[s] > 0:
                features = tuple(j for j in range(d) if s >> j & 1)
                found.append((float(drops[s]), len(features), features, Term(features, kind)))  # type: ignore[arg-type]
    if not found:
        return []
    unit = _EQUAL * max(drop for drop, *_ in found)
    found.sort(key=lambda entry: (-round(entry[0] / unit), entry[1], entry[2]))
    return [term for *_, term in found]


def decompositions(model: TermModel) -> list[list[Term]]:
    """The terms of each kind whose sum is all that the answers hold beyond the features: exact, and often many.

    With "all" these are the sets with a Moebius coefficient, with "odd" those with a Walsh coefficient, of order two
    and more.
    """
    design, d = model.design, model.design.d
    order = np.array([bin(s).count("1") for s in range(2**d)])
    values = np.zeros((2**d, 1))
    values[design.masks @ (1 << np.arange(d)), 0] = model.target / design.root
    kinds: list[tuple[Kind, NDArray[np.float64]]] = [
        ("all", _differences(values)[:, 0]),
        ("any", _differences(values[::-1])[:, 0]),
        ("odd", walsh(values)[:, 0] / 2**d),
    ]
    found = []
    for kind, coefficients in kinds:
        sets = np.flatnonzero((np.abs(coefficients) > _EQUAL * np.abs(values).max()) & (order >= 2)).tolist()
        found.append([Term(tuple(j for j in range(d) if s >> j & 1), kind) for s in sets])
    return found


def parities(masks: NDArray[np.bool_], values: NDArray[np.float64]) -> dict[tuple[int, ...], float]:
    """Values of all masks as a sum of parities: the coefficient of each set's, where it is no rounding.

    Args:
        masks: (2^d, d), all of them, in any order.
        values: (2^d,) of these masks.
    """
    d = masks.shape[1]
    by_mask = np.zeros((2**d, 1))
    by_mask[masks @ (1 << np.arange(d)), 0] = values
    found = walsh(by_mask)[:, 0] / 2**d
    sets = np.flatnonzero(np.abs(found) > _EQUAL * np.abs(values).max()).tolist()
    return {tuple(j for j in range(d) if s >> j & 1): float(found[s]) for s in sets}


def _differences(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each set s the coefficients whose sums over all subsets are the values (2^d, k)."""
    return _by_features(values, lambda off, on: (off, on - off))


def over_supersets(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each set s the sum of values (2^d, k) over all sets that contain it."""
    return _by_features(values, lambda off, on: (off + on, on))


def walsh(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each set s the sum over all masks of values (2^d, k) times the product of +1 (on) and -1 (off) over s."""
    return _by_features(values, lambda off, on: (off + on, on - off))


def _by_features(values: NDArray[np.float64], join: Callable[[Half, Half], tuple[Half, Half]]) -> NDArray[np.float64]:
    """Values (2^d, k) after one step for each feature, in which `join` makes anew the halves without and with it."""
    result, step = values.copy(), 1
    while step < len(result):
        halves = result.reshape(-1, 2, step, result.shape[1])
        halves[:, 0], halves[:, 1] = join(halves[:, 0].copy(), halves[:, 1].copy())
        step *= 2
    return result
