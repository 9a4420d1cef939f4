"""Planted truth in a recommender, and the recommender's own: what do detectors find in each row, in which order?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Any, cast

import numpy as np

from glider_core.domains.recommender.model import RecommenderModel
from glider_core.domains.recommender.payload import RowPayload
from glider_core.drawings.plots import Bars, bar_chart
from glider_core.engine.blas import one_blas_thread
from glider_core.engine.explain import explain_many
from glider_core.engine.interaction_sets import Features
from glider_core.experiments.base import Beside, Context, Experiment, Option, Result
from glider_core.experiments.markdown import table, written_by
from glider_core.experiments.model_truth import Truth, TruthOfAll
from glider_core.models import load_model
from glider_core.provenance import versions
from glider_core.recommenders.simulator import MATTERS, PLANTED, planted_in
from glider_core.results import Explanation, Interaction
from glider_core.rows.run import ROWS
from glider_core.settings import Settings

COUNTS = 0.01  # share of the answers' variation from which a set is one of a row's truth
TRUTHS = ("components", "products", "planted")


def _inside(interaction: Interaction, others: Sequence[Interaction]) -> bool:
    return any(set(interaction.features) < set(other.features) for other in others)


# Orders in which a row's interactions may be told.
ORDERS: dict[str, Callable[[Sequence[Interaction]], Sequence[Interaction]]] = {
    "forward gain": lambda sets: sets,
    "mean effect": lambda sets: sorted(sets, key=lambda i: -abs(i.effect)),
    "effect beyond parts": lambda sets: sorted(sets, key=lambda i: -abs(i.adds)),
    "wholes first": lambda sets: sorted(sets, key=lambda i: _inside(i, sets)),
    "wholes only": lambda sets: [i for i in sets if not _inside(i, sets)],
}


def run(context: Context) -> dict[str, Any]:
    """R-precision of each detector in each order, against what was planted and what the model itself holds."""
    model = cast(RecommenderModel, load_model("recommender/simulated"))
    instances = [model.instance(number) for number in range(context["rows"])]
    names = instances[0].names
    planted = [
        [_positions(names, fields) for fields in planted_in(_values(names, instance.payload))] for instance in instances
    ]
    own = _own_truth(context, instances)
    truths: dict[str, list[list[Features]]] = {
        "components": [_that_count(truth.components) for truth in own],
        "products": [_that_count(truth.products) for truth in own],
        "planted": planted,
    }
    measured = []
    for name, settings in _settings(context["detectors"]).items():
        explanations = explain_many(instances, settings)
        measured.append({"run": name, "settings": settings.model_dump(mode="json"), **_measure(explanations, truths)})
        context.tell(f"{name}: {measured[-1]['R-precision']['forward gain']}")
    exact = {"components": [t.components for t in own], "products": [t.products for t in own]}
    return {
        "rows": len(instances),
        "matters": f"changes the true logit by {MATTERS} or more",
        "counts": COUNTS,
        "sets in a row's truth": {
            name: round(float(np.mean([len(t) for t in rows])), 2) for name, rows in truths.items()
        },
        # What the best detector could reach: the model's own sets, in their order, against the others' truth.
        "exact": {
            name: {what: _mean_precision([[f for f, _ in row] for row in rows], truths[what]) for what in TRUTHS}
            for name, rows in exact.items()
        },
        "runs": measured,
        "versions": versions(),
    }


def _settings(detectors: Sequence[str]) -> dict[str, Settings]:
    chosen = {name: Settings(detector=name) for name in detectors}
    # As over many rows.
    return chosen | {f"{name}, many rows": ROWS.model_copy(update={"detector": name}) for name in detectors}


@one_blas_thread()
def _own_truth(context: Context, instances: Sequence[Any]) -> list[Truth]:
    everything = TruthOfAll(len(instances[0].names), Settings().kernel_width)
    context.tell(f"{len(everything.masks):,} masks of each row")
    return [everything.of(np.asarray(instance.predict(everything.masks), dtype=np.float64)) for instance in instances]


def _values(names: Sequence[str], payload: Any) -> dict[str, str]:
    return dict(zip(names, cast(RowPayload, payload).values, strict=True))


def _that_count(sets: Sequence[tuple[Features, float]]) -> list[Features]:
    return [features for features, _ in takewhile(lambda entry: entry[1] >= COUNTS, sets)]


def _positions(names: Sequence[str], fields: Sequence[str]) -> Features:
    return tuple(sorted(names.index(name) for name in fields))


def _measure(explanations: Sequence[Explanation], truths: Mapping[str, list[list[Features]]]) -> dict[str, Any]:
    names = explanations[0].names
    counts = Counter(i.features for explanation in explanations for i in explanation.interactions)
    ranked = sorted(counts, key=lambda features: (-counts[features], len(features), features))
    planted = [_positions(names, fields) for fields in PLANTED]
    mattering = Counter(features for row in truths["planted"] for features in row)
    hits = Counter(
        features
        for explanation, row in zip(explanations, truths["planted"], strict=True)
        for features in {i.features for i in explanation.interactions} & set(row)
    )
    return {
        "questions": round(float(np.mean([e.n_evaluations for e in explanations]))),
        "kept": round(len([i for e in explanations for i in e.interactions]) / len(explanations), 2),
        "R-precision": {
            order: {
                what: _mean_precision([[i.features for i in put(e.interactions)] for e in explanations], truths[what])
                for what in TRUTHS
            }
            for order, put in ORDERS.items()
        },
        "planted among the five most frequent": len(set(ranked[: len(planted)]) & set(planted)),
        "kept, of rows where it matters": {
            " x ".join(fields): f"{hits[features]} of {mattering[features]}"
            for fields, features in zip(PLANTED, planted, strict=True)
        },
    }


def _mean_precision(orders: Sequence[Sequence[Features]], truth: Sequence[Sequence[Features]]) -> float:
    """Mean share of a row's true sets among as many at the top, over the rows that have any."""
    shares = [
        len(set(order[: len(row)]) & set(row)) / len(row) for order, row in zip(orders, truth, strict=True) if row
    ]
    return round(float(np.mean(shares)), 4) if shares else 0.0


