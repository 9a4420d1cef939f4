"""NID against hand-made weights and the slow way."""

import numpy as np
import pytest

from glider_core.engine.detectors.nid import aggregate_influence, nid_ranking, nid_strengths


def strengths_of(weights, influence, **options) -> dict[tuple[int, ...], float]:
    sets, strengths = nid_strengths(np.array(weights), np.array(influence), **options)
    return {tuple(np.flatnonzero(row).tolist()): float(s) for row, s in zip(sets, strengths, strict=True)}


def test_nid_ranks_the_planted_pair_first() -> None:
    # The first unit reads features 0 and 1 strongly; the second reads feature 2 alone.
    strengths = strengths_of([[3.0, 2.0, 0.1], [0.0, 0.0, 5.0]], np.ones(2))
    assert max(strengths, key=strengths.__getitem__) == (0, 1)
    assert strengths[0, 1] == pytest.approx(2.0)  # the weaker of the two weights


def test_nid_equals_the_slow_way() -> None:
    rng = np.random.default_rng(0)
    weights, influence = rng.normal(size=(30, 9)), rng.random(30)
    slow: dict[tuple[int, ...], float] = {}
    for row, reach in zip(np.abs(weights), influence, strict=True):
        strongest_first = np.argsort(-row, kind="stable")
        for order in range(2, 10):
            features = tuple(sorted(strongest_first[:order].tolist()))
            slow[features] = slow.get(features, 0.0) + row[strongest_first[order - 1]] * reach
    fast = strengths_of(weights, influence)
    assert fast.keys() == slow.keys()
    assert [fast[features] for features in slow] == pytest.approx(list(slow.values()))


def test_max_order_bounds_the_sets() -> None:
    assert {len(features) for features in strengths_of(np.eye(5) + 0.1, np.ones(5), max_order=3)} == {2, 3}


def test_influence_is_the_product_of_absolute_weights() -> None:
    first, last = np.array([[1.0, -2.0], [0.0, 3.0]]), np.array([[-1.0], [0.5]])
    assert aggregate_influence([first, last]).tolist() == [2.0, 1.5]


def test_a_subset_below_a_stronger_superset_is_dropped() -> None:
    # Two units: both see {0, 1, 2}, by different prefixes, so the triple outweighs each pair.
    layers = [np.array([[2.0, 1.0], [1.9, 2.0], [1.8, 1.9], [0.0, 0.0]]), np.ones((2, 1))]
    ranking = nid_ranking(layers)
    assert ranking[0].features == (0, 1, 2)
    assert {c.features for c in ranking} == {(0, 1, 2)}


def test_three_hundred_features_and_one() -> None:
    rng = np.random.default_rng(0)
    assert nid_ranking([rng.normal(size=(300, 64)), rng.normal(size=(64, 1))])
    assert nid_ranking([rng.normal(size=(1, 64)), rng.normal(size=(64, 1))]) == []
