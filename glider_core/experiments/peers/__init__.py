"""Peers: other methods beside Glider's detectors, on the same black boxes, with the same number of calls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from glider_core.errors import InvalidInput
from glider_core.experiments.base import Context, Experiment, Option
from glider_core.experiments.parts import KEEP, in_parts
from glider_core.experiments.peers.charts import pictures
from glider_core.experiments.peers.game import Method
from glider_core.experiments.peers.grounds import GROUNDS, MODELS, cases_of, measure
from glider_core.experiments.peers.libraries import LIBRARIES, library_versions, missing
from glider_core.experiments.peers.ours import OURS
from glider_core.experiments.peers.published import PUBLISHED
from glider_core.experiments.peers.report import REFERENCE, beside, report
from glider_core.experiments.peers.texts import LENGTHS
from glider_core.provenance import versions

METHODS = {method.name: method for method in (*OURS, *LIBRARIES, *PUBLISHED)}


def run(context: Context) -> dict[str, Any]:
    """What each method finds on each black box, with its calls and its own seconds; case by case."""
    methods, left_out = _methods(context)
    cases = {f"{case.ground} {case.name}": case for case in cases_of(context)}
    measured = in_parts(
        {name: partial(measure, case, methods, context.tell) for name, case in cases.items()},
        experiment="peers",
        header={
            "methods": [method.name for method in methods],
            "calls": [list(context[name]) for name in ("calls", "archipelago_calls", "model_calls")]
            + [context["text_calls"]],
            "libraries": library_versions(),
        },
        keep=context["keep"],
    )
    return {
        "cases": list(measured.values()),
        "methods": {method.name: "ours" if method.ours else method.library for method in methods},
        "left out": left_out,
        "libraries": library_versions(),
        "versions": versions(),
    }


def _methods(context: Context) -> tuple[list[Method], dict[str, str]]:
    """The methods that can play here, and what others need."""
    wanted = [METHODS[name] for name in context["methods"] or METHODS]
    lacking = {method.name: why for method in wanted if (why := missing(method))}
    for name, why in lacking.items():
        context.tell(f"{name} is left out: it {why}.")
    able = [method for method in wanted if method.name not in lacking]
    if not able:
        raise InvalidInput(
            f"None of the methods can run here: {'; '.join(f'{n} {why}' for n, why in lacking.items())}."
        )
    return able, lacking


def _stem(name: str, options: Mapping[str, Any]) -> str:
    """Methods that are measured apart, such as on a machine that has their library, have a file of their own."""
    methods = options["methods"] or METHODS
    apart = "" if REFERENCE in methods else "_" + re.sub(r"[^a-z0-9]+", "_", "_".join(methods).lower())
    return f"{name}{apart}"


EXPERIMENT = Experiment(
    name="peers",
    title="Peers: other methods with the same number of calls",
    claim="With as many calls to a black box Glider finds more of what is there than other methods do.",
    run=run,
    options={
        "grounds": Option(help="On which grounds.", kind=str, several=True, default=GROUNDS, choices=GROUNDS),
        "methods": Option(help="Only these.", kind=str, several=True, choices=tuple(METHODS)),
        "seeds": Option(
            help="Planted functions of each family and size; every other one with noise.", default=2, least=1
        ),
        "sizes": Option(help="Their features.", several=True, default=(20, 40), least=10),
        "calls": Option(help="Calls to them.", several=True, default=(300, 500, 1000, 6000), least=100),
        "archipelago_calls": Option(help="Calls to Archipelago's.", several=True, default=(1642, 6000), least=100),
        "models": Option(help="Models' ids.", kind=str, several=True, default=MODELS),
        "inputs": Option(help="Examples of each model.", default=2, least=1),
        "model_calls": Option(help="Calls to models.", several=True, default=(1000,), least=100),
        "texts": Option(help="Texts of each length.", default=5, least=1),
        "lengths": Option(help="Lengths.", kind=str, several=True, default=tuple(LENGTHS), choices=tuple(LENGTHS)),
        "text_calls": Option(help="Of SPEX's numbers of calls to texts those up to this.", default=10_000, least=600),
        "keep": KEEP,
    },
    quick={
        "grounds": ("planted", "archipelago", "models"),
        "seeds": 1,
        "sizes": (20,),
        "calls": (300,),
        "archipelago_calls": (1642,),
        "models": ("recommender/census",),
        "inputs": 1,
        "texts": 1,
    },
    smoke={
        "grounds": ("planted", "archipelago"),
        "methods": ("Grow", "LIME"),
        "sizes": (10,),
        "calls": (100,),
        "archipelago_calls": (1000,),
    },
    stem=_stem,
    report=report,
    beside=beside,
    pictures=pictures,
)
