"""Parts of a table by the values of one column."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from glider_core.rows.slices import row_slices


def test_slices_are_values_or_ranges() -> None:
    rows = row_slices(pd.Series(["b", "a", "b", None, "c"]))
    assert list(rows) == ["b", "a", "c", "(missing)"]
    assert rows["b"].tolist() == [True, False, True, False, False]
    assert rows["(missing)"].tolist() == [False, False, False, True, False]
    assert list(row_slices(pd.Series(range(500)).astype(str), most=3)) == ["0", "1", "10"]
    ages = row_slices(pd.Series(range(20, 60)))
    assert list(ages) == ["20 to 29", "30 to 39", "40 to 49", "50 to 59"]
    assert list(row_slices(pd.Series([1.0, 2.5, 1.0]))) == ["1", "2.5"]
    assert list(row_slices(pd.Series([True, False, True]))) == ["True", "False"]


@given(st.lists(st.sampled_from([0.0, 0.5, float("nan"), *range(1, 60)]), min_size=1, max_size=80))
def test_slices_part_the_rows(numbers) -> None:
    slices = row_slices(pd.Series(numbers, dtype=float))
    assert (np.sum(list(slices.values()), axis=0) == 1).all()  # each row is in one
    assert all(rows.any() for rows in slices.values())


def test_a_number_with_many_rows_is_a_slice_of_its_own() -> None:
    gains = row_slices(pd.Series([0] * 90 + list(range(100, 140))))
    assert list(gains) == ["0", "100 to 109", "110 to 119", "120 to 129", "130 to 139"]
    assert gains["0"].sum() == 90
    hours = row_slices(pd.Series([40] * 30 + list(range(30, 50))))
    assert list(hours) == ["40", "30 to 34", "35 to 39", "41 to 44", "45 to 49"]
    assert list(row_slices(pd.Series([40] * 30 + list(range(30, 50))), parts=2)) == ["40", "30 to 39", "41 to 49"]
    assert list(row_slices(pd.Series([31] * 30 + list(range(30, 50))), parts=2))[1] == "30 to 40, not 31"
