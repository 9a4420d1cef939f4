"""The command line: what it prints, writes and refuses."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape
from typer.testing import CliRunner

import glider_core as gl
from glider_core.cli import app, serve
from glider_core.domains import DOMAINS

SEQUENCE = "CGTTAATTACTCCTCCACGTGTTGTCCTACACTACC"
FEW = ["--masks", "600"]


def run(*given: str, stdin: bytes | None = None) -> Any:
    return CliRunner().invoke(app, list(given), input=stdin)


def refused(*given: str, stdin: bytes | None = None) -> str:
    """The sentence with which a call is refused."""
    done = run(*given, stdin=stdin)
    assert done.exit_code == 2, done.output
    assert done.stderr.strip()
    assert "Traceback" not in done.output
    return done.stderr.replace("\n", " ")


def test_an_explanation_is_told_in_the_domains_words() -> None:
    done = run("explain", "sentiment/lstm", "It never fails.")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Positive ")
    assert lines[1].startswith("The model reads never and fails together: jointly they give ")
    assert lines[2] == "never · fails"
    assert " logits, " in lines[3]
    assert lines[3].endswith("% of what varies")
    told = run("explain", "dna/cnn", SEQUENCE, *FEW).stdout
    assert told.startswith("Log intensity ")
    assert " log intensity, " in told
    assert "logits" not in told  # its answers are none


def test_json_on_standard_output_is_the_explanation() -> None:
    explanation = gl.Explanation.from_json(run("explain", "sentiment/lstm", "It never fails.", "--json").stdout)
    assert explanation.names == ("It", "never", "fails", ".")
    assert explanation.settings == gl.Settings(**DOMAINS["sentiment"].settings)  # a first run as on the page


def test_options_reach_the_case() -> None:
    explanation = gl.Explanation.from_json(
        run("explain", "sentiment/lstm", "It never fails.", "--json", "--detector", "NID", "--masks", "700", "--seed",
            "3", "--off-state", "delete").stdout
    )  # fmt: skip
    settings = explanation.settings
    assert (settings.detector, settings.n_masks, settings.seed) == ("NID", 700, 3)
    assert explanation.case.options["off_state"] == "delete"


@pytest.mark.parametrize(
    "domain", [name for name in DOMAINS if any(DOMAINS[name].examples(model) for model in DOMAINS[name].models)]
)
def test_a_first_example_of_every_domain_is_explained_as_typed(domain: str, tmp_path: Path) -> None:
    model = next(m for m, e in DOMAINS[domain].models.items() if e.tier == "shipped" and DOMAINS[domain].examples(m))
    example = next(iter(DOMAINS[domain].examples(model).values()))
    picture = tmp_path / "picture.html"
    done = run("explain", model, str(example), *FEW, "--json", "--draw", str(picture))
    assert done.exit_code == 0, done.output
    explanation = gl.Explanation.from_json(done.stdout)
    assert explanation.model_id == model
    assert escape(DOMAINS[domain].heading(explanation)) in picture.read_text(encoding="utf-8")


def test_a_picture_and_a_result_are_written_whole(tmp_path: Path) -> None:
    out, picture = tmp_path / "new" / "out.json", tmp_path / "new" / "picture.html"
    text = "It <b>never</b> fails & shines."
    done = run("explain", "sentiment/lstm", text, *FEW, "--out", str(out), "--draw", str(picture))
    assert done.exit_code == 0, done.output
    assert "fails" in gl.Explanation.from_json(out.read_text(encoding="utf-8")).names
    page = picture.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "<svg" in page
    assert "<b>never" not in page
    assert sorted(path.name for path in out.parent.iterdir()) == ["out.json", "picture.html"]  # nothing beside


def test_a_sentence_can_come_through_standard_input() -> None:
    done = run("explain", "sentiment/lstm", "-", *FEW, stdin="It never fails, café.".encode())
    assert done.exit_code == 0, done.output
    assert "is not UTF-8 (byte 4 is 0xe9)" in refused("explain", "sentiment/lstm", "-", stdin="Café".encode("latin-1"))


def test_an_argument_that_is_no_utf8_is_told() -> None:
    command = [sys.executable, "-m", "glider_core", "explain", "sentiment/lstm", b"caf\xe9"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 2
    assert b"is not UTF-8" in done.stderr


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["explain", "sentiment/none", "text"], "sentiment/lstm"),
        (["explain", "weather/model", "text"], "sentiment/lstm"),
        (["explain", "dna/cnn", "ACGT"], "4 letters"),
        (["explain", "dna/cnn", "ACGT", "--detector", "magic"], "choose one of"),
        (["explain", "sentiment/lstm", "It never fails.", "--masks", "3"], "n_train"),
        (["explain", "sentiment/lstm", "It never fails.", "--off-state", "mask"], "choose one of zero, delete"),
        (["explain", "dna/cnn", SEQUENCE, "--off-state", "zero"], "one off state only"),
        (["explain", "image/small50", "no/such/photo.jpg"], "cannot be read"),
        (["explain", "recommender/simulated", "99999999"], "row"),
        (["detect-global", "image/small50"], "recommender"),
        (["detect-global", "recommender/simulated", "--rows", "no/such/table.csv"], "cannot be read"),
        (["train", "dna/none"], "no recipe"),
        (["train", "function/umbrella"], "no recipe"),
        (["train", "dna/cnn", "--data", "no/such/folder"], "--data"),
    ],
)
def test_what_cannot_be_done_is_told_with_exit_code_2(given: list[str], says: str) -> None:
    assert says in refused(*given)


@pytest.mark.parametrize(
    "given",
    [
        ["explain", "sentiment/lstm", "It never fails.", "--out"],
        ["explain", "sentiment/lstm", "It never fails.", "--draw"],
        ["detect-global", "recommender/simulated", "--limit", "1", "--out"],
        ["detect-global", "recommender/simulated", "--limit", "1", "--resume"],
        ["results", "--out"],
    ],
)
def test_a_place_that_cannot_be_written_is_told(given: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    assert "cannot be" in refused(*given, str(tmp_path / "file" / "out.json"))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "kept"


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "results.md"
    out.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "No space left" in refused("results", "--out", str(out))
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_models_are_listed() -> None:
    told = run("models").stdout
    assert all(model.id in told for model in gl.list_models())


def test_the_version_is_told() -> None:
    assert run("--version").stdout.strip() == gl.__version__


def test_global_detection_from_the_command_line(tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    given = ["detect-global", "recommender/simulated", "--limit", "6", "--out", str(out)]
    done = run(*given, "--resume", str(tmp_path / "run.jsonl"))
    assert done.exit_code == 0, done.output
    assert "of 6" in done.output
    assert gl.GlobalInteractions.from_json(out.read_text(encoding="utf-8")).n_rows == 6


def test_the_app_is_started_on_its_port(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(serve, "replace_process", calls.append)
    assert run("app", "--port", "8600").exit_code == 0
    assert calls[0][2:4] == ["streamlit", "run"]
    assert Path(calls[0][4]).name == "app.py"
    assert calls[0][-2:] == ["--server.port", "8600"]


def test_the_app_names_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    found = serve.importlib.util.find_spec
    monkeypatch.setattr(serve.importlib.util, "find_spec", lambda name: None if name == "streamlit" else found(name))
    assert 'pip install "glider[app]"' in refused("app")


def test_results_are_told_in_markdown() -> None:
    told = run("results").stdout
    assert told.startswith("# What Glider finds")
    assert "| DeepFM |" in told
