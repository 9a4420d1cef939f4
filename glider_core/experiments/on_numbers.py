"""Interactions of a black box of numbers at instances, by every method that Table 10 sets beside each other."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.adapters.tabular import OffState, tabular
from glider_core.engine.across import joined_ranking, rank_over_draws
from glider_core.engine.interaction_sets import Features
from glider_core.experiments.black_boxes import FORESTS
from glider_core.experiments.contextual_decomposition import of_lstm, of_relu_network, pair_scores
from glider_core.experiments.near_values import near_rankings
from glider_core.results import Candidate
from glider_core.settings import Settings

SIGMA = 0.6  # of the normal around a value, in its unit, cut at one deviation
BACKGROUND = 1000  # training rows that other rows' values come from
_APART = 1000  # seeds of one instance's explainers


@dataclass(frozen=True, slots=True)
class Game:
    """How one of ours asks: on and off, each draw of what is off a game of its own."""

    off_state: OffState
    detector: str
    draws: int
    masks: int  # of each draw, at most


OURS: dict[str, Game] = {
    "Grow near": Game("nearby", "Grow", 5, 1000),
    "Grow far": Game("marginal", "Grow", 5, 1000),
    "Exact far": Game("marginal", "Exact", 5, 1024),
    "Grow many": Game("marginal", "Grow", 20, 300),  # as many answers as the paper's explainers learn from
}


@dataclass(frozen=True, slots=True)
class Joined:
    """Several explainers of one instance, each of other values near it, joined as draws are (`joined_ranking`)."""

    detector: str
    explainers: int


JOINED: dict[str, Joined] = {"4 × GradientNID": Joined("GradientNID", 4)}
METHODS = ("Tree-SHAP", "ACD+", "NID", "GradientNID", *OURS)

Rows = NDArray[np.float64]
Rankings = list[list[Features]]  # of every instance, strongest set first


@dataclass(frozen=True, slots=True)
class Asked:
    """What the methods work on."""

    model: Any  # as `black_boxes.trained` returns it
    kind: str  # of `black_boxes`
    train: Rows  # (n, d) rows that it was trained on
    instances: Rows  # (b, d)
    schedule: str  # of the explainers that NID and GradientNID read
    seed: int

    def predict(self, x: Rows) -> Rows:
        """Answers (n,) to rows (n, d)."""
        if self.kind in FORESTS:
            return self.model.inplace_predict(x)
        import torch

        with torch.inference_mode():
            return self.model(torch.from_numpy(np.array(x, dtype=np.float32))).numpy()


def rankings(asked: Asked, methods: Sequence[str]) -> dict[str, tuple[Rankings, float]]:
    """By method the rankings of all instances, and the seconds that they took; those that the black box allows."""
    found: dict[str, tuple[Rankings, float]] = {}
    for method in methods:
        way = _way(method, asked)
        if way is not None:
            started = time.perf_counter()
            found[method] = way(), time.perf_counter() - started
    return found


def _way(method: str, asked: Asked) -> Callable[[], Rankings] | None:
    if method == "Tree-SHAP":
        return partial(_tree_shap, asked) if asked.kind in FORESTS else None
    if method == "ACD+":
        return None if asked.kind in FORESTS else partial(_acd, asked)
    if method in OURS:
        return partial(_over_draws, asked, OURS[method])
    if method in JOINED:
        return partial(_joined, asked, JOINED[method])
    return partial(_near, asked, method, asked.seed)


def _tree_shap(asked: Asked) -> Rankings:
    """Pairs by SHAP interaction values (Lundberg et al. 2018), as XGBoost itself works them out."""
    import xgboost

    values = asked.model.predict(xgboost.DMatrix(asked.instances), pred_interactions=True)
    return [_by_score({pair: abs(float(table[pair])) for pair in _pairs(asked)}) for table in values]


def _acd(asked: Asked) -> Rankings:
    model = asked.model
    parts = partial(of_relu_network, model.layers) if asked.kind == "MLP" else partial(of_lstm, model.lstm, model.last)
    return [_by_score(pair_scores(parts, x)) for x in asked.instances]


def _near(asked: Asked, detector: str, seed: int) -> Rankings:
    """The paper's own: an explainer of values near the instance, no masks."""
    return [_features(ranking) for ranking in _candidates(asked, detector, seed)]


def _joined(asked: Asked, way: Joined) -> Rankings:
    runs = [_candidates(asked, way.detector, asked.seed + number * _APART) for number in range(way.explainers)]
    return [_features(joined_ranking(rankings)) for rankings in zip(*runs, strict=True)]


def _candidates(asked: Asked, detector: str, seed: int) -> list[list[Candidate]]:
    settings = Settings(detector=detector, schedule=asked.schedule)  # type: ignore[arg-type]
    (found,) = near_rankings(asked.predict, asked.instances, [settings], sigma=SIGMA, seed=seed)
    return found


def _features(ranking: Sequence[Candidate]) -> list[Features]:
    return [candidate.features for candidate in ranking]


def _over_draws(asked: Asked, game: Game) -> Rankings:
    background = asked.train[:BACKGROUND]
    sigma = SIGMA / float(background.std())

    def answer(rows: Rows) -> Rows:
        return asked.predict(rows)

    model = tabular(answer, background, off_state=game.off_state, rows=1, seed=asked.seed, sigma=sigma)
    settings = Settings.with_masks(game.masks, detector=game.detector)
    ranked = [rank_over_draws(model.instance(x), settings, draws=game.draws) for x in asked.instances]
    return [[shared.features for shared in sets] for sets in ranked]


def _pairs(asked: Asked) -> list[Features]:
    return list(itertools.combinations(range(asked.train.shape[1]), 2))


def _by_score(scores: dict[Features, float]) -> list[Features]:
    return sorted(scores, key=lambda features: (-scores[features], features))
