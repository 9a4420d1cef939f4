"""Additive models, against functions of which is known what a linear model and each set account for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

import glider_core as gl
from glider_core.engine.fidelity import RECIPE, AdditiveFit, Subject, fit_additive
from glider_core.engine.interaction_sets import Features
from glider_core.engine.linear import products
from glider_core.engine.masks import sample_masks, split_masks

D, SPLIT = 9, split_masks(1500, 300, 300)
MASKS = sample_masks(D, 2100, np.random.default_rng(0))
SIGNS = 2.0 * MASKS - 1.0
ADDITIVE = MASKS @ np.arange(1.0, D + 1.0)
PARITY = 2.0 * SIGNS[:, [0, 1, 2]].prod(axis=1)
PAIR = 6.0 * products(MASKS, [(3, 4)])[:, 0]


def fitted(*functions: tuple[NDArray[np.float64], list[Features]], **options: object) -> list[AdditiveFit]:
    return fit_additive([Subject(MASKS, answers, sets) for answers, sets in functions], SPLIT, **options)  # type: ignore[arg-type]


def left_by_features(answers: NDArray[np.float64]) -> float:
    """Mean square of what a linear model leaves of the answers to the test masks."""
    columns = np.hstack([MASKS, np.ones((len(MASKS), 1))])
    terms = np.linalg.lstsq(columns[SPLIT.train], answers[SPLIT.train], rcond=None)[0]
    return float(np.mean((answers - columns @ terms)[SPLIT.test] ** 2))


@pytest.fixture(scope="module")
def fits() -> list[AdditiveFit]:
    return fitted(
        (ADDITIVE + PARITY + PAIR, [(0, 1, 2), (3, 4), (5, 6)]),
        (ADDITIVE, [(0, 1), (2, 3, 4)]),
        (ADDITIVE + PARITY, [(0, 1), (0, 1, 2)]),
        (ADDITIVE + PARITY + PAIR, []),
    )


def test_a_network_lowers_the_error_exactly_where_its_set_acts(fits: list[AdditiveFit]) -> None:
    first = fits[0]
    assert first.sets == ((0, 1, 2), (3, 4))  # nothing is left for (5, 6)
    left = [left_by_features(part) for part in (PARITY + PAIR, PAIR)]
    assert first.test[0] == pytest.approx(left[0])  # what a linear model leaves of both
    assert first.test[1] == pytest.approx(
        left[1], rel=0.05
    )  # of the pair alone: the parity is the network's, all of it
    assert first.test[2] < 0.01 * left[1]
    assert first.r2[2] > 0.999
    assert first.variance == pytest.approx((ADDITIVE + PARITY + PAIR)[SPLIT.test].var())


def test_an_additive_black_box_needs_no_set(fits: list[AdditiveFit]) -> None:
    assert len(fits[1].test) == 1
    assert fits[1].test[0] < 1e-9


def test_it_ends_at_the_first_set_that_does_not_help_unless_more_may_be_passed_over(fits: list[AdditiveFit]) -> None:
    assert fits[2].sets == ()  # of a parity of three, two of them say nothing
    assert fits[3].sets == ()
    (further,) = fitted((ADDITIVE + PARITY, [(0, 1), (0, 1, 2)]), rejections=2)
    assert further.sets == ((0, 1, 2),)
    assert further.r2[1] > 0.999


def test_noise_is_no_interaction() -> None:
    noise = np.random.default_rng(1).normal(scale=ADDITIVE.std(), size=len(MASKS))
    (fit,) = fitted((ADDITIVE + noise, [(0, 1), (2, 3)]))
    assert len(fit.test) == 1


def test_company_and_schedule_make_no_difference_to_speak_of(fits: list[AdditiveFit]) -> None:
    (alone,) = fitted((ADDITIVE + PARITY + PAIR, [(0, 1, 2), (3, 4)]))
    assert alone.test == pytest.approx(fits[0].test, rel=1e-2, abs=1e-3)
    plateau = replace(RECIPE, schedule="plateau", patience=2, max_epochs=12)
    (other,) = fitted((ADDITIVE + PARITY, [(0, 1, 2), (3, 4)]), recipe=plateau)
    assert len(other.test) == 2
    assert other.r2[1] > 0.995


def test_sets_and_answers_must_be_of_the_masks() -> None:
    with pytest.raises(gl.InvalidInput, match=r"its features are of 0 to 8"):
        fitted((ADDITIVE, [(0, 9)]))
    with pytest.raises(gl.InvalidInput, match="all subjects need equally many"):
        fit_additive([Subject(MASKS, ADDITIVE[:-1], [])], SPLIT)
