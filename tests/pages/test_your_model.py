import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from glider_core.adapters.variables import DATA, MODEL
from tests.adapters import onnx_files
from tests.pages.conftest import Server, Visitor


def rows() -> bytes:
    content = io.BytesIO()
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 3)).round(2), columns=["dose", "smoke", "age"])
    table.loc[0] = [2.0, 1.5, 0.3]
    table.to_csv(content, index=False)
    return content.getvalue()


def upload(visitor: Visitor, kind: str, name: str, content: bytes) -> None:
    visitor.app.file_uploader(key=f"own_file.{kind}").set_value((name, content, "application/octet-stream"))
    visitor.settle()


@pytest.fixture
def at_upload(visitor: Visitor) -> Visitor:
    visitor.open("function", masks="600")
    assert visitor.reads("All 32 masks were asked: the function needs 3 sets"), visitor.texts()
    visitor.app.selectbox(key="function-model").set_value("function/file")
    return visitor.draw()


def test_an_onnx_file_with_its_table_is_explained_at_once(at_upload: Visitor) -> None:
    upload(at_upload, "model", "model.pkl", b"\x80\x04K\x01.")
    assert at_upload.reads("model.pkl is a pickle")
    upload(at_upload, "model", "shell.onnx", onnx_files.custom_operator())
    assert at_upload.reads("none of ONNX's own"), "and the server lives:"
    upload(at_upload, "model", "product.onnx", onnx_files.product())
    assert at_upload.reads("inputs: x (tensor(float), any × 3)")
    upload(at_upload, "table", "rows.csv", rows())
    assert at_upload.reads("1: +12.30"), at_upload.texts()
    assert "dose" in str(at_upload.pictures()[0])
    at_upload.press("Ask all").settle()
    assert at_upload.reads("All 8 masks were asked: the function needs 1 set of")
    at_upload.app.number_input(key="function-raw").set_value(3)
    at_upload.draw().press("Run").settle()
    assert not at_upload.reads("1: +12.30")
    upload(at_upload, "table", "other.csv", b"a,b,c\n1,x,u\n2,y,v\n3,x,v\n")
    assert at_upload.reads("The model reads 3 columns; the table has 1"), at_upload.texts()


def test_a_model_of_word_pieces_asks_for_its_tokenizer(at_upload: Visitor) -> None:
    never, fail = onnx_files.WORDS.index("never"), onnx_files.WORDS.index("fail")
    upload(at_upload, "model", "words.onnx", onnx_files.word_pair(never, fail))
    assert at_upload.reads("of the word pieces of texts · inputs: input_ids (tensor(int64), any × any)")
    upload(at_upload, "tokenizer", "tokenizer.json", b"{}")
    assert at_upload.reads("The tokenizer cannot be read")
    upload(at_upload, "tokenizer", "tokenizer.json", onnx_files.tokenizer(longest=40))
    assert at_upload.reads("Read as WordPiece of 13 pieces, up to 40 of a text")
    at_upload.app.text_area(key="function-raw").set_value("It never fails to delight.")
    at_upload.draw().press("Run").settle()
    assert at_upload.reads("1: +4.00"), at_upload.texts()
    (picture,) = at_upload.pictures()
    assert "never" in picture
    assert at_upload.app.selectbox(key="function-off_state").options == ["[MASK]", "[UNK]", "left out"]


@pytest.mark.slow
def test_a_model_of_pictures_explains_a_sample_at_once_and_asks_how_pixels_are(at_upload: Visitor) -> None:
    upload(at_upload, "model", "net.onnx", onnx_files.corners())
    assert at_upload.reads("of pictures · inputs: x (tensor(float), any × 3 × 32 × 32)")
    (scaling,) = (one for one in at_upload.app.selectbox if one.label == "The model's pixels are")
    assert scaling.value == "imagenet"
    assert at_upload.pictures(), at_upload.texts()
    before = at_upload.texts()
    scaling.set_value("unit")
    at_upload.settle()
    assert at_upload.texts() != before
    upload(at_upload, "picture", "no.jpg", b"no picture")
    assert at_upload.app.error


@pytest.mark.slow
def test_a_skops_file_with_its_table_is_explained_at_once(at_upload: Visitor) -> None:
    table = pd.read_csv(io.BytesIO(rows()))
    model = make_pipeline(PolynomialFeatures(2), LogisticRegression(C=100.0))
    model.fit(table, np.where(table.dose * table.smoke > 0, "yes", "no"))
    upload(at_upload, "model", "model.skops", skops.io.dumps(model))
    assert at_upload.reads("columns: dose, smoke, age")
    assert at_upload.reads("2 classes: no, yes")
    upload(at_upload, "table", "rows.csv", rows())
    assert at_upload.reads("yes: +"), at_upload.texts()
    assert "smoke" in str(at_upload.pictures()[0])


