"""An experiment on crosses may be made in parts, anywhere; joined, they are what one run gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import glider_core as gl
from glider_core.experiments import EXPERIMENTS, crosses
from glider_core.experiments.crosses_tables import PART, TABLES, RealTable, dealt, rows_of
from glider_core.recommenders import improving
from glider_core.recommenders.recipes import Recipe
from tests.recommenders.planted_tables import table

EXPERIMENT = EXPERIMENTS["crosses"]
RECIPES = (Recipe(epochs=1, batch=256, embedding=4, deep=8), Recipe(epochs=3, batch=64, embedding=4, deep=8))


@pytest.fixture
def measure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs the experiment on a planted table, with these options."""
    planted = RealTable(title="Planted", read=lambda data: table(), target="bought", positive="1", ids=True)
    monkeypatch.setitem(TABLES, "amazon", planted)
    monkeypatch.setattr(improving, "recipes_for", lambda rows: RECIPES)
    monkeypatch.setattr(crosses, "folds_for", lambda rows: 0)
    usual = {"encodings": ("numbers",), "baselines": ("logistic regression",), "wider": 0, "trainings": 1}

    def run(**options: Any) -> dict[str, Any]:
        return EXPERIMENT.run(EXPERIMENT.context(data=tmp_path, table="amazon", **{**usual, **options}))

    return run


def without_seconds(value: Any) -> Any:
    """A result without what differs from run to run."""
    if isinstance(value, dict):
        return {name: without_seconds(own) for name, own in value.items() if name != "seconds"}
    return [without_seconds(own) for own in value] if isinstance(value, list) else value


def test_parts_made_one_by_one_join_to_what_one_run_gives(measure: Any, tmp_path: Path) -> None:
    kept = tmp_path / "parts"
    assert measure(first_seed=1, seeds=1, networks=0, keep=kept)["splits"] == []  # baselines alone
    for seed in (0, 1):
        measure(first_seed=seed, seeds=1, baselines=(), keep=kept)
    assert sorted(path.name for path in (kept / "crosses_amazon").iterdir()) == [
        "0-logistic-regression.json", "0-networks.json", "1-logistic-regression.json", "1-networks.json",
    ][1:]  # fmt: skip
    joined = measure(seeds=2, keep=kept)
    assert without_seconds(joined) == without_seconds(measure(seeds=2))
    again = measure(seeds=2, keep=kept)
    assert again == joined  # nothing was measured anew: not even seconds differ
    split = joined["splits"][1]
    assert split["chosen"] == split["explain"] != improving.BASE  # the planted cross is kept
    assert len(split["trials"]) == 2
    assert "logistic regression" in joined["differences"]
    with pytest.raises(gl.InvalidInput, match=r"1-networks\.json was made of other rows or with other options"):
        measure(first_seed=1, seeds=1, wider=1, keep=kept)


def test_a_mean_is_of_the_splits_that_have_the_model(measure: Any, tmp_path: Path) -> None:
    kept = tmp_path / "parts"
    measure(first_seed=1, seeds=1, networks=0, keep=kept)
    joined = measure(seeds=2, keep=kept, baselines=())
    own = joined["differences"]["logistic regression"]
    assert own["splits"] == 1
    assert own["auc"] == joined["splits"][1]["models"]["logistic regression"]["auc"]
    assert joined["differences"]["what is kept"]["splits"] == 2
    assert EXPERIMENT.report is not None
    assert "| logistic regression (1 of 2 splits) |" in EXPERIMENT.report({"crosses_amazon": joined})


def test_models_trained_again_are_told_by_their_means(measure: Any, tmp_path: Path) -> None:
    kept = tmp_path / "parts"
    once = measure(seeds=2, wider=1, keep=kept, baselines=())
    several = measure(seeds=2, wider=1, keep=kept, baselines=(), trainings=3)
    assert [split["models"] for split in several["splits"]] == [split["models"] for split in once["splits"]]
    assert sorted(path.name for path in (kept / "crosses_amazon").iterdir())[1] == "0-trained-again.json"
    means = []
    for split in several["splits"]:
        own = {name: [one["logloss"] for one in every] for name, every in split["trained again"].items()}
        assert {name: len(every) for name, every in own.items()} == dict.fromkeys(own, 2)
        assert len({*own["without crosses"], split["models"]["without crosses"]["logloss"]}) == 3
        means.append({name: (sum(own[name]) + split["models"][name]["logloss"]) / 3 for name in own})
    change = sum(own["what is kept"] - own["without crosses"] for own in means) / 2
    assert change < -0.01  # the planted cross
    assert EXPERIMENT.report is not None
    told = EXPERIMENT.report({"crosses_amazon": several})
    (row,) = (line for line in told.splitlines() if line.startswith("| Planted | 2 × 3 |"))
    assert f"| {change:+.4f} ± " in row
    assert "2 of 2" in row
    assert "several times" not in EXPERIMENT.report({"crosses_amazon": once})
    assert EXPERIMENT.beside is not None
    wider, lost = EXPERIMENT.beside({"crosses_amazon": several})
    assert (wider.met, lost.ours, lost.met) == (True, "0 of 2", True)
    assert wider.ours.removeprefix("what is kept: ") in row
    assert EXPERIMENT.beside({"crosses_amazon": once}) == []


