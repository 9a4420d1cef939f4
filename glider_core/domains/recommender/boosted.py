"""LightGBM on a visitor's table, beside AutoInt: on most small tables it is the better model to explain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from glider_core.adapters.table_instance import TableInstance
from glider_core.adapters.tabular import TabularModel, tabular
from glider_core.domains.recommender.model import EXAMPLES, own_dataset
from glider_core.errors import ModelUnavailable
from glider_core.recommenders.fitting import Scores, scores
from glider_core.tables.fields import Field
from glider_core.tables.values import Kind, numbers, texts

MODEL_ID = "recommender/boosted"
TREES, PATIENCE = 400, 25
MAX_CATEGORIES = 500  # of a field; rarer values are missing to it


class BoostedModel:
    """A boosted forest whose rows are the ones that AutoInt on the same table explains.

    Args:
        model: of all fields' columns.
        rows: held out, as the model takes them.
        fields: in order.
        target: what the logit is of.
    """

    id, title = MODEL_ID, "LightGBM on your table"

    def __init__(self, model: TabularModel, rows: pd.DataFrame, fields: tuple[Field, ...], target: str) -> None:
        self._model, self.rows, self.fields, self.target = model, rows, fields, target
        self.identity = model.identity

    def instance(self, raw: Any = 0, /) -> TableInstance:
        """A row, by its number or its values, as an instance; off, a field has a typical value."""
        return self._model.instance(self.rows.iloc[[raw]] if isinstance(raw, int) else raw)


def train_boosted(
    table: pd.DataFrame,
    target: str,
    positive: str,
    kinds: Mapping[str, Kind],
    *,
    seed: int = 0,
    on_progress: Callable[[str, float], None] | None = None,
) -> tuple[BoostedModel, Scores]:
    """LightGBM on the rows that `train_own` trains AutoInt on, measured on the same test rows.

    Args:
        table: as read.
        target: the column to predict.
        positive: the value of it that counts as 1.
        kinds: how each field is read.
        seed: of the split.
        on_progress: called with "train" and the share done; may raise to stop.

    Raises:
        InvalidInput: the table cannot be learned from.
        ModelUnavailable: LightGBM is not installed.
    """
    try:
        import lightgbm
    except ImportError:
        raise ModelUnavailable('LightGBM is not installed: `pip install "glider[trees]"`.') from None
    dataset = own_dataset(table, target, positive, kinds, seed=seed)
    columns = _columns(dataset.tables["train"], dataset.fields)
    frames = {part: _frame(rows, dataset.fields, columns) for part, rows in dataset.tables.items()}
    answers = {part: values for part, (_, values) in dataset.parts.items()}

    def tell(told: Any) -> None:
        if on_progress is not None:
            on_progress("train", told.iteration / TREES)

    model = lightgbm.LGBMClassifier(
        n_estimators=TREES, learning_rate=0.05, num_leaves=31, min_child_samples=20, n_jobs=1, verbose=-1,
        random_state=seed, deterministic=True,
    )  # fmt: skip
    model.fit(
        frames["train"], answers["train"] > 0.5, eval_X=frames["validation"], eval_y=answers["validation"] > 0.5,
        eval_metric="binary_logloss",
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False), tell],
    )  # fmt: skip
    booster = model.booster_
    test = scores(np.asarray(booster.predict(frames["test"], raw_score=True), dtype=np.float64), answers["test"])
    adapted = tabular(
        booster, frames["train"], classes=("no", dataset.target), target=dataset.target, model_id=MODEL_ID
    )
    return BoostedModel(adapted, frames["test"].head(EXAMPLES), dataset.fields, dataset.target), test


def _columns(train: pd.DataFrame, fields: tuple[Field, ...]) -> dict[str, list[str]]:
    """The categories of each categorical field, the most frequent ones of the training rows."""
    found = {}
    for field in fields:
        if field.kind == "categorical":
            column: Any = train[field.name]
            found[field.name] = texts(column).value_counts().index[:MAX_CATEGORIES].astype(str).tolist()
    return found


def _frame(table: pd.DataFrame, fields: tuple[Field, ...], categories: Mapping[str, list[str]]) -> pd.DataFrame:
    """Fields as LightGBM reads them: numbers, and categories of the training rows."""
    parts: dict[str, Any] = {}
    for field in fields:
        column: Any = table[field.name]
        parts[field.name] = (
            pd.Categorical(texts(column).astype(str), categories=categories[field.name])
            if field.kind == "categorical"
            else numbers(column)
        )
    return pd.DataFrame(parts)
