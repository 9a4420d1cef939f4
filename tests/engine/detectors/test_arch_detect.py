"""ArchDetect: its questions, its joint effects at both corners, and whom it refuses."""

import numpy as np
import pytest

import glider_core as gl
from glider_core.engine.detectors.arch_detect import DETECTOR, arch_ranking
from glider_core.engine.planted import planted_family

SETTINGS = gl.Settings(detector="ArchDetect")


def ranking_of(function, d: int) -> dict[tuple[int, ...], float]:
    return {c.features: c.strength for c in arch_ranking(function(DETECTOR.own_masks(d, SETTINGS)), d)}


@pytest.mark.parametrize("d", [2, 5, 20])
def test_it_asks_d_squared_and_d_and_two_questions(d: int) -> None:
    masks = DETECTOR.own_masks(d, SETTINGS)
    assert len(masks) == d * d + d + 2
    assert masks[0].all()
    assert set(np.minimum(masks.sum(axis=1), (~masks).sum(axis=1)).tolist()) <= {0, 1, 2}


def test_a_pair_shows_at_both_corners_and_a_triple_at_one() -> None:
    def function(m: np.ndarray) -> np.ndarray:
        return 2.0 * m[:, 0] * m[:, 1] + 3.0 * m[:, 2] * m[:, 3] * m[:, 4] + m @ np.arange(6.0)

    ranking = ranking_of(function, 6)
    assert ranking[0, 1] == pytest.approx((2.0**2 + 2.0**2) / 2)
    # With the third on, each pair of the triple is worth 3; with it off, nothing.
    assert ranking[2, 3, 4] == ranking[2, 3] == pytest.approx(3.0**2 / 2)
    assert next(iter(ranking)) == (2, 3, 4)
    assert (0, 2) not in ranking


def test_pairs_that_overlap_are_joined_and_joined_sets_are_worth_the_mean_of_their_pairs() -> None:
    ranking = ranking_of(lambda m: 2.0 * m[:, 0] * m[:, 1] + 1.0 * m[:, 1] * m[:, 2], 4)
    assert ranking == pytest.approx({(0, 1): 4.0, (0, 1, 2): 5 / 3, (1, 2): 1.0})


@pytest.mark.parametrize("family", ["products", "deep", "parity", "nested"])
def test_planted_sets_are_the_interactions(family: str) -> None:
    instance, planted = planted_family(family, 20, 100)
    explanation = gl.explain(instance, SETTINGS)
    assert {i.features for i in explanation.interactions[: len(planted)]} == set(planted)
    assert explanation.n_evaluations < 422 + 1000 + 1000  # its own, two looks, and effects


def test_what_does_not_repeat_itself_is_refused() -> None:
    rng = np.random.default_rng(0)
    names = [f"x{i}" for i in range(12)]
    noisy = gl.FunctionInstance(names, lambda m: m @ np.ones(12) + rng.normal(size=len(m)))
    with pytest.raises(gl.InvalidInput, match=r"one answer to one question.*Choose Grow"):
        gl.explain(noisy, SETTINGS)
    drawn = gl.load_model("dna/cnn").instance("ACGTACGTACGTCACGTGACGTACGTACGTACGTAC")
    with pytest.raises(gl.InvalidInput, match=r"drawn at random here\. Choose Grow"):
        gl.explain(drawn, SETTINGS)


def test_more_questions_than_allowed_are_refused_before_any_is_asked() -> None:
    asked = []
    instance = gl.FunctionInstance([f"x{i}" for i in range(100)], lambda m: asked.append(m) or m @ np.ones(100))
    with pytest.raises(gl.InvalidInput, match=r"10,102 questions .* allow 6,000"):
        gl.explain(instance, SETTINGS)
    assert not asked


def test_every_interaction_stands_in_the_ranking_however_many_pairs_overlap() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=(2, 12))
    instance = gl.FunctionInstance([f"x{i}" for i in range(12)], lambda m: np.tanh(m @ first) * (m @ second) ** 2)
    explanation = gl.explain(instance, SETTINGS.model_copy(update={"min_gain": 0.0}))
    assert explanation.interactions
    assert {i.features for i in explanation.interactions} <= {c.features for c in explanation.ranking}
    assert len(explanation.ranking) <= 200
