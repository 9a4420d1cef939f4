"""How many crosses help? Test logloss of DeepFM against K, the number of sets that are crossed (Figure 3)."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from glider_core.drawings.plots import Line, line_chart
from glider_core.experiments.base import Beside, Context, Experiment, Option, Result
from glider_core.experiments.markdown import table
from glider_core.experiments.source_model import study
from glider_core.experiments.sources import FAMILY, OPTIONS, QUICK, SMOKE
from glider_core.provenance import versions
from glider_core.recommenders.comparison import Trial
from glider_core.recommenders.trials import run_trials

KS = (0, 1, 2, 3, 5, 10, 20, 40, 60)
TARGET = "DeepFM"


def run(context: Context) -> dict[str, Any]:
    """Train DeepFM with the K most frequent sets crossed, for several K; a K above the number of sets is left out.

    Raises:
        InvalidInput: the data is missing or cannot be learned from.
    """
    keep, seeds = context["keep"], range(context["seeds"])
    measured = study(context)
    sets = measured.top(max(context["ks"]) or 1)
    points = []
    for k in context["ks"]:
        if k > len(sets):
            context.tell(f"K = {k}: only {len(sets)} sets were found")
            continue
        trials = run_trials(
            measured.source.compare(measured.dataset, sets[: max(k, 1)]),
            targets=[TARGET],
            variants=["crossed" if k else "base"],
            seeds=seeds,
            resume=None if keep is None else keep / f"{context['table']}-k{k}-trials.jsonl",
        )
        points.append({"k": k, **_spread(trials), "parameters": trials[0].parameters})
        context.tell(f"K = {k}: logloss {points[-1]['logloss']:.4f}, {trials[0].parameters:,} parameters")
    return {
        "table": measured.source.title,
        "target": TARGET,
        "rows": {part: len(answers) for part, (_, answers) in measured.dataset.parts.items()},
        "seeds": list(seeds),
        "points": points,
        "recipe": asdict(measured.source.recipes(len(measured.dataset.tables["train"]))[1]),
        "versions": versions(),
    }


def _spread(trials: Sequence[Trial]) -> dict[str, float | None]:
    """Mean and deviation of both measures over the seeds."""
    values: dict[str, float | None] = {}
    for name, numbers in (("logloss", [t.logloss for t in trials]), ("AUC", [t.auc for t in trials])):
        values[name] = statistics.fmean(numbers)
        values[f"{name} deviation"] = statistics.stdev(numbers) if len(numbers) > 1 else None
    return values


def _report(results: Mapping[str, Result]) -> str:
    paragraphs = []
    for result in results.values():
        rows = [
            (point["k"], _plus_minus(point, "logloss"), _plus_minus(point, "AUC"), f"{point['parameters']:,}")
            for point in result["points"]
        ]
        paragraphs.append(
            f"{result['target']} on {result['table']}, {len(result['seeds'])} seeds each.\n\n"
            + table(("sets crossed", "test logloss", "test AUC", "parameters"), rows)
        )
    return "\n\n".join(paragraphs)


def _plus_minus(point: Mapping[str, Any], name: str) -> str:
    deviation = point[f"{name} deviation"]
    return f"{point[name]:.4f}" + ("" if deviation is None else f" ± {deviation:.4f}")


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    rows = []
    for result in results.values():
        none, *crossed = result["points"]
        best = min(crossed, key=lambda point: point["logloss"])
        rows.append(
            Beside(
                what=f"{result['target']} on {result['table']}: test logloss without crosses, and with the best number",
                paper="less with crosses; 40 were taken (Criteo)",
                ours=f"{none['logloss']:.4f} with none, {best['logloss']:.4f} with {best['k']}",
                differs=f"{result['rows']['train']:,} training rows in place of a log of millions.",
                met=best["logloss"] < none["logloss"],
            )
        )
    return rows


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    drawn = {}
    for result in results.values():
        points = result["points"]
        line = Line(
            name=result["target"],
            x=[point["k"] for point in points],
            y=[point["logloss"] for point in points],
            error=[point["logloss deviation"] or 0.0 for point in points],
        )
        title = f"Test logloss on {result['table']} by crosses, ± deviation over {len(result['seeds'])} seeds"
        drawn[title] = line_chart([line], title=title, x="sets crossed", y="test logloss (less is better)", band=True)
    return drawn


EXPERIMENT = Experiment(
    name="figure3",
    title="Logloss by the number of crosses (Figure 3)",
    claim="The more of the found sets are crossed, up to a number, the better a recommender gets.",
    run=run,
    options={
        **OPTIONS,
        "ks": Option(help="Numbers of sets to cross.", several=True, default=KS, least=0),
        "seeds": Option(help="Trainings of each.", default=3, least=1),
    },
    quick={**QUICK, "ks": (0, 1, 3), "seeds": 1},
    smoke={**SMOKE, "ks": (0, 1)},
    family=FAMILY,
    stem=lambda name, options: f"{name}_{options['table']}",
    report=_report,
    beside=_beside,
    pictures=_pictures,
)
