"""Boosted trees of masks, and their spectra against brute force over all masks."""

import numpy as np
import pytest

from glider_core.engine.boosting import Tree, boost, spectrum
from glider_core.engine.exhaustive import all_masks


def walsh(values: np.ndarray, masks: np.ndarray) -> dict[tuple[int, ...], float]:
    """Every set's coefficient, the slow way: the mean of the values times the set's parity."""
    d = masks.shape[1]
    signs = np.where(masks, 1.0, -1.0)
    sets = [tuple(i for i in range(d) if s >> i & 1) for s in range(2**d)]
    return {features: float(np.mean(values * signs[:, list(features)].prod(axis=1))) for features in sets}


def random_trees(d: int, depth: int, number: int, seed: int = 0) -> list[Tree]:
    rng = np.random.default_rng(seed)
    # -1 asks nothing; and a feature may be asked twice on a path, as no grown tree does.
    return [Tree(rng.integers(-1, d, 2**depth - 1), rng.normal(size=2**depth)) for _ in range(number)]


@pytest.mark.parametrize("depth", [1, 3, 5])
def test_the_spectrum_of_trees_is_their_walsh_transform(depth: int) -> None:
    masks = all_masks(6)
    trees = random_trees(6, depth, number=4)
    total = np.sum([tree(masks) for tree in trees], axis=0)
    expected, found = walsh(total, masks), spectrum(trees)
    for features, coefficient in expected.items():
        assert found.get(features, 0.0) == pytest.approx(coefficient, abs=1e-12)


def test_a_product_of_k_features_has_equal_coefficients_on_all_its_parts() -> None:
    # Feature 1, then 3 where it is on, then 4 where both are: 1 where all three are on.
    features = np.array([1, -1, 3, -1, -1, -1, 4])
    tree = Tree(features, np.array([0.0, 0, 0, 0, 0, 0, 0, 1]))
    found = {features: value for features, value in spectrum([tree]).items() if value}
    assert set(found) == {(), (1,), (3,), (4,), (1, 3), (1, 4), (3, 4), (1, 3, 4)}
    assert set(found.values()) == {1 / 8}


def test_boosting_learns_a_product_and_nothing_of_a_constant() -> None:
    masks = all_masks(8)
    target = np.where(masks[:, [1, 4, 6]].all(axis=1), 3.0, 0.0) - 3 / 8
    weights = np.ones(len(masks))
    trees = boost(masks, target, weights, depth=3)
    fitted = np.sum([tree(masks) for tree in trees], axis=0)
    assert np.abs(fitted - target).max() < 0.05
    assert boost(masks, np.zeros(len(masks)), weights, depth=3) == []


def test_boosting_stops_at_what_helps_on_masks_held_out() -> None:
    rng = np.random.default_rng(0)
    masks = rng.random((400, 15)) < 0.5
    noise = rng.normal(size=400)
    trees = boost(masks, np.asarray(noise - noise.mean(), dtype=np.float64), np.ones(400), depth=4)
    assert len(trees) < 20  # of 400


def test_boosting_follows_the_names_of_features() -> None:
    rng = np.random.default_rng(3)
    masks = rng.random((500, 7)) < 0.5
    target = np.asarray(2.0 * (masks[:, 0] & masks[:, 1]) + 1.0 * (masks[:, 2] & masks[:, 5]) - 0.75)
    order = rng.permutation(7)
    plain = spectrum(boost(masks, target, np.ones(500), depth=3))
    moved = spectrum(boost(masks[:, order], target, np.ones(500), depth=3))
    renamed = {tuple(sorted(int(order[f]) for f in features)): value for features, value in moved.items()}
    for features in ((0, 1), (2, 5)):
        assert renamed[features] == pytest.approx(plain[features], rel=0.01)  # ties in gain fall otherwise
