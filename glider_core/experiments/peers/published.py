"""Peers that no light library has, written from their published definitions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.detectors.arch_detect import corner_flips
from glider_core.engine.exhaustive import all_masks
from glider_core.engine.linear import products
from glider_core.engine.masks import lime_weights, sample_masks
from glider_core.experiments.peers.game import Answers, Found, Game, Masks, Method, strongest_first

_PENALTIES = np.logspace(-3, 4, 15)
_MOST_TERMS = 2500  # of a regression on all sets of up to three features
_EXACT_UP_TO = 13  # features


def _lime(game: Game) -> Found:
    """LIME (Ribeiro et al. 2016): weighted ridge on the features alone; it names no interactions."""
    masks = sample_masks(game.d, game.budget, np.random.default_rng([game.seed, game.d]))
    return Found(surrogate=_ridge(masks, game(masks), lime_weights(masks, 0.25), 1, [1.0])[0])


def _regression(order: int, game: Game) -> Found:
    """Ridge on all products of up to so many features, its penalty by leave-one-out error; sets by coefficient.

    On uniform masks these are the Faithful Banzhaf interactions (Tsai et al. 2023).
    """
    masks, weights = game.draw()
    surrogate, coefficients = _ridge(masks, game(masks), weights, order, _PENALTIES)
    sets = [s for k in range(1, order + 1) for s in combinations(range(game.d), k)]
    return Found(ranking=strongest_first(dict(zip(sets, coefficients.tolist(), strict=True))), surrogate=surrogate)


def _ridge(
    masks: Masks,
    answers: Answers,
    weights: NDArray[np.float64],
    order: int,
    penalties: Sequence[float] | NDArray[np.float64],
) -> tuple[Callable[[Masks], Answers], NDArray[np.float64]]:
    from sklearn.linear_model import RidgeCV

    sets = [s for k in range(1, order + 1) for s in combinations(range(masks.shape[1]), k)]
    model: Any = RidgeCV(alphas=penalties).fit(products(masks, sets), answers, sample_weight=weights / weights.mean())
    return lambda asked: model.predict(products(asked, sets)), model.coef_


def _too_many_terms(game: Game) -> str:
    terms = sum(comb(game.d, k) for k in (1, 2, 3))
    return f"{terms} terms" if terms > _MOST_TERMS else ""


def _h_statistic(game: Game) -> Found:
    """Friedman's H (Friedman and Popescu 2008) of every pair, from partial dependence on the masks drawn.

    H^2 is the part of the variation of a pair's partial dependence that the two features' own do not account for, on
    and off counted alike. In a context each feature and each pair is switched, which costs 1 + d + d (d - 1) / 2 calls.
    """
    d, flips = game.d, corner_flips(game.d)
    contexts = game.draw(game.budget // len(flips))[0]
    answers = np.stack([game(context ^ flips) for context in contexts])  # (contexts, 1 + d + pairs)
    rows = np.arange(len(contexts))
    h: dict[tuple[int, ...], float] = {}
    for number, (i, j) in enumerate(combinations(range(d), 2)):
        values = np.empty((len(contexts), 2, 2))
        a, b = contexts[:, i].astype(int), contexts[:, j].astype(int)
        values[rows, a, b] = answers[:, 0]
        values[rows, 1 - a, b] = answers[:, 1 + i]
        values[rows, a, 1 - b] = answers[:, 1 + j]
        values[rows, 1 - a, 1 - b] = answers[:, 1 + d + number]
        both = values.mean(axis=0)
        joint = both[1, 1] - both[1, 0] - both[0, 1] + both[0, 0]
        whole = float(((both - both.mean()) ** 2).sum())
        if whole > 1e-12 * max(float(np.ptp(answers)) ** 2, 1e-300):
            h[i, j] = float(joint) ** 2 / 4.0 / whole
    return Found(ranking=strongest_first(h))


def _needs_contexts(game: Game) -> str:
    needed = 1 + game.d + game.d * (game.d - 1) // 2
    return f"asks {needed} masks for one context" if needed > game.budget else ""


def _exact_shapley(game: Game) -> Found:
    """The Shapley interaction index of every pair (Grabisch and Roubens 1999), from the answers to all masks.

    SHAP interaction values are these, halved.
    """
    d, masks = game.d, all_masks(game.d)
    answers = game(masks)
    number = np.arange(2**d)  # bit j of a row is set where feature j is off
    on = masks.sum(axis=1)
    values: dict[tuple[int, ...], float] = {}
    for i, j in combinations(range(d), 2):
        rest = number[(number >> i & 1 == 1) & (number >> j & 1 == 1)]  # both off
        joint = (
            answers[rest ^ (1 << i) ^ (1 << j)] - answers[rest ^ (1 << i)] - answers[rest ^ (1 << j)] + answers[rest]
        )
        chance = np.array([1.0 / ((d - 1) * comb(d - 2, size)) for size in range(d - 1)])
        values[i, j] = float(joint @ chance[on[rest]])
    return Found(ranking=strongest_first(values))


def _too_many_masks(game: Game) -> str:
    return "" if game.d <= _EXACT_UP_TO and 2**game.d <= game.budget else "all masks are more than the calls"


PUBLISHED = (
    Method(name="LIME", find=_lime, ranks=False),
    Method(name="all pairs", find=partial(_regression, 2)),
    Method(name="all triples", find=partial(_regression, 3), impossible=_too_many_terms),
    Method(name="Friedman's H", find=_h_statistic, predicts=False, impossible=_needs_contexts),
    Method(name="exact Shapley interactions", find=_exact_shapley, predicts=False, impossible=_too_many_masks),
)
