"""A cross as a number: what it holds, that it leaks nothing, and that every form of it gives the same columns."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, cast

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
import sqlalchemy as sa
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

import glider_core as gl
from glider_core.tables.additive import learn_additive
from glider_core.tables.buckets import learn
from glider_core.tables.cross_numbers import CrossNumbers
from glider_core.tables.cross_polars import cross_expressions, cross_module
from glider_core.tables.cross_sql import cross_sql
from tests.store.conftest import postgresql

ODD = ["it's", '"quoted"', "(missing)", '"(missing)"', " spaced ", "", None, "ö × b"]


def odd_table(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "town": pd.Series([ODD[i] for i in rng.integers(0, len(ODD), n)], dtype=object),
            "id": rng.integers(0, 60, n),
            "rate": np.where(rng.random(n) < 0.1, np.nan, np.round(rng.normal(size=n), 2)),
            "level": pd.Series(rng.choice([0.5, 1.0, 2.25, np.nan], n)),
            "new": rng.random(n) < 0.5,
        }
    )
    table["y"] = ((table["id"] % 2 == 0) ^ (table["rate"] > 0)).astype(int) ^ (rng.random(n) < 0.1)
    return table


@pytest.fixture(scope="module")
def fitted() -> CrossNumbers:
    sets = [("town", "id"), ("id", "rate"), ("town", "level", "new"), ("rate", "level")]
    table = odd_table(1500, 0)
    return CrossNumbers(sets, dense=["rate"]).fit(table, table["y"])


@pytest.fixture(scope="module")
def others() -> pd.DataFrame:
    """Rows that were not learned from, some with values that were never seen."""
    table = odd_table(700, 1)
    table.loc[::9, "town"] = "never seen"
    table.loc[::11, "id"] = 999
    table.loc[::13, "rate"] = 1e9
    return table


def test_every_form_of_the_numbers_gives_the_same_columns(fitted: CrossNumbers, others: pd.DataFrame) -> None:
    expected = fitted.transform(others)
    assert (expected != 0).to_numpy().mean() > 0.5
    stored = io.BytesIO()
    fitted.save(stored)
    pd.testing.assert_frame_equal(CrossNumbers.load(stored).transform(others), expected)

    rows = pl.from_pandas(others)
    assert rows.select(cross_expressions(fitted)).to_pandas().equals(expected)
    module: dict[str, Any] = {}
    exec(cross_module(fitted), module)
    assert rows.select(module["EXPRESSIONS"]).to_pandas().equals(expected)


@pytest.mark.parametrize("database", ["sqlite", "duckdb", "postgresql"])
def test_the_query_gives_the_same_columns_in_a_real_database(
    fitted: CrossNumbers, others: pd.DataFrame, database: str
) -> None:
    query, rows = cross_sql(fitted, 'odd "rows"'), others.assign(place=range(len(others)))
    if database == "duckdb":
        with duckdb.connect() as memory:
            memory.from_df(rows).to_table('"odd ""rows"""')
            found = memory.sql(query).df()
    else:
        engine = sa.create_engine("sqlite://" if database == "sqlite" else postgresql())
        with engine.connect() as connection:
            kind = {} if database == "sqlite" else {"prefixes": ["TEMPORARY"]}
            _create(connection, rows, 'odd "rows"', **kind)
            found = pd.DataFrame(connection.exec_driver_sql(query.replace("%", "%%")).mappings().all())
        engine.dispose()
    found = found.sort_values("place", ignore_index=True)
    assert len(found) == len(rows)
    pd.testing.assert_frame_equal(cast(pd.DataFrame, found[list(expected := fitted.transform(others))]), expected)


def _create(connection: sa.Connection, rows: pd.DataFrame, name: str, **options: Any) -> None:
    """A table of these rows, with the types that a pipeline's columns have."""
    kinds = {"i": sa.BigInteger, "f": sa.Double, "b": sa.Boolean, "O": sa.Text}
    columns = [sa.Column(str(column), kinds[rows[column].dtype.kind]()) for column in rows]
    table = sa.Table(name, sa.MetaData(), *columns, **options)
    table.create(connection)
    values: Any = rows.astype(object).where(rows.notna(), None)
    connection.execute(table.insert(), values.to_dict("records"))


