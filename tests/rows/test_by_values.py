"""From a set to its values: means over the rows that have them, whatever the run."""

from dataclasses import replace

import pandas as pd
import pytest

import glider_core as gl
from glider_core.rows.by_values import combinations, grid

ROWS = pd.DataFrame(
    {"city": ["Rome", "Oslo", "Rome", "Rome", "Oslo"], "hour": ["01", "02", "01", "02", "02"], "age": [1, 2, 3, 4, 5]}
)
PAIR = gl.GlobalInteraction(
    features=(0, 1), names=("city", "hour"), count=4, share=0.8, mean_strength=1.0, mean_effect=0.25, p_value=0.1,
    p_adjusted=0.1, rows=(0, 1, 2, 4), effects=(1.0, -2.0, 3.0, -1.0),
)  # fmt: skip


def test_effects_are_averaged_over_the_rows_of_each_combination() -> None:
    first, second = combinations(PAIR, ROWS)
    assert (first.values, first.count, first.effect, first.low, first.high) == (("Rome", "01"), 2, 2.0, 1.0, 3.0)
    assert (second.values, second.count, second.effect) == (("Oslo", "02"), 2, -1.5)


def test_a_pair_becomes_a_grid_that_is_empty_where_the_set_was_not_found() -> None:
    cells = grid(combinations(PAIR, ROWS))
    assert cells.values == (("Oslo", "Rome"), ("01", "02"))
    assert cells.effects == ((None, -1.5), (2.0, None))
    assert cells.counts == ((0, 2), (2, 0))
    assert grid(combinations(PAIR, ROWS), most=1).effects == ((2.0,),)  # what carries most


def test_many_numbers_are_taken_in_ranges() -> None:
    rows = pd.DataFrame({"city": ["Rome"] * 40, "age": range(40)})
    found = replace(PAIR, names=("city", "age"), count=40, share=1.0, rows=tuple(range(40)), effects=(1.0,) * 40)
    assert {each.values[1] for each in combinations(found, rows)} == {"0 to 9", "10 to 19", "20 to 29", "30 to 39"}


def test_a_run_without_effects_or_of_other_rows_is_refused() -> None:
    with pytest.raises(gl.InvalidInput, match="saved without effects"):
        combinations(replace(PAIR, effects=()), ROWS)
    with pytest.raises(gl.InvalidInput, match="other rows than these 2"):
        combinations(PAIR, ROWS.head(2))
    with pytest.raises(gl.InvalidInput, match="other rows"):
        combinations(replace(PAIR, names=("city", "shoe")), ROWS)
