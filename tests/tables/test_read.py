"""Uploads: what is read, and what is refused."""

import io

import numpy as np
import pandas as pd
import pytest

import glider_core as gl
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
