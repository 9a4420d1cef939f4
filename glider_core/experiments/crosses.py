"""Do crosses make models of real tables better, and does the selection ever make one worse?

For each table and each split: one network without crosses, with those that a scan of training rows lets through in
every encoding, with vectors twice as wide instead, and what `glider crosses` would keep; and boosted trees beside.
Rows are dealt anew for each seed; all choices are made on validation rows.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from glider_core.domains.recommender import data as readers
from glider_core.experiments.base import Context, Experiment, Option, Result
from glider_core.experiments.markdown import table as markdown_table
from glider_core.experiments.markdown import written_by
from glider_core.journal import KIND, Journal
from glider_core.provenance import versions
from glider_core.recommenders.baselines import BASELINES
from glider_core.recommenders.dataset import Dataset, split
from glider_core.recommenders.encodings import ENCODINGS
from glider_core.recommenders.improving import BASE, Measured, improve
from glider_core.recommenders.network import RECOMMENDERS
from glider_core.tables.values import Kind, guess_kinds

KEPT = "what is kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class RealTable:
    """A public table: where it lies, what is predicted, and what must not be read."""

    title: str
    read: Callable[[Path], pd.DataFrame]
    target: str
    positive: str
    drop: tuple[str, ...] = ()  # known too late, or the same as another column
    ids: bool = False  # whether all its fields are names, whatever they look like


def _file(name: str) -> Callable[[Path], pd.DataFrame]:
    return lambda data: pd.read_csv(data / "tables" / name)


def _hotel(data: Path) -> pd.DataFrame:
    return _file("hotel_bookings.csv.gz")(data).drop_duplicates()


TABLES: dict[str, RealTable] = {
    "amazon": RealTable(
        title="Amazon Employee Access",
        read=_file("amazon_train.csv.gz"),
        target="ACTION",
        positive="1",
        drop=("ROLE_CODE",),
        ids=True,
    ),
    "bank": RealTable(
        title="Bank Marketing", read=_file("bank_marketing.csv.gz"), target="y", positive="yes", drop=("duration",)
    ),
    "census": RealTable(
        title="Census Income", read=lambda data: readers.census(data)[0], target="income", positive=">50K"
    ),
    "hotel": RealTable(
        title="Hotel bookings",
        read=_hotel,
        target="IsCanceled",
        positive="1",
        drop=(
            "ReservationStatus", "ReservationStatusDate", "AssignedRoomType", "BookingChanges",
            "RequiredCarParkingSpaces",
        ),
    ),
    "movielens": RealTable(
        title="MovieLens 100K, liked (4 or 5 stars)", read=readers.movielens, target="liked", positive="1"
    ),
}  # fmt: skip


def run(context: Context) -> dict[str, Any]:
    """Every model of every split of one table.

    Raises:
        InvalidInput: the data is missing.
    """
    name, target = context["table"], context["target"]
    source = TABLES[name]
    table = source.read(context.data_folder()).drop(columns=list(source.drop), errors="ignore")
    if context["rows"] is not None and context["rows"] < len(table):
        table = table.sample(context["rows"], random_state=0)
    guessed = guess_kinds(table.drop(columns=[source.target]))
    kinds: dict[str, Kind] = {
        field: "categorical" if source.ids else kind for field, kind in guessed.items() if kind is not None
    }
    given = {
        "target": target,
        "encodings": list(context["encodings"]),
        "baselines": list(context["baselines"]),
        "wider": context["wider"],
    }
    keep = context["keep"]
    header = {KIND: "crosses", "table": name, "rows": len(table), **given, "versions": versions()}
    with Journal.open(None if keep is None else keep / f"crosses_{name}.jsonl", header) as journal:
        finished = {entry["seed"]: entry for entry in journal.entries}
        for seed in range(context["seeds"]):
            if seed not in finished:
                dataset = split(table, source.target, source.positive, kinds, seed=seed)
                finished[seed] = {"seed": seed, **_measure(dataset, given, seed)}
                journal.append(finished[seed])
            context.tell(f"{name}, split {seed}: {finished[seed]['verdict']}")
    splits = [finished[seed] for seed in range(context["seeds"])]
    return {
        "table": source.title,
        "rows": len(table),
        "fields": len(kinds),
        **given,
        "splits": splits,
        "differences": _differences(splits),
        "versions": versions(),
    }


def _measure(dataset: Dataset, given: Mapping[str, Any], seed: int) -> dict[str, Any]:
    started = time.perf_counter()
    result = improve(dataset, seed=seed, **given)
    models = {model.name: _numbers(model) for model in (*result.models, *result.baselines)}
    models[KEPT] = models[result.chosen]
    return {
        "models": models,
        "chosen": result.chosen,
        "explain": result.explain,
        "verdict": result.verdict,
        "candidates": len(result.candidates),
        "tried": [list(fields) for fields in result.tried],
        "seconds": round(time.perf_counter() - started, 1),
    }


def _numbers(model: Measured) -> dict[str, Any]:
    return {
        "auc": round(model.test.auc, 5),
        "logloss": round(model.test.logloss, 5),
        "validation auc": round(model.validation.auc, 5),
        "validation logloss": round(model.validation.logloss, 5),
        "parameters": model.parameters,
        "seconds": round(model.seconds, 2),
    }


def _differences(splits: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Of every model, means over the splits, and its differences from the one without crosses, split by split.

    Where nothing can be tried, a model with crosses is the one without.
    """
    names = list(dict.fromkeys(name for split in splits for name in split["models"]))
    found = {}
    for name in names:
        pairs = [(split["models"][BASE], split["models"].get(name, split["models"][BASE])) for split in splits]
        found[name] = {
            "splits": len(pairs),
            **{measure: round(statistics.fmean(own[measure] for _, own in pairs), 5) for measure in ("auc", "logloss")},
            "parameters": round(statistics.fmean(own["parameters"] for _, own in pairs)),
            "seconds": round(statistics.fmean(own["seconds"] for _, own in pairs), 1),
        }
        for measure in ("auc", "logloss"):
            changes = [own[measure] - base[measure] for base, own in pairs]
            found[name][f"{measure} change"] = round(statistics.fmean(changes), 5)
            found[name][f"{measure} deviation"] = round(statistics.stdev(changes), 5) if len(changes) > 1 else None
            better = sum(change > 0 if measure == "auc" else change < 0 for change in changes)
            found[name][f"{measure} better"] = better
    return found


