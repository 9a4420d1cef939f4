"""Do the interactions that AutoInt learned make other recommenders better? (Tables 2a, 3, 4, 6 and 7, Figures 2 and 7)

The whole of GLIDER: train AutoInt, find the sets that come back in 1000 validation rows, encode the most frequent as
feature crosses, and train five recommenders without them, with them, and with larger embeddings instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from glider_core.domains.recommender import data as readers
from glider_core.domains.recommender.model import RecommenderModel
from glider_core.errors import InvalidInput
from glider_core.provenance import versions
from glider_core.recommenders.dataset import SMALL, Material, dealt_already, simulated, split, usable
from glider_core.recommenders.fitting import fit, scores
from glider_core.recommenders.network import RECOMMENDERS, AutoInt
from glider_core.recommenders.retrain import (
    VARIANTS,
    Comparison,
    Recipe,
    Trial,
    Variant,
    check_names,
    gains,
    run_trials,
)
from glider_core.recommenders.simulator import SPARSE, simulate
from glider_core.rows.detect import GlobalInteractions, detect_global
from glider_core.settings import Settings
from glider_core.tables.fields import guess_kinds

ROWS = 1000  # that are explained

# AUC and logloss of base and crossed (Table 3).
PAPER: dict[str, dict[str, tuple[tuple[float, float], tuple[float, float]]]] = {
    "criteo": {
        "Wide&Deep": ((0.8069, 0.8080), (0.4446, 0.4436)),
        "DeepFM": ((0.8079, 0.8097), (0.4436, 0.4420)),
        "Deep&Cross": ((0.8076, 0.8086), (0.4438, 0.4428)),
        "xDeepFM": ((0.8084, 0.8097), (0.4433, 0.4421)),
        "AutoInt": ((0.8083, 0.8090), (0.4434, 0.4426)),
    },
    "avazu": {
        "Wide&Deep": ((0.7794, 0.7795), (0.3804, 0.3802)),
        "DeepFM": ((0.7792, 0.7795), (0.3804, 0.3802)),
        "Deep&Cross": ((0.7791, 0.7792), (0.3805, 0.3803)),
        "xDeepFM": ((0.7785, 0.7787), (0.3808, 0.3806)),
        "AutoInt": ((0.7774, 0.7773), (0.3811, 0.3811)),
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A table to reproduce on, and how."""

    title: str
    read: Callable[[Path | None, int | None], Material]  # of the data folder or file, and the number of rows
    crosses: int  # the K of the top sets, subsets dropped
    per_million: int = 100  # the T of the crosses: training rows of a million that an id must have
    source: Recipe  # of the AutoInt that is explained
    target: Recipe  # of the recommenders

    def compare(
        self,
        material: Material,
        sets: Sequence[Sequence[str]],
        *,
        threshold: int | None = None,
        epochs: int | None = None,
    ) -> Comparison:
        """The comparison of recommenders with and without these sets crossed; None: as above."""
        rows = len(material.tables["train"])
        if threshold is None:
            threshold = max(1, rows * self.per_million // 1_000_000)
        recipe = self.recipes(rows)[1]
        if epochs is not None:
            recipe = replace(recipe, epochs=epochs)
        return Comparison(material, sets, recipe, threshold=threshold)

    def recipes(self, rows: int) -> tuple[Recipe, Recipe]:
        """Of source and target; a log of few training rows is learned like any small table."""
        return (_SMALL, _SMALL) if self.source.batch >= 1000 and rows < SMALL else (self.source, self.target)


def _simulated(path: Path | None, rows: int | None) -> Material:
    rows = rows or 1_000_000
    return simulated(rows, n_validation=min(rows, 50_000), n_test=min(rows, 100_000), world=SPARSE)


def _movielens(path: Path | None, rows: int | None) -> Material:
    return _split(readers.movielens(_given(path)), "liked", "1", rows)


def _census(path: Path | None, rows: int | None) -> Material:
    train, test = readers.census(_given(path))
    order = np.random.default_rng(0).permutation(len(train))[:rows]
    held_out = len(order) // 8
    tables = {"train": train.iloc[order[held_out:]], "validation": train.iloc[order[:held_out]], "test": test}
    answers = {part: (table["income"] == ">50K").to_numpy(dtype=np.float32) for part, table in tables.items()}
    return dealt_already(
        tables, answers, usable(guess_kinds(tables["train"].drop(columns=["income"]))), "income above 50K"
    )


def _criteo(path: Path | None, rows: int | None) -> Material:
    return _split(readers.criteo(_given(path), rows=rows), "label", "1")


def _avazu(path: Path | None, rows: int | None) -> Material:
    return _split(readers.avazu(_given(path), rows=rows), "click", "1")


def _split(table: pd.DataFrame, target: str, positive: str, rows: int | None = None) -> Material:
    if rows is not None and rows < len(table):
        table = table.sample(rows, random_state=0)
    return split(table, target, positive, usable(guess_kinds(table.drop(columns=[target]))))


def _given(path: Path | None) -> Path:
    if path is None:
        raise InvalidInput("Say where the data is: a folder or file, with --data.")
    return path


_SMALL = Recipe(epochs=12, looks=1, patience=2, batch=512, weight_decay=0.1, dropout=0.3)
SOURCES: dict[str, Source] = {
    "simulated": Source(
        title="simulated click log, sparse ids",
        read=_simulated,
        crosses=5,
        per_million=200,  # fields of fewer ids than in real logs: at 100 the crosses would weigh more than the paper's
        source=Recipe(epochs=2, looks=2, patience=2, batch=1000),
        target=Recipe(epochs=1, looks=2, patience=2, batch=1000),  # one pass, as is usual with click logs
    ),
    "movielens": Source(
        title="MovieLens 100K, liked (4 or 5 stars)", read=_movielens, crosses=10, source=_SMALL, target=_SMALL
    ),
    "census": Source(
        title="Census Income, above 50K",
        read=_census,
        crosses=10,
        source=Recipe(epochs=15, patience=2, batch=256, weight_decay=0.1, dropout=0.3),
        target=Recipe(epochs=15, patience=2, batch=256, weight_decay=0.1, dropout=0.3),
    ),
    "criteo": Source(
        title="Criteo", read=_criteo, crosses=40, source=Recipe(epochs=3, looks=4, batch=1000),
        target=Recipe(epochs=3, looks=4, batch=1000),
    ),
    "avazu": Source(
        title="Avazu", read=_avazu, crosses=10, source=Recipe(epochs=3, looks=4, batch=1000),
        target=Recipe(epochs=3, looks=4, batch=1000),
    ),
}  # fmt: skip


def run(
    name: str,
    path: Path | None = None,
    *,
    rows: int | None = None,
    explained: int = ROWS,
    k: int | None = None,
    threshold: int | None = None,
    epochs: int | None = None,
    targets: Sequence[str] = tuple(RECOMMENDERS),
    variants: Sequence[Variant] = VARIANTS,
    seeds: Iterable[int] = range(5),
    keep: Path | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Reproduce Table 3 on one table.

    Args:
        name: in SOURCES.
        path: the data folder (MovieLens, Census Income), or the log's file (Criteo, Avazu).
        rows: to train on (simulated) or to take of the table; None: a million, or all.
        explained: validation rows to explain.
        k: sets to cross; None: as the source says.
        threshold: an id of a cross is kept when more training rows have it; None: as the source says.
        epochs: passes over the rows, at most; None: as the source says.
        targets: recommenders to train.
        variants: of each.
        seeds: of each.
        keep: a folder for the found sets and the finished trials; with it a killed run goes on.
        say: told a line now and then.

    Raises:
        InvalidInput: no such table; the data is missing or cannot be learned from; no set was found.
        InvalidSettings: no such target or variant.
    """
    if name not in SOURCES:
        raise InvalidInput(f"There is no table {name!r:.40}; choose among {', '.join(SOURCES)}.")
    check_names(targets, variants)
    source, k = SOURCES[name], SOURCES[name].crosses if k is None else k
    material = source.read(path, rows)
    counts = " / ".join(f"{len(answers):,}" for _, answers in material.parts.values())
    say(f"{source.title}: {counts} rows to train, validate and test, {len(material.fields)} fields")
    learned, _ = source.recipes(len(material.tables["train"]))
    found, auc = detect(material, learned, explained, name, keep, say)
    sets = found.top(k, drop_subsets=True)
    if not sets:
        raise InvalidInput("No set was found in these rows; there is nothing to cross. Explain more rows.")
    comparison = source.compare(material, sets, threshold=threshold, epochs=epochs)
    trials = run_trials(
        comparison,
        targets=targets,
        variants=variants,
        seeds=seeds,
        resume=None if keep is None else keep / f"{stem(name, threshold, epochs)}-trials.jsonl",
        on_trial=lambda one: say(
            f"{one.target} {one.variant} {one.seed}: AUC {one.auc:.4f}, logloss {one.logloss:.4f}"
        ),
    )
    result: dict[str, Any] = {
        "table": source.title
        + ("" if threshold is None else f", T = {threshold}")
        + ("" if epochs is None else f", up to {epochs} passes"),
        "options": {"threshold": threshold, "epochs": epochs},
        "rows": {part: len(answers) for part, (_, answers) in material.parts.items()},
        "fields": [field.name for field in material.fields],
        "source": {"network": "AutoInt", "test AUC": round(auc, 4), "recipe": asdict(learned)},
        "explained rows": found.n_rows,
        "sets per row": round(found.per_row, 2),
        "orders": {str(order): count for order, count in enumerate(found.orders, 2)},
        "top": [
            {"fields": list(one.names), "count": one.count, "p, adjusted": one.p_adjusted}
            for one in found.interactions[:20]
        ],
        "crosses": [
            {
                "fields": list(one.fields),
                "combinations": one.combinations,
                "ids": one.kept,
                "share of rows": round(one.coverage, 4),
            }
            for one in comparison.crosses.report_
        ],
        "threshold": comparison.crosses.threshold_,
        "gains": [{**asdict(gain), "exceeds": gain.exceeds} for gain in gains(trials)],
        "trials": [asdict(trial) for trial in trials],
        "parameters": _parameters(trials),
        "recipe": asdict(comparison.recipe),
        "settings": found.settings.model_dump(mode="json"),
        "versions": versions(),
    }
    if name in PAPER:
        result["paper"] = PAPER[name]
    if name == "simulated":
        planted = [frozenset(one) for one in SPARSE.planted]
        for title, top in (
            ("R-precision", found.top(len(planted))),
            ("R-precision, subsets dropped", found.top(len(planted), drop_subsets=True)),
        ):
            result[title] = sum(frozenset(one) in planted for one in top) / len(planted)
        log = simulate(len(material.parts["test"][1]), 3, SPARSE)
        ceiling = scores(log.logits, material.parts["test"][1])
        result["true probabilities"] = {"AUC": round(ceiling.auc, 4), "logloss": round(ceiling.logloss, 4)}
        result["planted"] = [list(one) for one in SPARSE.planted]
    return result


def stem(name: str, threshold: int | None = None, epochs: int | None = None) -> str:
    """What files of a table's trials and results are called."""
    return name + ("" if threshold is None else f"_t{threshold}") + ("" if epochs is None else f"_e{epochs}")


def detect(
    material: Material, recipe: Recipe, explained: int, name: str, keep: Path | None, say: Callable[[str], None]
) -> tuple[GlobalInteractions, float]:
    """The sets that AutoInt uses in validation rows, and its test AUC; from the folder, if they are there already."""
    kept = None if keep is None else keep / f"{name}-{material.fingerprint[:12]}-{explained}-global.json"
    if kept is not None and kept.exists():
        stored = json.loads(kept.read_text(encoding="utf-8"))
        return GlobalInteractions.from_json(json.dumps(stored["run"])), float(stored["test AUC"])
    model, auc = source_model(material, recipe, name)
    say(f"AutoInt: test AUC {auc:.4f}")
    found = detect_global(model, material.tables["validation"].head(explained), Settings(detector="NID"))
    for one in found.prune(10):
        say(f"{one.count:5} of {found.n_rows}  {' x '.join(one.names)}")
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps({"test AUC": auc, "run": json.loads(found.to_json())}), encoding="utf-8")
    return found, auc


def source_model(material: Material, recipe: Recipe, name: str) -> tuple[RecommenderModel, float]:
    """The AutoInt whose interactions are looked for, and its test AUC."""
    trained = fit(
        lambda: AutoInt(material.fields, dropout=recipe.dropout),
        material.parts,
        epochs=recipe.epochs,
        looks=recipe.looks,
        patience=recipe.patience,
        batch=recipe.batch,
        weight_decay=recipe.weight_decay,
    )
    model = RecommenderModel(
        f"recommender/{name}", "AutoInt", material.fields, trained.network, material.target, material.tables["test"]
    )
    return model, trained.test.auc


def _parameters(trials: Iterable[Trial]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for trial in trials:
        found.setdefault(trial.target, {})[trial.variant] = trial.parameters
    return found
