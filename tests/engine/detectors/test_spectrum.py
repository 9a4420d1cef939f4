"""Spectrum on planted functions, behind the gates of every detector."""

import numpy as np
import pytest

import glider_core as gl
from glider_core.engine.planted import planted_family

SETTINGS = gl.Settings.with_masks(1000, detector="Spectrum", grow_questions=False)


@pytest.mark.parametrize("family", ["products", "deep"])
def test_planted_sets_stand_first(family: str) -> None:
    instance, planted = planted_family(family, 40, 100, noise=0.1)
    explanation = gl.explain(instance, SETTINGS)
    assert {i.features for i in explanation.interactions[: len(planted)]} == set(planted)
    # In the ranking, too, a set of five stands above its own pairs, triples and quadruples.
    ranks = {candidate.features: rank for rank, candidate in enumerate(explanation.ranking)}
    for features in planted:
        parts = [rank for other, rank in ranks.items() if set(other) < set(features)]
        assert all(ranks[features] < rank for rank in parts)


def test_strength_is_the_mean_joint_effect() -> None:
    instance = gl.FunctionInstance([f"x{i}" for i in range(12)], lambda m: 2.5 * m[:, 3] * m[:, 7] + m @ np.ones(12))
    explanation = gl.explain(instance, SETTINGS)
    (first,) = explanation.interactions
    assert first.features == (3, 7)
    assert first.strength == pytest.approx(2.5, rel=0.05)


def test_nothing_is_found_in_a_sum_of_features() -> None:
    rng = np.random.default_rng(0)
    weights = rng.normal(size=15)
    explanation = gl.explain(gl.FunctionInstance([f"x{i}" for i in range(15)], lambda m: m @ weights), SETTINGS)
    assert explanation.interactions == ()
    assert explanation.ranking == ()


def test_max_order_bounds_the_sets() -> None:
    instance, _ = planted_family("deep", 20, 101)
    explanation = gl.explain(instance, SETTINGS.model_copy(update={"max_order": 3}))
    assert max(len(candidate.features) for candidate in explanation.ranking) == 3


@pytest.mark.parametrize("d", [4, 5, 7])
def test_of_few_features_whose_masks_are_all_asked_it_finds_what_there_is(d: int) -> None:
    instance = gl.FunctionInstance(
        [f"x{i}" for i in range(d)], lambda m: 2.0 * m[:, 0] * m[:, 1] - 1.5 * m[:, 2] * m[:, 3] + m @ np.ones(d)
    )
    explanation = gl.explain(instance, SETTINGS)
    assert [i.features for i in explanation.interactions] == [(0, 1), (2, 3)]
    assert explanation.ranking[0].strength == pytest.approx(2.0)
