# pyright: reportArgumentType=false, reportGeneralTypeIssues=false, reportAttributeAccessIssue=false, reportCallIssue=false
# (what pandas' cells and Streamlit's elements are, their stubs do not know)
"""Feature crosses, as an analyst meets them: sets chosen, recommenders trained side by side, the result taken on."""

from __future__ import annotations

import io
import json
from typing import Any, cast

import pandas as pd
import pytest

import glider_core as gl
from glider_core.keeping import Keeper, Limits
from glider_core.recommenders.gains import Gain
from glider_core.workers.tasks import CrossesAsked, comparison_of
from pages.parts import crosses_kept, crosses_run, crosses_sets, crosses_view
from pages.parts import visitor as visitors
from pages.parts.crosses_state import CrossesState
from pages.parts.own_table import OwnTable
from tests.pages.conftest import Visitor
from tests.pages.test_own_table import learn, sales, upload

QUICK = {"rows": "10000", "seeds": "1", "k": "2", "target": "Wide&Deep"}


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLIDER_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def state_of(visitor: Visitor) -> CrossesState:
    return visitor.state("glider.crosses")


def sets(visitor: Visitor) -> pd.DataFrame:
    (table,) = (table.value for table in visitor.app.dataframe if "crossed" in table.value)
    return table


def table_with(visitor: Visitor, column: str) -> pd.DataFrame:
    (table,) = (table.value for table in visitor.app.dataframe if column in table.value)
    return table


def change(visitor: Visitor, kind: str, key: str, value: Any) -> None:
    getattr(visitor.app, kind)(key=f"crosses.{key}").set_value(value)
    visitor.draw()


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Keeper:
    return Keeper("a" * 43, folder=tmp_path_factory.mktemp("visitors"), limits=Limits())


@pytest.fixture(scope="module")
def trained_once(disk: Keeper) -> Visitor:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(visitors, "keeper", lambda: disk)
        return Visitor().open("crosses", **QUICK).press("Train side by side").settle()


@pytest.fixture
def trained(trained_once: Visitor) -> Visitor:
    """A visitor who has trained Wide&Deep on simulated clicks, with two crosses and without, and follows a link."""
    return trained_once.go("home").go("crosses", **QUICK)


def test_the_sets_found_most_often_are_crossed(visitor: Visitor) -> None:
    visitor.open("crosses")
    table = sets(visitor)
    often = int((table["share"] >= 0.25).sum())
    assert list(table["crossed"]) == [True] * often + [False] * (len(table) - often)
    assert list(table["planted"][:5]) == ["✓"] * 5
    change(visitor, "number_input", "k", 3)
    assert sets(visitor)["crossed"].sum() == 3
    assert visitor.app.query_params["k"] == "3"


def test_sets_are_ticked_by_hand_and_a_link_repeats_them(visitor: Visitor, new_visitor: type[Visitor]) -> None:
    visitor.open("crosses")
    titles = list(sets(visitor)["fields"])
    state_of(visitor).crossed = crosses_sets.chosen_by_hand(
        titles, list(sets(visitor)["crossed"]), {0: {"crossed": False}, 9: {"crossed": True}}
    )
    visitor.draw()
    expected = [*titles[1:5], titles[9]]
    table = sets(visitor)
    assert list(table["fields"][table["crossed"]]) == expected
    other = new_visitor().open("crosses", **visitor.app.query_params)
    assert list(sets(other)["fields"][sets(other)["crossed"]]) == expected
    change(other, "number_input", "k", 2)  # the most frequent again
    assert list(sets(other)["fields"][sets(other)["crossed"]]) == titles[:2]
    state_of(other).crossed = ()
    other.draw()
    assert other.reads("No set is ticked")
    assert not any(button.label == "Train side by side" for button in other.app.button)


def test_census_is_offered_with_its_sets_and_says_what_it_takes(visitor: Visitor, monkeypatch, tmp_path) -> None:
    monkeypatch.delenv("GLIDER_DATA", raising=False)
    visitor.open("crosses", source="recommender/census")
    assert len(sets(visitor)) > 5
    assert "planted" not in sets(visitor)
    assert visitor.reads("Training needs the whole Census table")
    (button,) = (button for button in visitor.app.button if button.label == "Train side by side")
    assert button.disabled
    (tmp_path / "ctr").mkdir()
    (tmp_path / "ctr" / "adult.data.gz").touch()
    monkeypatch.setenv("GLIDER_DATA", str(tmp_path))
    visitor.draw()
    (button,) = (button for button in visitor.app.button if button.label == "Train side by side")
    assert not button.disabled


