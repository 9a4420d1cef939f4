"""Planted truth in a recommender: does MADEX find in AutoInt what the simulator put into the log?"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from glider_core.domains.recommender.model import RecommenderModel
from glider_core.engine.madex import explain_many
from glider_core.engine.planted import r_precision
from glider_core.models import load_model
from glider_core.provenance import versions
from glider_core.recommenders.simulator import MATTERS, PLANTED, planted_in
from glider_core.settings import Settings

ROWS = 200


def run(rows: int = ROWS) -> dict[str, Any]:
    """R-precision of NID's ranking and of the kept interactions against the planted sets that matter in each row."""
    model = cast(RecommenderModel, load_model("recommender/simulated"))
    settings = Settings(detector="NID")
    instances = [model.instance(number) for number in range(rows)]
    values = [instance.payload.values for instance in instances]  # type: ignore[union-attr, attr-defined]
    found = explain_many(instances, settings)
    lines: list[tuple[float, float]] = []
    counts: dict[tuple[str, ...], tuple[int, int]] = dict.fromkeys(PLANTED, (0, 0))
    for given, explanation in zip(values, found, strict=True):
        names = explanation.names
        row = dict(zip(names, given, strict=True))
        matter = planted_in(row)
        truth = [tuple(sorted(names.index(name) for name in fields)) for fields in matter]
        kept = {interaction.features for interaction in explanation.interactions}
        for fields, features in zip(matter, truth, strict=True):
            hits, of = counts[fields]
            counts[fields] = hits + (features in kept), of + 1
        if truth:
            lines.append((r_precision(explanation.ranking, truth), r_precision(explanation.interactions, truth)))
    ranking, kept_first = np.mean(lines, axis=0)
    return {
        "rows": rows,
        "rows with a planted set that matters": len(lines),
        "matters": f"changes the true logit by {MATTERS} or more",
        "R-precision of the ranking": round(float(ranking), 4),
        "R-precision of the kept interactions": round(float(kept_first), 4),
        "kept, of rows where it matters": {
            " x ".join(fields): f"{hits} of {of}" for fields, (hits, of) in counts.items()
        },
        "settings": settings.model_dump(mode="json"),
        "versions": versions(),
    }
