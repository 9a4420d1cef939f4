"""The tasks that pages give to workers: explanations, runs over many rows, trainings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import glider_core as gl
from glider_core.grouping import instance_of
from glider_core.workers.portable import Report, Send

if TYPE_CHECKING:
    import pandas as pd

    from glider_core.domains.graph.model import GraphModel
    from glider_core.domains.graph.network import Graph
    from glider_core.domains.recommender.model import RecommenderModel
    from glider_core.engine.beside import Beside
    from glider_core.recommenders.comparison import Comparison, Trial, Variant
    from glider_core.recommenders.improvement import Improvement
    from glider_core.rows.content_run import ContentRun
    from glider_core.tables.assumptions import Assumptions


def explain_case(report: Report, send: Send, case: gl.Case, model: gl.Model | None) -> gl.Explanation:
    """Explain a case; what is known after few questions is sent before.

    Args:
        report: as for `gl.explain`.
        send: gets explanations.
        case: what to explain, and how.
        model: None for the case's.
    """
    model, settings = model or gl.load_model(case.model), case.settings
    instance = instance_of(model, case.raw, case.options)
    return gl.explain(instance, settings, on_progress=report, on_look=send)


def explain_cases(
    report: Report, send: Send, cases: Sequence[gl.Case], model: gl.Model | None
) -> Sequence[tuple[int, str]]:
    """Explain many cases of one model with the same settings.

    Args:
        report: called with "batch" and the share of the cases that are done.
        send: gets (position, explanation, or a sentence on why there is none) as soon as each is there.
        cases: what to explain.
        model: None for the cases'.

    Returns:
        Positions and sentences of those that could not be explained.
    """
    if not cases:
        return []
    model = model or gl.load_model(cases[0].model)
    instances: dict[int, gl.Instance] = {}
    refused: list[tuple[int, str]] = []
    for position, case in enumerate(cases):
        report("batch", 0.0)
        try:
            instances[position] = instance_of(model, case.raw, case.options)
        except gl.InvalidInput as error:
            refused.append((position, str(error)))
            send((position, None, str(error)))
    done = len(refused)

    def on_progress(stage: str, share: float) -> None:
        report("batch", done / len(cases))

    places = list(instances)
    # A few at a time: together they cost less each, and the first are there soon.
    for start in range(0, len(places), 4):
        some = places[start : start + 4]

        def on_result(place: int, explanation: gl.Explanation, some: Sequence[int] = some) -> None:
            send((some[place], explanation, ""))

        gl.explain_many(
            [instances[place] for place in some], cases[0].settings, on_progress=on_progress, on_result=on_result
        )
        done += len(some)
        report("batch", done / len(cases))
    return refused


def refine_case(
    report: Report, send: Send, case: gl.Case, model: gl.Model | None, explanation: gl.Explanation, runs: int
) -> gl.Explanation:
    """Measure the stability of what a case's explanation has found.

    Args:
        report: as for `gl.explain`.
        send: gets nothing.
        case: what was explained.
        model: None for the case's.
        explanation: that came out.
        runs: in which interactions are looked for, the one that is there among them.
    """
    model = model or gl.load_model(case.model)
    instance = model.instance(case.raw, **case.options)
    return gl.measure_stability(instance, explanation, runs=runs, on_progress=report)


def find_beside(
    report: Report, send: Send, case: gl.Case, model: gl.Model | None, explanation: gl.Explanation, as_published: bool
) -> list[Beside]:
    """What the paper's detectors find in the answers that a case's explanation stands on.

    Args:
        report: as for `gl.explain`.
        send: gets nothing.
        case: what was explained.
        model: None for the case's.
        explanation: that came out.
        as_published: whether networks train, and masks are weighed, as in the authors' code.
    """
    from glider_core.engine import beside

    model = model or gl.load_model(case.model)
    instance = model.instance(case.raw, **case.options)
    return beside.find_beside(instance, explanation, as_published=as_published, on_progress=report)


def detect_rows(
    report: Report,
    send: Send,
    model: RecommenderModel,
    rows: pd.DataFrame,
    settings: gl.Settings | None = None,
    label: str = "",
    resume: bool | Path = False,
) -> gl.GlobalInteractions:
    """Count interactions over rows; what has been counted is sent after each chunk.

    Args:
        report: as for `gl.detect_global`.
        send: gets `GlobalInteractions`.
        model: of the rows.
        rows: to explain.
        settings: of MADEX in each row.
        label: of the slice that the rows are.
        resume: whether what is finished survives an end of the process; a folder: it is kept there.
    """
    from glider_core.rows.resume import resume_file
    from glider_core.rows.run import ROWS

    folder = None if isinstance(resume, bool) else resume
    return gl.detect_global(
        model,
        rows,
        settings,
        resume=resume_file(model, rows, settings or ROWS, folder) if resume else None,
        label=label,
        on_progress=report,
        on_partial=send,
    )


def detect_inputs(report: Report, send: Send, model_id: str, inputs: Sequence[str], label: str = "") -> ContentRun:
    """Count interactions over texts or sequences by their content; what has been counted is sent after each chunk."""
    from glider_core.domains import DOMAINS
    from glider_core.prepared import content_settings
    from glider_core.rows.by_content import detect_by_content

    domain = DOMAINS[model_id.partition("/")[0]]
    assert domain.content is not None
    return detect_by_content(
        gl.load_model(model_id),
        inputs,
        domain.content,
        content_settings(domain),
        label=label,
        on_progress=report,
        on_partial=send,
    )


def train_table(
    report: Report,
    send: Send,
    table: pd.DataFrame,
    target: str,
    positive: str,
    kinds: Mapping[str, Any],
    assumptions: Assumptions | None = None,
) -> tuple[RecommenderModel, Any]:
    """AutoInt on a visitor's table, as `recommender.model.train_own` does it, with baselines beside."""
    from glider_core.domains.recommender.model import train_own

    return train_own(table, target, positive, kinds, assumptions=assumptions, baselines=True, on_progress=report)


