"""Planted truth in a recommender: does MADEX find in AutoInt what the simulator put into the log?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from glider_core.domains.recommender.model import RecommenderModel
from glider_core.domains.recommender.payload import RowPayload
from glider_core.engine.explain import explain_many
from glider_core.engine.planted import r_precision
from glider_core.experiments.base import Context, Experiment, Option, Result
from glider_core.experiments.markdown import table, written_by
from glider_core.models import load_model
from glider_core.provenance import versions
from glider_core.recommenders.simulator import MATTERS, PLANTED, planted_in
from glider_core.settings import Settings


def run(context: Context) -> dict[str, Any]:
    """R-precision of NID's ranking and of the kept interactions against the planted sets that matter in each row."""
    model = cast(RecommenderModel, load_model("recommender/simulated"))
    settings = Settings(detector="NID")
    instances = [model.instance(number) for number in range(context["rows"])]
    precisions: list[tuple[float, float]] = []
    counts: dict[tuple[str, ...], tuple[int, int]] = dict.fromkeys(PLANTED, (0, 0))
    for explanation in explain_many(instances, settings):
        names = explanation.names
        values = cast(RowPayload, explanation.payload).values
        mattering = planted_in(dict(zip(names, values, strict=True)))
        truth = [tuple(sorted(names.index(name) for name in fields)) for fields in mattering]
        kept = {interaction.features for interaction in explanation.interactions}
        for fields, features in zip(mattering, truth, strict=True):
            hits, of = counts[fields]
            counts[fields] = hits + (features in kept), of + 1
        if truth:
            precisions.append((r_precision(explanation.ranking, truth), r_precision(explanation.interactions, truth)))
    ranking, kept_first = np.mean(precisions, axis=0)
    return {
        "rows": len(instances),
        "rows with a planted set that matters": len(precisions),
        "matters": f"changes the true logit by {MATTERS} or more",
        "R-precision of the ranking": round(float(ranking), 4),
        "R-precision of the kept interactions": round(float(kept_first), 4),
        "kept, of rows where it matters": {
            " x ".join(fields): f"{hits} of {of}" for fields, (hits, of) in counts.items()
        },
        "settings": settings.model_dump(mode="json"),
        "versions": versions(),
    }


def _report(results: Mapping[str, Result]) -> str:
    result = results["planted_recommender"]
    rows = []
    for fields, kept in result["kept, of rows where it matters"].items():
        hits, of = map(int, kept.split(" of "))
        rows.append((fields.replace(" x ", " × "), f"{kept} ({hits / of:.0%})"))
    return (
        f"AutoInt learned a simulated log with three planted pairs and two triples; NID, default settings, "
        f"{result['rows']} held-out rows.\n\n{table(('planted', 'kept, of the rows where it matters'), rows)}\n\n"
        f"*It matters* where it {result['matters']}. R-precision of the ranking is "
        f"{result['R-precision of the ranking']:.2f}, of the kept interactions "
        f"{result['R-precision of the kept interactions']:.2f}: most of the misses are pairs inside a planted triple, "
        f"which AutoInt learned as pairs. {written_by(results)}"
    )


EXPERIMENT = Experiment(
    name="planted-recommender",
    title="Planted truth in a recommender",
    run=run,
    options={"rows": Option(help="Held-out rows to explain.", default=200, least=1)},
    quick={"rows": 10},
    report=_report,
)
