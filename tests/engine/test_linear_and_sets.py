import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glider_core.engine.effects import check_masks, joint_effect
from glider_core.engine.interaction_sets import drop_subsets, maximal, merge_overlaps
from glider_core.engine.linear import products, r2, select
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
    found = select(MASKS, targets, WEIGHTS, SPLIT, ranking, max_interactions=10)
    assert found.kept == (1, 3)  # (0, 2) helps until (0, 2, 5) is there
    assert found.scores[-1] > 0.999
    assert len(found.scores) == len(found.validation_scores) == 3


def test_selection_keeps_nothing_of_an_additive_function() -> None:
    found = select(MASKS, MASKS @ np.arange(8.0), WEIGHTS, SPLIT, [(0, 1), (2, 3)], max_interactions=10)
    assert found.kept == ()
    assert found.main_effects == pytest.approx(np.arange(8.0), abs=0.15)  # ridge shrinks a little


def test_r2_of_a_constant() -> None:
    ones, weights = np.ones(5), np.ones(5)
    assert r2(ones, ones, weights) == 1.0
    assert r2(ones, ones + 1, weights) == 0.0
    assert r2(np.arange(5.0), np.full(5, 2.0), weights) == pytest.approx(0.0)


def test_the_joint_effect_of_a_pair_is_the_mixed_difference() -> None:
    masks = check_masks(4, (1, 3))
    assert masks.tolist() == [[True, on1, True, on3] for on3 in (False, True) for on1 in (False, True)]
    assert joint_effect((1, 3), [1.0, 2.0, 4.0, 10.0]) == 10 - 2 - 4 + 1


@pytest.mark.parametrize("order", [3, 6, 8])
def test_the_joint_effect_sums_all_interaction_terms_inside(order: int) -> None:
    rng = np.random.default_rng(order)
    features = tuple(range(order))
    terms = {part: rng.normal() for size in range(order + 1) for part in itertools.combinations(features, size)}
    answers = [
        sum(value for part, value in terms.items() if row[list(part)].all()) for row in check_masks(order + 2, features)
    ]
    expected = sum(value for part, value in terms.items() if len(part) >= 2)
    assert joint_effect(features, answers) == pytest.approx(expected)


sets = st.lists(st.sets(st.integers(0, 9), min_size=1, max_size=5).map(lambda s: tuple(sorted(s))), max_size=7)


@given(sets, st.randoms(use_true_random=False))
def test_merging_does_not_depend_on_order(given_sets, random) -> None:
    shuffled = random.sample(given_sets, len(given_sets))
    merged = merge_overlaps(given_sets)
    assert merge_overlaps(shuffled) == merged
    assert {f for s in merged for f in s} == {f for s in given_sets for f in s}
    for left, right in itertools.combinations(merged, 2):
        assert len(set(left) & set(right)) / min(len(left), len(right)) < 0.5


def test_merging_unites_a_chain() -> None:
    assert merge_overlaps([(0, 1), (1, 2), (5, 6, 7), (7, 8, 9)]) == [(0, 1, 2), (5, 6, 7), (7, 8, 9)]


@given(sets)
def test_no_kept_set_lies_inside_a_stronger_one(given_sets) -> None:
    kept = drop_subsets(given_sets)
    for a, b in itertools.combinations(kept, 2):
        assert not set(given_sets[b]) <= set(given_sets[a])
    for position in set(range(len(given_sets))) - set(kept):
        assert any(set(given_sets[position]) <= set(given_sets[above]) for above in range(position))


@given(st.lists(st.sets(st.integers(0, 70), max_size=4), max_size=40), st.none() | st.integers(1, 10))
def test_pruning_of_many_sets_at_once_is_the_same(sets, limit) -> None:
    rows = np.zeros((len(sets), 71), dtype=bool)
    for row, features in zip(rows, sets, strict=True):
        row[list(features)] = True
    expected = drop_subsets([tuple(sorted(features)) for features in sets], limit=limit)
    assert maximal(rows, limit=limit).tolist() == expected


def test_pruning_reaches_across_blocks() -> None:
    rows = np.zeros((700, 12), dtype=bool)
    rows[0, :6] = True
    rows[1:, 2] = rows[1:, 3] = True
    rows[600, 8] = True
    assert maximal(rows).tolist() == [0, 600]