def train_boosted_table(
    report: Report, send: Send, table: pd.DataFrame, target: str, positive: str, kinds: Mapping[str, Any]
) -> tuple[Any, Any]:
    """LightGBM on a visitor's table, as `recommender.boosted.train_boosted` does it."""
    from glider_core.domains.recommender.boosted import train_boosted

    return train_boosted(table, target, positive, kinds, on_progress=report)


def train_graph(report: Report, send: Send, graph: Graph) -> tuple[GraphModel, Any]:
    """A network on a visitor's graph, as `graph.model.train_own` does it."""
    from glider_core.domains.graph.model import train_own

    return train_own(graph, on_progress=report)


@dataclass(frozen=True, slots=True)
class CrossesAsked:
    """What a comparison of a recommender with and without crosses is made from."""

    own: tuple[pd.DataFrame, str, str, Mapping[str, Any]] | None  # a table, its target, what counts as 1, fields' kinds
    simulated_rows: tuple[int, int, int]  # to train, validate and test on, where there is no table
    sets: Sequence[tuple[str, ...]]  # of fields, to cross
    threshold: int | None  # rows that a combination must exceed to get an id of its own
    census: str | None = None  # folder of training data; Census Income is trained on, as many rows as of simulated ones


def train_beside(
    report: Report, send: Send, asked: CrossesAsked, target: str, variants: Sequence[Variant], seeds: int
) -> tuple[Comparison, Sequence[Trial], Mapping[Variant, RecommenderModel]]:
    """One recommender with and without crosses; every look at a training is sent as (variant, seed, look).

    Args:
        report: called with "train" and the share done.
        send: gets the looks.
        asked: rows and crosses.
        target: the recommender to train.
        variants: to train.
        seeds: how many.

    Returns:
        The comparison, its trials, and the models of the first seed by variant.
    """
    from glider_core.domains.recommender.crossed import compare_with_crosses

    report("train", 0.0)
    comparison = comparison_of(asked)
    trials, models = compare_with_crosses(
        comparison,
        target,
        variants=variants,
        seeds=range(seeds),
        on_look=lambda variant, seed, look: send((variant, seed, look)),
        on_progress=report,
    )
    return comparison, trials, models


def improve_table(
    report: Report,
    send: Send,
    own: tuple[pd.DataFrame, str, str, Mapping[str, Any]],
    target: str,
    sets: Sequence[tuple[str, ...]] | None,
    detect: int,
    baselines: Sequence[str],
) -> Improvement:
    """Crosses that make a recommender of a visitor's table better, or none; what begins is sent in words.

    Args:
        report: called with "train" and the share done.
        send: gets words.
        own: a table, its target, what counts as 1, and the kinds of its fields.
        target: the recommender.
        sets: candidates; None: all pairs of fields.
        detect: training rows in which more candidates are looked for, by an AutoInt that learns them; 0: none are.
        baselines: to compare with.
    """
    from glider_core.domains.recommender.model import own_dataset
    from glider_core.recommenders.improving import improve
    from glider_core.used_sets import used_sets

    report("train", 0.0)
    return improve(
        own_dataset(*own),
        target=target,
        sets=sets,
        also=(lambda rows: used_sets(rows, detect, seed=0)) if detect else None,
        baselines=baselines,
        on_stage=send,
        on_progress=lambda share: report("train", share),
    )


def comparison_of(asked: CrossesAsked) -> Comparison:
    """The rows and the crosses that are trained on."""
    from glider_core.recommenders.comparison import Comparison
    from glider_core.recommenders.dataset import split
    from glider_core.recommenders.recipes import recipe_for
    from glider_core.recommenders.simulated import simulated

    n_train, n_validation, n_test = asked.simulated_rows
    if asked.census is not None:
        from glider_core.domains.recommender.data import census_dataset

        dataset = census_dataset(Path(asked.census), rows=n_train)
    elif asked.own:
        dataset = split(*asked.own)
    else:
        dataset = simulated(n_train, n_validation=n_validation, n_test=n_test)
    return Comparison(dataset, asked.sets, recipe_for(len(dataset.tables["train"])), threshold=asked.threshold)
