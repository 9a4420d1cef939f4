"""What a visitor trained is written down as safetensors and JSON, and comes back as the same model or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load as load_safetensors
from safetensors.torch import save as save_safetensors

import glider_core as gl
from glider_core.domains.graph import kept as kept_graph
from glider_core.domains.graph.data import karate
from glider_core.domains.graph.model import train_own as train_graph
from glider_core.domains.recommender import kept as kept_table
from glider_core.domains.recommender.model import train_own as train_table
from glider_core.tables.values import Kind
from tests.tables.purchases import purchases

KINDS: dict[str, Kind] = {"city": "categorical", "tier": "categorical", "spent": "dense"}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return purchases(400)


@pytest.fixture(scope="module")
def trained(table: pd.DataFrame) -> Any:
    return train_table(table, "bought", "yes", KINDS)


def through_json(told: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(told))


def test_a_recommender_comes_back_without_training(table: pd.DataFrame, trained: Any) -> None:
    told, weights = kept_table.written(*trained)
    model, fit = kept_table.restored(table, "bought", "yes", KINDS, told=through_json(told), weights=weights)
    assert model.identity == trained[0].identity
    assert (fit.test, fit.validation, fit.epochs_started) == (
        trained[1].test, trained[1].validation, trained[1].epochs_started
    )  # fmt: skip
    np.testing.assert_array_equal(model.predict_rows(table), trained[0].predict_rows(table))
    assert model.instance(3).case(gl.Settings()).fingerprint == trained[0].instance(3).case(gl.Settings()).fingerprint


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.rename(columns={"tier": "level"}),
        lambda table: table.assign(spent=table["spent"] + 1),
        lambda table: table.head(399),
        lambda table: table.assign(city=table["city"].str.upper()),
    ],
)
def test_another_table_gives_no_model(table: pd.DataFrame, trained: Any, change: Callable) -> None:
    told, weights = kept_table.written(*trained)
    other = change(table)
    kinds: dict[str, Kind] = {name: kind for name, kind in KINDS.items() if name in other}
    with pytest.raises(gl.GliderError):
        kept_table.restored(other, "bought", "yes", kinds, told=told, weights=weights)


def other_weights(weights: bytes) -> bytes:
    tensors = load_safetensors(weights)
    name = next(iter(tensors))
    return save_safetensors(tensors | {name: tensors[name] + 1})


@pytest.mark.parametrize(
    "change",
    [
        lambda told, weights: (told, weights[:-8]),
        lambda told, weights: (told, b""),
        lambda told, weights: (told, other_weights(weights)),
        lambda told, weights: (told, save_safetensors({"a": torch.zeros(2)})),
        lambda told, weights: ({**told, "identity": "another"}, weights),
        lambda told, weights: ({**told, "identity": None}, weights),
        lambda told, weights: ({**told, "fit": {}}, weights),
        lambda told, weights: ({**told, "fit": None}, weights),
        lambda told, weights: ({**told, "fit": {**told["fit"], "test": "good"}}, weights),
    ],
)
def test_what_was_changed_gives_no_model(table: pd.DataFrame, trained: Any, change: Callable) -> None:
    told, weights = change(*kept_table.written(*trained))
    with pytest.raises(gl.ModelUnavailable):
        kept_table.restored(table, "bought", "yes", KINDS, told=told, weights=weights)


def test_a_graph_network_comes_back_without_training() -> None:
    graph = karate()
    model, fit = train_graph(graph)
    told, weights = kept_graph.written(model, fit)
    again, fit_again = kept_graph.restored(graph, told=through_json(told), weights=weights)
    assert again.identity == model.identity
    assert (fit_again.accuracy, fit_again.sizes) == (fit.accuracy, fit.sizes)
    np.testing.assert_array_equal(again.predict_nodes(), model.predict_nodes())
    with pytest.raises(gl.ModelUnavailable, match="does not fit"):
        kept_graph.restored(graph, told={**told, "identity": "another"}, weights=weights)


def test_a_graph_comes_back_without_its_file() -> None:
    graph = karate()
    names, arrays = kept_graph.graph_written(graph)
    assert kept_graph.graph_restored(names, arrays).fingerprint == graph.fingerprint
    for damaged in ((b"{}", arrays), (names[:-3], arrays), (names, arrays[:-8]), (names, b"")):
        with pytest.raises(gl.ModelUnavailable):
            kept_graph.graph_restored(*damaged)
