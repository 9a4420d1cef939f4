"""Sets counted over rows by Glider's way and by that of the paper's authors, which Figures 2, 7 and Table 2a share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from glider_core.experiments.base import Context, Result
from glider_core.experiments.markdown import table
from glider_core.experiments.source_model import COUNTINGS, Study, studies
from glider_core.provenance import versions
from glider_core.recommenders.simulator import SPARSE
from glider_core.rows.result import GlobalInteractions
from glider_core.rows.significance import NULL_ORDER, n_sets

RANKS = 200  # that are kept of each count
HIGHER = 100  # ranks among which orders are counted
WRITTEN = 25  # ranks beside which a picture writes orders
LARGE = 6  # fields from which on sets are counted together
NAMES = {"gates": "Glider: interactions of a row", "paper": "the authors' code: NID's top 100"}


def run(context: Context) -> dict[str, Any]:
    """Count the sets of AutoInt's rows by both ways.

    Raises:
        InvalidInput: the data is missing or cannot be learned from.
    """
    return measured(context)[1]


def measured(context: Context) -> tuple[dict[str, Study], dict[str, Any]]:
    """The studies by ways of counting, and what there is to tell of them."""
    found = studies(context, list(COUNTINGS))
    first = next(iter(found.values()))
    return found, {
        "table": first.source.title,
        "rows": {part: len(answers) for part, (_, answers) in first.dataset.parts.items()},
        "fields": [field.name for field in first.dataset.fields],
        "source": {"network": "AutoInt", "test AUC": round(first.test_auc, 4), "recipe": asdict(first.recipe)},
        "explained rows": first.detection.n_rows,
        "seconds": round(sum(study.detection.seconds for study in found.values())),  # of resumed runs, the last parts
        "ways": {way: _way(study, context["table"] == "simulated") for way, study in found.items()},
        "versions": versions(),
    }


def _way(study: Study, planted: bool) -> dict[str, Any]:
    run = study.detection
    significant = sum(interaction.p_adjusted < 0.05 for interaction in run.interactions)
    values: dict[str, Any] = {
        "settings": run.settings.model_dump(mode="json"),
        "sets per row": round(run.per_row, 2),
        "different sets": len(run.interactions),
        "threshold": run.threshold(),  # of rows; a set in more is significant, any of all sets of at most three fields
        "significant": significant,
        "orders": {str(order): count for order, count in enumerate(run.orders, 2)},
        "ranks": [[interaction.count, interaction.order] for interaction in run.interactions[:RANKS]],
        "top": [_told(run, fields) for fields in run.top(20)],
        "subsets dropped": [list(fields) for fields in run.top(study.source.crosses, drop_subsets=True)],
    }
    if planted:
        truth = [frozenset(fields) for fields in SPARSE.planted]
        hits = {frozenset(fields) for fields in run.top(len(truth))} & set(truth)
        values["R-precision"] = len(hits) / len(truth)
    return values


def _told(run: GlobalInteractions, fields: tuple[str, ...]) -> dict[str, Any]:
    interaction = next(each for each in run.interactions if each.names == fields)
    return {"fields": list(fields), "count": interaction.count, "p, adjusted": interaction.p_adjusted}


def summary(result: Result) -> str:
    """A paragraph and a table of both ways, Markdown."""
    d = len(result["fields"])
    rows = []
    for way, values in result["ways"].items():
        top = values["top"][0] if values["top"] else None
        rows.append(
            (
                NAMES[way],
                f"{values['sets per row']:.1f}",
                f"{values['threshold']:,}",
                f"{values['significant']:,} of {values['different sets']:,}",
                "none" if top is None else f"{top['count']:,}: {' × '.join(top['fields'])}",
                orders_told(values),
                *([f"{values['R-precision']:.1f}"] if "R-precision" in values else []),
            )
        )
    head = ("counted", "sets a row", "significant above", "significant sets", "most frequent", f"of the first {HIGHER}")
    if any("R-precision" in values for values in result["ways"].values()):
        head = (*head, "R-precision")
    return (
        f"**{result['table']}**: {result['explained rows']:,} rows that AutoInt (test AUC "
        f"{result['source']['test AUC']:.4f}, {result['rows']['train']:,} training rows) did not learn from, {d} "
        f"fields, {n_sets(d):,} sets of at most {NULL_ORDER} of them.\n\n{table(head, rows)}"
    )


def orders_told(values: Mapping[str, Any]) -> str:
    """How many of the first sets join how many fields, in words."""
    orders = Counter(min(order, LARGE) for _, order in values["ranks"][:HIGHER])
    return ", ".join(
        f"{count} of {order} {'fields and more' if order == LARGE else 'fields'}"
        for order, count in sorted(orders.items())
    )


def picture(result: Result, title: str, levels: Mapping[str, float]) -> str:
    """Counts by rank, the orders of larger sets beside them; SVG.

    Args:
        result: of `run`.
        title: for those who do not see it.
        levels: shares of rows to compare with, by name.
    """
    from glider_core.drawings.plots import Points, scatter

    series = []
    for way, values in result["ways"].items():
        ranks = values["ranks"]
        if ranks:
            series.append(
                Points(
                    name=NAMES[way],
                    x=list(range(1, len(ranks) + 1)),
                    y=[count / result["explained rows"] for count, _ in ranks],
                    texts=["" if order == 2 or n >= WRITTEN else str(order) for n, (_, order) in enumerate(ranks)],
                )
            )
    return str(
        scatter(
            series,
            title=title,
            x="rank of the set",
            y=f"share of {result['explained rows']:,} rows",
            log_x=True,
            log_y=True,
            percent=True,
            levels=levels,
        )
    )
