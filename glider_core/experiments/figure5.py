"""How large do crosses with dense fields become by the number of buckets? (Figure 5)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glider_core.drawings.plots import Line, line_chart
from glider_core.errors import InvalidInput
from glider_core.experiments.base import Context, Experiment, Option, Result
from glider_core.experiments.markdown import table
from glider_core.experiments.source_model import study
from glider_core.experiments.sources import FAMILY, QUICK, SMOKE, table_option
from glider_core.provenance import versions
from glider_core.recommenders.network import EMBEDDING
from glider_core.tables.crosses import cardinality

BUCKETS = (10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)


def run(context: Context) -> dict[str, Any]:
    """Fit the found crosses that have a dense field with several numbers of buckets.

    Raises:
        InvalidInput: the data is missing or cannot be learned from; no found set has a dense field.
    """
    measured = study(context)
    dense = {field.name for field in measured.dataset.fields if field.kind == "dense"}
    crosses = measured.source.crosses
    sets = [fields for fields in measured.top(crosses) if dense & set(fields)]
    if not sets:
        raise InvalidInput(f"None of the {crosses} most frequent sets has a dense field; buckets change nothing.")
    sizes = cardinality(measured.dataset.tables["train"], sets, context["buckets"], dense=sorted(dense))
    for number in context["buckets"]:
        context.tell(f"{number} buckets: {int(sizes.loc[sizes['buckets'] == number, 'ids'].sum()):,} ids")
    return {
        "table": measured.source.title,
        "rows": len(measured.dataset.tables["train"]),
        "embedding": EMBEDDING,
        "points": [
            {"buckets": row["buckets"], "cross": row["cross"], "combinations": row["combinations"], "ids": row["ids"]}
            for row in sizes.to_dict("records")
        ],
        "versions": versions(),
    }


def _report(results: Mapping[str, Result]) -> str:
    paragraphs = []
    for result in results.values():
        ids: dict[str, dict[int, int]] = {}
        for point in result["points"]:
            ids.setdefault(point["cross"], {})[point["buckets"]] = point["ids"]
        buckets = list(next(iter(ids.values())))
        rows = [(cross, *(f"{by[number]:,}" for number in buckets)) for cross, by in ids.items()]
        paragraphs.append(
            f"Ids of each cross with a dense field, on {result['table']}, {result['rows']:,} rows.\n\n"
            + table(("buckets", *(f"{number:,}" for number in buckets)), rows)
        )
    return "\n\n".join(paragraphs)


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    drawn = {}
    for result in results.values():
        ids: dict[str, tuple[list[float], list[float]]] = {}
        for point in result["points"]:
            buckets, sizes = ids.setdefault(point["cross"], ([], []))
            buckets.append(point["buckets"])
            sizes.append(point["ids"])
        lines = [Line(name=cross, x=buckets, y=sizes) for cross, (buckets, sizes) in ids.items()]
        title = f"Ids of crosses with a dense field on {result['table']}, by the number of its buckets"
        drawn[title] = line_chart(lines[:7], title=title, x="buckets", y="ids", log_x=True)
    return drawn


EXPERIMENT = Experiment(
    name="figure5",
    title="Size of crosses by the number of buckets (Figure 5)",
    claim="How many ids a cross with a dense field gets depends on its buckets only while they are few.",
    run=run,
    # The simulated log has no dense field.
    options={
        **table_option("census"),
        "buckets": Option(help="Numbers of buckets.", several=True, default=BUCKETS, least=2),
    },
    quick={**QUICK, "buckets": (10, 100)},
    smoke={**SMOKE, "table": "census"},
    family=FAMILY,
    stem=lambda name, options: f"{name}_{options['table']}",
    report=_report,
    pictures=_pictures,
)
