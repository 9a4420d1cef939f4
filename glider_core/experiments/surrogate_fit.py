"""Surrogates: how much of a shipped model the first k interactions carry, beside peers on the same masks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.drawings.plots import Line, line_chart
from glider_core.engine.asking import Questions
from glider_core.engine.explain import explain
from glider_core.engine.instance import Instance
from glider_core.engine.interaction_sets import Features
from glider_core.engine.linear import select
from glider_core.engine.masks import Split, lime_weights, sample_masks
from glider_core.experiments.base import Beside, Context, Experiment, Option, Result
from glider_core.experiments.inputs import enough_for, fewer_masks, inputs_of
from glider_core.experiments.markdown import table, written_by
from glider_core.experiments.parts import KEEP, in_parts
from glider_core.experiments.unseen import FRESH, fresh_masks, pair_products, r2_of_sets, ridge_r2
from glider_core.models import load_model
from glider_core.provenance import versions
from glider_core.settings import Settings

MODELS = ("sentiment/lstm", "sentiment/distilbert-small", "dna/cnn", "recommender/simulated", "recommender/census",
          "image/small50", "graph/karate", "graph/cora")  # fmt: skip
STEPS = (0, 1, 3, 5, 10, 20)
METHODS = ("Grow", "NID", "boosted trees", "all pairs, ridge")


def run(context: Context) -> dict[str, Any]:
    """R2 on fresh masks of the features and the first k sets of each method, fitted on the same masks."""

    def of_model(model_id: str) -> dict[str, Any]:
        model: Any = load_model(model_id)
        inputs, masks = enough_for(model_id, context["inputs"], context["masks"])
        scores = [_scores(model.instance(raw), masks) for raw in inputs_of(model_id, inputs)]
        found: dict[str, Any] = {
            method: np.mean([values[method] for values in scores], axis=0).round(4).tolist() for method in METHODS
        }
        context.tell(f"{model_id}: " + ", ".join(f"{method} {found[method][-1]}" for method in METHODS))
        return {**found, "inputs": len(scores), **({"masks": masks} if masks < context["masks"] else {})}

    by_model = in_parts(
        {model_id: partial(of_model, model_id) for model_id in context["models"] or MODELS},
        experiment="surrogate fit",
        header={"inputs": context["inputs"], "masks": context["masks"]},
        keep=context["keep"],
    )
    return {"models": by_model, "steps": list(STEPS), "masks": context["masks"], "versions": versions()}


def _scores(instance: Instance, n: int) -> dict[str, list[float]]:
    d = len(instance.names)
    masks = sample_masks(d, n, np.random.default_rng(0))
    weights = lime_weights(masks, 0.25)
    questions = Questions(instance)
    answers, fresh = questions(masks), fresh_masks(d)
    truth, fresh_weights = questions(fresh), lime_weights(fresh, 0.25)
    settings = Settings.with_masks(n, grow_questions=False)
    grown = [candidate.features for candidate in explain(instance, settings).ranking]
    read = explain(instance, settings.model_copy(update={"detector": "NID"})).ranking
    split = Split(np.arange(n - n // 6), np.arange(n - n // 6, n), np.arange(n - n // 6, n))
    found = {
        "Grow": (grown, False),
        "NID": (_selected(masks, answers, weights, split, [c.features for c in read]), True),
        "boosted trees": (_selected(masks, answers, weights, split, _of_trees(masks, answers, weights)), True),
    }
    scores = {}
    for method, (sets, products_only) in found.items():
        path = r2_of_sets(questions, masks, sets[: STEPS[-1]], products_only=products_only)
        scores[method] = [path[min(k, len(path) - 1)] for k in STEPS]
    pairs = [
        ridge_r2(pair_products(masks), answers, weights, pair_products(fresh), truth, fresh_weights, penalty)
        for penalty in (1.0, 10.0)
    ]
    return scores | {"all pairs, ridge": [max(pairs)] * len(STEPS)}


def _selected(
    masks: NDArray[np.bool_],
    answers: NDArray[np.float64],
    weights: NDArray[np.float64],
    split: Split,
    ranking: list[Features],
) -> list[Features]:
    selection = select(masks, answers, weights, split, ranking, max_interactions=STEPS[-1])
    return [ranking[place] for place in selection.selected]


def _of_trees(masks: NDArray[np.bool_], answers: NDArray[np.float64], weights: NDArray[np.float64]) -> list[Features]:
    """Sets of boosted trees by the size of their products' coefficients (as ProxySPEX reads them)."""
    from sklearn.ensemble import GradientBoostingRegressor

    on = masks.astype(np.float64)
    trees = GradientBoostingRegressor(
        n_estimators=400, learning_rate=0.05, max_depth=4, min_samples_leaf=5, n_iter_no_change=30,
        validation_fraction=0.1, random_state=0,
    ).fit(on, answers, sample_weight=weights)  # fmt: skip
    products: dict[Features, float] = {}
    for (tree,) in trees.estimators_:
        for features, value in _products_of(tree.tree_, 0).items():
            products[features] = products.get(features, 0.0) + value
    variation = {
        features: abs(value) * float(on[:, list(features)].all(axis=1).std())
        for features, value in products.items()
        if len(features) > 1
    }
    return sorted(variation, key=lambda features: -variation[features])[:200]