def test_a_model_that_the_command_names_stands_on_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_visitor: Callable[[], Visitor]
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bonus_for_test.py").write_text(
        "def model(rows):\n    return (3.0 * (rows['dose'] > 1) * (rows['smoke'] > 1) + rows['age']).to_numpy()\n"
    )
    (tmp_path / "rows.csv").write_bytes(rows())
    monkeypatch.setenv(MODEL, "bonus_for_test:model")
    monkeypatch.setenv(DATA, str(tmp_path / "rows.csv"))
    visitor = new_visitor().open("function", model="function/bonus_for_test:model", masks="600")
    assert visitor.reads("answer: +3.30"), visitor.texts()
    assert visitor.app.number_input(key="function-raw").max == 39


@pytest.mark.slow
def test_many_rows_of_a_model_file_are_explained_as_the_page_explains_one(server: Server, at_upload: Visitor) -> None:
    table = pd.read_csv(io.BytesIO(rows()))
    model = make_pipeline(PolynomialFeatures(2), LogisticRegression(C=100.0))
    model.fit(table, np.where(table.dose * table.smoke > 0, "yes", "no"))
    upload(at_upload, "model", "model.skops", skops.io.dumps(model))
    upload(at_upload, "table", "rows.csv", rows())
    at_upload.app.selectbox(key="function-off_state").set_value("marginal")
    at_upload.draw()
    at_upload.go("cases")
    assert at_upload.app.selectbox(key="cases.batch.model").value == "function/file"
    assert at_upload.reads("off state marginal")
    at_upload.app.selectbox(key="cases.batch.how").set_value("highest")
    at_upload.app.number_input(key="cases.batch.n").set_value(3)
    at_upload.app.select_slider(key="cases.batch.masks").set_value(300)
    at_upload.draw()
    at_upload.press("Explain 3 inputs").settle()
    lines = [line for line in server.store.private_book("browser Anna").lines(limit=50) if line.batch]
    highest = np.argsort(-model.decision_function(table))[:3]
    assert {line.title for line in lines} == {f"Row {row}" for row in highest}
    found = server.store.private_book("browser Anna").explanation(lines[0].id)
    assert found.case.options["off_state"] == "marginal"
    assert found.domain == "function"
    assert not at_upload.app.get("link_button")  # a link would find no model


@pytest.mark.slow
def test_many_texts_of_a_model_of_word_pieces_are_explained(server: Server, at_upload: Visitor) -> None:
    never, fail = onnx_files.WORDS.index("never"), onnx_files.WORDS.index("fail")
    upload(at_upload, "model", "words.onnx", onnx_files.word_pair(never, fail))
    upload(at_upload, "tokenizer", "tokenizer.json", onnx_files.tokenizer(longest=40))
    at_upload.go("cases")
    at_upload.app.text_area(key="cases.batch.text.function").set_value("It never fails.\n12\n\nIt fails, never.")
    at_upload.app.select_slider(key="cases.batch.masks").set_value(300)
    at_upload.draw()
    at_upload.press("Explain 3 inputs").settle()
    titles = {line.title for line in server.store.private_book("browser Anna").lines(limit=50) if line.batch}
    assert titles >= {"It never fails.", "It fails, never."}


@pytest.mark.slow
def test_many_rows_of_a_model_that_the_command_names_are_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server, new_visitor: Callable[[], Visitor]
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tax_for_test.py").write_text(
        "def model(rows):\n    return (3.0 * (rows['dose'] > 1) * (rows['smoke'] > 1) + rows['age']).to_numpy()\n"
    )
    (tmp_path / "rows.csv").write_bytes(rows())
    monkeypatch.setenv(MODEL, "tax_for_test:model")
    monkeypatch.setenv(DATA, str(tmp_path / "rows.csv"))
    visitor = new_visitor().go("cases")
    assert visitor.app.selectbox(key="cases.batch.model").value == "function/tax_for_test:model"
    assert "nearest to 50 %" not in visitor.app.selectbox(key="cases.batch.how").options  # its answers are numbers
    visitor.app.selectbox(key="cases.batch.how").set_value("highest")
    visitor.app.number_input(key="cases.batch.n").set_value(2)
    visitor.app.select_slider(key="cases.batch.masks").set_value(300)
    visitor.draw()
    visitor.press("Explain 2 inputs").settle()
    table = pd.read_csv(io.BytesIO(rows()))
    answers = 3.0 * (table.dose > 1) * (table.smoke > 1) + table.age
    titles = {line.title for line in server.store.private_book("browser Anna").lines() if line.batch}
    assert titles == {f"Row {row}" for row in answers.nlargest(2).index}
