"""NID and GradientNID as the paper's authors' code has them, beside Glider's, on the same masks and the same answers.

For every black box all get one split of the masks, and what each ranks is compared: how much of the first ten sets
they share, how they order pairs, what they find of what was planted, and the seconds that it takes. How alike two runs
of the authors' code are, by seeds 0 and 1, says what likeness can be asked of anyone.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from glider_core.drawings.plots import Bars, bar_chart
from glider_core.engine.instance import Instance
from glider_core.engine.interaction_sets import Features
from glider_core.engine.planted import FAMILIES, planted_family
from glider_core.errors import InvalidInput
from glider_core.experiments import paper
from glider_core.experiments.authors_near import FIRST_OF_ALL, FIRST_OF_SIZE, near_values, papers
from glider_core.experiments.authors_near import report as told_of_values
from glider_core.experiments.authors_rows import SHOWN, counted
from glider_core.experiments.authors_rows import report as told_of_rows
from glider_core.experiments.base import Beside, Context, Experiment, Option, Result
from glider_core.experiments.black_boxes import KINDS
from glider_core.experiments.checkout import (
    AGAIN,
    ALIKE,
    DETECTED,
    FIRST,
    OURS,
    PAIRS,
    PRECISION,
    PUBLISHED,
    REPOSITORY,
    THEIRS,
    authors,
    identity_of,
    measure,
)
from glider_core.experiments.inputs import inputs_of
from glider_core.experiments.markdown import table, written_by
from glider_core.experiments.paper import TABLE10
from glider_core.experiments.parts import KEEP, in_parts
from glider_core.experiments.sources import SOURCES
from glider_core.models import load_model
from glider_core.provenance import versions

MODELS = ("sentiment/lstm", "recommender/simulated", "recommender/census", "dna/cnn", "graph/karate")
BATCH = 100  # of their evaluation, which needs whole batches of validation and test masks


def run(context: Context) -> dict[str, Any]:
    """Planted functions of every family, examples of models, and rows of recommenders.

    Raises:
        InvalidInput: no such checkout; no data for the rows; or masks of which a twelfth is no whole number of batches.
    """
    masks, checkout = context["masks"], context["checkout"]
    if masks // 12 % BATCH:
        raise InvalidInput(f"Got {masks} masks; their code validates in batches of {BATCH}: give a multiple of 1200.")
    began = time.perf_counter()
    with contextlib.nullcontext() if checkout is None else authors(checkout) as detect:

        def part(group: str, box: Callable[[], tuple[Instance, Sequence[Features]]]) -> dict[str, Any]:
            measured = measure(detect, *box(), masks, context["detectors"])
            for name, told in measured.items():
                precisions = [f"{who} {values[PRECISION]:.2f}" for who, values in told.items() if PRECISION in values]
                context.tell(f"{group}, {name}: {'; '.join(precisions) or 'compared'}")
            return {"of": group, "detectors": measured}

        boxes = dict(_boxes(context))
        identity = None if checkout is None else identity_of(checkout)
        measured = in_parts(
            {name: partial(part, group, box) for name, (group, box) in boxes.items()},
            experiment="authors' code",
            header={"masks": masks, "detectors": context["detectors"], "checkout": identity},
            keep=context["keep"],
        )
        over_rows = [
            counted(replace(context, options={**context.options, "table": name, "rows": None}), detect, identity)
            for name in context["tables"]
        ]
        near = near_values(context, detect, identity)
    return {
        "rows": list(measured.values()),
        "over rows": over_rows,
        "near values": near,
        "instances": context["instances"],
        "masks": masks,
        "checkout": identity,
        "versions": versions(),
        "seconds": round(time.perf_counter() - began, 1),
    }


def _boxes(context: Context) -> Iterator[tuple[str, tuple[str, Callable[[], Any]]]]:
    for d in context["sizes"]:
        for family in context["families"]:
            for seed in range(context["seeds"]):
                yield f"{family} {d} {seed}", (f"planted, d = {d}", partial(planted_family, family, d, seed))
    for model_id in context["models"]:
        for number in range(min(context["inputs"], len(inputs_of(model_id, context["inputs"])))):
            yield f"{model_id} {number}", (model_id, partial(_example, model_id, number))


def _example(model_id: str, number: int) -> tuple[Instance, list[Features]]:
    model: Any = load_model(model_id)
    return model.instance(inputs_of(model_id, number + 1)[number]), []


def _stem(name: str, options: Mapping[str, Any]) -> str:
    return "authors_code" if options["checkout"] is not None else "authors_code_without"


def _told(results: Mapping[str, Result]) -> Result:
    """The run with their code where there is one."""
    return results.get("authors_code") or results["authors_code_without"]


def _detectors(result: Result) -> list[str]:
    return list(dict.fromkeys(name for row in result["rows"] for name in row["detectors"]))


def _means(result: Result, detector: str, planted: bool | None = None, group: str = "") -> dict[str, dict[str, float]]:
    """Means over the black boxes of a group, or over all planted or not, by whose ranking and quantity."""
    rows = [
        row["detectors"][detector]
        for row in result["rows"]
        if (not group or row["of"] == group) and planted in (None, row["of"].startswith("planted"))
    ]
    whose = dict.fromkeys(who for row in rows for who in row)
    quantities = (PRECISION, "seconds", FIRST, ALIKE, PAIRS)
    return {
        who: {
            quantity: float(np.mean(values))
            for quantity in quantities
            if (values := [row[who][quantity] for row in rows if quantity in row[who]])
        }
        for who in whose
    }


def _report(results: Mapping[str, Result]) -> str:
    result, rows = _told(results), []
    groups = dict.fromkeys(row["of"] for row in result["rows"])
    for detector in _detectors(result):
        for group in groups:
            number = sum(row["of"] == group for row in result["rows"])
            for who, means in _means(result, detector, group=group).items():
                values = (means.get(quantity) for quantity in (PRECISION, FIRST, ALIKE, PAIRS))
                told = ("–" if value is None else f"{value:.2f}" for value in values)
                rows.append((detector, f"{group} ({number})", NAMES[who], *told, f"{means['seconds']:.2f}"))
    head = ("detector", "black boxes", "whose", PRECISION, "first set as theirs", "of ten as theirs",
            "order of pairs as theirs", "seconds")  # fmt: skip
    missing = (
        "" if result["checkout"] else " Their code was not given: what is likened is likened to Glider's as published."
    )
    return (
        f"Their module runs unchanged, with its defaults and a seed, on the same {result['masks']} masks and answers, "
        "all of which weigh alike. Means over the black boxes (their number in brackets). R-precision is of the sets "
        "that were planted; GradientNID ranks pairs, so of the pairs inside them. The order of pairs is Spearman's "
        "correlation, a pair as strong as the strongest set that holds it. *As published* trains at a constant rate "
        "until validation stops improving, as their code does; *as it is* trains for few epochs at a rate that is "
        f"brought to zero. Seconds are of training and reading, on one core.{missing}\n\n"
        f"{table(head, rows)}\n\n"
        + "".join(f"{told_of_rows(counts, NAMES, result['masks'])}\n\n" for counts in result["over rows"])
        + (told_of_values(near, NAMES, result["instances"]) + "\n\n" if (near := result["near values"]) else "")
        + written_by({"": result})
    )


NAMES = {THEIRS: "the authors' code", AGAIN: "the authors' code, another seed",
          PUBLISHED: "Glider, as published", OURS: "Glider, as it is"}  # fmt: skip


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    result, rows = _told(results), []
    if not result["checkout"]:
        return rows
    for detector in _detectors(result):
        planted, every = _means(result, detector, planted=True), _means(result, detector)
        found = {who: means[PRECISION] for who, means in planted.items()}
        rows.append(
            Beside(
                what=f"{detector}: R-precision on planted functions",
                paper=f"the authors' code: {found[THEIRS]:.2f}; by another seed {found[AGAIN]:.2f}",
                ours=f"{found[OURS]:.2f}; as published {found[PUBLISHED]:.2f}",
                differs="Same masks and answers. Ours ends with a rate of zero, so that the weights settle.",
                met=found[OURS] >= max(found[THEIRS], found[AGAIN]),
            )
        )
        rows.append(
            Beside(
                what=f"{detector}: of the first ten sets, those that the authors' code has there, too",
                paper=f"the authors' code, another seed: {every[AGAIN][ALIKE]:.2f}",
                ours=f"{every[OURS][ALIKE]:.2f}; as published {every[PUBLISHED][ALIKE]:.2f}",
                differs="Beyond what is there, a ranking hangs on the network's random start.",
            )
        )
        rows.append(
            Beside(
                what=f"{detector}: seconds of training and reading",
                paper=f"the authors' code: {every[THEIRS]['seconds']:.1f}",
                ours=f"{every[OURS]['seconds']:.1f}; as published {every[PUBLISHED]['seconds']:.1f}",
                differs="Same run, one core.",
                met=every[OURS]["seconds"] <= every[THEIRS]["seconds"],
            )
        )
    for counts in result["over rows"]:
        title, ways, n = SOURCES[counts["table"]].title, counts["ways"], counts["rows"]
        likeness = f"of the first {SHOWN}"
        rows.append(
            Beside(
                what=f"{title}: sets that count in a row, of NID's first hundred",
                paper=f"the authors' code: {ways[THEIRS]['sets per row']:.1f} (the paper: about {paper.SETS_A_ROW})",
                ours=f"{ways[PUBLISHED]['sets per row']:.1f} as published, {ways[OURS]['sets per row']:.1f} as it is",
                differs="What is weaker than the set of all fields is left out as a part of it, in both.",
            )
        )
        rows.append(
            Beside(
                what=f"{title}: the most frequent set of {n} rows",
                paper=f"the authors' code: {_most(ways[THEIRS], n)}; by another seed {_most(ways[AGAIN], n)}",
                ours=f"{_most(ways[OURS], n)}; as published {_most(ways[PUBLISHED], n)}",
                differs=f"Of the {SHOWN} most frequent another seed of their code has {ways[AGAIN][likeness]:.2f}, "
                f"ours as published {ways[PUBLISHED][likeness]:.2f}, as it is {ways[OURS][likeness]:.2f}.",
            )
        )
    for row in result["near values"]:
        shares = row["NID"]
        rows.append(
            Beside(
                what=f"{row['function']}, {row['black box']}, NID near {result['instances']} instances (Table 10)",
                paper=f"{papers(row)}; the authors' code: {_shares(shares[THEIRS])}",
                ours=_shares(shares[PUBLISHED]),
                differs="Same values and answers. Of its size: among sets of as many numbers as the planted one has.",
                met=all(shares[PUBLISHED][share] >= shares[THEIRS][share] for share in (FIRST_OF_ALL, FIRST_OF_SIZE)),
            )
        )
    return rows


def _shares(values: Mapping[str, float]) -> str:
    return f"{values[FIRST_OF_ALL]:.2f} among all sizes, {values[FIRST_OF_SIZE]:.2f} of its size"


def _most(values: Mapping[str, Any], rows: int) -> str:
    most = values["most frequent"]
    return f"{' × '.join(most['fields'])} in {most['count']} of {rows}"


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    result, drawn = _told(results), {}
    whose = "the authors' code" if result["checkout"] else "ours as published"
    groups = list(dict.fromkeys(row["of"] for row in result["rows"]))
    for detector in _detectors(result):
        means = {group: _means(result, detector, group=group) for group in groups}
        bars = [
            Bars(name=NAMES[who], values=[means[group][who].get(ALIKE) for group in groups])
            for who in (AGAIN, PUBLISHED, OURS)
            if all(ALIKE in means[group].get(who, {}) for group in groups)
        ]
        title = f"{detector}: of the first ten sets, those of {whose}"
        drawn[title] = bar_chart(
            groups, bars, title=title, value="of the first ten sets", percent=True, limits=(0.0, 1.0)
        )
    return drawn


EXPERIMENT = Experiment(
    name="authors-code",
    title="The authors' own code, on the same masks",
    claim="Glider's NID and GradientNID find what the code of the paper's authors finds, in a fraction of the time.",
    run=run,
    options={
        "checkout": Option(
            help=f"Your copy of {REPOSITORY}; without it only Glider's own two ways are compared.", kind=Path
        ),
        "detectors": Option(help="Detectors.", default=DETECTED, kind=str, choices=DETECTED, several=True),
        "sizes": Option(help="Features of planted functions.", default=(20, 40), several=True, least=10),
        "families": Option(
            help="Families of planted functions.",
            default=tuple(FAMILIES),
            kind=str,
            choices=tuple(FAMILIES),
            several=True,
        ),
        "seeds": Option(help="Planted functions of each family and size.", default=3, least=1),
        "models": Option(help="Models' ids.", default=MODELS, kind=str, several=True),
        "inputs": Option(help="Examples of each.", default=3, least=1),
        "tables": Option(
            help="Tables whose rows are counted over; of the paper's logs the samples in the folder of training data.",
            default=("criteo", "avazu"),
            kind=str,
            choices=tuple(SOURCES),
            several=True,
        ),
        "explained": Option(help="Rows of each.", default=30, least=1),
        "functions": Option(help="Of Table 9.", default=tuple(TABLE10), kind=str, choices=tuple(TABLE10), several=True),
        "black_boxes": Option(help="That learn them.", default=KINDS, kind=str, choices=KINDS, several=True),
        "instances": Option(help="Of each, whose values are moved.", default=10, least=1),
        "train": Option(help="Samples that these black boxes learn from.", default=10_000, least=100),
        "masks": Option(help="Masks; a multiple of 1200.", default=6000, least=1200),
        "keep": KEEP,
    },
    quick={
        "sizes": (20,),
        "seeds": 1,
        "models": ("sentiment/lstm",),
        "inputs": 1,
        "tables": (),
        "functions": ("F4",),
        "black_boxes": ("MLP",),
        "instances": 2,
    },
    smoke={
        "detectors": ("NID",),
        "sizes": (10,),
        "families": ("products",),
        "models": (),
        "masks": 1200,
        "black_boxes": ("XGBoost",),
        "train": 100,
    },
    stem=_stem,
    report=_report,
    beside=_beside,
    pictures=_pictures,
)
