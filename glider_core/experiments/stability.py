"""Stability over twenty seeds: what is found again with other masks, and whether what is shown foretells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from glider_core.drawings.plots import Line, line_chart
from glider_core.engine.explain import explain
from glider_core.experiments.base import Context, Experiment, Option, Result
from glider_core.experiments.inputs import enough_for, inputs_of
from glider_core.experiments.markdown import table, written_by
from glider_core.experiments.parts import KEEP, in_parts
from glider_core.models import load_model
from glider_core.provenance import versions
from glider_core.settings import Settings

MODELS = ("sentiment/lstm", "sentiment/distilbert-small", "dna/cnn", "recommender/simulated", "recommender/census",
          "graph/karate", "image/small50")  # fmt: skip
DETECTORS = ("Grow", "NID")
TOP = 5  # sets of a run whose agreement is measured
SHOWN_FROM = 5  # runs by which the app measures stability; those that follow say whether it held
BINS = ((0.0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.0), (1.0, 1.01))
_MASKS = 6000


def run(context: Context) -> dict[str, Any]:
    """Every input explained with every seed, by detector and model: the sets of each run with their gain and t."""

    def part(detector: str, model_id: str, number: int) -> dict[str, Any]:
        model: Any = load_model(model_id)
        instance = model.instance(inputs_of(model_id, number + 1)[number])
        masks = enough_for(model_id, 1, _MASKS)[1]
        runs = []
        for seed in range(context["seeds"]):
            found = explain(instance, Settings.with_masks(masks, detector=detector, seed=seed)).interactions
            runs.append([[list(i.features), round(i.gain, 5), i.t and round(i.t, 2)] for i in found])
        context.tell(f"{detector}, {model_id}, input {number}: first set the same in {_same_first(runs):.2f} of pairs")
        return {"detector": detector, "model": model_id, "runs": runs}

    measured = in_parts(
        {
            f"{detector} {model_id} {number}": partial(part, detector, model_id, number)
            for number in range(context["inputs"])
            for model_id in context["models"]
            for detector in context["detectors"]
            if number < enough_for(model_id, context["inputs"], _MASKS)[0]
            and number < len(inputs_of(model_id, number + 1))
        },
        experiment="stability",
        header={"seeds": context["seeds"]},
        keep=context["keep"],
    )
    return {"seeds": context["seeds"], "cases": list(measured.values()), "versions": versions()}


Runs = Sequence[Sequence[Sequence[Any]]]  # per run its sets: features, gain, t


def _sets(found: Sequence[Sequence[Any]]) -> list[frozenset[int]]:
    return [frozenset(features) for features, *_ in found]


def _same_first(runs: Runs) -> float:
    """The share of pairs of runs that put the same set first; two that find nothing agree."""
    firsts = [next(iter(_sets(found)), None) for found in runs]
    return float(np.mean([a == b for a, b in combinations(firsts, 2)]))


def _alike(runs: Runs, top: int | None) -> float:
    """The mean over pairs of runs of the sets that both have among their first so many, over those that either has."""
    kept = [set(_sets(found)[:top]) for found in runs]
    return float(np.mean([len(a & b) / len(a | b) if a | b else 1.0 for a, b in combinations(kept, 2)]))


def _again(runs: Runs) -> list[dict[str, Any]]:
    """Each set of each run with the share of the other runs that find it, and a set inside or around it.

    `shown` is the stability that the app would show: the share of five runs, this one first, and `later` the share of
    the runs after those five.
    """
    kept = [_sets(found) for found in runs]
    told = []
    for number, found in enumerate(runs):
        order = [(number + step) % len(runs) for step in range(1, len(runs))]
        for place, (features, gain, t) in enumerate(found):
            same = [frozenset(features) in kept[other] for other in order]
            family = [any(set(features) <= one or one <= set(features) for one in kept[other]) for other in order]
            told.append(
                {
                    "place": place,
                    "gain": gain,
                    "t": t,
                    "again": float(np.mean(same)),
                    "family": float(np.mean(family)),
                    "shown": (1 + sum(same[: SHOWN_FROM - 1])) / SHOWN_FROM,
                    "later": float(np.mean(same[SHOWN_FROM - 1 :])) if len(same) >= SHOWN_FROM else float("nan"),
                }
            )
    return told


def _by_model(result: Result) -> list[tuple[str, ...]]:
    rows = []
    for detector in dict.fromkeys(case["detector"] for case in result["cases"]):
        for model_id in dict.fromkeys(case["model"] for case in result["cases"]):
            own = [
                case["runs"] for case in result["cases"] if (case["detector"], case["model"]) == (detector, model_id)
            ]
            if not own:
                continue
            again = [one for runs in own for one in _again(runs)]
            first = [one for one in again if one["place"] == 0]
            rows.append(
                (
                    detector,
                    f"{model_id} ({len(own)})",
                    f"{np.mean([len(found) for runs in own for found in runs]):.1f}",
                    _share([_same_first(runs) for runs in own]),
                    _share([_alike(runs, TOP) for runs in own]),
                    _share([_alike(runs, None) for runs in own]),
                    _share([one["again"] for one in first]),
                    _share([one["again"] for one in again]),
                    _share([one["family"] for one in again]),
                )
            )
    return rows


def _share(values: Sequence[float]) -> str:
    return f"{np.mean(values):.2f}" if values else "–"


def foretold(result: Result, detector: str) -> list[tuple[float, float, int]]:
    """Per bin of the stability that five runs show: its mean, the share of later runs with the set, and how many."""
    again = [one for case in result["cases"] if case["detector"] == detector for one in _again(case["runs"])]
    bins = []
    for low, high in BINS:
        own = [one for one in again if low <= one["shown"] < high and not np.isnan(one["later"])]
        if own:
            bins.append(
                (float(np.mean([o["shown"] for o in own])), float(np.mean([o["later"] for o in own])), len(own))
            )
    return bins


def _report(results: Mapping[str, Result]) -> str:
    result = results["stability"]
    head = ("detector", "model (inputs)", "sets kept", "same first", "first five alike", "all alike",
            "first found again", "any found again", "it, or one inside or around")  # fmt: skip
    parts = [
        f"Each input is explained {result['seeds']} times, each time with other masks. *Same first*: the share of "
        "pairs of runs that put one set first. *Alike*: sets that both have, over those that either has. *Found "
        "again*: the share of the other runs that find a set of a run, and those that find one inside or around it.",
        table(head, _by_model(result)),
    ]
    detectors = list(dict.fromkeys(case["detector"] for case in result["cases"]))
    rows = [
        (detector, f"{shown:.2f}", f"{later:.2f}", str(count))
        for detector in detectors
        for shown, later, count in foretold(result, detector)
    ]
    if rows:
        parts += [
            f"What is shown foretells what comes: the stability that the app measures by {SHOWN_FROM} runs, beside the "
            "share of the runs after those that find the very set.",
            table(("detector", "stability shown", "found in later runs", "sets"), rows),
        ]
    return "\n\n".join([*parts, written_by(results)])


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    result = results["stability"]
    lines = []
    for detector in dict.fromkeys(case["detector"] for case in result["cases"]):
        bins = foretold(result, detector)
        if bins:
            lines.append(Line(name=detector, x=[shown for shown, _, _ in bins], y=[later for _, later, _ in bins]))
    if not lines:
        return {}
    lines.append(Line(name="as shown", x=[0.2, 1.0], y=[0.2, 1.0], quiet=True))
    title = f"Found in later runs, by the stability that {SHOWN_FROM} runs show"
    return {title: str(line_chart(lines, title=title, x="stability shown", y="share of later runs", limits=(0.0, 1.0)))}


EXPERIMENT = Experiment(
    name="stability",
    title="Stability: what is found again with other masks",
    claim="What is found is found again with other masks, and the stability that is shown says how surely.",
    run=run,
    options={
        "models": Option(help="Models' ids.", kind=str, several=True, default=MODELS),
        "detectors": Option(help="Detectors.", kind=str, several=True, default=DETECTORS, choices=DETECTORS),
        "inputs": Option(help="Examples of each model.", default=2, least=1),
        "seeds": Option(help="Runs of each.", default=20, least=2),
        "keep": KEEP,
    },
    quick={"models": ("recommender/census",), "inputs": 1, "seeds": 6},
    smoke={"models": ("graph/karate",), "detectors": ("Grow",), "inputs": 1, "seeds": 2},
    report=_report,
    pictures=_pictures,
)
