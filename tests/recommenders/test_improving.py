"""Crosses are kept where they help beyond noise, and the model stays as it was where none does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import glider_core as gl
from glider_core.cli import app
from glider_core.recommenders import held_out, improving
from glider_core.recommenders.dataset import Dataset, split
from glider_core.recommenders.encodings import ENCODINGS, Ground, base
from glider_core.recommenders.fitting import fit
from glider_core.recommenders.held_out import held_out_gains
from glider_core.recommenders.improvement import BASE, FROZEN, WIDER
from glider_core.recommenders.improving import improve
from glider_core.recommenders.recipes import Recipe
from glider_core.recommenders.scan import scan
from glider_core.recommenders.selection import choose
from glider_core.recommenders.trainer import Stages, Trainer
from glider_core.tables.cross_numbers import CrossNumbers
from glider_core.used_sets import used_sets

QUICK = Recipe(epochs=3, batch=256, embedding=4, deep=16, vector_dropout=0.1, l2=1e-4)


def purchases(n: int = 3000, *, planted: bool, seed: int = 0) -> pd.DataFrame:
    """Fields that tell something each; with `planted`, whether shop and day fit decides most."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "shop": rng.integers(0, 12, n), "day": rng.integers(0, 7, n), "town": rng.integers(0, 9, n),
            "age": rng.integers(18, 80, n), "receipt": rng.permutation(n) * 3 + rng.integers(0, 2, n),
        }
    )  # fmt: skip
    effects = np.random.default_rng(9)
    logits = effects.normal(size=12)[table["shop"]] * 0.5 + effects.normal(size=9)[table["town"]] * 0.5
    fits = np.where(effects.random((12, 7)) < 0.5, 2.0, -2.0)[table["shop"], table["day"]]
    logits = logits + (fits if planted else 0.0)
    for name in ("shop", "day", "town", "receipt"):
        table[name] = name[0] + table[name].astype(str)
    return table.assign(bought=(rng.random(n) < 1 / (1 + np.exp(-logits))).astype(int))


def dataset(*, planted: bool) -> Dataset:
    kinds: Any = dict.fromkeys(("shop", "day", "town", "receipt"), "categorical") | {"age": "dense"}
    return split(purchases(planted=planted), "bought", "1", kinds)


@pytest.fixture(scope="module")
def with_cross() -> Dataset:
    return dataset(planted=True)


def test_a_planted_cross_is_kept_and_gains_beyond_its_noise(with_cross: Dataset) -> None:
    result = improve(with_cross, recipe=QUICK, baselines=["logistic regression"])
    assert result.tried[0] == ("shop", "day")
    assert result.steps[0].kept
    assert result.steps[0].gain > 2 * result.steps[0].noise > 0
    frozen = next(model for model in result.models if model.name == FROZEN)
    assert frozen.crosses == (("shop", "day"),)
    assert result.kept.test.auc > result.models[0].test.auc + 0.1
    assert "1 cross of 10 candidates (shop × day) saves" in result.verdict
    # So few rows validate that training rows decide, each held out once.
    assert result.folds == 3
    gain, noise = result.held_out[result.chosen]
    assert f"{gain:.4f} ± {noise:.4f} on training rows held out" in result.verdict
    assert gain > 2 * noise > 0
    assert result.explain == result.chosen  # not the regression, which cannot hold it
    assert result.numbers is not None
    assert list(result.numbers.transform(with_cross.tables["test"])) == ["shop × day"]


def test_where_nothing_is_planted_nothing_stays_and_the_model_is_the_base() -> None:
    plain = dataset(planted=False)
    result = improve(plain, recipe=QUICK, baselines=[])
    assert result.chosen == BASE
    assert result.kept == result.models[0]
    assert result.kept.crosses == ()
    assert result.numbers is None
    assert result.verdict.startswith("None of 10 candidates helps here")
    # Bit for bit what training alone gives.
    alone = base(Ground(plain, "DeepFM", QUICK, scan(plain)))
    assert fit(alone.build, alone.parts, seed=0, **QUICK.options()).test == result.kept.test


