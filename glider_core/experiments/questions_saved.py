"""Questions saved: what a run that grows asks, and what all the questions would have shown besides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from glider_core.engine.explain import explain
from glider_core.experiments.base import Context, Experiment, Option, Result
from glider_core.experiments.inputs import inputs_of
from glider_core.experiments.markdown import share, table, written_by
from glider_core.experiments.surrogate_fit import MODELS
from glider_core.experiments.unseen import r2_on_unseen_masks
from glider_core.models import load_model
from glider_core.provenance import versions
from glider_core.settings import Settings


def run(context: Context) -> dict[str, Any]:
    """Explain each domain's examples growing and at once, and compare verdicts, first sets and R2 on fresh masks."""
    rows = []
    for model_id in context["models"] or MODELS:
        model: Any = load_model(model_id)
        cases = []
        for raw in inputs_of(model_id, context["inputs"]):
            instance = model.instance(raw)
            grown = explain(instance, Settings(repeats=1))
            full = explain(instance, Settings(grow_questions=False))
            top = [{i.features for i in explanation.interactions[:3]} for explanation in (grown, full)]
            cases.append(
                {
                    "masks": grown.looks[-1],
                    "full masks": full.looks[-1],
                    "questions": grown.n_evaluations,
                    "full questions": full.n_evaluations,
                    "verdict": grown.verdict,
                    "full verdict": full.verdict,
                    "same first": [i.features for i in grown.interactions[:1]]
                    == [i.features for i in full.interactions[:1]],
                    "shared of top three": len(top[0] & top[1]) / max(len(top[1]), 1) if top[1] else 1.0,
                    "r2": round(r2_on_unseen_masks(grown, instance)[-1], 4),
                    "full r2": round(r2_on_unseen_masks(full, instance)[-1], 4),
                }
            )
        rows.append({"model": model_id, "cases": cases})
        context.tell(f"{model_id}: masks {[case['masks'] for case in cases]}")
    return {"rows": rows, "versions": versions()}


def _report(results: Mapping[str, Result]) -> str:
    def mean(cases: list[dict[str, Any]], what: str) -> float:
        return float(np.mean([case[what] for case in cases]))

    rows = []
    for row in results["questions_saved"]["rows"]:
        cases = row["cases"]
        rows.append(
            (
                f"{row['model']} ({len(cases)})",
                f"{mean(cases, 'questions'):.0f} of {mean(cases, 'full questions'):.0f}",
                share(float(np.mean([case["verdict"] == case["full verdict"] for case in cases]))),
                share(mean(cases, "same first")),
                share(mean(cases, "shared of top three")),
                f"{mean(cases, 'r2'):.3f} / {mean(cases, 'full r2'):.3f}",
            )
        )
    head = ("model", "questions", "same verdict", "same first", "top three shared", "R2 growing / full")
    return (
        "Each domain's examples, explained with few questions first and with 6000 masks at once. Questions are all "
        "that the model answered, those for effects included; R2 is on 2000 fresh masks.\n\n"
        f"{table(head, rows)}\n\n{written_by(results)}"
    )


EXPERIMENT = Experiment(
    name="questions-saved",
    title="Questions saved by asking few first",
    run=run,
    options={
        "models": Option(help="Models' ids; by default all that ship.", kind=str, several=True),
        "inputs": Option(help="Examples of each.", default=6, least=1),
    },
    quick={"models": ("recommender/census",), "inputs": 1},
    report=_report,
)
