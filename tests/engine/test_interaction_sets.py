"""Pruning and merging of sets, the fast ways against the slow."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from glider_core.engine.interaction_sets import drop_subsets, maximal, merge_overlaps

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
