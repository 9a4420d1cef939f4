import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import glider_core as gl
from glider_core.cli import app

ROOT = Path(__file__).parents[2]


def test_every_shipped_model_is_available() -> None:
    models = {model.id: model for model in gl.list_models()}
    assert {"dna/cnn", "sentiment/lstm"} <= models.keys()
    assert all(model.available for model in models.values() if model.tier == "shipped")


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(gl.ModelUnavailable, match="dna/cnn"):
        gl.load_model("dna/transformer")


def test_shipped_weights_are_small() -> None:
    for folder, limit in (("dna/cnn", 12e6), ("sentiment/lstm", 12e6)):
        assert sum(path.stat().st_size for path in (ROOT / "assets" / folder).iterdir()) < limit


def test_the_core_is_headless() -> None:
    for path in (ROOT / "glider_core").rglob("*.py"):
        assert "import streamlit" not in path.read_text()
        assert "import plotly" not in path.read_text()


def test_explain_from_the_command_line() -> None:
    result = CliRunner().invoke(app, ["explain", "sentiment/lstm", "It never fails.", "--detector", "GradientNID"])
    assert result.exit_code == 0
    assert "never · fails" in result.output
    result = CliRunner().invoke(app, ["explain", "sentiment/lstm", "It never fails.", "--json"])
    assert json.loads(result.output)["names"] == ["It", "never", "fails", "."]


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain", "sentiment/none", "text"],
        ["explain", "dna/cnn", "ACGT"],
        ["explain", "dna/cnn", "ACGT", "--detector", "magic"],
        ["train", "dna/none"],
        ["train", "dna/cnn", "--data", "no/such/folder"],
        ["experiment", "magic"],
    ],
)
def test_the_command_line_explains_its_errors(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_models_are_listed() -> None:
    assert "sentiment/lstm" in CliRunner().invoke(app, ["models"]).output


def test_global_detection_from_the_command_line(tmp_path: Path) -> None:
    arguments = ["detect-global", "recommender/simulated", "--limit", "6", "--out", str(tmp_path / "run.json")]
    result = CliRunner().invoke(app, [*arguments, "--resume", str(tmp_path / "run.jsonl")])
    assert result.exit_code == 0
    assert "of 6" in result.output
    run = gl.GlobalInteractions.from_json((tmp_path / "run.json").read_text())
    assert run.n_rows == 6
    refused = CliRunner().invoke(app, ["detect-global", "dna/cnn"])
    assert refused.exit_code == 2
    assert "recommender" in refused.output
