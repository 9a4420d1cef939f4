"""How many parameters do the crosses add to each recommender? (Table 4)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glider_core.experiments import paper
from glider_core.experiments.base import Beside, Context, Experiment, Result
from glider_core.experiments.crossed import COMPARED, FINISHED, compared, file_stem, finished, title_of
from glider_core.experiments.markdown import table, written_by
from glider_core.experiments.sources import FAMILY, QUICK, SMOKE
from glider_core.provenance import versions


def run(context: Context) -> dict[str, Any]:
    """Count the parameters of each recommender of Table 3 without and with the crosses; none of them is trained.

    Raises:
        InvalidInput: the data is missing or cannot be learned from; no set was found.
    """
    if context["trials"] is not None:
        result = finished(context["trials"])
        counts = {target: (own["base"], own["crossed"]) for target, own in result["parameters"].items()}
        told = {name: result[name] for name in ("table", "rows", "threshold", "versions")}
        crosses = [{name: cross[name] for name in ("fields", "ids")} for cross in result["crosses"]]
        return told | {"crosses": crosses, "targets": _rows(counts), "trials": context["trials"].name}
    study, comparison = compared(context)
    counts = {
        target: (comparison.parameters(target, "base"), comparison.parameters(target, "crossed"))
        for target in context["targets"]
    }
    return {
        "table": title_of(study.source.title, context),
        "rows": {part: len(answers) for part, (_, answers) in study.dataset.parts.items()},
        "threshold": comparison.crosses.threshold_,
        "crosses": [{"fields": list(cross.fields), "ids": cross.kept} for cross in comparison.crosses.report_],
        "targets": _rows(counts),
        "versions": versions(),
    }


def _rows(counts: Mapping[str, tuple[int, int]]) -> list[dict[str, Any]]:
    return [
        {"target": target, "base": base, "crossed": crossed, "growth": round(crossed / base - 1, 4)}
        for target, (base, crossed) in counts.items()
    ]


def _report(results: Mapping[str, Result]) -> str:
    parts = []
    for result in results.values():
        rows = [
            (row["target"], f"{row['base']:,}", f"{row['crossed']:,}", f"{row['growth']:+.1%}")
            for row in result["targets"]
        ]
        ids = sum(cross["ids"] for cross in result["crosses"])
        parts.append(
            f"**{result['table']}**: {len(result['crosses'])} crosses with {ids:,} ids, each of which more than "
            f"{result['threshold']} of {result['rows']['train']:,} training rows have.\n\n"
            + table(("", "parameters", "with crosses", "growth"), rows)
        )
    ranges = ", ".join(f"{log.capitalize()} {low:+.1%} to {high:+.1%}" for log, (low, high) in paper.TABLE4.items())
    return "\n\n".join([*parts, f"The paper, on the full logs: {ranges}. {written_by(results)}"])


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    rows = []
    for log, (low, high) in paper.TABLE4.items():
        for stem in ("table4_simulated", f"table4_{log}"):
            if stem in results:
                result = results[stem]
                growths = [row["growth"] for row in result["targets"]]
                rows.append(
                    Beside(
                        what=f"{log.capitalize()}: parameters that crosses add",
                        paper=f"{low:+.1%} to {high:+.1%}",
                        ours=f"{min(growths):+.1%} to {max(growths):+.1%}",
                        differs=f"{result['table']}: {result['rows']['train']:,} training rows, and an id of a cross "
                        f"needs more than {result['threshold']} of them; the paper: the full log, 100 of a million",
                    )
                )
    return rows


EXPERIMENT = Experiment(
    name="table4",
    title="Parameters that crosses add (Table 4)",
    claim="Crosses whose ids are common enough add few parameters.",
    run=run,
    options={**COMPARED, "trials": FINISHED},
    quick=QUICK,
    smoke={**SMOKE, "k": 2},
    family=FAMILY,
    paper=paper.TABLE4,
    stem=file_stem,
    report=_report,
    beside=_beside,
)
