"""AutoInt on public tables: how well it orders rows that it never saw, on each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from glider_core.domains.recommender import data as readers
from glider_core.domains.recommender.model import train_own
from glider_core.drawings.plots import Bars, bar_chart
from glider_core.experiments.base import Beside, Context, Experiment, Option, Result
from glider_core.experiments.markdown import table, written_by
from glider_core.experiments.paper import TABLE3
from glider_core.provenance import versions
from glider_core.recommenders import logs
from glider_core.tables.values import Kind, guess_kinds

# By a short name: the title, how it is read, what is predicted, and which value of it counts as 1.
TABLES: dict[str, tuple[str, Callable[[Path], pd.DataFrame], str, str]] = {
    "movielens": ("MovieLens 100K, liked (4 or 5 stars)", readers.movielens, "liked", "1"),
    "census": ("Census Income, above 50K", lambda data: readers.census(data)[0], "income", ">50K"),
    "avazu": (
        "Avazu, 15,000 rows of all hours",
        lambda data: logs.avazu(data / "ctr" / "avazu_15k_all_hours.csv.gz"),
        "click",
        "1",
    ),
    "criteo": ("Criteo, 7,200 rows", lambda data: logs.criteo(data / "ctr" / "criteo_7k.tsv.gz"), "label", "1"),
}


def run(context: Context) -> dict[str, Any]:
    """AUC and logloss on a tenth of each table, held out at random; trained as a visitor's own table is."""
    data, limit = context.data_folder(), context["rows"]
    measures: dict[str, Any] = {}
    for name, read, target, positive in (TABLES[short] for short in context["tables"]):
        rows = read(data)
        if limit is not None and limit < len(rows):
            rows = rows.sample(limit, random_state=0)
        guessed = guess_kinds(rows.drop(columns=[target]))
        kinds: dict[str, Kind] = {field: kind for field, kind in guessed.items() if kind}
        _, fit = train_own(rows, target, positive, kinds)
        measures[name] = {
            "rows": len(rows),
            "fields": len(kinds),
            "held-out AUC": round(fit.test.auc, 4),
            "held-out logloss": round(fit.test.logloss, 4),
            "rounds": fit.epochs_started,
        }
        context.tell(f"{name}: AUC {fit.test.auc:.4f}")
    return {"tables": measures, "seed": 0, "versions": versions()}


def _report(results: Mapping[str, Result]) -> str:
    rows = [
        (name, f"{m['rows']:,}", m["fields"], f"{m['held-out AUC']:.4f}", f"{m['held-out logloss']:.4f}")
        for name, m in results["real_tables"]["tables"].items()
    ]
    return (
        "AutoInt, trained as a visitor's own table is, on a held-out tenth.\n\n"
        f"{table(('table', 'rows', 'fields', 'AUC', 'logloss'), rows)}\n\n{written_by(results)}"
    )


_IN_PAPER = {"Criteo, 7,200 rows": ("criteo", "Criteo"), "Avazu, 15,000 rows of all hours": ("avazu", "Avazu")}


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    measures, rows = results["real_tables"]["tables"], []
    for name, (log, title) in _IN_PAPER.items():
        if name not in measures:
            continue
        auc, logloss = (numbers[0] for numbers in TABLE3[log]["AutoInt"])
        ours = measures[name]
        rows.append(
            Beside(
                what=f"AutoInt on {title}: test AUC and logloss",
                paper=f"{auc:.4f} and {logloss:.4f} (Table 3)",
                ours=f"{ours['held-out AUC']:.4f} and {ours['held-out logloss']:.4f}",
                differs=f"{ours['rows']:,} rows in place of tens of millions.",
                met=ours["held-out AUC"] >= auc,
            )
        )
    return rows


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    measures = results["real_tables"]["tables"]
    paper = {name: TABLE3[log]["AutoInt"][0][0] for name, (log, _) in _IN_PAPER.items()}
    bars = Bars(
        name="AutoInt",
        values=[of["held-out AUC"] for of in measures.values()],
        marks=[paper.get(name) for name in measures],
    )
    title = "AutoInt on rows held out of public tables, AUC"
    mark = "the paper, on the whole log"
    return {title: bar_chart(list(measures), [bars], title=title, value="AUC", mark=mark, limits=(0.0, 1.0))}


EXPERIMENT = Experiment(
    name="real-tables",
    title="AutoInt on public tables",
    claim="AutoInt, the paper's recommender, learns public tables that it is trained on as a visitor's own is.",
    run=run,
    options={
        "rows": Option(help="Of each table; by default all.", least=1000),
        "tables": Option(help="Tables.", kind=str, several=True, choices=tuple(TABLES), default=tuple(TABLES)),
    },
    quick={"rows": 2000},
    smoke={"rows": 1000, "tables": ("avazu",)},
    report=_report,
    beside=_beside,
    pictures=_pictures,
)