def test_test_rows_decide_nothing(with_cross: Dataset) -> None:
    rows, answers = with_cross.parts["test"]
    swapped = Dataset(
        with_cross.fields, with_cross.target, with_cross.tables, {**with_cross.parts, "test": (rows, 1 - answers)}
    )
    first, second = (improve(data, recipe=QUICK, baselines=[], folds=2) for data in (with_cross, swapped))
    assert first.held_out == second.held_out
    assert first.chosen == second.chosen
    assert (first.steps, first.tried, first.weights) == (second.steps, second.tried, second.weights)
    assert second.kept.test.auc == pytest.approx(1 - first.kept.test.auc)


def test_what_is_saved_is_measured_on_rows_that_the_trainings_did_not_see(with_cross: Dataset) -> None:
    trainer = Trainer("DeepFM", 0, "cpu", Stages(1, lambda words: None, lambda share: None))
    options: Any = {"sets": [("shop", "day")], "also": None, "encodings": ("numbers",), "folds": 2}
    gains = held_out_gains(with_cross, trainer, QUICK, **options)
    assert gains["crosses as numbers"][0] > 2 * gains["crosses as numbers"][1] > 0
    rows, answers = with_cross.parts["train"]
    noise = np.random.default_rng(0).permutation(answers)
    useless = Dataset(
        with_cross.fields, with_cross.target, with_cross.tables, {**with_cross.parts, "train": (rows, noise)}
    )
    for gain, deviation in held_out_gains(useless, trainer, QUICK, **options).values():
        assert gain <= 2 * deviation


def test_more_candidates_are_looked_for_without_the_rows_that_judge_them(with_cross: Dataset) -> None:
    seen: list[list[str]] = []

    def also(rows: Dataset) -> list[tuple[str, ...]]:
        seen.append(sorted(map(str, rows.tables["train"].to_numpy())))
        return [("town", "shop", "day"), ("day", "shop")]

    result = improve(with_cross, sets=[("shop", "day")], also=also, recipe=QUICK, folds=2, baselines=[])
    assert [set(candidate.fields) for candidate in result.candidates] == [{"shop", "day"}, {"town", "shop", "day"}]
    everything, first, second = seen
    assert sorted([*first, *second]) == everything


@pytest.mark.slow
def test_the_sets_that_a_model_uses_hold_the_planted_one(with_cross: Dataset) -> None:
    assert {"shop", "day"} in [set(own) for own in used_sets(with_cross, 20, seed=0)[:3]]


def test_folds_hold_as_many_rare_answers_each() -> None:
    answers = np.zeros(300, np.float32)
    answers[:9] = 1
    folds = held_out._dealt(answers, 3, seed=0)
    assert np.bincount(folds).tolist() == [100, 100, 100]
    assert np.bincount(folds[:9]).tolist() == [3, 3, 3]


def test_the_surest_gain_is_chosen() -> None:
    gains = {"large": (0.03, 0.014), "sure": (0.02, 0.002), WIDER: (0.5, 0.001), BASE: (0.0, 0.0)}
    assert improving.surest(gains) == "sure"
    assert improving.surest({**gains, "sure": (0.001, 0.001)}) == "large"
    assert improving.surest({BASE: (0.0, 0.0), "small": (0.02, 0.01)}) == BASE  # not beyond two deviations
    # Rows held out decide, unless the model of all rows does not save on validation rows.
    validation = {"learned anyway": (0.001, 0.002), "small": (0.003, 0.002), BASE: (0.0, 0.0), WIDER: (0.5, 0.1)}
    held = {"learned anyway": (0.04, 0.001), "small": (0.004, 0.001)}
    assert improving.surest(validation) == BASE
    assert improving.surest(validation, held) == "small"
    assert improving.surest(validation, {**held, "small": (0.001, 0.001)}) == BASE


def test_near_keys_nested_sets_and_repetitions_are_dropped() -> None:
    table = purchases(planted=True)
    table["shop copy"] = "no. " + table["shop"]
    kinds: Any = dict.fromkeys(("shop", "shop copy", "day", "town", "receipt"), "categorical")
    found = scan(
        split(table, "bought", "1", kinds),
        [("shop", "day"), ("shop copy", "day"), ("shop", "day", "town"), ("receipt", "day"), ("town", "day")],
    )
    why = {candidate.fields: candidate.dropped for candidate in found.candidates}
    assert [candidate.fields for candidate in found.tried] == [("shop", "day")]
    assert why["shop copy", "day"] == "says the same as shop × day"
    assert why["shop", "day", "town"] == "gains no more than shop × day, which is part of it"
    assert why["receipt", "day"].startswith("receipt is nearly a key")
    assert "are noise" in why["town", "day"]