def _report(results: Mapping[str, Result]) -> str:
    result = results["planted_recommender"]
    precision = [
        (
            row["run"],
            str(row["questions"]),
            *(f"{row['R-precision']['forward gain'][what]:.3f}" for what in TRUTHS),
            f"{row['planted among the five most frequent']} of {len(PLANTED)}",
        )
        for row in result["runs"]
    ]
    for name, of in result["exact"].items():
        precision.append((f"exact {name}", "32,768", *(f"{of[what]:.3f}" for what in TRUTHS), ""))
    first = result["runs"][0]
    orders = [(order, *(f"{of[what]:.3f}" for what in TRUTHS)) for order, of in first["R-precision"].items()]
    kept = [
        (fields.replace(" x ", " × "), *(row["kept, of rows where it matters"][fields] for row in result["runs"]))
        for fields in first["kept, of rows where it matters"]
    ]
    return (
        "AutoInt learned a simulated log with three planted pairs and two triples; "
        f"{result['rows']} held-out rows are judged by three truths: what was *planted* and matters in the row (it "
        f"{result['matters']}); and what the model itself holds, from its answers to all masks: *components*, the "
        "sets of a hundredth of the variation or more each in the functional analysis of variance (Walsh), and "
        "*products*, those that a linear model takes on one by one, each the best of all sets, while each explains a "
        "hundredth. R-precision is the share of a row's true sets among as many at the top. *Many rows* are as in "
        "global detection; the rows *exact* tell how far the three truths agree with each other.\n\n"
        f"{table(('run', 'questions', *TRUTHS, 'planted among the five most frequent'), precision)}\n\n"
        f"In which order {first['run']}'s sets are told:\n\n{table(('order', *TRUTHS), orders)}\n\n"
        "Forward gain is the order that is shown. Kept, of the rows where it matters:\n\n"
        f"{table(('planted', *(row['run'] for row in result['runs'])), kept)}\n\n{written_by(results)}"
    )


_MEANT = {
    "components": "sets that the model's own answers hold, as components",
    "products": "sets that the model's own answers hold, as products",
    "planted": "sets that were planted in the log and matter in the row",
}


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    result = results["planted_recommender"]
    runs = {row["run"]: row for row in result["runs"]}
    rows = []
    for suffix in ("", ", many rows"):
        ours, theirs = runs.get(f"Grow{suffix}"), runs.get(f"NID{suffix}")
        if ours is None or theirs is None:
            continue
        for truth in TRUTHS:
            mine, other = (run["R-precision"]["forward gain"][truth] for run in (ours, theirs))
            rows.append(
                Beside(
                    what=f"AutoInt on a simulated log{suffix}: R-precision, {_MEANT[truth]}",
                    paper=f"its NID: {other:.3f} with {theirs['questions']:,} questions",
                    ours=f"{mine:.3f} with {ours['questions']:,}",
                    differs="Same model and rows." if mine >= other else _exact(result, truth),
                    met=mine >= other,
                )
            )
    return rows


def _exact(result: Result, truth: str) -> str:
    """How far the three truths agree: what an explanation that is exactly right about the model would score."""
    best = max(of[truth] for name, of in result["exact"].items() if name != truth)
    return f"Sets that are exactly what the model's answers hold score {best:.3f}: not all was learned as planted."


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    result = results["planted_recommender"]
    found = {row["run"]: row["R-precision"]["forward gain"] for row in result["runs"]}
    found |= {f"the exact {name}": of for name, of in result["exact"].items()}
    series = [Bars(name=truth, values=[of[truth] for of in found.values()]) for truth in TRUTHS]
    title = "R-precision against three truths: what the model holds (components, products) and what was planted"
    return {title: bar_chart(list(found), series, title=title, value="R-precision", limits=(0.0, 1.0))}


EXPERIMENT = Experiment(
    name="planted-recommender",
    title="Planted truth in a recommender, and its own",
    claim="What is found in a trained recommender is what its own answers hold, set by set.",
    run=run,
    options={
        "rows": Option(help="Held-out rows to explain.", default=200, least=1),
        "detectors": Option(
            help="Detectors.", kind=str, several=True, default=("Grow", "NID"), choices=("Grow", "NID", "GradientNID")
        ),
    },
    quick={"rows": 10, "detectors": ("Grow",)},
    smoke={"rows": 1},
    report=_report,
    beside=_beside,
    pictures=_pictures,
)
