"""Counts against sets drawn at random."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from glider_core.rows.significance import n_sets, p_value, q_values, significance_threshold


def test_the_papers_thresholds() -> None:
    assert n_sets(39) == 9880
    assert significance_threshold(39, 1000, 87) == 25
    assert significance_threshold(23, 1000, 87) == 71
    assert [
        k
        for k in range(1, 200)
        if significance_threshold(39, 1000, k) == 25
        if significance_threshold(23, 1000, k) == 71
    ] == [87]


def test_p_values_by_hand() -> None:
    # Five fields have 10 pairs, 10 triples and 5 sets of four; one set per row, two rows, found in both or in one.
    assert p_value(2, 5, 2, 1.0, 2) == pytest.approx((1 / 10) ** 2)
    assert p_value(2, 5, 2, 1.0) == pytest.approx((1 / 20) ** 2)
    assert p_value(2, 5, 2, 1.0, 4) == pytest.approx((1 / 25) ** 2)
    assert p_value(1, 5, 2, 1.0, 4) == pytest.approx(1 - (24 / 25) ** 2)
    # Any set in both rows: 10 * 0.1 ** 2 = 0.1 is not below 0.05, 25 * 0.04 ** 2 = 0.04 is.
    assert significance_threshold(5, 2, 1.0, max_order=2) == 2
    assert significance_threshold(5, 2, 1.0, max_order=4) == 1
    assert significance_threshold(5, 2, 0.0) == 0
    assert p_value(1, 3, 10, 50.0) == 1.0  # more sets per row than there are


@pytest.mark.parametrize("order", [2, 3])
def test_random_sets_are_rarely_significant(order: int) -> None:
    # Draw under the null and see how often any set passes its own threshold.
    rng = np.random.default_rng(0)
    d, rows, per_row = 10, 200, 4
    spaces, passed = n_sets(d, order), 0
    for _ in range(400):
        counts = np.bincount(
            np.concatenate([rng.choice(spaces, per_row, replace=False) for _ in range(rows)]), minlength=spaces
        )
        passed += counts.max() > significance_threshold(d, rows, per_row, max_order=order)
    assert passed / 400 <= 0.07


def test_p_values_fall_with_counts() -> None:
    values = [p_value(count, 15, 1000, 6.0) for count in range(0, 60, 5)]
    assert values == sorted(values, reverse=True)
    assert values[0] == 1.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.integers(0, 30))
def test_q_values_are_those_of_benjamini_and_hochberg(p_values: list[float], never_found: int) -> None:
    tests = len(p_values) + never_found
    expected = false_discovery_control(np.array(p_values + [1.0] * never_found))[: len(p_values)]
    assert q_values(p_values, tests) == pytest.approx(expected.tolist())
