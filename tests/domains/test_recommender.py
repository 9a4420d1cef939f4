import io
import json
import os
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
import torch

import glider_core as gl
from glider_core.domains.recommender import data as readers
from glider_core.domains.recommender.model import RecommenderModel, train_own
from glider_core.engine.masks import sample_masks
from glider_core.recommenders.fitting import scores
from glider_core.recommenders.masked import MaskedRow
from glider_core.recommenders.network import AutoInt
from glider_core.recommenders.simulator import FIELDS, PLANTED, TARGET, planted_in, simulate, truth
from glider_core.tables.fields import (
    MAX_COLUMNS,
    MISSING,
    Field,
    binary_target,
    encode,
    guess_kinds,
    guess_target,
    learn_fields,
    positive_values,
    read_table,
)

DATA = os.environ.get("GLIDER_DATA")


@pytest.fixture(scope="module")
def model() -> RecommenderModel:
    return cast(RecommenderModel, gl.load_model("recommender/simulated"))


def _table(n: int = 400, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "city": rng.choice(["Rome", "Oslo", "Lima"], n),
            "tier": rng.choice([1, 2], n),
            "age": rng.integers(18, 80, n),
            "spent": np.exp(rng.normal(3, 2, n)),
            "who": [f"user {i}" for i in range(n)],
            "always": "same",
        }
    )
    table["bought"] = np.where((table["city"] == "Rome") == (table["tier"] == 1), "yes", "no")
    return table


def _csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False).encode()


# The simulator


def test_planted_effects_are_purely_of_their_sets() -> None:
    known = truth()
    for fields, table in zip(PLANTED, known.planted, strict=True):
        for axis, name in enumerate(fields):
            assert np.abs(np.average(table, axis=axis, weights=known.shares[name])).max() < 1e-9


def test_logs_of_one_seed_are_the_same_and_of_another_not() -> None:
    one, two, other = simulate(500, 1), simulate(500, 1), simulate(500, 2)
    assert one.table.equals(two.table)
    assert not one.table.equals(other.table)
    assert list(one.table.columns) == [*FIELDS, TARGET]
    assert abs(one.table[TARGET].mean() - (1 / (1 + np.exp(-one.logits))).mean()) < 0.06


def test_the_truth_of_a_row_is_what_changes_its_logit() -> None:
    log = simulate(200, 3)
    matter = [planted_in(row) for row in log.table.to_dict("records")]
    shares = [np.mean([fields in sets for sets in matter]) for fields in PLANTED]
    assert all(0.3 < share < 0.95 for share in shares)
    # Rows that differ in fields of no planted set have the same truth.
    row = log.table.iloc[0].to_dict()
    assert planted_in({**row, "site_id": log.table["site_id"].iloc[1]}) == matter[0]


# Tables


def test_kinds_and_target_are_guessed() -> None:
    table = _table()
    assert guess_kinds(table) == {
        "city": "categorical",
        "tier": "categorical",
        "age": "dense",
        "spent": "dense",
        "who": None,
        "always": None,
        "bought": "categorical",
    }
    assert guess_target(table) == "bought"
    assert guess_target(table.rename(columns={"city": "Click"})) == "Click"
    assert positive_values(table["bought"])[0] == "yes"
    assert positive_values(table["age"]) == [f"above {table['age'].median():g}"]
    assert positive_values(table["who"]) == []


def test_csv_tsv_and_parquet_are_read_alike() -> None:
    table = _table()
    file = io.BytesIO()
    table.to_parquet(file)
    for content, name in (
        (_csv(table), "a.csv"),
        (table.to_csv(index=False, sep="\t").encode(), "a.tsv"),
        (b"\xef\xbb\xbf" + table.to_csv(index=False, sep=";").encode(), "a.csv"),
        (file.getvalue(), "a.parquet"),
    ):
        read = read_table(content, name)
        assert read.shape == table.shape
        assert read["city"].tolist() == table["city"].tolist()


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "a.csv", "cannot be read as a table"),
        (b"a,b,c\n1,2,3\n", "a.csv", "1 rows; at least 100"),
        (_csv(pd.DataFrame(np.ones((100, MAX_COLUMNS + 300)))), "a.csv", "500 columns; at most 200"),
        (_csv(_table())[:-40] + b'"', "a.csv", "cannot be read as a table"),
        (b"PAR1 this is none", "a.parquet", "cannot be read as a table"),
        (_csv(_table()[["city", "bought"]]), "a.csv", "2 columns"),
        (b"a,b,c\n" + b"\xff\xfe\xfd,2,3\n" * 200, "a.csv", "cannot be read as a table"),
    ],
)
def test_hostile_tables_are_refused(content: bytes, name: str, message: str) -> None:
    with pytest.raises(gl.InvalidInput, match=message):
        read_table(content, name)


def test_targets_that_cannot_be_learned_are_refused() -> None:
    table = _table()
    with pytest.raises(gl.InvalidInput, match="at least ten of each"):
        binary_target(table["always"], "same")
    with pytest.raises(gl.InvalidInput, match="cannot be learned"):
        binary_target(table["who"], "user 1")
    with pytest.raises(gl.InvalidInput, match="missing in 3 rows"):
        binary_target(table["bought"].where(table.index > 2), "yes")
    with pytest.raises(gl.InvalidInput, match="no column 'nothing'"):
        train_own(table, "nothing", "yes", {"city": "categorical", "age": "dense"})
    with pytest.raises(gl.InvalidInput, match="at least two"):
        train_own(table, "bought", "yes", {"city": "categorical"})


