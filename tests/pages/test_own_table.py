"""A visitor's own table: refused or read, fields chosen, learned."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pages.parts import own_table
from tests.pages.conftest import Visitor


def sales(rows: int = 300) -> pd.DataFrame:
    """Whether something was bought is told by city and tier together, by neither alone."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"city": rng.choice(["Rome", "Oslo"], rows), "tier": rng.choice(["gold", "tin"], rows)})
    table["age"] = rng.integers(18, 80, rows)
    table["bought"] = ((table["city"] == "Rome") == (table["tier"] == "gold")).astype(int)
    return table


def upload(visitor: Visitor, table: pd.DataFrame | bytes, name: str = "sales.csv") -> None:
    content = table if isinstance(table, bytes) else table.to_csv(index=False).encode()
    visitor.app.file_uploader(key="crosses.own_table.file").set_value((name, content, "text/csv"))
    visitor.draw()


def learn(visitor: Visitor, *, target: str = "bought", read_as: dict[str, str] | None = None) -> None:
    """Train on the uploaded table, after a change of how some fields are read."""
    (fields,) = (editor.value for editor in visitor.app.data_editor)
    rows = {list(fields["field"]).index(name): {"read as": kind} for name, kind in (read_as or {}).items()}
    if rows:
        visitor.app.session_state[f"crosses.own_table.fields.{target}"] = {
            "edited_rows": rows, "added_rows": [], "deleted_rows": [],
        }  # fmt: skip
    visitor.press("Train on it").settle()


@pytest.fixture
def at_upload(visitor: Visitor) -> Visitor:
    return visitor.open("crosses", source="own")


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"a,b,c\n1,2,3\n", "short.csv", "at least 100 are needed"),
        (b"PAR1 but no more", "broken.parquet", "cannot be read as a table"),
        (b"\x00\x01\x02", "bytes.csv", "The"),
        (b"a,a,c\n" + b"1,2,3\n" * 200, "twice.csv", ""),
    ],
)
def test_a_file_that_cannot_be_learned_from_is_refused_with_a_sentence(
    at_upload: Visitor, content: bytes, name: str, words: str
) -> None:
    upload(at_upload, content, name)
    refused = [error.value.replace("\\", "") for error in at_upload.app.error]
    assert (refused and words in refused[0]) or name == "twice.csv"
    assert not at_upload.reads("Learned")


def test_target_and_fields_are_guessed_and_can_be_changed(at_upload: Visitor) -> None:
    upload(at_upload, sales())
    predict, positive = (box for box in at_upload.app.selectbox if box.label in ("Predict", "Counts as yes"))
    assert predict.value == "bought"
    assert positive.value == "1"
    (fields,) = (editor.value for editor in at_upload.app.data_editor)
    assert dict(zip(fields["field"], fields["read as"], strict=True)) == {
        "city": "categorical", "tier": "categorical", "age": "dense",
    }  # fmt: skip
    predict.set_value("tier")
    at_upload.draw()
    positive = next(box for box in at_upload.app.selectbox if box.label == "Counts as yes")
    assert set(positive.options) == {"gold", "tin"}


def test_a_table_is_learned_as_the_visitor_reads_it(at_upload: Visitor) -> None:
    upload(at_upload, sales())
    learn(at_upload, read_as={"age": "categorical"})
    assert at_upload.reads("Learned **bought** from")
    own = at_upload.state("own_table")
    assert own.kinds == {"city": "categorical", "tier": "categorical", "age": "categorical"}
    assert {field.name: field.kind for field in own.model.fields} == own.kinds


def test_a_table_is_there_on_every_page(at_upload: Visitor) -> None:
    upload(at_upload, sales())
    learn(at_upload)
    at_upload.go("global_view")
    assert at_upload.app.selectbox(key="global.model").options[-1] == "AutoInt on your table"


def test_a_field_that_is_not_used_is_left_out() -> None:
    fields = pd.DataFrame({"use": [True, False], "field": ["a", "b"], "read as": ["dense", "categorical"]})
    assert own_table.chosen_kinds(fields) == {"a": "dense"}


@pytest.mark.slow
def test_lightgbm_is_trained_beside_autoint_and_both_are_compared(visitor: Visitor) -> None:
    visitor.open("recommender", model="recommender/simulated", masks="600")
    visitor.app.selectbox(key="recommender-model").set_value("recommender/own")
    visitor.draw()
    content = sales(400).to_csv(index=False).encode()
    visitor.app.file_uploader(key="recommender.own_table.file").set_value(("sales.csv", content, "text/csv"))
    visitor.draw().press("Train on it").settle()
    visitor.press("Train LightGBM beside it").settle()
    assert visitor.reads("AUC on the same 40 rows: AutoInt"), visitor.texts()
    assert visitor.reads("LightGBM **1.000**"), "two columns decide, which trees learn"
    visitor.app.segmented_control(key="own_boosted.chosen").set_value("LightGBM")
    visitor.settle()
    shown = visitor.state("glider.recommender").outcome().shown
    assert shown.explanation.model_id == "recommender/boosted"
    assert visitor.reads("Both models on this row."), visitor.texts()
