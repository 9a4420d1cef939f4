"""The recommender domain: rows as instances, models of own tables, public tables."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import glider_core as gl
from glider_core.domains import DOMAINS
from glider_core.domains.recommender import data as readers
from glider_core.domains.recommender.model import RecommenderModel, train_own
from glider_core.domains.recommender.payload import RowPayload
from glider_core.recommenders import logs
from glider_core.recommenders.fitting import scores
from glider_core.recommenders.network import AutoInt
from glider_core.recommenders.simulator import TARGET, simulate
from glider_core.tables.crosses import FeatureCrosses
from glider_core.tables.fields import encode, learn_fields
from glider_core.tables.values import MISSING, guess_kinds
from tests.tables.purchases import purchases

DATA = os.environ.get("GLIDER_DATA")


def repr_of(value: Any) -> str:
    """A short name for a parameter; a number of thousands of digits has no text."""
    return "huge" if isinstance(value, int) and abs(value) > 10**9 else repr(value)[:20]


def payload_of(instance: gl.Instance) -> RowPayload:
    assert isinstance(instance.payload, RowPayload)
    return instance.payload


@pytest.fixture(scope="module")
def model() -> RecommenderModel:
    return cast(RecommenderModel, gl.load_model("recommender/simulated"))


def test_a_row_that_the_model_gets_wrong_says_so(model: RecommenderModel) -> None:
    assert model.answers is not None
    logits = model.predict_rows(model.rows)
    wrong = int(np.flatnonzero((logits >= 0) & (model.answers == 0))[0])
    right = int(np.flatnonzero((logits >= 0) & (model.answers == 1))[0])
    truth = DOMAINS["recommender"].truth
    few = gl.Settings.with_masks(100)
    assert truth(gl.explain(model.instance(wrong), few)) == "in truth no"
    assert truth(gl.explain(model.instance(right), few)) is None
    assert truth(gl.explain(model.instance(model.rows.iloc[wrong].to_dict()), few)) is None


def test_masked_answers_are_those_of_zeroed_embeddings(model: RecommenderModel) -> None:
    instance = model.instance(0)
    masks = np.random.default_rng(0).random((6, len(instance.names))) < 0.5
    network = model._network
    rows = encode(pd.DataFrame([model.rows.iloc[0]]), model.fields)
    vectors = network.vectors(torch.from_numpy(rows.ids), torch.from_numpy(rows.dense)).detach()
    expected = [network.from_vectors(vectors * torch.from_numpy(mask)[None, :, None]).item() for mask in masks]
    assert instance.predict(masks) == pytest.approx(expected, abs=1e-4)
    full = np.ones((1, len(instance.names)), dtype=bool)
    assert instance.predict(full)[0] == pytest.approx(model.predict_rows(model.rows.iloc[:1])[0], abs=1e-4)


def test_a_row_can_be_given_by_number_values_or_json(model: RecommenderModel) -> None:
    values = model.rows.iloc[3].to_dict()
    instances = [
        model.instance(raw)  # type: ignore[arg-type]
        for raw in (3, np.int64(3), "3", values, json.dumps(values))
    ]
    assert model.answers is not None
    # Of a row of values nobody knows what really happened.
    assert [payload_of(instance).truth for instance in instances] == [bool(model.answers[3])] * 3 + [None] * 2
    assert len({instance.identity for instance in instances[:3]}) == len({i.identity for i in instances[3:]}) == 1
    assert [instance.case(gl.Settings()).raw for instance in instances] == [3, 3, 3, values, values]
    assert payload_of(model.instance({**values, "hour": "25"})).known[0] is False


@pytest.mark.parametrize(
    "wrong",
    [-1, 10**6, 10**5000, True, 1.0, None, {"hour": "01"}, "no json", "[1]", "true", "1.0", "[" * 100_000, "9" * 5000],
    ids=repr_of,
)
def test_what_is_no_row_is_refused(model: RecommenderModel, wrong: Any) -> None:
    with pytest.raises(gl.InvalidInput):
        model.instance(wrong)


@pytest.mark.parametrize("wrong", [[1], {"a": 1}, 10**5000, np.zeros(3)], ids=repr_of)
def test_a_value_that_is_none_is_refused(model: RecommenderModel, wrong: Any) -> None:
    with pytest.raises(gl.InvalidInput, match="'hour'"):
        model.instance({**model.rows.iloc[0].to_dict(), "hour": wrong})


def test_the_shipped_models_do_as_their_cards_say(model: RecommenderModel) -> None:
    log = simulate(20_000, 12345)
    found = scores(model.predict_rows(log.table), log.table[TARGET].to_numpy(dtype=np.float32))
    ceiling = scores(log.logits, log.table[TARGET].to_numpy(dtype=np.float32))
    assert ceiling.auc - 0.04 < found.auc < ceiling.auc
    census = cast(RecommenderModel, gl.load_model("recommender/census"))
    explanation = gl.explain(census.instance(0), gl.Settings(n_train=500, n_validation=60, n_test=60))
    assert explanation.explained == "income above 50K"
    assert len(explanation.names) == 12


def test_an_interaction_of_ones_own_table_is_learned_and_found() -> None:
    table = purchases(3000, seed=1)
    kinds: Any = {name: kind for name, kind in guess_kinds(table).items() if kind}
    shares: list[float] = []
    own, fit = train_own(table, "bought", "yes", kinds, on_progress=lambda _, share: shares.append(share))
    assert fit.test.auc > 0.95
    assert shares == sorted(shares)
    explanation = gl.explain(own.instance(0), gl.Settings(n_train=1000, n_validation=100, n_test=100))
    assert explanation.explained == "bought = yes"
    assert explanation.interactions[0].names == ("city", "tier")


def test_training_can_be_cancelled_and_repeated() -> None:
    table = purchases(300)

    def stop(stage: str, share: float) -> None:
        raise gl.Cancelled("enough")

    with pytest.raises(gl.Cancelled):
        train_own(table, "bought", "yes", {"city": "categorical", "tier": "categorical"}, on_progress=stop)
    kinds: Any = {"city": "categorical", "tier": "categorical", "age": "dense"}
    first, second = (train_own(table, "bought", "yes", kinds)[0] for _ in range(2))
    assert first.identity == second.identity


def test_missing_values_have_a_name(model: RecommenderModel) -> None:
    values = {**model.rows.iloc[0].to_dict(), "site_id": None}
    instance = model.instance(values)
    assert payload_of(instance).values[instance.names.index("site_id")] == MISSING


@pytest.mark.skipif(not DATA, reason="GLIDER_DATA is not set")
def test_public_tables_are_read() -> None:
    data = Path(DATA or "")
    train, test = readers.census(data)
    assert (len(train), len(test)) == (32561, 16281)
    assert set(train["income"]) == set(test["income"]) == {"<=50K", ">50K"}
    films: Any = readers.movielens(data)
    assert len(films) == 100_000
    assert 0.5 < films["liked"].mean() < 0.6
    clicks: Any = logs.avazu(data / "ctr" / "avazu_8k.csv.gz")
    assert clicks["hour"].unique().tolist() == ["00"]
    assert abs(clicks["click"].mean() - 0.173) < 0.001
    ads = logs.criteo(data / "ctr" / "criteo_7k.tsv.gz")
    assert ads.shape == (7200, 40)
    with pytest.raises(gl.InvalidInput, match="does not begin with labels"):
        logs.criteo(data / "ctr" / "adult.data.gz")


def test_a_column_to_predict_and_two_fields_are_needed() -> None:
    with pytest.raises(gl.InvalidInput, match="no column 'nothing'"):
        train_own(purchases(), "nothing", "yes", {"city": "categorical", "age": "dense"})
    with pytest.raises(gl.InvalidInput, match="at least two"):
        train_own(purchases(), "bought", "yes", {"city": "categorical"})


def test_the_identity_covers_all_that_is_computed_from_or_shown(model: RecommenderModel) -> None:
    changed = {
        "target": {"target": "buy"},
        "rows": {"rows": model.rows.iloc[::-1]},
        "fields": {
            "fields": (replace(model.fields[0], values=("(other)", *model.fields[0].values[:0:-1])), *model.fields[1:])
        },
    }
    same = {"fields": model.fields, "network": model._network, "target": model.target, "rows": model.rows}
    identities = {RecommenderModel("m", "M", **{**same, **change}).identity for change in changed.values()}
    assert len(identities | {model.identity}) == 4


@given(row=st.integers(0, 199))
@settings(max_examples=30, deadline=None)
def test_a_row_alone_is_answered_as_in_its_table(own: tuple[RecommenderModel, pd.DataFrame], row: int) -> None:
    model, table = own
    expected = model.predict_rows(table)[row]
    everything = np.ones((1, len(model.fields)), bool)
    bulk = model.instances(table)[row]
    for raw in (row, {name: table[name].iloc[row] for name in table.columns}, table.iloc[row].to_dict()):
        instance = model.instance(raw)
        assert instance.predict(everything)[0] == pytest.approx(expected, abs=1e-4)
        assert instance.payload == bulk.payload
    assert payload_of(bulk).known == (True,) * len(model.fields)


@pytest.fixture(scope="module")
def own() -> tuple[RecommenderModel, pd.DataFrame]:
    """A model of columns of every kind, and rows of it, with crosses of them."""
    rng, n = np.random.default_rng(0), 200
    table = pd.DataFrame(
        {
            "half": rng.integers(1, 7, n) / 2,  # 0.5, 1, 1.5: some whole, some not
            "single": (rng.integers(1, 7, n) / 10).astype(np.float32),
            "city": rng.choice(["Rome", " Rome", "Oslo ", "Oslo", ""], n),
            "maybe": rng.choice(np.array([1.0, 2.0, np.nan]), n),
            "whole": pd.array(rng.choice(np.array([10**17, 10**17 + 1, 3]), n), dtype="Int64"),
            "flag": rng.random(n) < 0.5,
            "mixed": rng.choice(np.array([1, True, "1.5", 2.0, None], dtype=object), n),
            "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 5, n) * 12, unit="h"),
            "age": rng.integers(18, 80, n),
            "spent": np.where(rng.random(n) < 0.1, np.nan, rng.lognormal(size=n)),
        }
    )
    kinds: Any = {name: "dense" if name in ("age", "spent") else "categorical" for name in table}
    fields = learn_fields(table, kinds)
    crosses = FeatureCrosses([("half", "city"), ("mixed", "whole"), ("spent", "day")], threshold=0).fit(table)
    torch.manual_seed(0)
    return RecommenderModel("m", "M", fields, AutoInt(fields, crosses.sizes), "y", table, crosses), table
