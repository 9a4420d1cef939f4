"""The command line for own models."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures
from typer.testing import CliRunner

import glider_core as gl
from glider_core.adapters.variables import DATA, MODEL
from glider_core.cli import app, serve
from glider_core.compat import import_transformers
from tests.adapters import onnx_files

RUN = CliRunner()
TABLE = pd.DataFrame(np.random.default_rng(0).normal(size=(200, 3)).round(2), columns=["dose", "smoke", "age"])


@pytest.fixture
def table(tmp_path: Path) -> str:
    TABLE.iloc[:1] = [2.0, 1.5, 0.3]
    TABLE.to_csv(tmp_path / "rows.csv", index=False)
    return str(tmp_path / "rows.csv")


def test_an_onnx_file_is_explained(tmp_path: Path, table: str) -> None:
    (tmp_path / "model.onnx").write_bytes(onnx_files.product())
    done = RUN.invoke(app, ["explain", "--onnx", str(tmp_path / "model.onnx"), "--data", table, "--row", "0"])
    assert done.exit_code == 0, done.output
    assert "dose · smoke" in done.output
    lacking = RUN.invoke(app, ["explain", "--onnx", str(tmp_path / "model.onnx")])
    assert lacking.exit_code == 2
    assert "name the table with --data" in lacking.output


@pytest.mark.slow
def test_a_skops_file_is_explained_and_its_result_written(tmp_path: Path, table: str) -> None:
    model = make_pipeline(PolynomialFeatures(2), LogisticRegression(C=100.0))
    model.fit(TABLE, np.where(TABLE.dose * TABLE.smoke > 0, "yes", "no"))
    skops.io.dump(model, tmp_path / "model.skops")
    out = tmp_path / "out.json"
    told = ["--data", table, "--row", "0", "--target", "yes", "--out", str(out)]
    done = RUN.invoke(app, ["explain", "--sklearn", str(tmp_path / "model.skops"), *told])
    assert done.exit_code == 0, done.output
    saved = gl.Explanation.from_json(out.read_text())
    assert saved.interactions[0].names == ("dose", "smoke")
    wrong = RUN.invoke(app, ["explain", "--onnx", str(tmp_path / "model.skops"), "--data", table])
    assert "is a skops file" in wrong.output


@pytest.mark.slow
def test_a_folder_of_transformers_is_explained(tmp_path: Path) -> None:
    transformers = import_transformers()
    assets = Path(__file__).parents[2] / "assets" / "sentiment" / "distilbert-small"
    network = gl.load_model("sentiment/distilbert-small")._network  # type: ignore[attr-defined]
    network.config.id2label = {0: "negative", 1: "positive"}
    words = {word: number for number, word in enumerate((assets / "vocab.txt").read_text().splitlines())}
    network.save_pretrained(tmp_path)
    transformers.BertTokenizerFast(vocab=words, do_lower_case=True).save_pretrained(tmp_path)
    done = RUN.invoke(app, ["explain", "--hf", str(tmp_path), "It never fails to delight."])
    assert done.exit_code == 0, done.output
    assert "positive: " in done.output
    assert "never · fails" in done.output


def test_the_app_is_opened_with_an_own_model(tmp_path: Path, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv(MODEL, "")
    monkeypatch.setenv(DATA, "")
    (tmp_path / "shop_for_test.py").write_text(
        "def model(rows):\n    return (rows['dose'] * rows['smoke']).to_numpy()\n"
    )
    started: list[list[str]] = []
    monkeypatch.setattr(serve, "replace_process", started.append)
    done = RUN.invoke(app, ["app", "--model", "shop_for_test:model", "--data", table])
    assert done.exit_code == 0, done.output
    assert started[0][1:4] == ["-m", "streamlit", "run"]
    assert os.environ[MODEL] == "shop_for_test:model"
    assert gl.load_model("function/shop_for_test:model").instance(0).names == ("dose", "smoke", "age")
    wrong = RUN.invoke(app, ["app", "--model", "shop_for_test:other", "--data", table])
    assert wrong.exit_code == 2
    assert "AttributeError" in wrong.output
