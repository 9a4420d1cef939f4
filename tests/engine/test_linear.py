"""The linear models: product terms, selection by the validation score, R2."""

import numpy as np
import pytest

from glider_core.engine.linear import first_that_help, products, r2, select
from glider_core.engine.masks import lime_weights, sample_masks, split_masks

MASKS = sample_masks(8, 1200, np.random.default_rng(0))
SPLIT = split_masks(1000, 100, 100)
WEIGHTS = lime_weights(MASKS, 0.25)


def test_product_terms_multiply_their_own_features() -> None:
    # The authors' code is one feature off; this is the check that ours is not.
    masks = np.array([[1, 1, 0], [0, 1, 1], [1, 1, 1]], dtype=bool)
    assert products(masks, [(0, 1), (1, 2), (0, 1, 2)]).tolist() == [[1, 0, 0], [0, 1, 0], [1, 1, 1]]


def test_selection_keeps_what_the_function_needs() -> None:
    targets = MASKS @ np.ones(8) + 3.0 * MASKS[:, [1, 4]].all(axis=1) - 2.0 * MASKS[:, [0, 2, 5]].all(axis=1)
    ranking = [(6, 7), (1, 4), (0, 2), (0, 2, 5), (3, 6)]
    selection = select(MASKS, targets, WEIGHTS, SPLIT, ranking, max_interactions=10)
    assert selection.selected == (1, 3)  # (0, 2) helps until (0, 2, 5) is there
    assert selection.scores[-1] > 0.999
    assert len(selection.scores) == len(selection.validation_scores) == 3


def test_selection_keeps_nothing_of_an_additive_function() -> None:
    selection = select(MASKS, MASKS @ np.arange(8.0), WEIGHTS, SPLIT, [(0, 1), (2, 3)], max_interactions=10)
    assert selection.selected == ()
    assert selection.main_effects == pytest.approx(np.arange(8.0), abs=0.15)  # ridge shrinks a little


def test_the_papers_rule_ends_at_the_first_set_that_does_not_help() -> None:
    rng = np.random.default_rng(0)
    targets = MASKS @ np.ones(8) + 3.0 * MASKS[:, [1, 4]].all(axis=1) - 2.0 * MASKS[:, [0, 2, 5]].all(axis=1)
    targets += rng.normal(size=len(targets))
    given = (MASKS, targets, WEIGHTS, SPLIT)
    assert first_that_help(*given, [(1, 4), (0, 2, 5)]) == 2
    assert first_that_help(*given, [(1, 4), (3, 6), (0, 2, 5)]) == 1  # what stands below is not reached
    assert first_that_help(*given, []) == 0


def test_r2_of_a_constant() -> None:
    ones, weights = np.ones(5), np.ones(5)
    assert r2(ones, ones, weights) == 1.0
    assert r2(ones, ones + 1, weights) == 0.0
    assert r2(np.arange(5.0), np.full(5, 2.0), weights) == pytest.approx(0.0)
