"""The off state "nearby": values near the row's own."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import glider_core as gl
from tests.adapters.planted import table

X, _ = table()
NUMBERS = np.random.default_rng(1).uniform(-1, 1, (300, 5))
OFF = np.zeros((1, 5), dtype=bool)


def product(rows: Any) -> Any:
    return 10 * rows[:, 0] * rows[:, 1] + rows[:, 2]


def near(**options: Any) -> Any:
    return gl.tabular(product, NUMBERS, off_state="nearby", identity="product", **options)


def test_draws_lie_on_one_side_and_within_one_deviation_and_the_range() -> None:
    deviation, low, high = NUMBERS.std(axis=0), NUMBERS.min(axis=0), NUMBERS.max(axis=0)
    model = near(sigma=0.5, rows=40)
    for row in range(8):
        drawn = model.instance(row).rows(OFF).to_numpy()
        moved = (drawn - NUMBERS[row]) / (0.5 * deviation)
        assert (np.abs(moved) <= 1 + 1e-9).all()
        for column in range(5):
            assert len(set(np.sign(moved[:, column])) - {0.0}) == 1, "one side"
        assert (drawn >= low).all()
        assert (drawn <= high).all()
        assert np.abs(moved).mean() == pytest.approx(0.46, abs=0.06)  # of half a normal cut at one deviation


def test_the_same_case_is_the_same_and_options_count_as_its_identity() -> None:
    first, again = near().instance(3), near().instance(3)
    assert first.rows(OFF).equals(again.rows(OFF))
    assert gl.explain(first).interactions == gl.explain(again).interactions
    assert first.case(gl.Settings()).fingerprint == again.case(gl.Settings()).fingerprint
    others = [near(sigma=0.5), near(rows=3), near(seed=1), gl.tabular(product, NUMBERS, identity="product")]
    prints = {model.instance(3).case(gl.Settings()).fingerprint for model in [near(), *others]}
    assert len(prints) == 5
    assert not first.rows(OFF).equals(near(seed=1).instance(3).rows(OFF))
    assert near().instance(3, off_state="typical").case(gl.Settings()).fingerprint not in prints


def test_a_product_keeps_its_sign_over_other_draws() -> None:
    instance = near(sigma=1.0).instance(5)
    explanation = gl.explain(instance)
    (pair,) = explanation.interactions
    assert pair.features == (0, 1)
    drawn = instance.rows(OFF).to_numpy()
    sides = np.sign((drawn - NUMBERS[5])[:, :2].mean(axis=0)).prod()
    assert np.sign(pair.effect) == sides
    assert pair.interval is not None
    assert pair.interval[0] * pair.interval[1] > 0
    assert instance.stochastic
    other = instance.redrawn(1).rows(OFF).to_numpy()
    assert not np.array_equal(other, drawn)
    assert np.array_equal(np.sign((other - NUMBERS[5]).mean(axis=0)), np.sign((drawn - NUMBERS[5]).mean(axis=0)))
    (remark,) = instance.payload.remarks()
    assert remark.startswith("Off, a column has values near the row's own, on one side of it and up to 1 of")


def test_whole_numbers_stay_whole_and_what_is_no_number_comes_from_other_rows() -> None:
    small, empty = np.arange(len(X), dtype=np.uint8) % 7, pd.array([None, *[3, 5] * (len(X) // 2)][: len(X)], "Int64")
    frame = X.assign(small=small, empty=empty, count=np.arange(len(X)) % 4, flag=np.arange(len(X)) % 2 == 0, same=3)
    asked: list[pd.DataFrame] = []

    def answer(rows: pd.DataFrame) -> Any:
        asked.append(rows)
        return rows["count"].to_numpy(dtype=float)

    instance: Any = gl.tabular(answer, frame, off_state="nearby", sigma=0.3, rows=30).instance(5)  # count 1
    drawn = instance.rows(np.zeros((1, frame.shape[1]), dtype=bool))
    pd.testing.assert_series_equal(drawn.dtypes, frame.dtypes)
    assert set(drawn["count"]) in ({0}, {2}), "a whole number moves by one at least"
    assert set(drawn["same"]) == {3}
    assert set(drawn["small"]) in ({4}, {6}), "of the type that the column has"
    assert set(drawn["empty"]) == {4}, "below 3 there is no room"
    assert set(drawn["site"].dropna()) <= set(frame["site"].dropna())
    assert set(drawn["flag"]) == {True, False}
    assert "Columns that are no numbers have the values of other rows." in instance.payload.remarks()[0]


@pytest.mark.parametrize("sigma", [0, -1, float("nan"), float("inf"), "wide", None, True, 101])
def test_a_deviation_out_of_range_is_refused(sigma: Any) -> None:
    with pytest.raises(gl.InvalidInput, match="sigma: got"):
        near(sigma=sigma)
