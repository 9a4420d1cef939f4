"""`glider reproduce`: what it writes and refuses; tiny sizes are in test_smoke, quick ones among the slow tests."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from glider_core.cli import app
from glider_core.experiments import EXPERIMENTS
from glider_core.experiments.base import VARIABLE
from glider_core.experiments.sources import SOURCES


def reproduce(*given: str) -> Any:
    return CliRunner().invoke(app, ["reproduce", *given])


def measured(out: Path, *given: str) -> dict[str, Any]:
    done = reproduce(*given, "--out", str(out))
    assert done.exit_code == 0, done.output
    return json.loads(out.read_text())


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(EXPERIMENTS))
def test_every_experiment_has_a_quick_size(data: Path, tmp_path: Path, name: str) -> None:
    measured(tmp_path / "out.json", name, "--quick", "--data", str(data))


def test_a_quick_run_is_printed_and_kept_only_on_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = reproduce("negations", "--quick", "--sentences", "1")
    assert json.loads(done.output)["sentences"][0]["pair"] == ["never", "fails"]
    assert list(tmp_path.iterdir()) == []


def test_table3_is_measured_on_a_small_simulated_log(tmp_path: Path) -> None:
    given = ["table3", "--rows", "700", "--explained", "2", "--k", "2", "--targets", "DeepFM", "--seeds", "2",
             "--threshold", "7", "--epochs", "2", "--keep", str(tmp_path)]  # fmt: skip
    result = measured(tmp_path / "out.json", *given)
    assert result["rows"]["train"] == 700
    assert result["threshold"] == 7
    assert {trial["epochs"] for trial in result["trials"]} <= {1, 2}
    assert result["table"].endswith(", T = 7, up to 2 passes")
    assert (tmp_path / "simulated_t7_e2-trials.jsonl").exists()
    assert len(result["crosses"]) <= 2
    assert {(gain["variant"], gain["seeds"]) for gain in result["gains"]} == {("crossed", 2), ("enlarged", 2)}
    assert 0 <= result["R-precision"] <= 1
    again = measured(tmp_path / "again.json", *given)  # from what was kept: trials have the seconds that they had
    assert {**again, "seconds": 0} == {**result, "seconds": 0}


@pytest.mark.parametrize(
    ("name", "file"), [("criteo", "criteo_sample_200.csv.gz"), ("criteo", "criteo_7k.tsv.gz"),
                       ("avazu", "avazu_8k.csv.gz")]
)  # fmt: skip
def test_table3_on_the_formats_of_the_papers_logs(data: Path, tmp_path: Path, name: str, file: str) -> None:
    out = tmp_path / "out.json"
    given = [
        *("table3", "--table", name, "--data", str(data / "ctr" / file)),
        *("--explained", "12", "--k", "3", "--rows", "1000"),
        *("--targets", "Wide&Deep", "--variants", "base,crossed", "--seeds", "1"),
    ]
    if file.startswith("criteo_sample"):  # it has a header: not Kaggle's format
        done = reproduce(*given, "--out", str(out))
        assert done.exit_code == 2
        assert "labels 0 and 1" in done.output
        assert not out.exists()
        return
    result = measured(out, *given)
    assert len(result["fields"]) >= 20
    assert result["paper"]["AutoInt"]
    assert len(result["trials"]) == 2


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["table9"], "choose "),
        (["table3", "--table", "movies"], "choose among simulated"),
        (["table3", "--table", "criteo"], "No folder of training data"),
        (["table3", "--table", "avazu", "--data", "none.csv"], "no file none.csv"),
        (["table3", "--targets", "FM"], "there is no 'FM'"),
        (["table3", "--variants", "huge"], "there is no 'huge'"),
        (["table3", "--seeds", "0"], "give 1 or more"),
        (["figure3", "--ks", "1,two"], "give numbers"),
        (["dna", "--data", "no/such/folder"], "No folder of training data"),
    ],
)
def test_wrong_requests_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[str], says: str) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    done = reproduce(*given, "--out", str(tmp_path / "out.json"))
    assert done.exit_code == 2, done.output
    assert says in done.output.replace("\n", " ")
    assert list(tmp_path.iterdir()) == []


def test_an_option_that_an_experiment_lacks_is_refused(tmp_path: Path) -> None:
    done = reproduce("negations", "--rows", "3", "--out", str(tmp_path / "out.json"))
    assert done.exit_code == 2
    assert "--rows" in done.output


def test_a_place_that_cannot_be_written_is_told_before_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("glider_core.experiments.negations.explain_many", lambda *_: pytest.fail("it ran"))
    for out in (tmp_path / "file" / "out.json", tmp_path):
        done = reproduce("negations", "--out", str(out))
        assert done.exit_code == 2, done.output
        assert "folder" in done.output


def test_every_source_says_how() -> None:
    assert set(SOURCES) == {"simulated", "movielens", "census", "criteo", "avazu"}
    assert SOURCES["criteo"].crosses == 40
    assert SOURCES["avazu"].crosses == 10
