"""Recommenders with and without crosses: the networks, their training, what is gained, how it resumes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
import torch

import glider_core as gl
from glider_core.domains.recommender.model import RecommenderModel
from glider_core.engine.masks import sample_masks
from glider_core.recommenders.dataset import Material, split, usable
from glider_core.recommenders.fitting import Look, fit
from glider_core.recommenders.network import (
    CROSS_LAYERS,
    RECOMMENDERS,
    AutoInt,
    DeepCross,
    DeepFM,
    Recommender,
    WideDeep,
    XDeepFM,
)
from glider_core.recommenders.retrain import Comparison, Recipe, Trial, gains, run_beside, run_trials
from glider_core.recommenders.simulator import CLICKS, SPARSE, planted_in, simulate, truth
from glider_core.tables.fields import Field, guess_kinds

FIELDS = (
    Field("a", "categorical", ("(other)", "x", "y")),
    Field("price", "dense"),
    Field("b", "categorical", ("(other)", "u", "v", "w")),
)
QUICK = Recipe(epochs=2, batch=128)


def inputs(n: int = 7, crosses: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(0)
    ids = np.stack([rng.integers(0, 3, n), rng.integers(0, 4, n), *[rng.integers(0, 5, n)] * crosses], axis=1)
    return torch.from_numpy(ids), torch.from_numpy(rng.normal(size=(n, 1)).astype(np.float32))


def built(kind: type[Recommender], *, crosses: tuple[int, ...] = (5,)) -> Recommender:
    torch.manual_seed(0)
    network = kind(FIELDS, crosses).eval()
    for parameter in network.parameters():  # zeros and small numbers would hide mistakes
        torch.nn.init.normal_(parameter, std=0.3)
    return network


def table(n: int = 2000, *, shops: int = 20, days: int = 15) -> pd.DataFrame:
    """Bought or not depends on which shop and which day go together, and on nothing else."""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        {"shop": rng.integers(0, shops, n), "day": rng.integers(0, days, n), "age": rng.integers(18, 80, n)}
    )
    likes = np.random.default_rng(9).random((shops, days)) < 0.5
    rows["bought"] = (likes[rows["shop"], rows["day"]] ^ (rng.random(n) < 0.05)).astype(int)
    rows["shop"] = "s" + rows["shop"].astype(str)
    rows["day"] = "d" + rows["day"].astype(str)
    return rows


def material(rows: pd.DataFrame | None = None) -> Material:
    rows = table() if rows is None else rows
    return split(rows, "bought", "1", usable(guess_kinds(rows.drop(columns=["bought"]))))


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return Comparison(material(), [("shop", "day")], QUICK)


# The networks


@pytest.mark.parametrize("name", RECOMMENDERS)
def test_fields_keep_their_order_and_crosses_follow(name) -> None:
    network, (ids, dense) = built(RECOMMENDERS[name]), inputs()
    vectors = network.vectors(ids, dense)
    assert vectors.shape == (7, 4, 16)
    offsets = [0, 3, 7]  # a, b, the cross
    expected = [network.embedding(ids[:, column] + offset) for column, offset in enumerate(offsets)]
    assert torch.equal(vectors[:, 0], expected[0])
    assert torch.equal(vectors[:, 1], dense * network.dense_vectors[0])
    assert torch.equal(vectors[:, 2], expected[1])
    assert torch.equal(vectors[:, 3], expected[2])
    assert network(ids, dense).shape == (7,)
    assert network.n_parameters == sum(p.numel() for p in network.parameters())


def test_wide_and_deep_adds_up_first_order_and_deep() -> None:
    network, (ids, dense) = cast(WideDeep, built(WideDeep)), inputs()
    weights = network.weights.weight[:, 0]
    wide = weights[ids[:, 0]] + weights[ids[:, 1] + 3] + weights[ids[:, 2] + 7] + dense[:, 0] * network.dense_weights[0]
    expected = network.deep(network.vectors(ids, dense))[:, 0] + wide + network.bias
    assert torch.allclose(network(ids, dense), expected, atol=1e-5)


def test_a_factorization_machine_adds_the_inner_products_of_all_pairs() -> None:
    network, (ids, dense) = cast(DeepFM, built(DeepFM)), inputs()
    vectors, first = network.vectors(ids, dense), network.first(ids, dense)
    without = WideDeep.from_vectors(network, vectors, first)
    pairs: Any = sum((vectors[:, i] * vectors[:, j]).sum(1) for i in range(4) for j in range(i))
    assert torch.allclose(network(ids, dense) - without, pairs, atol=1e-4)


def test_cross_layers_multiply_the_input_by_a_number() -> None:
    network, (ids, dense) = cast(DeepCross, built(DeepCross)), inputs()
    vectors = network.vectors(ids, dense)
    for row in range(3):
        start = x = vectors[row].flatten()
        for layer in range(CROSS_LAYERS):
            x = start * torch.dot(x, network.cross_weights[layer]) + network.cross_biases[layer] + x
        expected = network.deep(vectors[row : row + 1])[0, 0] + network.cross_out(x)[0]
        assert network(ids, dense)[row].item() == pytest.approx(expected.item(), abs=1e-3)


def test_compressed_interactions_are_weighted_products_of_vectors() -> None:
    network, (ids, dense) = cast(XDeepFM, built(XDeepFM)), inputs()
    vectors = network.vectors(ids, dense)
    maps, pooled = vectors, []
    for weight in network.compress:
        shaped = weight.unflatten(0, (4, -1))  # fields, maps, next maps
        maps = torch.einsum("nie,nje,ijh->nhe", vectors, maps, shaped)
        pooled.append(maps.sum(2))
    first = network.first(ids, dense)
    assert first is not None
    expected = network.cin_out(torch.cat(pooled, 1))[:, 0] + network.deep(vectors)[:, 0] + first.sum(1) + network.bias
    assert torch.allclose(network(ids, dense), expected, atol=1e-3)


@pytest.mark.parametrize("name", RECOMMENDERS)
def test_a_cross_is_on_where_all_its_fields_are(name) -> None:
    rows = table(800)
    comparison = Comparison(material(rows), [("shop", "day"), ("day", "age")], QUICK)
    training = comparison.training(name, "crossed")
    next(training.run())
    model = RecommenderModel(
        "test/crossed", name, comparison.material.fields, training.network, "bought", rows, comparison.crosses
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


# Training


def test_the_best_look_is_kept() -> None:
    looks: list[Look] = []
    found = fit(lambda: AutoInt(material().fields), material().parts, epochs=3, looks=2, batch=64, on_look=looks.append)
    assert [look.epochs for look in looks][:2] == [0.48, 1.0]  # 12 and 25 of 25 steps
    assert found.validation.logloss == pytest.approx(min(look.validation.logloss for look in looks), abs=1e-4)
    assert [look.best for look in looks].index(True) == 0


def test_it_stops_when_validation_no_longer_improves() -> None:
    rows = table(600)
    rows["bought"] = np.random.default_rng(1).integers(0, 2, 600)  # nothing to learn
    found = fit(lambda: AutoInt(material(rows).fields), material(rows).parts, epochs=50, patience=2, batch=32)
    assert found.epochs < 50


def test_trained_side_by_side_or_alone_is_the_same(comparison: Comparison) -> None:
    looks: list[tuple[str, int, float]] = []
    shares: list[float] = []
    beside, networks = run_beside(
        comparison,
        "DeepFM",
        variants=("base", "crossed", "enlarged"),
        seeds=[0, 1],
        on_look=lambda variant, seed, look: looks.append((variant, seed, look.epochs)),
        on_progress=lambda _, share: shares.append(share),
    )
    alone = run_trials(comparison, targets=["DeepFM"], seeds=[0, 1])
    assert sorted(beside, key=str) == sorted(alone, key=str)
    assert looks[:3] == [("base", 0, 1.0), ("crossed", 0, 1.0), ("enlarged", 0, 1.0)]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert set(networks) == {"base", "crossed", "enlarged"}


def test_crosses_teach_what_embeddings_do_not() -> None:
    rows = table(8000, shops=30, days=25)
    comparison = Comparison(material(rows), [("shop", "day")], Recipe(epochs=2, batch=128), threshold=2)
    trials = run_trials(comparison, targets=["Wide&Deep"], seeds=range(3))
    crossed, enlarged = sorted(gains(trials), key=lambda gain: gain.variant)
    assert crossed.exceeds
    assert crossed.auc[1] > 0.9
    assert enlarged.auc[1] < crossed.auc[1] - 0.05


@pytest.mark.parametrize("target", RECOMMENDERS)
def test_an_enlarged_embedding_has_no_fewer_parameters(comparison: Comparison, target) -> None:
    crossed, enlarged = (comparison.parameters(target, variant) for variant in ("crossed", "enlarged"))
    width = comparison.embedding(target, "enlarged")
    assert enlarged >= crossed > comparison.parameters(target, "base")
    assert width > 16
    narrower = RECOMMENDERS[target](comparison.material.fields, embedding=width - 1).n_parameters
    assert narrower < crossed


def trial(variant: Any, seed: int, auc: float, logloss: float, parameters: int = 100) -> Trial:
    return Trial(
        target="DeepFM", variant=variant, seed=seed, crosses=1, embedding=16, parameters=parameters, auc=auc,
        logloss=logloss, validation_auc=auc, validation_logloss=logloss, epochs=1, seconds=1.0,
    )  # fmt: skip


def test_gains_are_differences_of_means_against_their_deviation() -> None:
    trials = [
        trial("base", 0, 0.70, 0.50),
        trial("base", 1, 0.72, 0.48),
        trial("base", 2, 0.90, 0.10),  # a seed that crossed does not have
        trial("crossed", 0, 0.80, 0.40, 120),
        trial("crossed", 1, 0.80, 0.40, 120),
    ]
    (gain,) = gains(trials)
    assert gain.seeds == 2
    assert gain.auc == pytest.approx((0.71, 0.80))
    assert gain.auc_gain == pytest.approx(0.09)
    assert gain.logloss_gain == pytest.approx(0.09)
    assert gain.auc_deviation == pytest.approx(np.std([0.70, 0.72], ddof=1))
    assert gain.growth == pytest.approx(0.2)
    assert gain.exceeds
    (close,) = gains([trial("base", 0, 0.70, 0.5), trial("base", 1, 0.72, 0.5), trial("crossed", 0, 0.75, 0.4),
                      trial("crossed", 1, 0.70, 0.3)])  # fmt: skip
    assert close.exceeds is False
    (once,) = gains([trial("base", 0, 0.70, 0.50), trial("crossed", 0, 0.80, 0.40)])
    assert once.exceeds is None
    assert gains([trial("crossed", 0, 0.8, 0.4)]) == []


# Resuming


TRIALS = """
import sys
from tests.domains.test_retrain import QUICK, Comparison, material, run_trials
trials = run_trials(Comparison(material(), [("shop", "day")], QUICK), targets=["DeepFM", "AutoInt"], seeds=range(2),
                    resume=sys.argv[1])