def test_sets_of_detection_are_measured_beside_all_pairs(
    measure: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sets = [("shop", "day"), ("shop", "day", "age")]
    monkeypatch.setattr(crosses, "used_sets", lambda dataset, rows, seed: sets)
    monkeypatch.setattr(crosses, "folds_for", lambda rows: 2)
    result = measure(seeds=1, detect=50, baselines=())
    assert result["folds"] == 2
    assert "on training rows held out" in result["splits"][0]["verdict"]
    found = result["splits"][0]["found"]
    dropped = {tuple(candidate["fields"]): candidate["dropped"] for candidate in found["candidates"]}
    assert dropped["shop", "day"] == ""
    assert dropped["shop", "day", "age"] == "most rows have a combination of their own"
    both = [result["differences"][f"crosses as numbers{own}"] for own in ("", ", found sets")]
    assert both[0]["auc"] == both[1]["auc"]  # the same cross by the same recipe
    assert EXPERIMENT.report is not None
    assert ": 2 sets, 1 of them of three fields or more" in EXPERIMENT.report({"crosses_amazon": result})


def test_sets_that_a_model_uses_stand_beside_all_pairs(measure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def used_sets(dataset: Any, rows: int, seed: int) -> list[tuple[str, ...]]:
        asked.append(len(dataset.tables["train"]))
        return [("shop", "day", "age")]

    monkeypatch.setattr(crosses.parts, "used_sets", used_sets)
    monkeypatch.setattr(crosses, "folds_for", lambda rows: 2)
    result, without = measure(seeds=1, also=50, baselines=()), measure(seeds=1, baselines=())
    assert result["splits"][0]["candidates"] == without["splits"][0]["candidates"] + 1
    assert asked[1:] == [asked[0] // 2] * 2  # looked for anew without the rows held out
    assert result["table"] == "Planted, sets that AutoInt uses beside all pairs"
    assert EXPERIMENT.stem("crosses", {"table": "bank", "target": "DeepFM", "also": 300}) == "crosses_bank_used"


def test_other_recommenders_are_told_beside_the_usual_one(measure: Any) -> None:
    own = measure(seeds=2, target="AutoInt", baselines=())
    assert EXPERIMENT.stem("crosses", {"table": "amazon", "target": "Wide&Deep"}) == "crosses_amazon_widedeep"
    assert EXPERIMENT.report is not None
    told = EXPERIMENT.report({"crosses_amazon_autoint": own, "crosses_amazon": {**own, "target": "DeepFM"}})
    kept = own["differences"]["what is kept"]
    row = next(line for line in told.splitlines() if line.startswith("| Planted | AutoInt | 2 |"))
    assert f"{kept['logloss change']:+.4f} ± {kept['logloss deviation']:.4f}" in row
    # In standard errors, of splits that share rows: a mean of two deviations is more than two of these.
    line = next(line for line in told.splitlines() if line.startswith("| Planted | 2 |"))
    deviations, errors = (float(cell) for cell in line.split("|")[4:6])
    assert errors == pytest.approx(deviations / (1 / 2 + 1 / 9) ** 0.5, rel=0.1)


def test_published_test_rows_stay_test_rows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rows = table().assign(**{PART: "train"})
    rows.loc[1500:, PART] = "test"
    planted = RealTable(title="Published", read=lambda data: rows, target="bought", positive="1", published=True)
    monkeypatch.setitem(TABLES, "amazon", planted)
    first, second = (dealt("amazon", rows_of("amazon", tmp_path), seed) for seed in (0, 1))
    assert [field.name for field in first.fields] == [name for name in rows if name not in ("bought", PART)]
    for own in (first, second):
        assert own.parts["test"][1].tolist() == rows["bought"][1500:].tolist()
        assert len(own.tables["validation"]) == 1500 // 9
    assert not first.tables["train"].equals(second.tables["train"])
