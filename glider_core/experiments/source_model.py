"""The first half of GLIDER, which Table 3 and Figures 3 and 5 share: train AutoInt, find the sets that it uses."""

from __future__ import annotations

import json
from dataclasses import dataclass

from glider_core.domains.recommender.model import RecommenderModel
from glider_core.errors import InvalidInput
from glider_core.experiments.base import Context
from glider_core.experiments.sources import Source, read_source
from glider_core.journal import Journal
from glider_core.provenance import versions
from glider_core.recommenders.dataset import Dataset
from glider_core.recommenders.fitting import fit
from glider_core.recommenders.network import AutoInt
from glider_core.recommenders.recipes import Recipe
from glider_core.rows.result import GlobalInteractions
from glider_core.rows.run import ROWS, detect_global

# A set of little weight in one row may come back in many, and a model that learned little has no other.
COUNTED = ROWS.model_copy(update={"min_gain": 1e-4})


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
    """Read the table, train AutoInt and explain validation rows; from the folder `keep`, if that was done already.

    Raises:
        InvalidInput: the data is missing or cannot be learned from; the folder holds the result of another version.
    """
    name, explained, keep = context["table"], context["explained"], context["keep"]
    source, dataset = read_source(context)
    counts = " / ".join(f"{len(answers):,}" for _, answers in dataset.parts.values())
    context.tell(f"{source.title}: {counts} rows to train, validate and test, {len(dataset.fields)} fields")
    recipe, _ = source.recipes(len(dataset.tables["train"]))
    path = None if keep is None else keep / f"{name}-{dataset.fingerprint[:12]}-{explained}-global.jsonl"
    header = {"glider": "sets of a study", "rows": dataset.fingerprint, "explained": explained, "versions": versions()}
    with Journal.open(path, header) as journal:
        if journal.entries:
            auc, values = (journal.entries[0][key] for key in ("test AUC", "run"))
            detection = GlobalInteractions.from_json(json.dumps(values))
        else:
            model, auc = source_model(dataset, recipe, name)
            context.tell(f"AutoInt: test AUC {auc:.4f}")
            detection = detect_global(model, dataset.tables["validation"].head(explained), COUNTED)
            journal.append({"test AUC": auc, "run": json.loads(detection.to_json())})
    for interaction in detection.prune(10):
        context.tell(f"{interaction.count:5} of {detection.n_rows}  {' x '.join(interaction.names)}")
    return Study(source=source, dataset=dataset, recipe=recipe, test_auc=auc, detection=detection)


def source_model(dataset: Dataset, recipe: Recipe, name: str) -> tuple[RecommenderModel, float]:
    """The AutoInt whose interactions are looked for, and its test AUC."""
    trained = fit(
        lambda: AutoInt(dataset.fields, dropout=recipe.dropout),
        dataset.parts,
        **recipe.options(),
    )
    model = RecommenderModel(
        f"recommender/{name}", "AutoInt", dataset.fields, trained.network, dataset.target, dataset.tables["test"]
    )
    return model, trained.test.auc
