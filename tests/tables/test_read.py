"""Uploads: what is read, and what is refused."""

import io
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import glider_core as gl
from glider_core.cli import app
from glider_core.cli.rows import read_rows
from glider_core.tables.assumptions import Assumptions
from glider_core.tables.read import MAX_COLUMNS, read_table
from tests.tables.purchases import csv_of, purchases


def test_csv_tsv_and_parquet_are_read_alike() -> None:
    table = purchases()
    file = io.BytesIO()
    table.to_parquet(file)
    for content, name in (
        (csv_of(table), "a.csv"),
        (table.to_csv(index=False, sep="\t").encode(), "a.tsv"),
        (b"\xef\xbb\xbf" + table.to_csv(index=False, sep=";").encode(), "a.csv"),
        (file.getvalue(), "a.parquet"),
    ):
        read, _ = read_table(content, name)
        assert read.shape == table.shape
        assert read["city"].tolist() == table["city"].tolist()


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "a.csv", "cannot be read as a table"),
        (b"a,b,c\n1,2,3\n", "a.csv", "1 rows; at least 100"),
        (csv_of(pd.DataFrame(np.ones((100, MAX_COLUMNS + 300)))), "a.csv", "500 columns; at most 200"),
        (csv_of(purchases())[:-40] + b'"', "a.csv", "cannot be read as a table"),
        (b"PAR1 this is none", "a.parquet", "cannot be read as a table"),
        (csv_of(purchases()[["city", "bought"]]), "a.csv", "2 columns"),
        (b"a,b,c\n" + b"x\0y,2,3\n" * 200, "a.csv", "cannot be read as a table"),
    ],
)
def test_hostile_tables_are_refused(content: bytes, name: str, message: str) -> None:
    with pytest.raises(gl.InvalidInput, match=message):
        read_table(content, name)


def test_the_command_line_reads_rows_as_the_model_means_them_and_says_how(tmp_path: Path, capsys) -> None:
    model = cast(Any, gl.load_model("recommender/simulated"))
    path = tmp_path / "rows.csv"
    path.write_text(model.rows.head(20).to_csv(index=False, sep=";"), encoding="utf-16")
    read = read_rows(path, Assumptions(), model)
    said = capsys.readouterr().err
    assert "rows.csv: 20 rows; encoding UTF-16; columns divided by semicolon" in said
    assert set(read["hour"]) <= {f"{hour:02}" for hour in range(24)}  # an hour, not a number
    assert model.predict_rows(read) == pytest.approx(model.predict_rows(model.rows.head(20)))
    with pytest.raises(gl.InvalidInput, match="encoding 'klingon'"):
        read_rows(path, Assumptions(encoding="klingon"), model)


def test_the_command_line_takes_what_is_known_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"a;b;c\n1;2;3\n")
    done = CliRunner().invoke(app, ["detect-global", "recommender/simulated", "--rows", str(path), "--delimiter", ","])
    assert done.exit_code == 2
    assert "The table has 1 column; a target and at least two fields" in done.output


def test_what_was_assumed_is_checked() -> None:
    wrongs: list[dict[str, Any]] = [
        {"decimal": ";"},
        {"delimiter": ";;"},
        {"decimal": ",", "thousands": ","},
        {"skip": -1},
    ]
    for wrong in wrongs:
        with pytest.raises(gl.InvalidInput, match="Got"):
            Assumptions(**wrong)
