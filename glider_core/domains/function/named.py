"""A model that `glider app --model module:name` names, made ready for its table or its texts."""

from __future__ import annotations

import os
from typing import Any

from glider_core.adapters.tabular import TabularModel, tabular
from glider_core.adapters.text import TextModel, text
from glider_core.adapters.variables import DATA
from glider_core.domains.function.configured import load_named
from glider_core.errors import InvalidInput
from glider_core.tables.read import read_table


def load_model(name: str, model_id: str) -> TabularModel | TextModel:
    """The model of this name: an adapter's, as it is; else one of table rows, or of texts where there is no table.

    Raises:
        InvalidInput: not configured, not found, or it does not read the table.
    """
    model = load_named(name)
    if isinstance(model, TabularModel | TextModel):
        model.id = model_id
        return model
    path = os.environ.get(DATA)
    if path:
        table = read_table(path, least_rows=2).table
        return tabular(model, table[columns_of(model, table)], model_id=model_id, title=name)
    if hasattr(model, "tokenizer") or callable(model):
        return text(model, model_id=model_id, title=name)
    raise InvalidInput(f"{name[:80]} is a {type(model).__name__}, which reads rows; name its table with --data.")


def columns_of(model: Any, table: Any) -> list[Any]:
    """The columns that an estimator was fitted on, by name; else all.

    Raises:
        InvalidInput: the table lacks one of them.
    """
    names = getattr(model, "feature_names_in_", None)
    if names is None:
        names = getattr(model, "feature_names_", None)  # of CatBoost
    wanted = list(table.columns) if names is None else [str(name) for name in names]
    lacking = [name for name in wanted if name not in table.columns]
    if lacking:
        raise InvalidInput(f"The table has no column {', '.join(map(str, lacking[:5]))[:200]}, which the model reads.")
    return wanted
