"""A row of an own table alone, by number, by values or as text, is answered and shown as in its table."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glider_core as gl
from glider_core.domains.recommender.model import RecommenderModel, train_own
from glider_core.domains.recommender.payload import RowPayload
from glider_core.tables.assumptions import Assumptions
from glider_core.tables.dates import with_date_parts
from glider_core.tables.values import Kind, guess_columns
from tests.inputs.table_files import table


@pytest.fixture(scope="module")
def european() -> tuple[pd.DataFrame, Assumptions]:
    text = table(
        ("when", ["31.12.2023", "05.01.2024", ""]), ("zip", ["007", "0815"]), ("rate", ["5,5 %", "n/a", "1.200,5 %"]),
        ("count", ["3", "", "12"]), ("note", ["NA", "(missing)", ""]), sep=";", decimal=",", n=150,
    )  # fmt: skip
    read = gl.read_table(text.encode("cp1252"), "sales.csv")
    return with_date_parts(read.table), read.assumptions


@pytest.mark.parametrize("use", ["guessed", "categories", "numbers"])
def test_a_row_alone_is_read_as_in_its_table(use: str, european: tuple[pd.DataFrame, Assumptions]) -> None:
    rows, told = european
    kinds: dict[str, Kind] = {}
    for name, guess in guess_columns(rows, told).items():
        kind = guess.kind if use == "guessed" else "categorical" if use == "categories" else guess.otherwise
        if kind and name != "bought":
            kinds[name] = kind
    model, _ = train_own(rows, "bought", "1", kinds, assumptions=told)
    bulk = model.predict_rows(model.rows)
    for number in range(4):
        values: dict[str, Any] = {name: model.rows[name].iloc[number] for name in model.rows}
        texts = {name: None if pd.isna(value) else str(value).replace(".", ",") for name, value in values.items()}
        in_table = model.instance(number)
        for raw in (number, values, _as_written(values, texts), json.dumps(_as_written(values, texts))):
            alone = model.instance(raw)
            assert answer(model, alone) == pytest.approx(bulk[number], abs=1e-4)
            # What really happened is known of rows of the table alone.
            assert isinstance(in_table.payload, RowPayload)
            assert isinstance(alone.payload, RowPayload)
            assert replace(alone.payload, truth=None) == replace(in_table.payload, truth=None)


def _as_written(values: dict[str, Any], texts: dict[str, Any]) -> dict[str, Any]:
    """Numbers as the file writes them, all else as it is read."""
    return {
        name: texts[name] if isinstance(value, (float, np.floating)) else None if pd.isna(value) else str(value)
        for name, value in values.items()
        if not isinstance(value, pd.Timestamp)
    } | {
        name: value.strftime("%d.%m.%Y")
        for name, value in values.items()
        if isinstance(value, pd.Timestamp) and not pd.isna(value)
    }


def answer(model: RecommenderModel, instance: gl.Instance) -> float:
    return float(instance.predict(np.ones((1, len(model.fields)), bool))[0])
