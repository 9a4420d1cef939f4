"""What an explanation is worth on masks that its run never drew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.asking import Questions
from glider_core.engine.design import Design
from glider_core.engine.interaction_sets import Features
from glider_core.engine.linear import products, r2
from glider_core.engine.masks import lime_weights, sample_masks
from glider_core.engine.term_model import TermModel
from glider_core.engine.terms import KINDS, Term, parts_of
from glider_core.results import Explanation

FRESH = 2000  # masks
_SEED = 987_654_321
_MASKS_PER_TERM = 8
_TABLE = 5  # features of the largest sets that Grow merges terms to


def fresh_masks(d: int, n: int = FRESH, seed: int = _SEED) -> NDArray[np.bool_]:
    """Masks (n, d) of a seed that no run uses."""
    return sample_masks(d, n, np.random.default_rng(seed))


def r2_of_sets(
    questions: Questions,
    fitted_on: NDArray[np.bool_],
    sets: list[Features],
    *,
    products_only: bool = False,
    fresh: int = FRESH,
) -> list[float]:
    """R2, weighted, on fresh masks of the features and the first k sets, k = 0, 1, ..., fitted on these masks (n, d).

    Args:
        questions: to the black box whose answers are fitted and foretold; several calls may share them.
        fitted_on: masks.
        sets: in their order.
        products_only: a set's column is its product; else its whole table, as far as the masks suffice.
        fresh: masks to measure on.
    """
    masks = fresh_masks(len(questions.instance.names), fresh)
    weights = lime_weights(masks, 0.25)
    truth, design = questions(masks), Design(fitted_on, lime_weights(fitted_on, 0.25))
    answers = questions(design.masks)
    model, scores = TermModel(design, answers), []
    for k in range(len(sets) + 1):
        if k:
            room = design.n // _MASKS_PER_TERM - len(model.terms)
            terms = [Term(sets[k - 1], "all")] if products_only else _table(sets[k - 1], room)
            if new := [term for term in terms if term not in model.terms]:
                model.extend(new)
        scores.append(r2(truth, model.prediction(answers, masks), weights))
    return scores


def _table(features: Features, room: int) -> list[Term]:
    """Terms that make up every function of a set's features; its three kinds where these would be too many."""
    order = len(features)
    if order > _TABLE or 2**order - order - 1 > room:
        return [Term(features, kind) for kind in (KINDS if order > 2 else KINDS[:1])]
    return [Term(part, "odd") for part in parts_of(features)]


def r2_on_unseen_masks(explanation: Explanation, questions: Questions) -> list[float]:
    """R2 on fresh masks with the explanation's first k interactions, k = 0, 1, ..."""
    fitted_on = sample_masks(len(explanation.names), explanation.looks[-1], np.random.default_rng(_SEED + 1))
    return r2_of_sets(questions, fitted_on, [interaction.features for interaction in explanation.interactions])


def ridge_r2(
    columns: NDArray[np.float64],
    answers: NDArray[np.float64],
    weights: NDArray[np.float64],
    fresh_columns: NDArray[np.float64],
    truth: NDArray[np.float64],
    fresh_weights: NDArray[np.float64],
    penalty: float = 1.0,
) -> float:
    """R2 on fresh masks of a weighted ridge regression with intercept."""
    weights = weights / weights.mean()
    center, level = np.average(columns, axis=0, weights=weights), np.average(answers, weights=weights)
    centred = columns - center
    gram = (centred * weights[:, None]).T @ centred + penalty * np.eye(columns.shape[1])
    coefficients = np.linalg.solve(gram, centred.T @ (weights * (answers - level)))
    return r2(truth, level + (fresh_columns - center) @ coefficients, fresh_weights)


def pair_products(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
    """All features and all products of two (n, d + d (d - 1) / 2)."""
    d = masks.shape[1]
    pairs: list[Features] = [(i, j) for i in range(d) for j in range(i + 1, d)]
    return np.hstack([masks.astype(np.float64), products(masks, pairs)])