def test_a_number_is_the_log_odds_beyond_the_parts() -> None:
    # Four combinations in equal numbers; b alone and a alone say nothing, together they say all but a tenth.
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"a": rng.choice(["x", "z"], 4000), "b": rng.choice(["u", "v"], 4000)})
    y = ((table["a"] == "x") == (table["b"] == "u")) ^ (rng.random(4000) < 0.1)
    numbers = CrossNumbers([("a", "b")]).fit(table, y)
    new = pd.DataFrame({"a": ["x", "x", "q"], "b": ["u", "v", "u"]})
    same, different, unseen = numbers.transform(new)["a × b"]
    assert same == pytest.approx(np.log(9), abs=0.25)
    assert different == pytest.approx(-np.log(9), abs=0.25)
    assert unseen == 0


def test_numbers_of_training_rows_tell_nothing_of_their_own_answers() -> None:
    # Answers by chance, and hardly a combination that comes twice: whatever orders them has read them.
    rng = np.random.default_rng(0)
    n = 4000
    table = pd.DataFrame({"a": rng.integers(0, 40, n), "b": rng.integers(0, 40, n)})
    y = (rng.random(n) < 0.5).astype(int)
    numbers = CrossNumbers([("a", "b")], dense=[], least=1)
    out = numbers.fit_transform(table, y)["a × b"]
    assert float(np.std(out)) > 0.01
    assert roc_auc_score(y, out) == pytest.approx(0.5, abs=0.03)  # 3.3 deviations
    assert roc_auc_score(y, numbers.transform(table)["a × b"]) > 0.65  # what reading one's own answer would give


def test_what_a_row_is_told_does_not_change_with_its_own_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glider_core.tables.cross_tables.SHRINKAGE", (20.0,))  # which all answers choose together
    table = odd_table(300, 2)
    y = table.pop("y").to_numpy()
    fields = learn(lambda: iter([table]), ["town", "id"], 20, [])[1]
    fold = learn_additive(fields, table, y.astype(np.float32)).folds
    before = CrossNumbers([("town", "id")], dense=[]).fit_transform(table, y)["town × id"]
    for changed in range(4):
        own = fold == changed
        after = CrossNumbers([("town", "id")], dense=[]).fit_transform(table, np.where(own, 1 - y, y))["town × id"]
        assert np.array_equal(before[own], after[own])  # neither it nor the model it is told beyond has read them
        assert not np.array_equal(before[~own], after[~own])


def test_rare_and_new_combinations_fall_back_on_coarser_ones() -> None:
    rng = np.random.default_rng(0)
    n = 6000
    table = pd.DataFrame({"x": rng.random(n), "y": rng.random(n)})
    answers = ((table["x"] > 0.5) == (table["y"] > 0.5)) ^ (rng.random(n) < 0.1)
    numbers = CrossNumbers([("x", "y")], buckets=2000).fit(table, answers)  # hardly a combination comes twice
    assert len(numbers.tables_[0].numbers) < 100
    new = pd.DataFrame({"x": [0.05, 0.05], "y": [0.05, 0.95]})
    same, different = numbers.transform(new)["x × y"]
    assert same > 1.0 > -1.0 > different


def test_it_is_a_transformer_of_scikit_learn(fitted: CrossNumbers, others: pd.DataFrame, tmp_path: Path) -> None:
    copy: Any = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    with pytest.raises(gl.InvalidInput, match="no column 'town'"):
        fitted.transform(others.drop(columns="town"))
    with pytest.raises(gl.InvalidInput, match="answer of 0 or 1"):
        CrossNumbers([("town", "id")]).fit(others, others["id"])
    with pytest.raises(gl.InvalidInput, match="two or more"):
        CrossNumbers([("town",)]).fit(others, others["y"])
    (tmp_path / "crosses.zip").write_bytes(b"PK")
    with pytest.raises(gl.InvalidInput, match="no saved numbers"):
        CrossNumbers.load(tmp_path / "crosses.zip")


def test_what_only_python_reads_is_not_exported() -> None:
    table = pd.DataFrame({"a": [1, "x", 2.5] * 40, "b": ["u", "v"] * 60})
    numbers = CrossNumbers([("a", "b")]).fit(table, [0, 1, 1, 0, 1, 0] * 20)
    for export in (cross_sql, cross_module, cross_expressions):
        with pytest.raises(gl.InvalidInput, match="several types"):
            export(numbers)
