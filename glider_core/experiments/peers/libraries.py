"""Peers as their libraries give them, with the libraries' own defaults; where one is missing, its methods are left out.

`pip install "glider[peers]"` brings them; neither the app nor any test needs them.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.interaction_sets import Features
from glider_core.experiments.peers.game import Answers, Found, Game, Masks, Method, strongest_first

DISTRIBUTIONS = ("shapiq", "sparse-transform", "interpret-core", "lightgbm", "xgboost-cpu", "scikit-learn")
_SPEX_UP_TO = 63  # features: with more, its decoder takes many minutes
_MOST_TERMS = 2500
_TREES, _STOP = 500, 30


def library_versions() -> dict[str, str]:
    """The peers' libraries that are installed."""
    found = {}
    for name in DISTRIBUTIONS:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def missing(method: Method) -> str:
    """What a method's library lacks here, in words; nothing where it can be imported."""
    try:
        with _quietly():
            for name in filter(None, method.library.split(",")):
                importlib.import_module(name)
    except ImportError as error:
        return f"needs {error.name or method.library}: pip install 'glider[peers]'"
    return ""


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Libraries speak of progress and of what they will change; results do not depend on it."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def _shapiq(name: str, options: Mapping[str, Any], game: Game) -> Found:
    """An approximator of shapiq: what it gives for each set, which summed over the sets that are on is a surrogate."""
    shapiq = importlib.import_module("shapiq")

    def value(coalitions: NDArray[Any]) -> Answers:
        return game(coalitions)

    with _quietly():
        approximator = getattr(shapiq, name)(n=game.d, random_state=game.seed, **options)
        values = approximator.approximate(game.budget, value)
    found = {tuple(int(f) for f in sorted(s)): float(v) for s, v in values.dict_values.items()}
    level = found.pop((), float(values.baseline_value))
    return Found(ranking=strongest_first(found), surrogate=_sum_of_products(level, found))


def _sum_of_products(level: float, values: Mapping[Features, float]) -> Callable[[Masks], Answers]:
    sets = [features for features, value in values.items() if value]

    def surrogate(masks: Masks) -> Answers:
        total = np.full(len(masks), level)
        for features in sets:
            total += values[features] * masks[:, list(features)].all(axis=1)
        return total

    return surrogate


def _fast(game: Game) -> Found:
    """FAST (Lou et al. 2013) as InterpretML has it: pairs by what they take off the residual of the features alone."""
    interpret = importlib.import_module("interpret.utils")
    linear = importlib.import_module("sklearn.linear_model")
    masks, weights = game.draw()
    answers, on = game(masks), masks.astype(np.float64)
    weights = weights / weights.mean()
    alone = linear.Ridge(alpha=1.0).fit(on, answers, sample_weight=weights).predict(on)
    with _quietly():
        pairs = interpret.measure_interactions(
            on, answers, init_score=alone, sample_weight=weights, objective="rmse", feature_types=["nominal"] * game.d
        )
    return Found(ranking=strongest_first({tuple(sorted(map(int, pair))): float(gain) for pair, gain in pairs}))


def _tree_shap(game: Game) -> Found:
    """XGBoost on masks, as many trees as help on a sixth of them, and its SHAP interaction values at the instance."""
    xgboost = importlib.import_module("xgboost")
    masks, weights = game.draw()
    answers = game(masks)
    held = np.arange(len(masks)) % 6 == 5
    parts = [
        xgboost.DMatrix(masks[rows].astype(np.float32), answers[rows], weight=weights[rows]) for rows in (~held, held)
    ]
    booster = xgboost.train(
        {"max_depth": 4, "eta": 0.1, "nthread": 1, "seed": game.seed, "base_score": float(answers.mean())},
        parts[0], _TREES, evals=[(parts[1], "held")], early_stopping_rounds=_STOP, verbose_eval=False,
    )  # fmt: skip
    rounds = (0, booster.best_iteration + 1)

    def surrogate(asked: Masks) -> Answers:
        return booster.predict(xgboost.DMatrix(asked.astype(np.float32)), iteration_range=rounds).astype(np.float64)

    full = xgboost.DMatrix(np.ones((1, game.d), dtype=np.float32))
    values = booster.predict(full, pred_interactions=True, iteration_range=rounds)[0]
    pairs = {(i, j): 2.0 * float(values[i, j]) for i in range(game.d) for j in range(i + 1, game.d)}
    return Found(ranking=strongest_first(pairs), surrogate=surrogate)


def _regression_impossible(order: int, game: Game) -> str:
    terms = sum(comb(game.d, k) for k in range(1, order + 1))
    if terms > game.budget:
        return f"{terms} terms, more than the calls"
    return f"{terms} terms" if terms > _MOST_TERMS else ""


def _spex_impossible(game: Game) -> str:
    if game.d > _SPEX_UP_TO:
        return f"minutes beyond {_SPEX_UP_TO} features"
    # Its smallest design: 2^3 samples for each of 3 subsamplings and every delay of a code that corrects two errors.
    needed = 3 * 8 * (2 * int(np.ceil(np.log2(game.d + 1))) + 1)
    return f"asks {needed} masks" if needed > game.budget else ""


LIBRARIES = (
    Method(name="ProxySPEX", find=partial(_shapiq, "ProxySPEX", {}), library="shapiq,lightgbm"),
    Method(name="SPEX", find=partial(_shapiq, "SPEX", {}), library="shapiq", impossible=_spex_impossible),
    Method(
        name="KernelSHAP-IQ", find=partial(_shapiq, "KernelSHAPIQ", {"max_order": 2, "index": "k-SII"}),
        library="shapiq", impossible=partial(_regression_impossible, 2),
    ),
    Method(
        name="Faith-Shap of order 2", find=partial(_shapiq, "RegressionFSII", {"max_order": 2}), library="shapiq",
        impossible=partial(_regression_impossible, 2),
    ),
    Method(
        name="Faith-Shap of order 3", find=partial(_shapiq, "RegressionFSII", {"max_order": 3}), library="shapiq",
        impossible=partial(_regression_impossible, 3),
    ),
    Method(name="TreeSHAP of XGBoost", find=_tree_shap, library="xgboost,sklearn"),
    Method(name="FAST", find=_fast, predicts=False, library="interpret.utils,sklearn"),
)  # fmt: skip
