"""Feature crosses: which ids are kept, for which rows, from which kinds of table."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import glider_core as gl
from glider_core.tables import parts as module
from glider_core.tables.crosses import FeatureCrosses, cardinality
from glider_core.tables.values import MISSING


def table(n: int = 3000, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "city": rng.choice(np.array(["Oslo", "Rome", "Bern", None], dtype=object), n, p=[0.5, 0.3, 0.15, 0.05]),
            "hour": rng.integers(0, 24, n),
            "price": np.where(rng.random(n) < 0.1, np.nan, rng.lognormal(size=n)),
            "flag": rng.random(n) < 0.3,
        }
    )


def test_ids_are_combinations_that_are_frequent_enough() -> None:
    rows = pd.DataFrame({"a": list("xxxxyyyz"), "b": list("11121112")})
    crosses = FeatureCrosses([("a", "b")], threshold=2).fit(rows)
    found = crosses.transform(rows)["a × b"].tolist()
    assert found[:3] == [found[0]] * 3  # x1 three times
    assert found[4:7] == [found[4]] * 3  # y1 three times
    assert {found[0], found[4]} == {1, 2}
    assert found[3] == found[7] == 0  # x2 and z2 once each
    assert crosses.sizes == (3,)
    report = crosses.report_[0]
    assert (report.combinations, report.kept, report.coverage) == (4, 2, 0.75)


def test_unseen_values_and_combinations_get_the_default_id() -> None:
    crosses = FeatureCrosses([("a", "b")], threshold=0).fit(pd.DataFrame({"a": ["x", "y"], "b": ["1", "2"]}))
    assert crosses.transform(pd.DataFrame({"a": ["x", "q", "y"], "b": ["2", "1", "2"]})).iloc[:, 0].tolist()[:2] == [
        0,
        0,
    ]


def test_dense_fields_are_read_in_quantile_buckets() -> None:
    rows = table()
    crosses = FeatureCrosses([("price", "flag")], buckets=4, threshold=0).fit(rows)
    ids = crosses.transform(rows).iloc[:, 0]
    assert crosses.report_[0].combinations == 2 * (4 + 1)  # four quarters and the missing ones
    shares = ids[rows["flag"] & rows["price"].notna()].value_counts(normalize=True)
    assert shares.max() < 0.31
    assert shares.min() > 0.19
    beyond = crosses.transform(pd.DataFrame({"price": [1e9, -1e9], "flag": [True, True]}))
    assert (beyond > 0).all(axis=None)  # the outer buckets are open


@pytest.mark.parametrize("form", ["pandas", "polars", "lazy", "arrow", "parquet", "parts"])
def test_every_kind_of_table_gives_the_same(form, tmp_path: Path, monkeypatch) -> None:
    rows, sets = table(), [("city", "hour"), ("city", "price", "flag")]
    expected = FeatureCrosses(sets).fit(rows).transform(rows)
    given: Any = rows
    if form in ("polars", "lazy"):
        polars = pytest.importorskip("polars")
        given = polars.from_pandas(rows)
        given = given.lazy() if form == "lazy" else given
        monkeypatch.setattr(module, "BATCH", 700)
    elif form == "arrow":
        given = pa.Table.from_pandas(rows)
    elif form == "parquet":
        monkeypatch.setattr(module, "BATCH", 700)
        given = tmp_path / "rows.parquet"
        rows.to_parquet(given)
    elif form == "parts":
        given = lambda: (rows.iloc[start : start + 500] for start in range(0, len(rows), 500))  # noqa: E731
    found = FeatureCrosses(sets).fit(given).transform(given)
    assert found.equals(expected)


def test_files_are_transformed_part_by_part(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(module, "BATCH", 700)
    rows = table()
    rows.to_parquet(tmp_path / "in.parquet")
    crosses = FeatureCrosses([("city", "hour")]).fit(tmp_path / "in.parquet")
    assert crosses.transform_file(tmp_path / "in.parquet", tmp_path / "out.parquet") == len(rows)
    out = pd.read_parquet(tmp_path / "out.parquet")
    assert out["city × hour"].equals(crosses.transform(rows)["city × hour"])
    assert list(out.columns) == [*rows.columns, "city × hour"]


def test_what_was_learned_survives_a_file(tmp_path: Path) -> None:
    rows = table()
    crosses = FeatureCrosses([("city", "hour"), ("price", "flag")], buckets=10).fit(rows)
    crosses.save(tmp_path / "crosses.zip")
    again = FeatureCrosses.load(tmp_path / "crosses.zip")
    other = table(seed=1)
    assert again.transform(other).equals(crosses.transform(other))
    assert again.report_ == crosses.report_
    assert again.sizes == crosses.sizes
    (tmp_path / "else.zip").write_bytes(b"something else")
    with pytest.raises(gl.InvalidInput, match="no saved crosses"):
        FeatureCrosses.load(tmp_path / "else.zip")


def test_it_is_a_transformer_of_scikit_learn() -> None:
    crosses = FeatureCrosses([("city", "hour")], buckets=7)
    copy: Any = clone(crosses)
    assert copy.get_params() == crosses.get_params()
    with pytest.raises(NotFittedError):
        crosses.transform(table())
    rows = table().set_index(np.arange(3000) + 10)
    found = crosses.fit_transform(rows)
    assert found.index.equals(rows.index)
    assert list(crosses.get_feature_names_out()) == ["city × hour"]


@pytest.mark.parametrize(
    ("sets", "more", "says"),
    [
        ([("city",)], {}, "two or more"),
        (["city"], {}, "two or more"),
        ([("city", "city")], {}, "two or more"),
        ([], {}, "no set"),
        ([("city", "town")], {}, "no column 'town'"),
        ([("city", "hour")], {"buckets": 0}, "buckets"),
        ([("city", "hour")], {"threshold": -1}, "threshold"),
    ],
)
def test_bad_crosses_are_told(sets, more, says) -> None:
    with pytest.raises(gl.InvalidInput, match=says):
        FeatureCrosses(sets, **more).fit(table())


def test_bad_tables_are_told(tmp_path: Path) -> None:
    with pytest.raises(gl.InvalidInput, match="no rows"):
        FeatureCrosses([("city", "hour")]).fit(table().head(0))
    with pytest.raises(gl.InvalidInput, match="list"):
        FeatureCrosses([("city", "hour")]).fit([1, 2])
    (tmp_path / "x.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(gl.InvalidInput, match="cannot be read"):
        FeatureCrosses([("city", "hour")]).fit(tmp_path / "x.parquet")
    with pytest.raises(gl.InvalidInput, match="no Parquet"):
        FeatureCrosses([("city", "hour")]).fit("rows.csv")


def test_cardinality_grows_with_buckets() -> None:
    found = cardinality(table(), [("price", "city")], [10, 100, 1000], threshold=0)
    assert found["buckets"].tolist() == [10, 100, 1000]
    assert found["ids"].is_monotonic_increasing
    assert cardinality(table(), [("price", "city")], [1000], threshold=5)["ids"].item() < found["ids"].iloc[-1]


def test_a_pipeline_of_scikit_learn_learns_what_only_the_cross_tells() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"a": rng.choice(list("xy"), 400), "b": rng.choice(list("uv"), 400)})
    answers = (rows["a"] == "x") == (rows["b"] == "u")
    pipeline = make_pipeline(FeatureCrosses([("a", "b")]), OneHotEncoder(), LogisticRegression())
    assert pipeline.fit(rows, answers).score(rows, answers) == 1.0


def test_a_set_that_comes_twice_is_crossed_once() -> None:
    crosses = FeatureCrosses([("city", "hour"), ("hour", "city"), ("city", "hour"), ("flag", "hour")]).fit(table())
    assert list(crosses.transform(table()).columns) == list(crosses.get_feature_names_out())
    assert crosses.sets_ == [("city", "hour"), ("flag", "hour")]
    assert len(crosses.sizes) == 2
    named = pd.DataFrame({"a": [1], "a × b": [1], "b": [1], "b × c": [1], "c": [1]})
    with pytest.raises(gl.InvalidInput, match="Two crosses would be called 'a × b × c'"):
        FeatureCrosses([("a × b", "c"), ("a", "b × c")]).fit(named)


BY_NUMBER: Any = [(0, 1)]
NOT_THERE: Any = [(0, 2)]


def test_columns_may_be_named_by_numbers() -> None:
    rows = pd.DataFrame({0: list("xxyy"), 1: list("uvuv")})
    crosses = FeatureCrosses(BY_NUMBER, threshold=0).fit(rows)
    crossed: Any = crosses.transform(rows)["0 × 1"]
    assert crossed.nunique() == 4
    with pytest.raises(gl.InvalidInput, match="no column '2'"):
        FeatureCrosses(NOT_THERE).fit(rows)
    with pytest.raises(gl.InvalidInput, match="Two columns are called '0'"):
        FeatureCrosses(BY_NUMBER).fit(pd.DataFrame([[1, 2, 3]], columns=[0, "0", 1]))


def test_values_are_read_as_the_fields_read_them() -> None:
    rows = pd.DataFrame({"city": ["Rome", " Rome", "Rome ", "Oslo", None, " "], "n": [1, 1.0, True, 2, None, np.nan]})
    rows["n"] = pd.Series([1, 1.0, 1, 2, None, np.nan], dtype=object)
    crosses = FeatureCrosses([("city", "n")], threshold=0).fit(rows)
    ids = crosses.transform(rows).iloc[:, 0].tolist()
    assert len(set(ids[:3])) == 1
    assert ids[4] == ids[5]
    assert crosses.report_[0].combinations == 3


def test_kinds_are_guessed_from_all_rows(monkeypatch) -> None:
    monkeypatch.setattr(module, "BATCH", 100)
    rows = pd.DataFrame({"n": [0] * 100 + list(range(100)), "a": ["x", "y"] * 100})
    crosses = FeatureCrosses([("n", "a")], buckets=4).fit(rows)
    assert crosses.fields_["n"].edges is not None


def test_long_ids_stay_what_they_are_beside_missing_ones(tmp_path: Path) -> None:
    rows = pd.DataFrame({"id": pd.array([2**60, 2**60 + 1, None], dtype="Int64"), "a": ["x"] * 3})
    rows.to_parquet(tmp_path / "rows.parquet")
    crosses = FeatureCrosses([("id", "a")], threshold=0).fit(tmp_path / "rows.parquet")
    assert crosses.transform(rows).iloc[:, 0].nunique() == 3


def test_a_file_that_fails_half_way_leaves_the_target_as_it_was(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(module, "BATCH", 700)
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    table().to_parquet(source)
    crosses = FeatureCrosses([("city", "hour")]).fit(source)
    target.write_bytes(b"of before")
    calls, transform = [], FeatureCrosses._transform

    def fail(self, part):
        calls.append(part)
        if len(calls) == 3:
            raise MemoryError
        return transform(self, part)

    monkeypatch.setattr(FeatureCrosses, "_transform", fail)
    with pytest.raises(MemoryError):
        crosses.transform_file(source, target)
    assert target.read_bytes() == b"of before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.parquet", "out.parquet"]
    monkeypatch.undo()
    with pytest.raises(gl.InvalidInput, match="cannot be written"):
        crosses.transform_file(source, tmp_path / "nowhere" / "out.parquet")
    crosses.transform_file(source, source)  # in place
    with pytest.raises(gl.InvalidInput, match="already"):
        crosses.transform_file(source, target)


def test_crosses_saved_by_version_0_3_still_read_missing_values(tmp_path: Path) -> None:
    crosses = FeatureCrosses([("city", "hour")], threshold=0).fit(table())
    city: Any = crosses.fields_["city"]
    city.values = city.values.map(lambda value: "" if value == MISSING else value)
    crosses.save(tmp_path / "old.zip")
    again = FeatureCrosses.load(tmp_path / "old.zip")
    assert (again.transform(table()).iloc[:, 0] > 0).all()


def test_long_texts_of_a_file_are_decoded_a_few_rows_at_once(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(module, "DECODED", 2000)
    rows = pd.DataFrame({"a": ["x" * 90, "y" * 90, None, ""] * 50, "b": ["u", "v"] * 100})
    rows.to_parquet(tmp_path / "rows.parquet")
    blocks = list(module.file_blocks(tmp_path / "rows.parquet"))
    assert max(block.nbytes for block in blocks) < 4000
    assert pa.concat_tables(blocks).to_pandas()["a"].tolist()[:2] == ["x" * 90, "y" * 90]
    assert sum(map(len, blocks)) == 200
    crosses = FeatureCrosses([("a", "b")], threshold=0)
    assert (
        crosses.fit(tmp_path / "rows.parquet")
        .transform(rows)
        .equals(FeatureCrosses([("a", "b")], threshold=0).fit(rows).transform(rows))
    )