def test_missing_unseen_and_huge_values_are_encoded() -> None:
    table = _table()
    fields = learn_fields(table, {"city": "categorical", "age": "dense", "spent": "dense"})
    assert fields[2].logarithm
    assert not fields[1].logarithm
    odd = pd.DataFrame({"city": [None, "Nowhere", "Rome"], "age": [None, 1e300, "x"], "spent": [np.inf, -5, 0]})
    rows = encode(odd, fields)
    assert rows.ids[:, 0].tolist()[:2] == [0, 0]
    assert rows.ids[2, 0] > 0
    assert np.isfinite(rows.dense).all()
    assert rows.dense[0, 0] == 0  # missing: the mean
    with pytest.raises(gl.InvalidInput, match="no column 'city'"):
        encode(odd.drop(columns=["city"]), fields)


def test_scores_are_the_known_formulas() -> None:
    found = scores(np.array([0.0, 1.0, 1.0, -2.0]), np.array([0, 1, 0, 0], dtype=np.float32))
    assert found.auc == pytest.approx((1 + 0.5 + 1) / 3)
    assert found.logloss == pytest.approx(
        np.mean([np.log(2), np.log1p(np.exp(-1)), np.log1p(np.e), np.log1p(np.exp(-2))])
    )


# The model and its rows


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
    prints = {model.instance(raw).fingerprint for raw in (3, values, json.dumps(values))}
    assert len(prints) == 1
    assert model.instance({**values, "hour": "25"}).payload["known"][0] is False
    for wrong in (-1, 10**6, {"hour": "01"}, "no json", "[1]"):
        with pytest.raises(gl.InvalidInput):
            model.instance(wrong)


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
    table = _table(3000, seed=1)
    kinds: Any = {name: kind for name, kind in guess_kinds(table).items() if kind}
    shares: list[float] = []
    own, fit = train_own(table, "bought", "yes", kinds, on_progress=lambda _, share: shares.append(share))
    assert fit.test.auc > 0.95
    assert shares == sorted(shares)
    explanation = gl.explain(own.instance(0), gl.Settings(n_train=1000, n_validation=100, n_test=100))
    assert explanation.explained == "bought = yes"
    assert explanation.interactions[0].names == ("city", "tier")


def test_training_can_be_cancelled_and_repeated() -> None:
    table = _table(300)

    def stop(stage: str, share: float) -> None:
        raise gl.Cancelled("enough")

    with pytest.raises(gl.Cancelled):
        train_own(table, "bought", "yes", {"city": "categorical", "tier": "categorical"}, on_progress=stop)
    kinds: Any = {"city": "categorical", "tier": "categorical", "age": "dense"}
    one, two = (train_own(table, "bought", "yes", kinds)[0] for _ in range(2))
    assert one.instance(0).fingerprint == two.instance(0).fingerprint


def test_missing_values_have_a_name(model: RecommenderModel) -> None:
    values = {**model.rows.iloc[0].to_dict(), "site_id": None}
    instance = model.instance(values)
    assert instance.payload["row"][instance.names.index("site_id")] == MISSING


@pytest.mark.skipif(not DATA, reason="GLIDER_DATA is not set")
def test_public_tables_are_read() -> None:
    data = Path(DATA or "")
    train, test = readers.census(data)
    assert (len(train), len(test)) == (32561, 16281)
    assert set(train["income"]) == set(test["income"]) == {"<=50K", ">50K"}
    films: Any = readers.movielens(data)
    assert len(films) == 100_000
    assert 0.5 < films["liked"].mean() < 0.6
    clicks: Any = readers.avazu(data / "ctr" / "avazu_8k.csv.gz")
    assert clicks["hour"].unique().tolist() == ["00"]
    assert abs(clicks["click"].mean() - 0.173) < 0.001
    ads = readers.criteo(data / "ctr" / "criteo_7k.tsv.gz")
    assert ads.shape == (7200, 40)
    with pytest.raises(gl.InvalidInput, match="does not begin with labels"):
        readers.criteo(data / "ctr" / "adult.data.gz")


def row_of(d: int, scale: float) -> tuple[AutoInt, torch.Tensor]:
    torch.manual_seed(d)
    fields = [Field(f"f{i}", "categorical", ("(other)", "a")) for i in range(d)]
    network = AutoInt(fields).eval()
    for name, weight in network.attention.named_parameters():
        assert name.endswith("inputs.weight")
        torch.nn.init.normal_(weight, std=0.4)
    return network, torch.randn(d, 16) * scale


@pytest.mark.parametrize(("d", "scale"), [(2, 1.0), (5, 1.0), (13, 1.0), (40, 1.0), (13, 40.0), (6, 5.0)])
@torch.inference_mode()
def test_masked_rows_are_answered_like_rows_with_zeroed_embeddings(d, scale) -> None:
    network, vectors = row_of(d, scale)
    masks = torch.from_numpy(np.concatenate([sample_masks(d, 700, np.random.default_rng(0)), np.zeros((1, d), bool)]))
    expected = torch.cat([network.from_vectors(vectors * part[..., None]) for part in masks.split(100)])
    found = MaskedRow(network, vectors).logits(masks)
    assert found.numpy() == pytest.approx(expected.numpy(), rel=2e-5, abs=2e-5 * max(1.0, float(expected.abs().max())))
