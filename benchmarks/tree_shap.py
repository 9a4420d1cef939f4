"""Sets found in a boosted forest against SHAP interaction values and the exact answer of all masks.

`python -m benchmarks tree_shap` trains XGBoost on a table of ten columns with three planted sets, explains rows of it,
and measures how far three answers agree, row by row:

- Glider's sets (Grow, typical values as off state),
- the exact joint effect of every pair, over all 2^10 masks of the same game,
- SHAP interaction values (TreeSHAP, from XGBoost itself), whose off state is another: the training rows in each leaf.
"""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import spearmanr

import glider_core as gl
from glider_core.engine.asking import ask

D = 10
ROWS = 40
STRONG = 0.3  # units of the answer, from which an exact joint effect is one to be found


def planted(rows: int, seed: int) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Ten normal columns; two pairs and a triple act together, two columns act alone."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, D))
    on = x > 0
    answer = 3.0 * (on[:, 0] & on[:, 1]) - 2.0 * (on[:, 2] & on[:, 3]) + 2.5 * (on[:, 4] & on[:, 5] & on[:, 6])
    answer += 1.0 * x[:, 7] - 0.5 * x[:, 8] + 0.3 * rng.normal(size=rows)
    return pd.DataFrame(x, columns=[f"x{j}" for j in range(D)]), answer


def exact_pairs(instance: gl.Instance) -> dict[tuple[int, ...], float]:
    """The joint effect of each pair, the mean over all contexts of the other features."""
    numbers = np.arange(2**D)
    answers = ask(instance, (numbers[:, None] >> np.arange(D)) & 1 == 1)
    pairs: dict[tuple[int, ...], float] = {}
    for a, b in itertools.combinations(range(D), 2):
        others = numbers[(numbers >> a & 1 == 0) & (numbers >> b & 1 == 0)]
        both, one, other = others | 1 << a | 1 << b, others | 1 << a, others | 1 << b
        pairs[a, b] = float((answers[both] - answers[one] - answers[other] + answers[others]).mean())
    return pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far three answers agree over the rows of a table."""

    rows: int
    quiet: int  # rows in which no pair's exact effect exceeds `STRONG`: every value that matters is typical already
    r2: float  # of the model
    pairs: int  # that Glider found
    error: float  # of their effects, units of the answer, on average
    largest_error: float
    questions: float  # masks asked a row, on average
    first: float  # share of the other rows whose strongest pair is in Glider's first set
    shap_first: float  # whose strongest pair is SHAP's first
    held: float  # share of pairs beyond `STRONG` that are in a set of Glider's
    shap_held: float  # among as many of SHAP's first
    shap_ranks: float  # rank correlation of SHAP's pairs with the exact ones


def agreement(rows: int, seed: int = 0) -> Agreement:
    """Explain so many rows and compare."""
    import xgboost

    table, answer = planted(4000, seed)
    model = xgboost.XGBRegressor(n_estimators=150, max_depth=4, learning_rate=0.1, n_jobs=1, random_state=0)
    model.fit(table, answer)
    adapted = gl.tabular(model, table)
    shap = model.get_booster().predict(xgboost.DMatrix(table.head(rows)), pred_interactions=True)
    quiet = 0
    same_first, shap_first, held, shap_held, shap_ranks, errors, questions = [], [], [], [], [], [], []
    pairs: list[tuple[int, ...]] = list(itertools.combinations(range(D), 2))
    for row in range(rows):
        instance = adapted.instance(row)
        explanation = gl.explain(instance)
        exact = exact_pairs(instance)
        ordered = sorted(pairs, key=lambda pair: -abs(exact[pair]))
        found = {i.features: i.effect for i in explanation.interactions if i.order == 2}
        by_shap = {pair: 2 * float(shap[row, pair[0], pair[1]]) for pair in pairs}
        strong = [pair for pair in ordered if abs(exact[pair]) > STRONG]
        errors += [abs(effect - exact[pair]) for pair, effect in found.items()]
        questions.append(explanation.n_evaluations)
        if not strong:
            quiet += 1
            continue
        inside = {pair for i in explanation.interactions for pair in itertools.combinations(i.features, 2)}
        # The first set found counts as right where it is the strongest pair, or holds it.
        first = explanation.interactions[0].features if explanation.interactions else ()
        same_first.append(set(strong[0]) <= set(first))
        shap_first.append(max(pairs, key=lambda pair: abs(by_shap[pair])) == strong[0])
        held.append(len([pair for pair in strong if pair in inside]) / len(strong))
        in_shap = sorted(pairs, key=lambda pair: -abs(by_shap[pair]))[: len(strong)]
        shap_held.append(len(set(strong) & set(in_shap)) / len(strong))
        correlation: Any = spearmanr([abs(exact[p]) for p in pairs], [abs(by_shap[p]) for p in pairs])
        shap_ranks.append(float(correlation.statistic))
    return Agreement(
        rows=rows, quiet=quiet, r2=float(model.score(table, answer)), pairs=len(errors), error=float(np.mean(errors)),
        largest_error=float(np.max(errors)), questions=float(np.mean(questions)), first=float(np.mean(same_first)),
        shap_first=float(np.mean(shap_first)), held=float(np.mean(held)), shap_held=float(np.mean(shap_held)),
        shap_ranks=float(np.mean(shap_ranks)),
    )  # fmt: skip


def run() -> dict:
    """sets in a boosted forest against the exact answer of all masks and SHAP interaction values"""
    measured = {name: round(value, 3) for name, value in asdict(agreement(ROWS)).items()}
    print(measured)
    return measured
