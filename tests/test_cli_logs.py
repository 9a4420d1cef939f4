"""`glider crosses-log`: from a log in Kaggle's format to crosses that are kept, or not, without a table in memory."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from glider_core.cli import app

COLUMNS = ["label", *(f"I{n}" for n in range(1, 14)), *(f"C{n}" for n in range(1, 27))]


def write_log(path: Path, n: int = 3000) -> Path:
    """Whether C1 and C2 fit decides most; C3 and C4 decide nothing."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({f"I{number}": rng.integers(0, 9, n) for number in range(1, 14)})
    for number in range(1, 27):
        table[f"C{number}"] = pd.Series(rng.integers(0, 12, n)).map(lambda value, number=number: f"{number}x{value}")
    fits = np.random.default_rng(9).random((12, 12)) < 0.5
    codes = [table[name].str.split("x").str[1].astype(int) for name in ("C1", "C2")]
    table["label"] = (fits[codes[0], codes[1]] ^ (rng.random(n) < 0.1)).astype(int)
    table[COLUMNS].to_csv(path, sep="\t", header=False, index=False)
    return path


def run(*words: object) -> tuple[int, str]:
    found = CliRunner().invoke(app, ["crosses-log", *map(str, words)])
    return found.exit_code, found.output


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_log(tmp_path_factory.mktemp("log") / "train.txt")


@pytest.mark.slow  # two trainings that learn
def test_crosses_of_a_log_are_kept_where_they_help(log: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, told = run(
        log, "--sets", "C1,C2", "--threshold", 5, "--epochs", 2, "--batch", 64, "--processes", 1, "--out", out
    )
    assert code == 0, told
    assert "with crosses" in told.split("*")[0].splitlines()[-1]  # the star stands behind what is kept
    assert "1 cross (C1 × C2) saves +" in told
    report = json.loads((out / "report.json").read_text())
    base, crossed = report["models"]
    assert report["kept"] == crossed["name"] == "with crosses"
    assert crossed["test"]["auc"] > base["test"]["auc"] + 0.05
    assert crossed["test"]["rows"] == pytest.approx(300, abs=50)
    assert sorted(path.name for path in (out / "encoded").iterdir())[0] == "test.answers"
    code, told = run(log, "--sets", "C1,C2", "--out", out)
    assert (code, told) == (2, "The folder encoded is not empty; name a new one for the encoded log.\n")


def test_crosses_that_say_nothing_are_not_kept(log: Path, tmp_path: Path) -> None:
    code, told = run(log, "--sets", "C3,C4", "--batch", 256, "--processes", 1, "--out", tmp_path / "out")
    assert code == 0, told
    assert "The model without crosses is kept." in told
    assert json.loads((tmp_path / "out" / "report.json").read_text())["kept"] == "without crosses"


def test_avazu_is_read_by_its_header(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    shops, days = rng.integers(0, 6, 1000), rng.integers(0, 6, 1000)
    rows = [f"{n},{(s + d) % 2},141021{n % 24:02},s{s},d{d}" for n, (s, d) in enumerate(zip(shops, days, strict=True))]
    path = tmp_path / "train.csv"
    path.write_text("id,click,hour,site_id,C14\n" + "\n".join(rows))
    words = (path, "--kind", "avazu", "--threshold", 2, "--batch", 64, "--processes", 1)
    code, told = run(*words, "--sets", "site_id,C14", "--out", tmp_path / "out")
    assert code == 0, told
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["crosses"] == [["site_id", "C14"]]
    assert report["sizes"] == [37]
    for given, says in (
        (("--out", tmp_path / "none"), "Name crosses with --sets"),
        (("--sets", "site_id,shop", "--out", tmp_path / "none"), "There is no field 'shop'"),
        (("--sets", "site_id,C14", "--model", "FM", "--out", tmp_path / "none"), "There is no recommender 'FM'"),
        (("--sets", "site_id,C14", "--kind", "kdd", "--out", tmp_path / "none2"), "There is no kind of log 'kdd'"),
    ):
        code, told = run(*words, *given)
        assert code == 2
        assert says in told
