"""Linear models of the black box: LIME's main effects, and the ridge path that picks the interactions to keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from glider_core.interaction_sets import Features
from glider_core.masks import Split

RIDGE = 1.0  # the penalty, in units of masks: LIME's own default
MIN_GAIN = 1e-4  # R2 on the validation masks that a set must bring to be kept
REJECTIONS = 3  # sets in a row without such a gain that end the search


@dataclass(frozen=True, slots=True)
class Selection:
    """The sets that a linear model with product terms needs, and the evidence for it."""

    main_effects: NDArray[np.float64]  # (d,) coefficients of the model without products
    kept: tuple[int, ...]  # positions in the ranking
    scores: tuple[float, ...]  # R2 on the test masks with the first k kept sets, k = 0..len(kept)
    validation_scores: tuple[float, ...]  # the same on the validation masks


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
) -> Selection:
    """Add product terms from the top of the ranking while the validation score improves (Section 3.1).

    A set that brings less than `MIN_GAIN` is passed over, so that one spurious set near the top does not hide those
    below it; `REJECTIONS` of them in a row end the search. (The paper stops at the first.) At the end the sets that
    later ones made needless are taken out again.

    Args:
        masks, targets, weights: (n, d), (n,), (n,).
        split: who fits, who decides, who is reported.
        ranking: sets, strongest first.
        max_interactions: at most so many are kept.
    """
    candidates = list(ranking[: max_interactions + REJECTIONS * (max_interactions + 1)])
    columns = np.concatenate([masks.astype(np.float64), products(masks, candidates)], axis=1)
    path = _RidgePath(columns, targets, weights, split)
    d = masks.shape[1]
    terms = list(range(d))
    main_effects, best, _ = path.fit(terms)
    kept: list[int] = []
    rejected = 0
    for position in range(len(candidates)):
        if len(kept) >= max_interactions or rejected >= REJECTIONS:
            break
        _, validation, _ = path.fit([*terms, *(d + k for k in kept), d + position])
        if validation - best < MIN_GAIN:
            rejected += 1
            continue
        rejected = 0
        kept.append(position)
        best = validation
    kept = _drop_needless(path, d, kept)
    fits = [path.fit([*terms, *(d + position for position in kept[:k])]) for k in range(len(kept) + 1)]
    return Selection(
        main_effects=main_effects,
        kept=tuple(kept),
        validation_scores=tuple(validation for _, validation, _ in fits),
        scores=tuple(test for _, _, test in fits),
    )


def _drop_needless(path: _RidgePath, d: int, kept: list[int]) -> list[int]:
    """Take out, one by one, the sets that those kept after them made needless: {a, b} once {a, b, c} is there."""
    while kept:
        _, complete, _ = path.fit([*range(d), *(d + position for position in kept)])
        without = [
            path.fit([*range(d), *(d + position for position in kept if position != candidate)])[1]
            for candidate in kept
        ]
        if complete - max(without) >= MIN_GAIN:
            break
        # Of equals the weakest goes.
        kept = [p for i, p in enumerate(kept) if i != max(range(len(kept)), key=lambda j: (without[j], j))]
    return kept


class _RidgePath:
    """Weighted ridge regression with intercept on any subset of columns, from one Gram matrix."""

    def __init__(
        self, columns: NDArray[np.float64], targets: NDArray[np.float64], weights: NDArray[np.float64], split: Split
    ) -> None:
        self._columns, self._targets, self._split = columns, targets, split
        self._weights = weights / weights[split.train].mean()
        w = self._weights[split.train]
        self._center = np.average(columns[split.train], axis=0, weights=w)
        self._level = float(np.average(targets[split.train], weights=w))
        centered = columns[split.train] - self._center
        self._gram = (centered * w[:, None]).T @ centered
        self._moment = (centered * w[:, None]).T @ (targets[split.train] - self._level)

    def fit(self, terms: list[int]) -> tuple[NDArray[np.float64], float, float]:
        """Coefficients of these columns, and R2 on the validation and on the test masks."""
        gram = self._gram[np.ix_(terms, terms)] + RIDGE * np.eye(len(terms))
        coefficients = scipy.linalg.solve(gram, self._moment[terms], assume_a="pos")
        validation, test = (
            r2(self._targets[rows], self._predict(rows, terms, coefficients), self._weights[rows])
            for rows in (self._split.validation, self._split.test)
        )
        return coefficients, validation, test

    def _predict(
        self, rows: NDArray[np.intp], terms: list[int], coefficients: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        return self._level + (self._columns[rows][:, terms] - self._center[terms]) @ coefficients


def r2(truth: NDArray[np.float64], prediction: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Weighted share of variance explained, at most 1; a constant truth scores 1 when matched, else 0."""
    residual = float(weights @ (truth - prediction) ** 2)
    spread = float(weights @ (truth - np.average(truth, weights=weights)) ** 2)
    scale = float(weights @ truth**2) * 1e-20  # below this a spread is rounding
    if spread <= scale:
        return 1.0 if residual <= max(scale, 1e-20) else 0.0
    return 1.0 - residual / spread