print(len(trials))
"""


def test_killed_trials_resume_with_the_same_result(tmp_path: Path, comparison: Comparison) -> None:
    path, root = tmp_path / "trials.jsonl", Path(__file__).resolve().parents[2]
    process = subprocess.Popen([sys.executable, "-c", TRIALS, str(path)], cwd=root, stdout=subprocess.PIPE)
    while process.poll() is None and (not path.exists() or path.read_bytes().count(b"\n") < 4):
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    done = path.read_bytes().count(b"\n") - 1
    assert 3 <= done < 12
    with path.open("ab") as file:
        file.write(b'{"target": "Dee')  # killed while it wrote
    seen: list[Trial] = []
    trials = run_trials(comparison, targets=["DeepFM", "AutoInt"], seeds=range(2), resume=path, on_trial=seen.append)
    assert trials == seen
    assert path.read_bytes().count(b"\n") == 13
    assert trials[:6] == run_trials(comparison, targets=["DeepFM", "AutoInt"], seeds=[0])


def test_a_file_of_other_trials_is_refused(tmp_path: Path, comparison: Comparison) -> None:
    path = tmp_path / "trials.jsonl"
    run_trials(comparison, targets=["DeepFM"], variants=["base"], seeds=[0], resume=path)
    other = Comparison(comparison.material, [("shop", "age")], QUICK)
    with pytest.raises(gl.InvalidInput, match="begun with other"):
        run_trials(other, targets=["DeepFM"], seeds=[0], resume=path)
    path.write_text("something else\n")
    with pytest.raises(gl.InvalidInput, match="not a file of finished trials"):
        run_trials(comparison, targets=["DeepFM"], seeds=[0], resume=path)
    with pytest.raises(gl.InvalidSettings, match="no recommender 'FM'"):
        run_trials(comparison, targets=["FM"], seeds=[0])


# Tables that are not as they should be


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
    kinds = usable(guess_kinds(rows.drop(columns=["bought"])))
    with pytest.raises(gl.InvalidInput, match="no column 'sold'"):
        split(rows, "sold", "1", kinds)
    with pytest.raises(gl.InvalidInput, match="cannot be learned as '7'"):
        split(rows, "bought", "7", kinds)
    with pytest.raises(gl.InvalidInput, match="at least ten of each"):
        split(rows.head(5), "bought", "1", kinds)
    with pytest.raises(gl.InvalidInput, match="no column 'town'"):
        Comparison(material(rows), [("shop", "town")])


def test_five_hundred_columns_work() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.integers(0, 3, (300, 500)).astype(str), columns=[f"c{i}" for i in range(500)])
    rows["bought"] = rng.integers(0, 2, 300)
    own = split(rows, "bought", "1", usable(guess_kinds(rows.drop(columns=["bought"]))))
    (base, crossed) = run_trials(
        Comparison(own, [("c0", "c1")], Recipe(epochs=1)),
        targets=["Wide&Deep"],
        variants=["base", "crossed"],
        seeds=[0],
    )
    assert crossed.parameters > base.parameters


# The sparse world


def test_planted_effects_of_the_sparse_world_are_purely_of_their_sets() -> None:
    known = truth(SPARSE)
    for fields, effects in zip(SPARSE.planted, known.planted, strict=True):
        weight = np.ones(())
        for axis, name in enumerate(fields):
            assert np.abs(np.average(effects, axis=axis, weights=known.shares[name])).max() < 1e-9
            weight = np.multiply.outer(weight, known.shares[name])
        assert np.sqrt((effects**2 * weight).sum()) == pytest.approx(SPARSE.spread, rel=0.15)
    log = simulate(300, 1, SPARSE)
    assert list(log.table.columns) == [*SPARSE.sizes, "click"]
    assert planted_in(log.table.iloc[0].to_dict(), SPARSE)
    assert set(SPARSE.sizes) != set(CLICKS.sizes)
