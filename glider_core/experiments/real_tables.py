"""AutoInt on public tables: how well it orders rows that it never saw, on each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from glider_core.domains.recommender import data as readers
from glider_core.domains.recommender.model import train_own
from glider_core.provenance import versions
from glider_core.tables.fields import Kind, guess_kinds

TABLES: dict[str, tuple[Callable[[Path], pd.DataFrame], str, str]] = {
    "MovieLens 100K, liked (4 or 5 stars)": (readers.movielens, "liked", "1"),
    "Census Income, above 50K": (lambda data: readers.census(data)[0], "income", ">50K"),
    "Avazu, 15,000 rows of all hours": (
        lambda data: readers.avazu(data / "ctr" / "avazu_15k_all_hours.csv.gz"),
        "click",
        "1",
    ),
    "Criteo, 7,200 rows": (lambda data: readers.criteo(data / "ctr" / "criteo_7k.tsv.gz"), "label", "1"),
}


def run(data: Path) -> dict[str, Any]:
    """AUC and logloss on a tenth of each table, held out at random; trained as a visitor's own table is."""
    found: dict[str, Any] = {}
    for name, (read, target, positive) in TABLES.items():
        table = read(data)
        kinds: dict[str, Kind] = {}
        for field, kind in guess_kinds(table.drop(columns=[target])).items():
            if kind:
                kinds[field] = kind
        _, fit = train_own(table, target, positive, kinds)
        found[name] = {
            "rows": len(table),
            "fields": len(kinds),
            "held-out AUC": round(fit.test.auc, 4),
            "held-out logloss": round(fit.test.logloss, 4),
            "rounds": fit.epochs,
        }
        print(name, found[name], flush=True)
    return {"tables": found, "seed": 0, "versions": versions()}
