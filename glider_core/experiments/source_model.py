"""The first half of GLIDER, which Tables 2a to 7 and Figures 2 to 7 share: train AutoInt, find the sets it uses."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import pandas as pd

from glider_core.domains.recommender.model import RecommenderModel
from glider_core.errors import InvalidInput
from glider_core.experiments.base import Context
from glider_core.experiments.parts import when_free
from glider_core.experiments.sources import Source, read_source
from glider_core.journal import KIND, Journal
from glider_core.output import write_whole
from glider_core.provenance import fingerprint, versions
from glider_core.recommenders.dataset import Dataset
from glider_core.recommenders.fitting import fit
from glider_core.recommenders.network import AutoInt
from glider_core.recommenders.recipes import Recipe
from glider_core.rows.result import GlobalInteractions
from glider_core.rows.run import PAPER, ROWS, detect_global
from glider_core.settings import Settings
from glider_core.trained import weights_of, with_weights

# What counts in a row, as `Settings.counting` names it.
COUNTINGS: dict[str, Settings] = {
    # A set of little weight in one row may come back in many, and a model that learned little has no other.
    "gates": ROWS.model_copy(update={"min_gain": 1e-4}),
    "paper": PAPER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A table, the AutoInt that learned it, and the sets of fields that come back in its rows."""

    source: Source
    dataset: Dataset
    recipe: Recipe  # of AutoInt
    test_auc: float  # of AutoInt
    detection: GlobalInteractions

    def top(self, k: int) -> tuple[tuple[str, ...], ...]:
        """The k most frequent sets of fields, subsets dropped.

        Raises:
            InvalidInput: no set was found.
        """
        sets = self.detection.top(k, drop_subsets=True)
        if not sets:
            raise InvalidInput("No set was found in these rows; there is nothing to cross. Explain more rows.")
        return sets


def study(context: Context) -> Study:
    """Read the table, train AutoInt and explain rows that it did not learn from; what was kept is not done again.

    Raises:
        InvalidInput: the data is missing or cannot be learned from; the folder holds the result of another version.
    """
    return studies(context, ["gates"])["gates"]


def studies(context: Context, countings: Sequence[str]) -> dict[str, Study]:
    """The same by several ways of counting, of one AutoInt and the same rows; keys of `COUNTINGS`."""
    source, dataset = read_source(context)
    counts = " / ".join(f"{len(answers):,}" for _, answers in dataset.parts.values())
    context.tell(f"{source.title}: {counts} rows to train, validate and test, {len(dataset.fields)} fields")
    recipe, _ = source.recipes(len(dataset.tables["train"]))
    stem = f"{context['table']}-{dataset.fingerprint[:12]}"
    model = cache(lambda: kept_model(dataset, recipe, context["table"], context["keep"], stem))
    found = {}
    for counting in countings:
        auc, detection = when_free(partial(_detected, context, dataset, model, stem, counting))
        context.tell(f"{counting}: {detection.per_row:.1f} sets a row")
        for interaction in detection.prune(10):
            context.tell(f"{interaction.count:5} of {detection.n_rows}  {' x '.join(interaction.names)}")
        found[counting] = Study(source=source, dataset=dataset, recipe=recipe, test_auc=auc, detection=detection)
    return found


def unseen_rows(dataset: Dataset, n: int) -> pd.DataFrame:
    """The first rows that no network learned from: those to validate on and, where these are too few, to test on."""
    validation, test = dataset.tables["validation"], dataset.tables["test"]
    if len(validation) >= n:
        return validation.head(n)
    return pd.concat([validation, test], ignore_index=True).head(n)


def _detected(
    context: Context,
    dataset: Dataset,
    model: Callable[[], tuple[RecommenderModel, float]],
    stem: str,
    counting: str,
) -> tuple[float, GlobalInteractions]:
    """AutoInt's test AUC and the sets of its rows; kept whole, and chunk by chunk while it goes on."""
    explained, keep, settings = context["explained"], context["keep"], COUNTINGS[counting]
    name = f"{stem}-{explained}-global" + ("" if counting == "gates" else f"-{counting}")
    path = None if keep is None else keep / f"{name}.jsonl"
    header = {
        KIND: "sets of a study",
        "rows": dataset.fingerprint,
        "explained": explained,
        "settings": settings.model_dump(mode="json"),
        "versions": versions(),
    }
    with Journal.open(path, header) as journal:
        if journal.entries:
            auc, values = (journal.entries[0][key] for key in ("test AUC", "run"))
            return auc, GlobalInteractions.from_json(json.dumps(values))
        trained, auc = model()
        context.tell(f"AutoInt: test AUC {auc:.4f}")
        rows = unseen_rows(dataset, explained)
        said = 0

        def tell(stage: str, share: float) -> None:
            nonlocal said
            if (tenths := int(10 * share)) > said:
                said = tenths
                context.tell(f"{counting}: {share:.0%} of {len(rows):,} rows")

        detection = detect_global(
            trained,
            rows,
            settings,
            resume=None if keep is None else keep / f"{name}-rows.jsonl",
            processes=context["processes"],
            on_progress=tell,
        )
        journal.append({"test AUC": auc, "run": json.loads(detection.to_json())})
    return auc, detection


def kept_model(
    dataset: Dataset, recipe: Recipe, name: str, keep: Path | None, stem: str
) -> tuple[RecommenderModel, float]:
    """The AutoInt whose interactions are looked for, and its test AUC; from the folder, if it was trained already."""
    if keep is None:
        return source_model(dataset, recipe, name)
    header = {KIND: "AutoInt of a study", "rows": dataset.fingerprint, "recipe": str(recipe), "versions": versions()}
    weights = keep / f"{stem}-autoint.safetensors"

    def kept() -> tuple[RecommenderModel, float]:
        with Journal.open(keep / f"{stem}-autoint.jsonl", header) as journal:
            # Weights that were written but not entered are of a run that was killed in between.
            content = weights.read_bytes() if journal.entries and weights.is_file() else b""
            if content and fingerprint(content) == journal.entries[-1]["weights"]:
                network = with_weights(AutoInt(dataset.fields, dropout=recipe.dropout), content)
                return _model(dataset, network, name), journal.entries[-1]["test AUC"]
            model, auc = source_model(dataset, recipe, name)
            content = weights_of(model.network)
            write_whole(weights, content)
            journal.append({"test AUC": auc, "weights": fingerprint(content)})
            return model, auc

    return when_free(kept)


def source_model(dataset: Dataset, recipe: Recipe, name: str) -> tuple[RecommenderModel, float]:
    """The AutoInt whose interactions are looked for, and its test AUC."""
    trained = fit(
        lambda: AutoInt(dataset.fields, dropout=recipe.dropout),
        dataset.parts,
        **recipe.options(),
    )
    return _model(dataset, trained.network, name), trained.test.auc


def _model(dataset: Dataset, network: Any, name: str) -> RecommenderModel:
    return RecommenderModel(
        f"recommender/{name}", "AutoInt", dataset.fields, network, dataset.target, dataset.tables["test"]
    )
