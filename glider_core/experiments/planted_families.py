"""Planted families: how thrifty and how right a detector is on functions whose interactions are known."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from glider_core.drawings.plots import Line, line_chart
from glider_core.engine.asking import Questions
from glider_core.engine.design import Design
from glider_core.engine.explain import explain_many
from glider_core.engine.instance import Instance
from glider_core.engine.interaction_sets import Features
from glider_core.engine.masks import lime_weights
from glider_core.engine.planted import FAMILIES, OUTSIDE, planted_family, r_precision
from glider_core.engine.term_model import TermModel
from glider_core.engine.terms import Term, parts_of
from glider_core.experiments.base import Beside, Context, Experiment, Option, Result
from glider_core.experiments.markdown import table, written_by
from glider_core.experiments.parts import KEEP, in_parts
from glider_core.experiments.unseen import fresh_masks, r2_on_unseen_masks
from glider_core.provenance import versions
from glider_core.settings import Settings

NOISES = (0.0, 0.1)  # deviation of what is added to each mask's answer, in deviations of the answers
_EXACT_ON = 4000  # masks
_UNIONS_ACT = "noisy or"  # of its planted sets unions interact too: what else is kept is not false


def run(context: Context) -> dict[str, Any]:
    """R-precision of what is kept, false sets and R2 on unseen masks, by detector, features and questions."""
    detector, seeds = context["detector"], context["seeds"]
    cells = [(d, masks) for d in context["sizes"] for masks in context["questions"]]

    def part(name: str, d: int, masks: int) -> dict[str, Any]:
        settings = Settings.with_masks(masks, detector=detector, grow_questions=False)
        cases = _family(name, d, settings, seeds)
        context.tell(f"{detector}, {d} features, {masks} questions, {name}: {_mean(cases, 'r_precision')}")
        return {"cases": cases}

    measured = in_parts(
        {_part_name(name, *cell): partial(part, name, *cell) for cell in cells for name in FAMILIES + OUTSIDE},
        experiment=f"planted families {detector}",
        header={"seeds": seeds, "noises": list(NOISES)},
        keep=context["keep"],
    )
    rows = [
        {"detector": detector, "features": d, "questions": masks}
        | _row({name: measured[_part_name(name, d, masks)]["cases"] for name in FAMILIES + OUTSIDE})
        for d, masks in cells
    ]
    return {"seeds": seeds, "noises": list(NOISES), "rows": rows, "versions": versions()}


def _part_name(family: str, d: int, masks: int) -> str:
    return f"{d} features {masks} questions {family}"


def _row(measured: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Means over the cases of each family."""
    inside = [case for name in FAMILIES for case in measured[name]]
    outside = [case for name in OUTSIDE for case in measured[name]]
    false = [case["false"] for name in FAMILIES + OUTSIDE if name != _UNIONS_ACT for case in measured[name]]
    return {
        "r_precision": _mean(inside, "r_precision"),
        "by noise": {
            str(noise): _mean([case for case in inside if case["noise"] == noise], "r_precision") for noise in NOISES
        },
        "by family": {name: _mean(cases, "r_precision") for name, cases in measured.items()},
        "false sets": round(float(np.mean(false)), 4),
        "outside r_precision": _mean(outside, "r_precision"),
        "outside in reach": {
            name: [sum(case[what] for case in measured[name]) for what in ("found in reach", "in reach", "planted")]
            for name in OUTSIDE
        },
        "outside r2": _mean([case for case in outside if not case["noise"]], "r2"),
    }


def _family(name: str, d: int, settings: Settings, seeds: int) -> list[dict[str, Any]]:
    cases = [(noise, *planted_family(name, d, seed, noise=noise)) for noise in NOISES for seed in range(seeds)]
    explanations = explain_many([instance for _, instance, _ in cases], settings)
    reach = _within_reach(name, d, seeds, settings.min_gain) if name in OUTSIDE else [()] * seeds
    return [
        {
            "noise": noise,
            "r_precision": r_precision(explanation.interactions, planted),
            "planted": len(planted),
            "in reach": len(within),
            "found in reach": len(set(within) & {i.features for i in explanation.interactions[: len(planted)]}),
            "false": sum(
                not any(set(interaction.features) <= set(features) for features in planted)
                for interaction in explanation.interactions
            ),
            "r2": r2_on_unseen_masks(explanation, Questions(instance))[-1] if name in OUTSIDE and not noise else 0.0,
        }
        for explanation, (noise, instance, planted), within in zip(
            explanations, cases, reach * len(NOISES), strict=True
        )
    ]


def _within_reach(name: str, d: int, seeds: int, least: float) -> list[list[Features]]:
    """Of each seed's function the planted sets whose every feature adds as much R2 as an interaction must.

    Told from the function itself, by tables of the planted sets with and without each feature.
    """
    masks = fresh_masks(d, _EXACT_ON)
    design = Design(masks, lime_weights(masks, 0.25))
    return [
        [
            features
            for features in planted
            if all(_lost(instance, planted, features, feature, design) >= least for feature in features)
        ]
        for instance, planted in (planted_family(name, d, seed) for seed in range(seeds))
    ]


