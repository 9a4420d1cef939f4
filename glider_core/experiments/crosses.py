"""Do crosses make models of real tables better, and does the selection ever make one worse?

For each table and each split: one network without crosses, with those that a scan of training rows lets through in
every encoding, with vectors twice as wide instead, and what `glider crosses` would keep; and boosted trees beside. Also
asked: whether sets that detection finds in rows beat all pairs as candidates.
Rows are dealt anew for each seed; all choices are made on rows that test nothing.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glider_core.errors import InvalidInput
from glider_core.experiments import crosses_parts as parts
from glider_core.experiments.base import Context, Experiment, Option
from glider_core.experiments.crosses_parts import AGAIN, FOUND, NETWORKS, Part, Parts
from glider_core.experiments.crosses_report import beside, pictures, report
from glider_core.experiments.crosses_tables import TABLES, dealt, rows_of
from glider_core.provenance import versions
from glider_core.recommenders.baselines import BASELINES, available
from glider_core.recommenders.dataset import Dataset
from glider_core.recommenders.encodings import ENCODINGS
from glider_core.recommenders.fitting import device_for
from glider_core.recommenders.held_out import folds_for
from glider_core.recommenders.improvement import BASE, KEPT
from glider_core.recommenders.network import RECOMMENDERS
from glider_core.used_sets import used_sets

ALSO = ", sets that AutoInt uses beside all pairs"  # in a title


def run(context: Context) -> dict[str, Any]:
    """Every model of every split of one table.

    With a folder to keep parts in, what is there is taken from it. So splits can be measured side by side, each by a
    run of its own (`first_seed`, `seeds`), baselines apart from networks (`networks`, `baselines`); the last run, over
    all seeds, joins them.

    Raises:
        InvalidInput: the data is missing, or the folder holds parts of other rows or options.
    """
    table = rows_of(context["table"], context.data_folder(), context["rows"])
    given = {"target": context["target"], "encodings": list(context["encodings"]), "wider": context["wider"]}
    if also := context["also"]:
        given["also"] = also
    kept = Parts(context["keep"], context["table"], context["target"], also)
    splits, fields = [], 0
    for seed in range(context["first_seed"], context["first_seed"] + context["seeds"]):
        dataset = dealt(context["table"], table, seed)
        fields = len(dataset.fields)
        if folds := folds_for(len(dataset.tables["train"])):
            given["folds"] = folds
        split = _split(context, kept, dataset, given, seed)
        if split is not None:
            splits.append(split)
            context.tell(f"{context['table']}, split {seed}: {split['verdict']} Explain: {split['explain']}.")
    return {
        "table": TABLES[context["table"]].title + (ALSO if also else ""),
        "rows": len(table),
        "fields": fields,
        **given,
        "splits": splits,
        "differences": _differences(splits),
        "versions": versions(),
    }


def _split(context: Context, kept: Parts, dataset: Dataset, given: dict[str, Any], seed: int) -> Part | None:
    """One split's parts, those that are wanted or kept, joined; None: its networks are not there yet."""
    device = device_for(context["device"], len(dataset.tables["train"]))
    baselines = {}
    for name in BASELINES:
        if name not in context["baselines"] or name not in available():
            part = kept.get(name, seed, dataset, {})
            if part is None and name in context["baselines"]:
                context.tell(f"{name} is not installed here, and left out.")
        else:
            part = kept.make(name, seed, dataset, {}, lambda name=name: parts.baseline(dataset, name, seed))
        if part is not None:
            baselines[name] = part
    if context["networks"]:
        own = kept.make(NETWORKS, seed, dataset, given, lambda: parts.networks(dataset, given, seed, device))
    else:
        own = kept.get(NETWORKS, seed, dataset, given)
    if own is None:
        return None
    found = kept.get(FOUND, seed, dataset, given)
    if context["found"] is not None or context["detect"]:
        found = kept.make(
            FOUND,
            seed,
            dataset,
            given,
            lambda: parts.found_sets(dataset, _candidates(context, dataset, seed), given, own["recipe"], seed, device),
        )
    again, times = None, context["trainings"] - 1
    if times and not context["also"]:
        more = {**given, "trainings": context["trainings"]}
        if context["networks"]:
            again = kept.make(
                AGAIN, seed, dataset, more, lambda: parts.trained_again(dataset, own, given, seed, device, times)
            )
        else:
            again = kept.get(AGAIN, seed, dataset, more)
    return parts.join(own, found, baselines, seed, again)


def _candidates(context: Context, dataset: Dataset, seed: int) -> list[tuple[str, ...]]:
    if context["found"] is None:
        return used_sets(dataset, context["detect"], seed)
    from glider_core.rows.result import GlobalInteractions

    try:
        text = context["found"].read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{context['found'].name} cannot be read ({type(error).__name__}).") from None
    return list(GlobalInteractions.from_json(text).top(30))


def _differences(splits: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Of every model, means over the splits, and its differences from the one without crosses, split by split.

    Where nothing can be tried, a model with crosses is the one without.
    """
    named = list(dict.fromkeys(name for split in splits for name in split["models"]))
    names = sorted(named, key=lambda name: (name in BASELINES, FOUND in name, name == KEPT))
    found = {}
    for name in names:
        own = [split for split in splits if _measured(name, split)]
        pairs = [(split["models"][BASE], split["models"].get(name, split["models"][BASE])) for split in own]
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


def _measured(name: str, split: Part) -> bool:
    """Whether a split has this model, or would have it if there were crosses to try."""
    if name in BASELINES:
        return name in split["models"]
    return FOUND not in name or split["found"] is not None


def _stem(name: str, options: Mapping[str, Any]) -> str:
    of_target = "" if options["target"] == "DeepFM" else f"_{parts.slug(options['target'])}"
    return f"{name}_{options['table']}{of_target}{'_used' if options.get('also') else ''}"


EXPERIMENT = Experiment(
    name="crosses",
    title="Crosses on real tables: kept where they help, none where they do not",
    run=run,
    claim="Crosses are kept where they help on rows that were not trained on, and left out where they do not.",
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
        "trainings": Option(
            help="Of the model without crosses, of what is kept and of the wider one, each from other weights and "
            "batches; not with --also.",
            default=3,
            least=1,
        ),
        "rows": Option(help="Of the table; by default all.", least=1000),
        "first_seed": Option(help="Of the first split.", default=0, least=0),
        "networks": Option(help="Whether networks are trained: 1, or 0 for baselines alone.", default=1, least=0),
        "found": Option(help="A result of detect-global; its sets are candidates beside all pairs.", kind=Path),
        "detect": Option(help="Training rows to detect such sets in, by an AutoInt of the split.", default=0, least=0),
        "also": Option(
            help="Training rows in which sets that an AutoInt uses are looked for, as candidates beside all pairs in "
            "what is kept; 0: none.",
            default=0,
            least=0,
        ),
        "device": Option(
            help="auto takes a GPU where there is one and the table is large.",
            kind=str,
            default="auto",
            choices=("auto", "cpu", "cuda"),
        ),
        "keep": Option(
            help="A folder for parts that are finished: a killed run goes on, and runs side by side are joined.",
            kind=Path,
        ),
    },
    quick={
        "rows": 3000,
        "seeds": 1,
        "trainings": 1,
        "encodings": ("numbers",),
        "baselines": ("logistic regression",),
        "wider": 0,
    },
    smoke={"rows": 1000},
    stem=_stem,
    report=report,
    beside=beside,
    pictures=pictures,
)
