"""Linear models of the black box: LIME's main effects, and the ridge path that picks the interactions to keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from glider_core.engine.blas import one_blas_thread
from glider_core.engine.interaction_sets import Features
from glider_core.engine.masks import Split

RIDGE = 1.0  # the penalty, in units of masks: LIME's own default
MIN_GAIN = 1e-4  # R2 on the validation masks that a set must bring to be kept
REJECTIONS = 3  # sets in a row without such a gain that end the search


@dataclass(frozen=True, slots=True)
class Selection:
    """The sets that a linear model with product terms needs, and the evidence for it."""

    main_effects: NDArray[np.float64]  # (d,) coefficients of the model without products
    selected: tuple[int, ...]  # positions in the ranking
    scores: tuple[float, ...]  # R2 on the test masks with the first k selected sets, k = 0..len(selected)
    validation_scores: tuple[float, ...]  # the same on the validation masks


@one_blas_thread()
def main_effects(
    masks: NDArray[np.bool_], answers: NDArray[np.float64], weights: NDArray[np.float64], n: int
) -> NDArray[np.float64]:
    """LIME's coefficients (d,): weighted ridge regression with intercept on the features.

    Args:
        masks: (m, d), each once.
        answers: (m,) one for each.
        weights: (m,) LIME's.
        n: masks drawn, in whose units `RIDGE` is.
    """
    weights = weights * (n / weights.sum())
    features = masks - np.average(masks, axis=0, weights=weights)
    level = np.average(answers, weights=weights)
    gram = (features * weights[:, None]).T @ features + RIDGE * np.eye(masks.shape[1])
    return scipy.linalg.solve(gram, features.T @ (weights * (answers - level)), assume_a="pos")


def products(masks: NDArray[np.bool_], sets: Sequence[Features]) -> NDArray[np.float64]:
    """One column per set, (n, sets): 1 where every feature of the set is on."""
    if not sets:
        return np.zeros((len(masks), 0))
    return np.stack([masks[:, list(features)].all(axis=1) for features in sets], axis=1).astype(np.float64)


def select(
    masks: NDArray[np.bool_],
    targets: NDArray[np.float64],
    weights: NDArray[np.float64],
    split: Split,
    ranking: Sequence[Features],
    *,
    max_interactions: int,
    basis: Basis | None = None,
) -> Selection:
    """Add product terms from the top of the ranking while the validation score improves (Section 3.1).

    A set that brings less than `MIN_GAIN` is passed over, so that one spurious set near the top does not hide those
    below it; `REJECTIONS` of them in a row end the search. (The paper stops at the first.) At the end the sets that
    later ones made needless are taken out again.

    Args:
        masks, targets, weights: (n, d), (n,), (n,).
        split: who fits, who decides, who is reported.
        ranking: sets, strongest first.
        max_interactions: at most so many are selected.
        basis: of the same masks, weights and split, where many instances share them.
    """
    candidates = list(ranking[: max_interactions + REJECTIONS * (max_interactions + 1)])
    path = _RidgePath(basis or Basis.of(masks, weights, split), targets, candidates)
    d = masks.shape[1]
    terms = list(range(d))
    main_effects, best, _ = path.fit(terms)
    selected: list[int] = []
    rejected = 0
    for position in range(len(candidates)):
        if len(selected) >= max_interactions or rejected >= REJECTIONS:
            break
        _, validation, _ = path.fit([*terms, *(d + k for k in selected), d + position])
        if validation - best < MIN_GAIN:
            rejected += 1
            continue
        rejected = 0
        selected.append(position)
        best = validation
    selected = _drop_needless(path, d, selected)
    fits = [path.fit([*terms, *(d + position for position in selected[:k])]) for k in range(len(selected) + 1)]
    return Selection(
        main_effects=main_effects,
        selected=tuple(selected),
        validation_scores=tuple(validation for _, validation, _ in fits),
        scores=tuple(test for _, _, test in fits),
    )


def first_that_help(
    masks: NDArray[np.bool_],
    targets: NDArray[np.float64],
    weights: NDArray[np.float64],
    split: Split,
    ranking: Sequence[Features],
    *,
    basis: Basis | None = None,
) -> int:
    """How many sets from the top of the ranking the paper keeps: up to the first that does not help (Section 3.1).

    Help is any rise of the validation score, however small; see `select` for a rule that chance deceives less.

    Args:
        masks, targets, weights: (n, d), (n,), (n,).
        split: who fits and who decides.
        ranking: sets, strongest first.
        basis: of the same masks, weights and split, where many instances share them.
    """
    path, d, best = _RidgePath(basis or Basis.of(masks, weights, split), targets, ranking), masks.shape[1], -np.inf
    for k in range(len(ranking) + 1):
        _, validation, _ = path.fit(list(range(d + k)))
        if validation <= best:
            return k - 1
        best = validation
    return len(ranking)


def _drop_needless(path: _RidgePath, d: int, selected: list[int]) -> list[int]:
    """Take out, one by one, the sets that those kept after them made needless: {a, b} once {a, b, c} is there."""
    while selected:
        _, complete, _ = path.fit([*range(d), *(d + position for position in selected)])
        without = [
            path.fit([*range(d), *(d + position for position in selected if position != candidate)])[1]
            for candidate in selected
        ]
        if complete - max(without) >= MIN_GAIN:
            break
        weakest = max(range(len(selected)), key=lambda place: (without[place], place))  # of equals the last
        selected = selected[:weakest] + selected[weakest + 1 :]
    return selected


@dataclass(frozen=True, slots=True)
class Basis:
    """What all instances explained with the same masks share in their linear models."""

    features: NDArray[np.bool_]  # (d, n): one row per feature
    split: Split
    weights: tuple[NDArray[np.float64], ...]  # of the training, validation and test rows
    center: NDArray[np.float64]  # (d,) weighted means over the training rows
    parts: tuple[NDArray[np.float64], ...]  # centred masks (rows, d) of the three
    gram: NDArray[np.float64]  # (d, d) of the training rows

    @classmethod
    def of(cls, masks: NDArray[np.bool_], weights: NDArray[np.float64], split: Split) -> Basis:
        """For masks (n, d) and their weights (n,)."""
        weights = weights / weights[split.train].mean()
        rows = (split.train, split.validation, split.test)
        center = np.average(masks[split.train], axis=0, weights=weights[split.train])
        parts = tuple(masks[r] - center for r in rows)
        w = tuple(weights[r] for r in rows)
        return cls(np.ascontiguousarray(masks.T), split, w, center, parts, (parts[0] * w[0][:, None]).T @ parts[0])


class _RidgePath:
    """Weighted ridge regression with intercept on the masks and any of the sets' products, from one Gram matrix.

    Term t < d is a feature, term d + p the product of the p-th set; its column is worked out when it is first needed.
    """

    def __init__(self, basis: Basis, targets: NDArray[np.float64], sets: Sequence[Features]) -> None:
        self._basis, self._sets = basis, sets
        split, (w, _, _) = basis.split, basis.weights
        self._targets = tuple(targets[rows] for rows in (split.train, split.validation, split.test))
        self._level = float(np.average(self._targets[0], weights=w))
        self._residual = w * (self._targets[0] - self._level)
        d, total = len(basis.center), len(basis.center) + len(sets)
        self._gram = np.empty((total, total))
        self._gram[:d, :d] = basis.gram
        self._moment = np.empty(total)
        self._moment[:d] = self._residual @ basis.parts[0]
        self._columns = tuple(np.empty((total, len(part))) for part in basis.parts)  # a row per term
        for rows, part in zip(self._columns, basis.parts, strict=True):
            rows[:d] = part.T
        self._known: set[int] = set(range(d))  # terms worked out

    def fit(self, terms: list[int]) -> tuple[NDArray[np.float64], float, float]:
        """Coefficients of these terms, and R2 on the validation and on the test masks."""
        for term in terms:
            if term not in self._known:
                self._work_out(term)
        gram = self._gram[np.ix_(terms, terms)] + RIDGE * np.eye(len(terms))
        coefficients = scipy.linalg.solve(gram, self._moment[terms], assume_a="pos")
        validation, test = (
            r2(self._targets[part], self._level + coefficients @ self._columns[part][terms], self._basis.weights[part])
            for part in (1, 2)
        )
        return coefficients, validation, test

    def _work_out(self, term: int) -> None:
        basis, d = self._basis, len(self._basis.center)
        product: NDArray[np.bool_] = basis.features[list(self._sets[term - d])].all(axis=0)  # type: ignore[assignment]
        mean = float(np.average(product[basis.split.train], weights=basis.weights[0]))
        split = basis.split
        for rows, numbers in zip(self._columns, (split.train, split.validation, split.test), strict=True):
            rows[term] = product[numbers] - mean
        self._known.add(term)
        column = self._columns[0][term]
        weighted = basis.weights[0] * column
        self._moment[term] = self._residual @ column
        others = sorted(self._known)
        self._gram[term, others] = self._gram[others, term] = self._columns[0][others] @ weighted


def r2(truth: NDArray[np.float64], prediction: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Weighted share of variance explained, at most 1; a constant truth scores 1 when matched, else 0."""
    residual = float(weights @ (truth - prediction) ** 2)
    spread = float(weights @ (truth - np.average(truth, weights=weights)) ** 2)
    scale = float(weights @ truth**2) * 1e-20  # below this a spread is rounding
    if spread <= scale:
        return 1.0 if residual <= max(scale, 1e-20) else 0.0
    return 1.0 - residual / spread
