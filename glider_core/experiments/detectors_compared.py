"""Detectors beside each other on the same ground: planted functions, shipped models, DNA's motif, negations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from glider_core.domains.dna import SETTINGS as DNA_SETTINGS
from glider_core.drawings.plots import Line, line_chart
from glider_core.engine.asking import Questions
from glider_core.engine.explain import explain
from glider_core.errors import InvalidInput
from glider_core.experiments import negations, planted_families
from glider_core.experiments.base import Beside, Context, Experiment, Option, Result
from glider_core.experiments.dna import found_in
from glider_core.experiments.inputs import inputs_of
from glider_core.experiments.markdown import share, table, written_by
from glider_core.experiments.unseen import FRESH, fresh_masks, r2_of_sets
from glider_core.models import load_model
from glider_core.provenance import versions
from glider_core.settings import Settings

DETECTORS = ("Grow", "Spectrum", "ArchDetect")
MODELS = ("sentiment/lstm", "sentiment/distilbert-small", "recommender/simulated", "recommender/census", "graph/karate",
          "dna/cnn")  # fmt: skip
STEPS = (0, 1, 3, 5, 20)
_FITTED_ON = 424_242  # seed of the masks that the sets' columns are fitted on: alike for all detectors
REFUSED = "refused"
AHEAD = 0.002  # R2


def run(context: Context) -> dict[str, Any]:
    """All parts for one detector; what it refuses, such as a model that does not repeat itself, is said."""
    detector = context["detector"]
    planted, families = planted_families.EXPERIMENT, []
    for d in context["sizes"]:
        enough = tuple(n for n in context["questions"] if n >= _own(detector, d))
        if enough:
            options = {"detector": detector, "seeds": context["seeds"], "sizes": (d,), "questions": enough}
            families += planted.run(planted.context(tell=context.tell, **options))["rows"]
    sentences = negations.EXPERIMENT
    settings = Settings(detector=detector, **DNA_SETTINGS)
    try:
        dna: Any = found_in(context.data_folder(), settings, "test", context["probes"])
    except InvalidInput:
        dna = REFUSED
    context.tell(f"DNA: {dna if dna == REFUSED else dna['exactly the six positions']}")
    return {
        "detector": detector,
        "seeds": context["seeds"],
        "planted": families,
        "models": [_fit(model_id, context) for model_id in context["models"]],
        "dna": dna,
        "negations": sentences.run(sentences.context(detector=detector, sentences=context["sentences"])),
        "versions": versions(),
    }


def _fit(model_id: str, context: Context) -> dict[str, Any]:
    """R2 on fresh masks with the first k sets, by the most masks that were asked."""
    model: Any = load_model(model_id)
    raws = inputs_of(model_id, context["inputs"])
    by_masks: dict[str, Any] = {}
    for masks in context["masks"]:
        settings = Settings.with_masks(masks, detector=context["detector"], grow_questions=False, min_gain=0.0)
        paths, questions = [], []
        for raw in raws:
            instance = model.instance(raw)
            d = len(instance.names)
            try:
                explanation = explain(instance, settings)
            except InvalidInput:
                break
            sets = [interaction.features for interaction in explanation.interactions]
            path = r2_of_sets(Questions(instance), fresh_masks(d, masks, _FITTED_ON), sets)
            paths.append([path[min(k, len(path) - 1)] for k in STEPS])
            questions.append(explanation.looks[-1] + _own(context["detector"], d))
        by_masks[str(masks)] = REFUSED
        if len(paths) == len(raws):
            asked = round(float(np.mean(questions)))
            by_masks[str(masks)] = {"r2": np.mean(paths, axis=0).round(4).tolist(), "questions": asked}
        context.tell(f"{model_id}, {masks} masks: {by_masks[str(masks)]}")
    return {"model": model_id, "inputs": len(raws), "by masks": by_masks}


def _report(results: Mapping[str, Result]) -> str:
    found = _ordered(results)
    planted = [
        (
            result["detector"],
            str(row["features"]),
            _questions(result["detector"], row["features"], row["questions"]),
            f"{row['r_precision']:.3f}",
            " / ".join(f"{value:.3f}" for value in row["by noise"].values()),
            f"{row['false sets']:.3f}",
            f"{row['outside r_precision']:.3f}",
            f"{row['outside r2']:.4f}",
        )
        for result in found
        for row in result["planted"]
    ]
    models = [
        (
            f"{entry['model']} ({entry['inputs']})",
            masks,
            result["detector"],
            *([REFUSED] * len(STEPS) if values == REFUSED else (f"{value:.3f}" for value in values["r2"])),
        )
        for place, first in enumerate(found[0]["models"])
        for masks in first["by masks"]
        for result in found
        for entry, values in [(result["models"][place], result["models"][place]["by masks"][masks])]
    ]
    others = [
        (
            result["detector"],
            *(
                (REFUSED,) * 3
                if result["dna"] == REFUSED
                else (
                    share(result["dna"]["exactly the six positions"]),
                    share(result["dna"]["first"]),
                    f"{result['dna']['questions']:.0f}",
                )
            ),
            f"{result['negations']['hits']} of {len(result['negations']['sentences'])}",
        )
        for result in found
    ]
    probes = next((result["dna"]["probes"] for result in found if result["dna"] != REFUSED), 0)
    head = ("detector", "d", "questions", "R-precision", "noise 0 / 10 %", "false sets", "outside", "R2 outside")
    return (
        "Grow, the default, beside two others that pass the same gates: Spectrum (boosted trees, read exactly as "
        "products) and ArchDetect (pairs at two corners, joined where they overlap). ArchDetect's questions are its "
        "own d² + d + 2, at most as many as are allowed, and the masks that judge its sets.\n\n"
        f"Planted functions, as in the section on families, {found[0]['seeds']} seeds each:\n\n{table(head, planted)}"
        f"\n\nShipped models, R2, weighted, on {FRESH} fresh masks with the first k sets in forward order; sets found "
        "with so many masks, columns fitted on as many others:\n\n"
        f"{table(('model', 'masks', 'detector', *(f'k = {k}' for k in STEPS)), models)}\n\n{_ahead(found)}\n\n"
        f"DNA's six positions in {probes} test probes, as on the page, and the sentences with negations:\n\n"
        f"{table(('detector', 'exactly the six', 'and first', 'questions', 'negations: pair first'), others)}\n\n"
        f"{written_by(results)}"
    )


def _ahead(found: list[Result]) -> str:
    """Where others carry more than Grow."""
    ahead = [
        f"{other['detector']} on {ours['model']} with {masks} masks at k = {', '.join(map(str, ks))}"
        for other in found[1:]
        for ours, theirs in zip(found[0]["models"], other["models"], strict=True)
        for masks, values in theirs["by masks"].items()
        if values != REFUSED
        and (
            ks := [
                k
                for k, mine, yours in zip(STEPS, ours["by masks"][masks]["r2"], values["r2"], strict=True)
                if yours - mine >= AHEAD
            ]
        )
    ]
    return f"Ahead of Grow by {AHEAD} or more: {'; '.join(ahead) or 'nowhere'}."


def _own(detector: str, d: int) -> int:
    """Questions of the detector's own design."""
    return d * d + d + 2 if detector == "ArchDetect" else 0