def test_census_rows_are_trained_on(data) -> None:
    asked = CrossesAsked(None, (800, 100, 100), (("age", "hours_per_week"),), None, str(data))
    comparison = comparison_of(asked)
    assert len(comparison.dataset.tables["train"]) == 700  # an eighth of 800 validates
    assert comparison.dataset.target == "income above 50K"


def test_losses_stand_beside_gains_for_every_table(visitor: Visitor) -> None:
    visitor.open("crosses")
    (table,) = (table.value for table in visitor.app.dataframe if "within chance" in table.value)
    rows = table.set_index("table")
    assert len(rows) >= 3
    simulated = rows.iloc[0]
    assert (simulated["better"], simulated["worse"]) == ("5 of 5", "0 of 5")
    assert any(row["worse"] != "0 of 5" for _, row in rows.iterrows())


def test_a_recommender_is_trained_with_crosses_and_without(trained: Visitor) -> None:
    assert trained.reads("Wide&Deep: with crosses against fields only")
    assert trained.reads("One seed: whether this is more than chance")
    assert trained.reads("gets an id of its own when 2 training rows or more have it")
    trials, crosses = table_with(trained, "test AUC"), table_with(trained, "cross")
    assert list(trials["model"]) == ["Wide&Deep, fields only", "Wide&Deep, with crosses"]
    assert trials["test AUC"][1] > trials["test AUC"][0]  # the planted pairs are crossed
    assert list(crosses["cross"]) == list(sets(trained)["fields"][:2])
    auc = next(metric for metric in trained.app.metric if metric.label == "Test AUC with crosses")
    assert auc.value == f"{trials['test AUC'][1]:.4f}"
    labels = [button.label for button in trained.app.get("download_button")]
    assert labels == ["Trainings as CSV", "All of it as JSON", "Fitted crosses"]


def test_the_files_hold_the_whole_comparison(trained: Visitor) -> None:
    beside = state_of(trained).trained
    assert beside is not None
    fitted = gl.FeatureCrosses.load(io.BytesIO(crosses_view.fitted_crosses(beside.comparison)))
    rows = next(iter(beside.models.values())).rows.head(50)
    assert fitted.transform(rows).equals(beside.comparison.crosses.transform(rows))
    told = json.loads(crosses_view.json_of(beside))
    assert told["source"] == "Simulated clicks"
    assert [trial["variant"] for trial in told["trials"]] == ["base", "crossed"]
    assert told["gains"][0]["auc"][1] == told["trials"][1]["auc"]


def test_the_crossed_model_is_explained_over_many_rows(trained: Visitor) -> None:
    trained.open("global_view", rows="4")
    models = trained.app.selectbox(key="global.model")
    assert models.options[-2:] == ["Wide&Deep, fields only", "Wide&Deep with 2 crosses"]
    models.set_value("visit/Wide&Deep/crossed")
    trained.draw().press("Run").settle()
    assert trained.reads("Wide&Deep with 2 crosses · 4 rows · seed 0")
    assert trained.app.query_params["model"] == "visit/Wide&Deep/crossed"