def _products_of(tree: Any, node: int) -> dict[Features, float]:
    """A subtree as a sum of products of on features: off + on * (on's part - off's part)."""
    feature = int(tree.feature[node])
    if feature < 0:
        return {(): float(tree.value[node].ravel()[0])}
    off, on = (_products_of(tree, int(child[node])) for child in (tree.children_left, tree.children_right))
    total = dict(off)
    for part, sign in ((on, 1.0), (off, -1.0)):
        for features, value in part.items():
            key = tuple(sorted({*features, feature}))
            total[key] = total.get(key, 0.0) + sign * value
    return total


def _report(results: Mapping[str, Result]) -> str:
    result = results["surrogate_fit"]
    rows = [
        (f"{model_id} ({values['inputs']}{fewer_masks(values)})", method, *(f"{value:.3f}" for value in values[method]))
        for model_id, values in result["models"].items()
        for method in METHODS
    ]
    return (
        f"R2, weighted, on {FRESH} fresh masks, of the features and the first k sets, all fitted on the same "
        f"{result['masks']} masks; the mean over the domain's examples (their number in brackets, with the masks where "
        "a slow model has fewer). Boosted trees are read as products; NID's and the trees' sets go through the ridge "
        "path, Grow's stand in its own order. All pairs is one ridge regression with every product of two, the better "
        "of two penalties.\n\n"
        f"{table(('model', 'method', *(f'k = {k}' for k in result['steps'])), rows)}\n\n{written_by(results)}"
    )


_SHOWN = 5  # sets, of the comparison


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    result = results["surrogate_fit"]
    place = result["steps"].index(_SHOWN)
    rows = []
    for model_id, values in result["models"].items():
        ours, *others = METHODS
        best = max(values[other][place] for other in others)
        rows.append(
            Beside(
                what=f"{model_id}: R2 of the features and the first {_SHOWN} sets, on masks not fitted on",
                paper="; ".join(f"{other}: {values[other][place]:.3f}" for other in others),
                ours=f"{values[ours][place]:.3f}",
                differs="Same masks and answers. All pairs is no explanation: it has every product of two.",
                met=values[ours][place] >= best,
            )
        )
    return rows


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    result, drawn = results["surrogate_fit"], {}
    for model_id, values in result["models"].items():
        lines = [
            Line(name=method, x=result["steps"], y=values[method], quiet=method == METHODS[-1]) for method in METHODS
        ]
        title = f"{model_id}: R2 on unseen masks of the features and the first k sets"
        drawn[title] = line_chart(lines, title=title, x="k, sets", y="R2")
    return drawn


EXPERIMENT = Experiment(
    name="surrogate-fit",
    title="Surrogates: what the first k interactions carry",
    claim="The first few sets of Grow carry more of a model's answers than those of NID or of boosted trees.",
    run=run,
    options={
        "models": Option(help="Models' ids; by default all that ship.", kind=str, several=True),
        "inputs": Option(help="Examples of each.", default=6, least=1),
        "masks": Option(help="Masks to fit on.", default=5000, least=200),
        "keep": KEEP,
    },
    quick={"models": ("sentiment/lstm",), "inputs": 1, "masks": 1000},
    smoke={"models": ("recommender/census",), "masks": 200},
    report=_report,
    beside=_beside,
    pictures=_pictures,
)