def _report(results: Mapping[str, Result]) -> str:
    words = [
        "Each line is a mean over splits of test rows; changes are paired by split, ± their deviation over splits. "
        "“What is kept” is what `glider crosses` ships: chosen on validation rows, the network without crosses where "
        "nothing exceeds its noise. Logloss decides; AUC of test parts with few negative rows can move the other way."
    ]
    for result in results.values():
        rows = [
            (
                name,
                f"{own['auc']:.4f}",
                _change(own, "auc"),
                f"{own['logloss']:.4f}",
                _change(own, "logloss"),
                f"{own['parameters']:,}",
                own["seconds"],
            )
            for name, own in result["differences"].items()
        ]
        kept = ", ".join(split["chosen"] for split in result["splits"])
        explain = ", ".join(split["explain"] for split in result["splits"])
        head = ("", "AUC", "change", "logloss", "change", "parameters", "seconds")
        words.append(
            f"**{result['table']}**: {result['rows']:,} rows, {result['fields']} fields, {result['target']}, "
            f"{len(result['splits'])} splits. Kept, by split: {kept}. Worth explaining: {explain}.\n\n"
            f"{markdown_table(head, rows)}"
        )
    return "\n\n".join([*words, written_by(results)])


def _change(own: Mapping[str, Any], measure: str) -> str:
    if own[f"{measure} deviation"] is None:
        return f"{own[f'{measure} change']:+.4f}"
    return f"{own[f'{measure} change']:+.4f} ± {own[f'{measure} deviation']:.4f}"


EXPERIMENT = Experiment(
    name="crosses",
    title="Crosses on real tables: kept where they help, none where they do not",
    run=run,
    options={
        "table": Option(help="The table to measure on.", kind=str, default="amazon", choices=tuple(TABLES)),
        "target": Option(help="The recommender.", kind=str, default="DeepFM", choices=tuple(RECOMMENDERS)),
        "encodings": Option(
            help="Ways of reading crosses.", kind=str, several=True, choices=tuple(ENCODINGS), default=tuple(ENCODINGS)
        ),
        "baselines": Option(
            help="Beside them.", kind=str, several=True, choices=tuple(BASELINES), default=tuple(BASELINES)
        ),
        "wider": Option(help="Whether vectors twice as wide are trained: 1 or 0.", default=1, least=0),
        "seeds": Option(help="Splits, each with a training of every model.", default=5, least=1),
        "rows": Option(help="Of the table; by default all.", least=1000),
        "keep": Option(help="A folder for what is finished; with it a killed run goes on.", kind=Path),
    },
    quick={"rows": 3000, "seeds": 1, "encodings": ("numbers",), "baselines": ("logistic regression",), "wider": 0},
    stem=lambda name, options: f"{name}_{options['table']}",
    report=_report,
)
