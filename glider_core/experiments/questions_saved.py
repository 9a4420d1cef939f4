"""Questions saved: what a run that grows asks, and what all the questions would have shown besides."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from glider_core.drawings.plots import Bars, bar_chart
from glider_core.engine.asking import Questions
from glider_core.engine.explain import explain
from glider_core.engine.instance import Instance
from glider_core.experiments.base import Beside, Context, Experiment, Option, Result
from glider_core.experiments.inputs import enough_for, fewer_masks, inputs_of
from glider_core.experiments.markdown import share, table, written_by
from glider_core.experiments.parts import KEEP, in_parts
from glider_core.experiments.surrogate_fit import MODELS
from glider_core.experiments.unseen import r2_on_unseen_masks
from glider_core.models import load_model
from glider_core.provenance import versions
from glider_core.settings import Settings

MASKS = Settings().n_masks


def run(context: Context) -> dict[str, Any]:
    """Explain each domain's examples growing and at once, and compare verdicts, first sets and R2 on fresh masks."""

    def of_model(model_id: str) -> dict[str, Any]:
        model: Any = load_model(model_id)
        inputs, most = enough_for(model_id, context["inputs"], context["masks"])
        cases = [_case(model.instance(raw), most) for raw in inputs_of(model_id, inputs)]
        context.tell(f"{model_id}: masks {[case['masks'] for case in cases]}")
        return {"model": model_id, "cases": cases, **({"masks": most} if most < MASKS else {})}

    rows = in_parts(
        {model_id: partial(of_model, model_id) for model_id in context["models"] or MODELS},
        experiment="questions saved",
        header={"inputs": context["inputs"], "masks": context["masks"]},
        keep=context["keep"],
    )
    return {"rows": list(rows.values()), "versions": versions()}


def _case(instance: Instance, most: int) -> dict[str, Any]:
    grown = explain(instance, Settings.with_masks(most, repeats=1))
    full = explain(instance, Settings.with_masks(most, grow_questions=False))
    top = [{i.features for i in explanation.interactions[:3]} for explanation in (grown, full)]
    questions = Questions(instance)
    return {
        "masks": grown.looks[-1],
        "full masks": full.looks[-1],
        "questions": grown.n_evaluations,
        "full questions": full.n_evaluations,
        "verdict": grown.verdict,
        "full verdict": full.verdict,
        "same first": [i.features for i in grown.interactions[:1]] == [i.features for i in full.interactions[:1]],
        "shared of top three": len(top[0] & top[1]) / max(len(top[1]), 1) if top[1] else 1.0,
        "r2": round(r2_on_unseen_masks(grown, questions)[-1], 4),
        "full r2": round(r2_on_unseen_masks(full, questions)[-1], 4),
    }


def _report(results: Mapping[str, Result]) -> str:
    def mean(cases: list[dict[str, Any]], what: str) -> float:
        return float(np.mean([case[what] for case in cases]))

    rows = []
    for row in results["questions_saved"]["rows"]:
        cases = row["cases"]
        rows.append(
            (
                f"{row['model']} ({len(cases)}{fewer_masks(row)})",
                f"{mean(cases, 'questions'):.0f} of {mean(cases, 'full questions'):.0f}",
                share(float(np.mean([case["verdict"] == case["full verdict"] for case in cases]))),
                share(mean(cases, "same first")),
                share(mean(cases, "shared of top three")),
                f"{mean(cases, 'r2'):.3f} / {mean(cases, 'full r2'):.3f}",
            )
        )
    head = ("model", "questions", "same verdict", "same first", "top three shared", "R2 growing / full")
    return (
        f"Each domain's examples, explained with few questions first and with {MASKS} masks at once, or fewer where a "
        "model is slow and the table says so. Questions are all that the model answered, those for effects included; "
        "R2 is on 2000 fresh masks.\n\n"
        f"{table(head, rows)}\n\n{written_by(results)}"
    )


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    rows = []
    for row in results["questions_saved"]["rows"]:
        cases = row["cases"]
        same = sum(case["same first"] for case in cases)
        asked, full = (float(np.mean([case[what] for case in cases])) for what in ("questions", "full questions"))
        rows.append(
            Beside(
                what=f"{row['model']}: questions, and cases whose first set is the same as with all of them",
                paper=f"asks all, at once: {full:,.0f}",
                ours=f"{asked:,.0f}; the same in {same} of {len(cases)}",
                met=same == len(cases),
            )
        )
    return rows


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    rows = results["questions_saved"]["rows"]
    series = [
        Bars(name=name, values=[float(np.mean([case[what] for case in row["cases"]])) for row in rows])
        for name, what in (("asked few first", "questions"), ("all at once", "full questions"))
    ]
    title = "Questions to the model for one explanation, mean over the examples of each"
    return {title: bar_chart([row["model"] for row in rows], series, title=title, value="questions")}


EXPERIMENT = Experiment(
    name="questions-saved",
    title="Questions saved by asking few first",
    claim="Asking few questions first, and more only where they are needed, finds the same with a fraction of them.",
    run=run,
    options={
        "models": Option(help="Models' ids; by default all that ship.", kind=str, several=True),
        "inputs": Option(help="Examples of each.", default=6, least=1),
        "masks": Option(help="Masks at most.", default=MASKS, least=300),
        "keep": KEEP,
    },
    quick={"models": ("recommender/census",), "inputs": 1},
    smoke={"models": ("graph/karate",), "masks": 600},
    report=_report,
    beside=_beside,
    pictures=_pictures,
)
