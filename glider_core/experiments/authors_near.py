"""Table 10's rows of NID by the authors' own code: values near an instance, black boxes that learned F1 to F4.

What is read off tells how the paper counts: the set that stands first among all sizes, or among sets of its own size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from glider_core.engine.interaction_sets import Features
from glider_core.engine.masks import split_masks
from glider_core.engine.planted import table9
from glider_core.experiments.base import Context
from glider_core.experiments.black_boxes import trained
from glider_core.experiments.checkout import PUBLISHED, THEIRS, Detect
from glider_core.experiments.markdown import table
from glider_core.experiments.near_values import moves, near_rankings
from glider_core.experiments.on_numbers import SIGMA, Asked
from glider_core.experiments.paper import TABLE10
from glider_core.experiments.parts import in_parts
from glider_core.settings import Settings

D = 10
FIRST_OF_ALL, FIRST_OF_SIZE = "first", "first of its size"


def near_values(context: Context, detect: Detect | None, identity: str | None) -> list[dict[str, Any]]:
    """By function and black box the share of instances at which the function's own set stands first."""
    names = [f"{function} {kind}" for function in context["functions"] for kind in context["black_boxes"]]
    parts = in_parts(
        {name: partial(_of_black_box, *name.split(), detect, context) for name in names},
        experiment="authors' code, values near",
        header={name: context[name] for name in ("instances", "train", "masks")} | {"checkout": identity},
        keep=context["keep"],
    )
    return list(parts.values())


def _of_black_box(function: str, kind: str, detect: Detect | None, context: Context) -> dict[str, Any]:
    answer, planted = table9()[function]
    rng = np.random.default_rng([0, list(table9()).index(function)])
    train, validation = (rng.uniform(-1, 1, (n, D)) for n in (context["train"], context["train"] // 5))
    instances = rng.uniform(-1, 1, (context["instances"], D))
    model = trained(kind, train, answer(train), validation, answer(validation), 0)
    asked = Asked(model, kind, train, instances, "plateau", 0)
    settings = Settings.with_masks(context["masks"], detector="NID", schedule="plateau")
    (found,) = near_rankings(asked.predict, instances, [settings], sigma=SIGMA, seed=0)
    rankings = {PUBLISHED: [[candidate.features for candidate in ranking] for ranking in found]}
    if detect is not None:
        rankings = {THEIRS: [_theirs(detect, asked, instance, settings) for instance in instances], **rankings}
    told = {who: _found(ranked, planted) for who, ranked in rankings.items()}
    context.tell(f"{function}, {kind}: " + "; ".join(f"{who} {values}" for who, values in told.items()))
    return {"function": function, "black box": kind, "NID": told}


def _theirs(detect: Detect, asked: Asked, instance: np.ndarray, settings: Settings) -> list[Features]:
    """Their ranking on the values themselves, the same draws for every instance as Glider's."""
    values = instance + SIGMA * moves(D, settings.n_masks, np.random.default_rng(asked.seed))
    answers = np.asarray(asked.predict(values), dtype=np.float64)[:, None]
    split = split_masks(settings.n_train, settings.n_validation, settings.n_test)
    parts = {"train": split.train, "val": split.validation, "test": split.test}
    ranking, _ = detect(
        {part: values[rows] for part, rows in parts.items()},
        {part: answers[rows] for part, rows in parts.items()},
        detector="NID", add_linear=False, seed=asked.seed,
    )  # fmt: skip
    return [tuple(sorted(int(feature) for feature in features)) for features, _ in ranking]


def _found(rankings: Sequence[Sequence[Features]], planted: Features) -> dict[str, float]:
    of_size = [next((s for s in ranking if len(s) == len(planted)), None) == planted for ranking in rankings]
    return {
        FIRST_OF_ALL: round(float(np.mean([list(ranking[:1]) == [planted] for ranking in rankings])), 4),
        FIRST_OF_SIZE: round(float(np.mean(of_size)), 4),
    }


def report(rows: Sequence[Mapping[str, Any]], names: Mapping[str, str], instances: int) -> str:
    """A paragraph and a table, Markdown."""
    lines = []
    for row in rows:
        told = (f"{values[share]:.2f}" for values in row["NID"].values() for share in (FIRST_OF_ALL, FIRST_OF_SIZE))
        lines.append((row["function"], row["black box"], papers(row), *told))
    whose = [names[who] for who in rows[0]["NID"]]
    head = ("function", "black box", "the paper", *(f"{who}, {share}" for who in whose for share in
                                                   ("first of all", FIRST_OF_SIZE)))  # fmt: skip
    return (
        f"**Values near an instance**, as in Table 10: {instances} instances each, the same values and answers for "
        "both, NID. *First of all*: the function's own set stands first among sets of all sizes; *first of its size*: "
        f"among sets of as many numbers as it has.\n\n{table(head, lines)}"
    )


def papers(row: Mapping[str, Any]) -> str:
    """The paper's number for NID on this black box of this function."""
    return f"{TABLE10[row['function']][row['black box']]['NID']:g}"
