# pyright: reportArgumentType=false, reportGeneralTypeIssues=false, reportAttributeAccessIssue=false
# (what pandas' cells and Streamlit's elements are, their stubs do not know)
"""Making one's own model better, as an analyst meets it: a plain verdict, the models beside each other, files."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from glider_core.recommenders import improvement, improving
from glider_core.recommenders.improvement import Improvement
from glider_core.reporting.improvement import improvement_files
from pages.parts import improving_view, measured_crosses, run
from pages.parts.crosses_state import BOTH
from pages.parts.improving_run import DETECTED_IN
from tests.pages.conftest import Visitor
from tests.pages.test_own_table import learn, upload
from tests.recommenders.test_improving import QUICK, dataset, purchases


@pytest.fixture(scope="module")
def better() -> Improvement:
    """A planted cross, found and kept."""
    return improving.improve(dataset(planted=True), recipe=QUICK, baselines=["logistic regression"])


def test_a_table_of_ones_own_is_searched_for_crosses_that_help(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, better: Improvement
) -> None:
    monkeypatch.setattr(improving, "recipes_for", lambda rows: (QUICK,))
    visitor.open("crosses", source="own")
    upload(visitor, purchases(2000, planted=False))
    learn(visitor)
    assert visitor.app.segmented_control(key="crosses.aim").value == "better"
    assert not visitor.jobs()  # all pairs are candidates: nothing has to be detected first
    visitor.press("Make it better").settle()
    assert visitor.reads("None of 6 candidates helps here"), visitor.texts()
    assert visitor.reads("No baseline beats it") or visitor.reads("explain that model instead")
    improved = visitor.state("glider.crosses").improved
    (models,) = (
        table.value for table in visitor.app.dataframe if "logloss saved" in table.value and "kept" in table.value
    )
    assert list(models["model"][:1]) == ["DeepFM, without crosses"]
    assert models["kept"][0] == "✓"
    assert [button.label for button in visitor.app.get("download_button")] == ["Report", "Report as JSON"]
    assert visitor.reads("No cross is kept, so there is none to take away")
    # Another choice is another question; and what a table with a cross that helps looks like.
    visitor.app.selectbox(key="crosses.target").set_value("AutoInt")
    visitor.draw()
    assert visitor.reads("This is the result of the former choice")
    visitor.state("glider.crosses").improved = replace(improved, result=better)
    visitor.draw()
    assert visitor.reads("1 cross of 10 candidates (shop × day)")
    metrics = {metric.label: metric.value for metric in visitor.app.metric}
    assert metrics["Crosses kept"] == "1 of 10"
    assert metrics["Test AUC with crosses"] == f"{better.kept.test.auc:.4f}"
    labels = [button.label for button in visitor.app.get("download_button")]
    assert labels == ["Report", "Report as JSON", "For scikit-learn", "SQL", "Polars"]
    # Sets that a model of the table uses, beside all pairs.
    tasks: list[Any] = []
    monkeypatch.setattr(run, "start", lambda name, task, **options: tasks.append(task))
    visitor.app.button_group(key="crosses.candidates").set_value(BOTH)
    visitor.draw().press("Make it better").draw()
    (task,) = tasks
    assert task.arguments[2:4] == (None, DETECTED_IN)


def test_models_and_candidates_stand_in_tables(better: Improvement) -> None:
    models = improving_view.models_table(better)
    kept = models[models["kept"] == "✓"]
    assert list(kept["model"]) == [f"DeepFM, {better.chosen}"]
    assert kept["test AUC"].iloc[0] == round(better.kept.test.auc, 4)
    assert models["model"].iloc[-1] == "logistic regression"
    candidates = improving_view.candidates_table(better)
    assert len(candidates) == 10
    assert list(candidates["fields"][:1]) == ["shop × day"]
    assert candidates["what came of it"][0] == "kept"
    assert all("nearly a key" in words or "noise" in words for words in candidates["what came of it"][1:])


def test_the_report_tells_all_and_escapes_what_it_was_given(better: Improvement) -> None:
    files, notes = improvement_files(better, source="<script>.csv")
    assert list(files) == ["report.html", "report.json", "crosses.zip", "crosses.sql", "crosses_polars.py"]
    assert not notes
    html = files["report.html"].decode()
    assert better.verdict in html
    assert "<script" not in html
    assert "&lt;script&gt;.csv" in html
    assert html.count("<tr>") == 1 + len(better.models) + 1 + 1 + 10
    assert json.loads(files["report.json"])["verdict"] == better.verdict
    none = replace(better, chosen=improving.BASE, numbers=None)
    assert list(improvement_files(none)[0]) == ["report.html", "report.json"]


def test_what_the_selection_shipped_on_real_tables_stands_beside_what_the_paper_s_way_did() -> None:
    def change(auc: float, logloss: float) -> dict[str, Any]:
        return {
            "auc": 0.8 + auc, "auc change": auc, "auc deviation": 0.002, "logloss change": logloss,
            "logloss deviation": 0.001,
        }  # fmt: skip

    differences = {
        improving.BASE: change(0, 0), improving.WIDER: change(0.001, -0.0004), improvement.KEPT: change(0.01, -0.004),
    }  # fmt: skip
    splits = [{"chosen": "crosses as ids"}, {"chosen": improving.BASE}]
    result = {"table": "Sales", "target": "DeepFM", "splits": splits, "differences": differences}
    nothing = {**result, "differences": {**differences, improvement.KEPT: change(0, 0)}}
    table = measured_crosses.kept_table({"crosses_sales": result, "crosses_other": nothing})
    assert table.iloc[0].to_dict() == {
        "table": "Sales",
        "recommender": "DeepFM",
        "crosses stay in": "1 of 2",
        "AUC without": "0.8000",
        "AUC": "+0.0100 ± 0.0020",
        "logloss": "−0.0040 ± 0.0010",
        "logloss, as large without crosses": "−0.0004 ± 0.0010",
    }
    assert table.iloc[1]["logloss"] == "no change"
