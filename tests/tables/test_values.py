"""How a value is read: by itself, and alike wherever it stands."""

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glider_core.tables.fields import encode, learn_fields
from glider_core.tables.values import MISSING, guess_kinds, numbers, positions, text, texts


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3.0, "3"), (3, "3"), (np.float32(3), "3"), (Decimal("3.0"), "3"), (-0.0, "0"), (2.5, "2.5"), (0.1, "0.1"),
        (0.123456789012, "0.123456789012"),
        (np.float32(0.1), "0.1"), (float(np.float32(0.1)), "0.1"), (1e-300, "1e-300"), (float("inf"), "inf"),
        (10**17 + 1, "100000000000000001"), (True, "True"), (np.True_, "True"), (" Rome ", "Rome"), ("3.0", "3.0"),
        (None, MISSING), (float("nan"), MISSING), (pd.NA, MISSING), (pd.NaT, MISSING), ("  ", MISSING),
        (pd.Timestamp("2020-01-02"), "2020-01-02"), (pd.Timestamp("2020-01-02 12:00"), "2020-01-02 12:00:00"),
    ],
)  # fmt: skip
def test_a_value_as_a_category(value: Any, expected: str) -> None:
    assert text(value) == expected
    assert texts(pd.Series([value], dtype=object)).tolist() == [expected]


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from([1, 1.0, "1"]),
)


@given(st.lists(CELLS, min_size=1, max_size=12))
def test_a_value_alone_is_read_as_in_its_column(cells: list[Any]) -> None:
    column = pd.Series(cells, dtype=object)
    alone = [pd.Series([cell], dtype=object) for cell in cells]
    assert texts(column).tolist() == [texts(one).item() for one in alone]
    assert np.array_equal(numbers(column), np.concatenate([numbers(one) for one in alone]), equal_nan=True)


@given(st.lists(st.one_of(st.none(), st.floats(width=32), st.integers(-1000, 1000)), min_size=1, max_size=12))
def test_a_number_is_read_alike_in_a_column_of_numbers_and_alone(cells: list[Any]) -> None:
    column = pd.Series(cells, dtype=np.float64)
    assert texts(column).tolist() == [text(cell) for cell in cells]


def test_positions_are_those_of_the_known_categories() -> None:
    known = pd.Index(["Rome", MISSING, "2"], dtype=object)
    assert positions(pd.Series([" Rome", None, 2.0, "Oslo"], dtype=object), known).tolist() == [0, 1, 2, -1]


def test_lists_and_other_objects_are_texts() -> None:
    column = pd.Series([[1], [1], {"a": 1}, None], dtype=object)
    assert texts(column).tolist() == ["[1]", "[1]", "{'a': 1}", MISSING]
    assert guess_kinds(pd.DataFrame({"x": [[1], [2]] * 20})) == {"x": "categorical"}


def test_a_value_called_other_is_a_value_of_its_own() -> None:
    table = pd.DataFrame({"a": ["(other)", "x", "(other)", "x", "rare"], "b": ["u", "u", "v", "v", "v"]})
    fields = learn_fields(table, {"a": "categorical", "b": "categorical"})
    ids = encode(table, fields).ids[:, 0]
    assert ids[0] == ids[2] > 0
    assert ids[4] == 0
    assert len(set(ids.tolist())) == 3


def test_dates_are_one_number_at_every_resolution() -> None:
    days = pd.Series(pd.to_datetime(["2020-01-01", "2020-01-02"]))
    assert numbers(days).tolist() == numbers(days.astype("datetime64[s]")).tolist() == [1577836800, 1577923200]
    alone = pd.Series([days[0], pd.NaT, datetime.date(2020, 1, 2), None, 5], dtype=object)
    assert np.array_equal(numbers(alone), [1577836800, np.nan, 1577923200, np.nan, 5], equal_nan=True)
