"""How wide do vectors become with the parameters that crosses would take? (Table 6)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glider_core.experiments.base import Context, Experiment, Result
from glider_core.experiments.crossed import COMPARED, FINISHED, compared, file_stem, finished, title_of
from glider_core.experiments.markdown import table, written_by
from glider_core.experiments.sources import FAMILY, QUICK, SMOKE
from glider_core.provenance import versions


def run(context: Context) -> dict[str, Any]:
    """The width of vectors at which a recommender without crosses has as many parameters as with them.

    Raises:
        InvalidInput: the data is missing or cannot be learned from; no set was found.
    """
    if context["trials"] is not None:
        result = finished(context["trials"])
        widths = {(trial["target"], trial["variant"]): trial["embedding"] for trial in result["trials"]}
        rows = [
            {
                "target": target,
                "crossed": own["crossed"],
                "enlarged": own["enlarged"],
                "width": widths[target, "base"],
                "enlarged width": widths[target, "enlarged"],
            }
            for target, own in result["parameters"].items()
        ]
        told = {name: result[name] for name in ("table", "rows", "versions")}
        return told | {"crosses": len(result["crosses"]), "targets": rows, "trials": context["trials"].name}
    study, comparison = compared(context)
    rows = []
    for target in context["targets"]:
        width = comparison.embedding(target, "enlarged")
        rows.append(
            {
                "target": target,
                "crossed": comparison.parameters(target, "crossed"),
                "enlarged": comparison.parameters(target, "enlarged"),
                "width": comparison.embedding(target, "base"),
                "enlarged width": width,
            }
        )
        context.tell(f"{target}: vectors of {width}, {rows[-1]['enlarged']:,} parameters")
    return {
        "table": title_of(study.source.title, context),
        "rows": {part: len(answers) for part, (_, answers) in study.dataset.parts.items()},
        "crosses": len(comparison.crosses.sets_),
        "targets": rows,
        "versions": versions(),
    }


def _report(results: Mapping[str, Result]) -> str:
    parts = []
    for result in results.values():
        rows = [
            (row["target"], f"{row['crossed']:,}", f"{row['enlarged']:,}", row["width"], row["enlarged width"])
            for row in result["targets"]
        ]
        head = ("", "parameters with crosses", "with wider vectors instead", "width", "wider")
        parts.append(f"**{result['table']}**, {result['crosses']} crosses.\n\n{table(head, rows)}")
    return "\n\n".join(
        [
            "The narrowest vectors with which a recommender that reads no crosses has at least as many parameters as "
            "with them. What they gain is Table 7.",
            *parts,
            written_by(results),
        ]
    )


EXPERIMENT = Experiment(
    name="table6",
    title="Wider vectors in place of crosses: parameters (Table 6)",
    claim="Vectors can be widened until a recommender has the parameters that crosses would add: a fair control.",
    run=run,
    options={**COMPARED, "trials": FINISHED},
    quick=QUICK,
    smoke={**SMOKE, "k": 2},
    family=FAMILY,
    stem=file_stem,
    report=_report,
)
