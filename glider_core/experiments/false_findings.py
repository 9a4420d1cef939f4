"""False findings by domain and by what is shown of them: sets that join what is apart, labels without sense, rows.

`negative-controls` asks whether anything is found where there is nothing. Here there is something: interactions that
were planted, beside which a false one could hide; models that learned labels dealt out at random; runs over many rows,
whose counts are called significant. Of each false set it is kept what an explanation shows of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from glider_core.drawings.plots import Bars, bar_chart
from glider_core.engine.explain import explain_many
from glider_core.engine.instance import Instance
from glider_core.engine.interaction_sets import Features
from glider_core.engine.planted import FAMILIES, planted_family
from glider_core.experiments.base import Beside, Context, Experiment, Option, Result
from glider_core.experiments.control_rows import ALPHA, COUNTINGS, Additive, significant_sets, untrained
from glider_core.experiments.markdown import table, written_by
from glider_core.experiments.parts import KEEP, in_parts
from glider_core.experiments.shuffled import SHUFFLED
from glider_core.provenance import versions
from glider_core.results import Interaction
from glider_core.settings import Settings

NOISES = (0, 10, 20)  # per cent of the answers' deviation
UNIONS_ACT = "noisy or"  # of its planted sets unions interact too: what else is kept is not false
ADDITIVE = "additive, 15 fields"
OVER_ROWS: dict[str, Callable[[], Any]] = {ADDITIVE: Additive, "random weights, recommender/simulated": untrained}
T_STEPS, GAIN_STEPS = (0.0, 5.0, 7.0, 10.0), (0.0, 0.003, 0.01)
DETECTORS = ("Grow", "NID")


def run(context: Context) -> dict[str, Any]:
    """False sets per explanation, and sets called significant over rows; by detector, domain and counting."""
    parts: dict[str, Callable[[], dict[str, Any]]] = {}
    for detector in context["detectors"]:
        for d in context["sizes"]:
            for noise in NOISES:
                parts[f"planted {detector} {d} {noise}"] = partial(_beside, detector, d, noise, context)
        for of in context["learned"]:
            parts[f"learned {detector} {of}"] = partial(_learned, detector, of, context)
    for name, make in OVER_ROWS.items() if context["rows"] else ():
        for counting in COUNTINGS:
            parts[f"rows {name} {counting}"] = partial(_over_rows, name, make, counting, context)
    measured = in_parts(
        parts,
        experiment="false findings",
        header={name: context[name] for name in ("seeds", "inputs", "rows")},
        keep=context["keep"],
    )
    return {
        "planted": [part for name, part in measured.items() if name.startswith("planted")],
        "learned": [part for name, part in measured.items() if name.startswith("learned")],
        "over rows": [part for name, part in measured.items() if name.startswith("rows")],
        "versions": versions(),
    }


def _beside(detector: str, d: int, noise: int, context: Context) -> dict[str, Any]:
    """Sets that are inside no planted one, beside those that are."""
    cases = [
        planted_family(family, d, seed, noise=noise / 100)
        for family in FAMILIES
        if family != UNIONS_ACT
        for seed in range(context["seeds"])
    ]
    explanations = explain_many([instance for instance, _ in cases], Settings(detector=detector))
    false = [
        [found for found in explanation.interactions if not _within(found.features, planted)]
        for explanation, (_, planted) in zip(explanations, cases, strict=True)
    ]
    kept = sum(len(explanation.interactions) for explanation in explanations)
    row = {"detector": detector, "features": d, "noise": noise} | _counted(false)
    row["true"] = kept - row["false"]
    context.tell(f"{detector}, {d} features, noise {noise} %: {row['false']} false beside {row['true']} true")
    return row


def _within(features: Features, planted: list[Features]) -> bool:
    return any(set(features) <= set(part) for part in planted)


def _learned(detector: str, of: str, context: Context) -> dict[str, Any]:
    """What is kept of a model whose labels were dealt out at random."""
    instances: list[Instance] = SHUFFLED[of](context["inputs"])
    explanations = explain_many(instances, Settings(detector=detector))
    row = {"detector": detector, "of": of} | _counted([list(e.interactions) for e in explanations])
    row["verdicts"] = [explanation.verdict for explanation in explanations]
    context.tell(f"{detector}, {of}, labels at random: {row['false']} kept in {row['explanations']}")
    return row


def _counted(false: list[list[Interaction]]) -> dict[str, Any]:
    """How many, and of each the t and the gain that an explanation shows; t is None where nothing is left to chance."""
    return {
        "explanations": len(false),
        "false": sum(map(len, false)),
        "most": max(map(len, false)),
        "shown": [[found.t and round(found.t, 2), round(found.gain, 5)] for kept in false for found in kept],
    }


def _over_rows(name: str, make: Callable[[], Any], counting: str, context: Context) -> dict[str, Any]:
    row = {"model": name, "counting": counting} | significant_sets(make(), context["rows"], counting)
    context.tell(f"{name}, {counting}: {row['significant']} of {row['sets']} sets called significant")
    return row


def _report(results: Mapping[str, Result]) -> str:
    result = results["false_findings"]
    parts = [*_planted(result["planted"]), *_of_learned(result["learned"]), *_of_rows(result["over rows"])]
    return "\n\n".join([*parts, written_by(results)])


def _planted(rows: list[dict[str, Any]]) -> list[str]:
    told = []
    for detector in dict.fromkeys(row["detector"] for row in rows):
        own = [row for row in rows if row["detector"] == detector]
        false, explained = sum(row["false"] for row in own), sum(row["explanations"] for row in own)
        told.append(f"{detector} {false} in {explained} ({false / explained:.3f} each){_by_shown(own)}")
    head = ("detector", "features", "noise", "explanations", "planted, or parts", "false", "false each", "most in one")
    return [
        "**Beside what was planted.** Where there are real interactions a detector may join what belongs apart. False "
        f"sets are those inside no planted one: {'; '.join(told)}.",
        table(
            head,
            [
                (row["detector"], row["features"], f"{row['noise']} %", row["explanations"], row["true"], row["false"],
                 f"{row['false'] / row['explanations']:.3f}", row["most"])
                for row in rows
            ],
        ),
    ]  # fmt: skip


def _by_shown(rows: list[dict[str, Any]]) -> str:
    """How many false sets have which t and which gain."""
    shown = [one for row in rows for one in row["shown"]]
    if not shown:
        return ""
    counts = [
        f"{_steps('t', T_STEPS, [t for t, _ in shown if t is not None])}",
        f"{_steps('a gain', GAIN_STEPS, [gain for _, gain in shown])}",
    ]
    return f", shown with {'; with '.join(counts)}"


def _steps(what: str, steps: tuple[float, ...], values: list[float]) -> str:
    bounds = zip(steps, (*steps[1:], np.inf), strict=True)
    counts = [sum(low <= value < high for value in values) for low, high in bounds]
    names = [f"below {steps[1]:g}", *(f"{a:g} to {b:g}" for a, b in itertools.pairwise(steps[1:])),
             f"{steps[-1]:g} and more"]  # fmt: skip
    return f"{what} of " + ", ".join(f"{name}: {count}" for name, count in zip(names, counts, strict=True))


def _of_learned(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return []
    return [
        "**Labels dealt out at random.** These models have learned noise. What is found in them is really there, each "
        "joint effect is measured on the model, and says nothing of the world: an explanation explains the model, and "
        "a model that learned nonsense joins what it likes. What an explanation says of each input stands beside.",
        table(
            ("detector", "labels at random", "inputs", "interactions kept", "most in one", "verdicts"),
            [
                (row["detector"], row["of"], row["explanations"], row["false"], row["most"], _verdicts(row["verdicts"]))
                for row in rows
            ],
        ),
    ]


def _verdicts(verdicts: list[str]) -> str:
    return ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in sorted(set(verdicts)))


def _of_rows(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return []
    called = [row for row in rows if row["significant"]]
    where = "; ".join(f"{row['significant']} of {row['sets']} on {row['model']} by {row['counting']}" for row in called)
    return [
        f"**Over many rows** a set is called significant where random sets would come back as often with p < {ALPHA}, "
        "all sets considered. That says that a detector prefers the set, not that the model joins it. Where nothing is "
        f"joined, sets called significant: {where or 'none'}.",
        table(
            ("model", "counting", "rows", "sets a row", "different sets", "called significant", "most rows"),
            [
                (row["model"], row["counting"], row["rows"], f"{row['sets per row']:g}", row["sets"],
                 row["significant"], row["most rows"])
                for row in rows
            ],
        ),
    ]  # fmt: skip


def _beside_expected(results: Mapping[str, Result]) -> list[Beside]:
    result = results["false_findings"]
    rows = [row for row in result["planted"] if row["detector"] == DETECTORS[0]]
    false, explained = sum(row["false"] for row in rows), sum(row["explanations"] for row in rows)
    told = [
        Beside(
            what=f"false sets beside planted ones, {DETECTORS[0]}",
            paper="expected: none",
            ours=f"{false} in {explained} explanations",
            met=false == 0,
        )
    ] if rows else []  # fmt: skip
    for row in result["over rows"]:
        told.append(
            Beside(
                what=f"sets called significant over {row['rows']} rows: {row['model']}, {row['counting']}",
                paper="expected: none",
                ours=str(row["significant"]),
                met=row["significant"] == 0,
            )
        )
    return told


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    rows = results["false_findings"]["planted"]
    if not rows:
        return {}
    names = list(dict.fromkeys((row["features"], row["noise"]) for row in rows))
    each = {(row["detector"], row["features"], row["noise"]): row["false"] / row["explanations"] for row in rows}
    detectors = list(dict.fromkeys(row["detector"] for row in rows))
    series = [Bars(name=detector, values=[each.get((detector, *name)) for name in names]) for detector in detectors]
    title = "False sets in an explanation, beside planted ones"
    groups = [f"{d} features, noise {noise} %" for d, noise in names]
    return {title: str(bar_chart(groups, series, title=title, value="false sets per explanation"))}


EXPERIMENT = Experiment(
    name="false-findings",
    title="False findings: beside planted sets, of labels at random, over rows",
    claim="What an explanation shows as found is there, and how sure it is of it can be trusted.",
    run=run,
    options={
        "detectors": Option(help="Detectors.", kind=str, several=True, default=DETECTORS, choices=DETECTORS),
        "seeds": Option(help="Planted functions of each family, size and noise.", default=5, least=1),
        "sizes": Option(help="Their features.", several=True, default=(20, 40), least=10),
        "learned": Option(
            help="Models of labels at random.", kind=str, several=True, default=tuple(SHUFFLED), choices=tuple(SHUFFLED)
        ),
        "inputs": Option(help="Inputs of each.", default=5, least=1),
        "rows": Option(help="Rows of the runs over many; 0: none.", default=100, least=0),
        "keep": KEEP,
    },
    quick={"seeds": 1, "sizes": (20,), "inputs": 1, "rows": 6},
    smoke={
        "detectors": ("Grow",), "seeds": 1, "sizes": (10,), "learned": ("a linear model of a table",), "inputs": 1,
        "rows": 0,
    },
    report=_report,
    beside=_beside_expected,
    pictures=_pictures,
)  # fmt: skip