@pytest.mark.slow
def test_the_trainings_and_their_models_are_there_after_a_restart(
    trained: Visitor, disk: Keeper, new_visitor: type[Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    former = state_of(trained).trained
    assert former is not None
    assert not new_visitor().open("crosses", **QUICK).reads("with crosses against fields only")  # another browser
    monkeypatch.setattr(visitors, "keeper", lambda: disk)
    monkeypatch.setattr(crosses_run, "train_beside", None)  # nothing is trained
    again = new_visitor().open("crosses", **QUICK)
    assert again.reads("Wide&Deep: with crosses against fields only")
    assert again.reads("Kept for this browser alone")
    restored = state_of(again).trained
    assert restored is not None
    assert (restored.trials, restored.looks, restored.request) == (tuple(former.trials), former.looks, former.request)
    rows = former.models["Wide&Deep/crossed"].rows.head(20)
    for name, model in former.models.items():
        assert (restored.models[name].predict_rows(rows) == model.predict_rows(rows)).all()
    elsewhere = new_visitor().open("global_view", rows="4", model="visit/Wide&Deep/crossed")
    assert elsewhere.app.selectbox(key="global.model").value == "visit/Wide&Deep/crossed"
    kept = disk.kept(crosses_kept.KIND)
    assert kept is not None
    (path,) = disk._folder.rglob(kept.files["crossed"][0])
    path.write_bytes(path.read_bytes()[:-20])
    damaged = new_visitor().open("global_view", rows="4", model="visit/Wide&Deep/crossed")
    assert damaged.reads("The trainings beside crosses of a former visit cannot be restored: ")
    assert damaged.reads("The model that was asked for is not here")


def test_another_choice_than_the_trained_one_is_said(trained: Visitor) -> None:
    assert not trained.reads("This is the result of the former choice")
    change(trained, "number_input", "threshold", 5)
    assert trained.reads("This is the result of the former choice")
    assert trained.app.query_params["t"] == "5"
    change(trained, "number_input", "threshold", None)
    assert not trained.reads("This is the result of the former choice")


def test_choices_and_result_outlive_a_visit_elsewhere(trained: Visitor) -> None:
    link = dict(trained.app.query_params)
    trained.go("home").go("crosses")
    assert dict(trained.app.query_params) == link
    assert trained.app.selectbox(key="crosses.target").value == "Wide&Deep"
    assert trained.reads("Wide&Deep: with crosses against fields only")
    assert not trained.reads("This is the result of the former choice")


def test_a_link_repeats_the_choices(visitor: Visitor, new_visitor: type[Visitor]) -> None:
    visitor.open("crosses", **QUICK, t="7", wider="1")
    other = new_visitor().open("crosses", **visitor.app.query_params)
    assert state_of(other).to_query() == state_of(visitor).to_query()
    assert (state_of(other).k, state_of(other).threshold, state_of(other).wider) == (2, 7, True)


def test_an_address_that_makes_no_sense_shows_the_usual(visitor: Visitor) -> None:
    visitor.open("crosses", k="nonsense", rows="-1", seeds="99", target="None", source="x", t="-")
    state = state_of(visitor)
    assert (state.k, state.rows, state.seeds, state.target, state.threshold) == (None, 20_000, 5, "DeepFM", None)
    assert visitor.app.number_input(key="crosses.k").value == 5


def test_trainings_can_be_cancelled(visitor: Visitor) -> None:
    visitor.open("crosses", rows="200000", seeds="5")
    visitor.press("Train side by side").draw()
    assert visitor.jobs()
    visitor.press("Cancel").settle()
    assert visitor.reads("You can watch both learn")
    assert state_of(visitor).trained is None


def test_a_table_of_ones_own_is_explained_crossed_and_trained_on(visitor: Visitor) -> None:
    visitor.open("crosses", source="own", aim="beside", seeds="1")
    assert not visitor.app.get("number_input")  # nothing to choose before there is a table
    upload(visitor, sales(3000))  # of 300 rows the model learns too little to react
    learn(visitor)
    assert sets(visitor)["fields"][0] == "city × tier"
    assert "planted" not in sets(visitor)
    visitor.press("Train side by side").settle()
    assert visitor.reads("DeepFM: with crosses against fields only")
    assert table_with(visitor, "cross")["combinations seen"][0] == 4


def test_a_field_read_as_categorical_is_crossed_by_its_values() -> None:
    """A guess from the numbers alone would put 300 users into 100 buckets."""
    table = sales(900)
    table["user"] = [*range(300)] * 3
    kinds: dict[str, Any] = {"user": "categorical", "tier": "categorical"}
    own = OwnTable(table, "bought", "1", kinds, model=cast(Any, None), fit=cast(Any, None), uploaded=cast(Any, None))
    request = crosses_run.TrainingRequest(
        source="own", own=own, identity=None, sets=(("user", "tier"),), target="DeepFM", rows=0, seeds=1, threshold=0,
        variants=("base", "crossed"),
    )  # fmt: skip
    comparison = comparison_of(request.asked)
    pairs = comparison.dataset.tables["train"][["user", "tier"]].drop_duplicates()
    assert len(pairs) > 400
    assert comparison.crosses.report_[0].combinations == len(pairs)


@pytest.mark.parametrize(
    ("deviation", "words"),
    [
        (None, "One seed"),
        (0.01, "**Both gains exceed 2 deviations** of the difference"),
        (0.05, "**Not beyond 2 deviations** of the difference"),
    ],
)
def test_a_gain_counts_beyond_two_deviations(deviation: float | None, words: str) -> None:
    gain = Gain(
        target="DeepFM", variant="crossed", seeds=2, auc=(0.7, 0.75), logloss=(0.5, 0.45), auc_gain=0.05,
        logloss_gain=0.05, auc_deviation=deviation, logloss_deviation=deviation, growth=0.1,
    )  # fmt: skip
    assert words in crosses_view.verdict(gain)