def _questions(detector: str, d: int, masks: int) -> str:
    own = _own(detector, d)
    return f"{masks} + {own}" if own else str(masks)


_SHOWN = (1, 5)  # sets, of the comparison, found with the most masks


def _ordered(results: Mapping[str, Result]) -> list[Result]:
    return sorted(results.values(), key=lambda result: DETECTORS.index(result["detector"]))


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    ours, *others = _ordered(results)
    rows: list[Beside] = []
    if not others:
        return rows
    for place, entry in enumerate(ours["models"]):
        masks = max(entry["by masks"], key=int)
        theirs = {other["detector"]: other["models"][place]["by masks"][masks] for other in others}
        theirs = {name: values for name, values in theirs.items() if values != REFUSED}
        for k in _SHOWN:
            at = STEPS.index(k)
            mine, best = entry["by masks"][masks]["r2"][at], max(values["r2"][at] for values in theirs.values())
            rows.append(
                Beside(
                    what=f"{entry['model']}: R2 of the features and the first {f'{k} sets' if k > 1 else 'set'}",
                    paper="; ".join(f"{name}: {values['r2'][at]:.3f}" for name, values in theirs.items()),
                    ours=f"{mine:.3f}",
                    differs="Spectrum's features alone, before any set, already fit better here."
                    if mine <= best - AHEAD
                    else f"Behind by less than {AHEAD}, which counts as equal."
                    if mine < best
                    else "",
                    met=mine > best - AHEAD,
                )
            )
    return rows


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    found, drawn = _ordered(results), {}
    for d in sorted({row["features"] for result in found for row in result["planted"]}):
        lines = []
        for result in found:
            rows = [row for row in result["planted"] if row["features"] == d]
            asked = [row["questions"] + _own(result["detector"], d) for row in rows]
            lines.append(Line(name=result["detector"], x=asked, y=[row["r_precision"] for row in rows]))
        title = f"Planted functions of {d} features: R-precision by all questions that were asked"
        drawn[title] = line_chart(lines, title=title, x="questions", y="R-precision", log_x=True)
    return drawn


EXPERIMENT = Experiment(
    name="detectors-compared",
    title="Grow beside Spectrum and ArchDetect",
    claim="Grow finds as much as Spectrum and ArchDetect, with as many questions or fewer.",
    run=run,
    options={
        "detector": Option(help="Detector.", kind=str, default="Grow", choices=DETECTORS),
        "seeds": Option(help="Random functions of each family and noise.", default=3, least=1),
        "sizes": Option(help="Numbers of planted functions' features.", several=True, default=(20, 40), least=10),
        "questions": Option(help="Questions to them.", several=True, default=(300, 1000, 2000, 6000), least=100),
        "models": Option(help="Models' ids.", kind=str, several=True, default=MODELS),
        "inputs": Option(help="Examples of each model.", default=3, least=1),
        "masks": Option(help="Masks to find sets with.", several=True, default=(500, 5000), least=100),
        "probes": Option(help="DNA probes.", default=60, least=1),
        "sentences": Option(help="The first so many sentences.", default=20, least=1),
    },
    quick={
        "seeds": 1,
        "sizes": (20,),
        "questions": (1000,),
        "models": ("recommender/census",),
        "inputs": 1,
        "masks": (500,),
        "probes": 4,
        "sentences": 4,
    },
    smoke={"sizes": (10,), "questions": (100,), "masks": (100,), "probes": 1, "sentences": 1},
    stem=lambda name, options: f"detectors_compared_{options['detector'].lower()}",
    report=_report,
    beside=_beside,
    pictures=_pictures,
)
