"""Several draws of what is off as one ranking."""

from typing import Any

import numpy as np
import pytest

import glider_core as gl
from glider_core.engine.across import joined_ranking, rank_over_draws
from glider_core.results import Candidate

RNG = np.random.default_rng(0)
TABLE = RNG.uniform(-1, 1, (200, 6))
FEW = gl.Settings.with_masks(200)


def product(rows: Any) -> Any:
    """At the row of all zeros a product is nothing; around it, it is not."""
    return rows[:, 0] * rows[:, 1] + rows[:, 2:].sum(axis=1)


def candidates(**strengths: float) -> list[Candidate]:
    return [Candidate(features=tuple(map(int, name[1:])), strength=value) for name, value in strengths.items()]


def test_a_product_is_found_at_zero_where_its_mean_is_nothing() -> None:
    instance = gl.tabular(product, TABLE, off_state="marginal", rows=1).instance(np.zeros(6))
    sets = rank_over_draws(instance, FEW, draws=4)
    assert sets[0].features == (0, 1)
    assert sets[0].names == ("x0", "x1")
    assert sets[0].found >= 0.5


def test_strengths_are_joined_as_squares_over_all_draws() -> None:
    joined = joined_ranking([candidates(s01=3.0, s23=1.0), candidates(s01=1.0), []])
    assert [c.features for c in joined] == [(0, 1), (2, 3)]
    assert joined[0].strength == pytest.approx((10 / 3) ** 0.5)
    assert joined[1].strength == pytest.approx((1 / 3) ** 0.5)


def test_a_set_stands_for_its_parts_unless_one_of_them_says_it() -> None:
    triple = joined_ranking([candidates(s01=1.0, s12=1.0, s012=0.5)])
    assert [c.features for c in triple] == [(0, 1, 2)]
    assert triple[0].strength == pytest.approx(1.5)
    said = joined_ranking([candidates(s01=1.0, s012=0.3)])
    assert [c.features for c in said] == [(0, 1), (0, 1, 2)]
    assert said[1].strength == pytest.approx(0.3)
    seldom = joined_ranking([candidates(s01=1.0, s12=1.0, s012=1.5), *[candidates(s01=1.0, s12=0.9)] * 2])
    assert [c.features for c in seldom] == [(0, 1), (1, 2), (0, 1, 2)], "found in one of three draws"


def test_what_draws_nothing_is_refused() -> None:
    fixed = gl.tabular(product, TABLE).instance(0)
    with pytest.raises(gl.InvalidInput, match="'marginal' or 'nearby'"):
        rank_over_draws(fixed, FEW)
    drawn = gl.tabular(product, TABLE, off_state="nearby").instance(0)
    with pytest.raises(gl.InvalidInput, match="2 or more"):
        rank_over_draws(drawn, FEW, draws=1)