def _lost(instance: Instance, planted: list[Features], features: Features, feature: int, design: Design) -> float:
    """R2 that tables of the planted sets lose when this one is without the feature."""
    model = TermModel(design, Questions(instance)(design.masks))
    shorter = tuple(f for f in features if f != feature)
    without = [shorter if other == features else other for other in planted]
    left = [model.replace([], [Term(part, "odd") for s in sets for part in parts_of(s)]) for sets in (planted, without)]
    return (left[1].rss - left[0].rss) / model.total


def _mean(cases: list[dict[str, Any]], what: str) -> float:
    return round(float(np.mean([case[what] for case in cases])), 4)


def _report(results: Mapping[str, Result]) -> str:
    rows = [
        (
            row["detector"],
            str(row["features"]),
            str(row["questions"]),
            f"{row['r_precision']:.3f}",
            " / ".join(f"{value:.3f}" for value in row["by noise"].values()),
            f"{row['false sets']:.3f}",
            f"{row['outside r_precision']:.3f}",
            _in_reach(row.get("outside in reach", {})),
            f"{row['outside r2']:.4f}",
        )
        for stem in sorted(results)
        for row in results[stem]["rows"]
    ]
    columns = ("detector", "d", "questions", "R-precision", "noise 0 / 10 %", "false sets", "outside", "in reach",
               "R2 outside")  # fmt: skip
    first = results[min(results)]
    return (
        f"Six families of functions (sums of products, a product of five, parities, one of four and largest of four, "
        f"nested sets, a noisy or), noise 0 and 10 %, {first['seeds']} seeds each. R-precision is the share of planted "
        "sets among as many at the top of what is kept; false sets are those kept per explanation that are inside no "
        "planted one (the noisy or aside, whose unions interact). *Outside*: majorities, a tanh and small networks, "
        "which no few products make up, by R-precision; *in reach* is how many of the planted sets whose every feature "
        "adds the 0.001 of R2 that an interaction must were found, and R2 is on 2000 fresh masks.\n\n"
        f"{table(columns, rows)}\n\n{written_by(results)}"
    )


def _in_reach(counts: Mapping[str, list[int]]) -> str:
    return " of ".join(str(sum(each[place] for each in counts.values())) for place in (0, 1)) if counts else ""


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    by = {(row["detector"], row["features"], row["questions"]): row for of in results.values() for row in of["rows"]}
    rows = []
    for (detector, d, questions), theirs in by.items():
        ours = by.get(("Grow", d, questions))
        if detector != "NID" or ours is None:
            continue
        at = f"planted families of {d} features, {questions:,} questions"
        differs = "Same functions and number of questions; Grow chooses them, NID has LIME's."
        rows.append(
            Beside(
                what=f"{at}: R-precision",
                paper=f"its NID: {theirs['r_precision']:.3f}",
                ours=f"{ours['r_precision']:.3f}",
                differs=differs,
                met=ours["r_precision"] >= theirs["r_precision"],
            )
        )
        rows.append(
            Beside(
                what=f"{at}: false sets in an explanation",
                paper=f"its NID: {theirs['false sets']:.3f}",
                ours=f"{ours['false sets']:.3f}",
                differs=differs,
                met=ours["false sets"] <= theirs["false sets"],
            )
        )
    return rows


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    drawn: dict[tuple[str, int], tuple[list[float], list[float]]] = {}
    for result in results.values():
        for row in result["rows"]:
            asked, precision = drawn.setdefault((row["detector"], row["features"]), ([], []))
            asked.append(row["questions"])
            precision.append(row["r_precision"])
    lines = [
        Line(name=f"{detector}, d = {d}", x=asked, y=precision, quiet=detector == "NID")
        for (detector, d), (asked, precision) in drawn.items()
    ]
    title = "Planted sets found by the number of questions, R-precision over six families of functions"
    return {
        title: line_chart(
            lines[:7], title=title, x="questions to the black box", y="R-precision", log_x=True, limits=(0.5, 1.0)
        )
    }


EXPERIMENT = Experiment(
    name="planted-families",
    title="Planted families: few questions, and only sets that are there",
    claim="A few hundred well chosen questions find planted sets of every kind, and nothing that is not there.",
    run=run,
    options={
        "detector": Option(
            help="Detector.", kind=str, default="Grow", choices=("Grow", "NID", "Spectrum", "ArchDetect")
        ),
        "seeds": Option(help="Random functions of each family and noise.", default=5, least=1),
        "sizes": Option(help="Numbers of features.", several=True, default=(20, 40, 100), least=10),
        "questions": Option(help="Questions.", several=True, default=(300, 500, 1000, 6000), least=100),
        "keep": KEEP,
    },
    quick={"seeds": 1, "sizes": (20,), "questions": (300,)},
    smoke={"sizes": (12,), "questions": (100,)},
    stem=lambda name, options: f"planted_families_{options['detector'].lower()}",
    report=_report,
    beside=_beside,
    pictures=_pictures,
)
