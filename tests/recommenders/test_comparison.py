"""Variants of a recommender: what each reads, and how large it is."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import glider_core as gl
from glider_core.domains.recommender.model import RecommenderModel
from glider_core.engine.masks import sample_masks
from glider_core.recommenders.comparison import Comparison
from glider_core.recommenders.dataset import split
from glider_core.recommenders.network import RECOMMENDERS
from glider_core.recommenders.recipes import Recipe
from glider_core.recommenders.trials import run_beside, run_trials
from glider_core.tables.values import guess_kinds, informative
from tests.recommenders.planted_tables import QUICK, dataset, table


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return Comparison(dataset(), [("shop", "day")], QUICK)


@pytest.mark.parametrize("name", RECOMMENDERS)
def test_a_cross_is_on_where_all_its_fields_are(name) -> None:
    rows = table(800)
    comparison = Comparison(dataset(rows), [("shop", "day"), ("day", "age")], QUICK)
    training = comparison.training(name, "crossed")
    next(training.run())
    model = RecommenderModel(
        "test/crossed", name, comparison.dataset.fields, training.network, "bought", rows, comparison.crosses
    )
    instance = model.instance(3)
    assert instance.names == ("shop", "day", "age")
    masks = sample_masks(3, 40, np.random.default_rng(0))
    encoded = model._encode(rows.iloc[3:4])
    ids, dense = torch.from_numpy(encoded.ids), torch.from_numpy(encoded.dense)
    shop, day, age = masks.T
    tokens = torch.from_numpy(np.stack([shop, day, age, shop & day, day & age], axis=1)).float()
    with torch.inference_mode():
        vectors, first = model._network.vectors(ids, dense), model._network.first(ids, dense)
        expected = model._network.from_vectors(
            vectors * tokens[..., None], None if first is None else first * tokens
        ).numpy()
    assert instance.predict(masks) == pytest.approx(expected, abs=1e-4)
    assert instance.predict(np.ones((1, 3), bool))[0] == pytest.approx(model.predict_rows(rows.iloc[3:4])[0], abs=1e-4)


@pytest.mark.parametrize("target", RECOMMENDERS)
def test_an_enlarged_embedding_has_no_fewer_parameters(comparison: Comparison, target) -> None:
    crossed, enlarged = (comparison.parameters(target, variant) for variant in ("crossed", "enlarged"))
    width = comparison.embedding(target, "enlarged")
    assert enlarged >= crossed > comparison.parameters(target, "base")
    assert width > 16
    narrower = RECOMMENDERS[target](comparison.dataset.fields, embedding=width - 1).n_parameters
    assert narrower < crossed


def test_missing_unseen_and_constant_values_are_crossed() -> None:
    rows = table(1500)
    rows.loc[::7, "shop"] = None
    rows.loc[::5, "age"] = np.nan
    rows["always"] = "same"
    found = guess_kinds(rows.drop(columns=["bought"]))
    assert found["always"] is None
    kinds: Any = {**found, "always": "categorical"}
    own = split(rows, "bought", "1", kinds)
    comparison = Comparison(own, [("shop", "day", "always"), ("age", "shop")], QUICK, threshold=0)
    trials, networks = run_beside(comparison, "Deep&Cross")
    assert all(np.isfinite(one.logloss) for one in trials)
    model = RecommenderModel(
        "test/x", "x", own.fields, networks["crossed"], "bought", own.tables["test"], comparison.crosses
    )
    odd = pd.DataFrame({"shop": ["new", None], "day": ["d1", "never"], "age": [1e300, None], "always": ["other", None]})
    assert np.isfinite(model.predict_rows(odd)).all()


def test_unusable_tables_are_told() -> None:
    rows = table()
    kinds = informative(guess_kinds(rows.drop(columns=["bought"])))
    with pytest.raises(gl.InvalidInput, match="no column 'sold'"):
        split(rows, "sold", "1", kinds)
    with pytest.raises(gl.InvalidInput, match="cannot be learned as '7'"):
        split(rows, "bought", "7", kinds)
    with pytest.raises(gl.InvalidInput, match="at least ten of each"):
        split(rows.head(5), "bought", "1", kinds)
    with pytest.raises(gl.InvalidInput, match="no column 'town'"):
        Comparison(dataset(rows), [("shop", "town")])


def test_five_hundred_columns_work() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.integers(0, 3, (300, 500)).astype(str), columns=[f"c{i}" for i in range(500)])
    rows["bought"] = rng.integers(0, 2, 300)
    own = split(rows, "bought", "1", informative(guess_kinds(rows.drop(columns=["bought"]))))
    (base, crossed) = run_trials(
        Comparison(own, [("c0", "c1")], Recipe(epochs=1)),
        targets=["Wide&Deep"],
        variants=["base", "crossed"],
        seeds=[0],
    )
    assert crossed.parameters > base.parameters


def test_a_field_is_read_in_crosses_as_the_visitor_said() -> None:
    rows = table()
    rows["user"] = np.arange(len(rows)) % 150  # a name that looks like a quantity
    kinds: Any = {"shop": "categorical", "user": "categorical", "age": "dense"}
    crosses = Comparison(split(rows, "bought", "1", kinds), [("user", "shop"), ("age", "shop")], QUICK).crosses
    assert crosses.fields_["user"].values is not None
    assert len(crosses.fields_["user"].values) == 150
    assert crosses.fields_["age"].edges is not None