def test_useless_columns_are_rarely_chosen() -> None:
    rng = np.random.default_rng(0)
    entered = 0
    for _ in range(20):
        logits = rng.normal(size=1500)
        answers = (rng.random(1500) < 1 / (1 + np.exp(-logits))).astype(np.float32)
        selection = choose(logits, rng.normal(size=(1500, 5)), answers)
        entered += bool(selection.kept)
        if not selection.kept:
            assert np.array_equal(selection.logits, logits)
    assert entered <= 2


@pytest.mark.parametrize("name", ENCODINGS)
def test_every_encoding_learns_the_planted_cross(with_cross: Dataset, name: str) -> None:
    ground = Ground(with_cross, "DeepFM", Recipe(epochs=6, batch=256, embedding=4, deep=16), scan(with_cross))
    without, reading = base(ground), ENCODINGS[name](ground, [("shop", "day")])
    plain, crossed = (fit(r.build, r.parts, seed=0, epochs=6, batch=256) for r in (without, reading))
    assert crossed.network.n_parameters > plain.network.n_parameters
    assert crossed.validation.auc > 0.75
    assert crossed.validation.logloss < plain.validation.logloss


def test_the_command_writes_crosses_only_where_they_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(improving, "recipes_for", lambda rows: (QUICK,))
    for planted in (True, False):
        path = tmp_path / "table.csv"
        purchases(2500, planted=planted).to_csv(path, index=False)
        given = [
            *("crosses", str(path), "--target", "bought", "--drop", "receipt", "--encodings", ""),
            *("--baselines", "none", "--out", str(tmp_path / "out")),
        ]
        done = CliRunner().invoke(app, given)
        assert done.exit_code == 0, done.output
        report = json.loads((tmp_path / "out" / "report.json").read_text())
        assert report["verdict"] in done.output
        assert report["verdict"] in (tmp_path / "out" / "report.html").read_text()
        files = sorted(file.name for file in (tmp_path / "out").iterdir())
        if planted:
            assert files == ["crosses.sql", "crosses.zip", "crosses_polars.py", "report.html", "report.json"]
            loaded = CrossNumbers.load(tmp_path / "out" / "crosses.zip")
            assert loaded.transform(purchases(50, planted=True)).shape == (50, len(report["models"][-1]["crosses"]))
        else:
            assert files == ["report.html", "report.json"]  # those of the run before are gone
            assert "None of 6 candidates helps here" in done.output


def test_the_command_looks_for_sets_that_a_model_uses_beside_all_pairs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def used(rows: Dataset, limit: int, seed: int) -> list[tuple[str, ...]]:
        asked.append((limit, seed))
        return [("shop", "day", "town")]

    monkeypatch.setattr(improving, "recipes_for", lambda rows: (QUICK,))
    monkeypatch.setattr("glider_core.used_sets.used_sets", used)
    path = tmp_path / "table.csv"
    purchases(1500, planted=False).to_csv(path, index=False)
    given = ["--target", "bought", "--encodings", "", "--baselines", "none", "--out", str(tmp_path / "out")]
    for more, asks in (([], set()), (["--also", "40", "--seed", "3"], {(40, 3)})):
        asked.clear()
        done = CliRunner().invoke(app, ["crosses", str(path), *given, *more])
        assert done.exit_code == 0, done.output
        assert set(asked) == asks
        candidates = json.loads((tmp_path / "out" / "report.json").read_text())["candidates"]
        assert (["shop", "day", "town"] in [one["fields"] for one in candidates]) == bool(asks)


def test_wrong_requests_are_told(tmp_path: Path, with_cross: Dataset) -> None:
    path = tmp_path / "table.csv"
    purchases(300, planted=False).to_csv(path, index=False)
    for given, says in (
        (["--target", "sold"], "no column 'sold'"),
        (["--drop", "weather"], "no column 'weather'"),
        (["--target", "bought", "--model", "GPT"], "no recommender 'GPT'"),
    ):
        done = CliRunner().invoke(app, ["crosses", str(path), *given])
        assert done.exit_code == 2
        assert says in done.output
    with pytest.raises(gl.InvalidSettings, match="no encoding 'hash'"):
        improve(with_cross, encodings=["hash"])
