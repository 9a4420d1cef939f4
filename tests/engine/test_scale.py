"""Probabilities and hard votes are recognised, and their log-odds are explained where that is asked for."""

import numpy as np
import pytest
import torch

import glider_core as gl
from glider_core.engine.asking import ask
from glider_core.engine.scale import as_explained

D = 8
WEIGHTS = np.random.default_rng(0).normal(size=D) * 1.5


def sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))


def additive(masks: np.ndarray) -> np.ndarray:
    return sigmoid(masks @ WEIGHTS - 0.5)


def explained(predict, **options) -> gl.Explanation:
    return gl.explain(gl.FunctionInstance([f"x{i}" for i in range(D)], predict, **options))


@pytest.mark.parametrize(
    "precision",
    [np.float64, np.float32, np.float16, lambda p: torch.tensor(p).bfloat16(), lambda p: p[:, None].tolist()],
)
def test_what_adds_up_in_log_odds_interacts_in_probabilities_only(precision) -> None:
    as_given = explained(lambda masks: precision(additive(masks)))
    assert as_given.interactions
    assert (as_given.answered, as_given.scale) == ("probabilities", "given")
    assert "between 0 and 1" in as_given.notes[0]
    in_log_odds = explained(lambda masks: precision(additive(masks)), scale="log-odds")
    assert in_log_odds.verdict == "additive"
    assert not [found for found in in_log_odds.interactions if found.gain > 0.002]
    assert in_log_odds.prediction == pytest.approx(WEIGHTS.sum() - 0.5, abs=0.1)
    assert in_log_odds.notes == ("Explained in log-odds of the answers.",)
    assert gl.Explanation.from_json(in_log_odds.to_json()) == in_log_odds


def test_a_pair_has_its_effect_in_log_odds() -> None:
    (pair,) = explained(
        lambda masks: sigmoid(masks @ WEIGHTS + 3.0 * (masks[:, 0] & masks[:, 1])), scale="log-odds"
    ).interactions
    assert pair.features == (0, 1)
    assert pair.effect == pytest.approx(3.0)


@pytest.mark.parametrize("low", [0, -1])
def test_hard_votes_are_recognised(low: int) -> None:
    votes = explained(lambda masks: np.where(masks @ WEIGHTS > 0, 1, low))
    assert votes.answered == "votes"
    assert "hard votes" in votes.notes[0]


def test_exact_zeros_and_ones_count_as_half_the_smallest_share_and_it_is_said() -> None:
    def forest(masks: np.ndarray) -> np.ndarray:
        return np.round(sigmoid((masks - 0.5) @ WEIGHTS * 4), 2)  # of 100 trees

    answers = forest(np.array([[i >> j & 1 for j in range(D)] for i in range(2**D)], dtype=bool))
    assert {0.0, 0.01, 1.0} <= set(answers.tolist())
    result = explained(forest, scale="log-odds")
    assert result.bounds == pytest.approx((0.005, 0.995))
    assert result.clipped >= int(np.isin(answers, (0.0, 1.0)).sum())
    assert f"{result.clipped} of {result.n_evaluations} answers were taken as 0.005" in result.notes[1]
    instance = gl.FunctionInstance([f"x{i}" for i in range(D)], forest, scale="log-odds")
    everything = ask(instance, np.ones((1, D), dtype=bool))
    assert as_explained(result, everything).tolist() == pytest.approx([result.prediction])


def test_hard_votes_in_log_odds_are_finite_and_say_that_they_say_no_more() -> None:
    votes = explained(lambda masks: masks[:, 0] & masks[:, 1], scale="log-odds")
    assert np.isfinite(votes.prediction)
    assert [found.features for found in votes.interactions] == [(0, 1)]
    assert "hard votes" in votes.notes[-1]


def test_log_odds_of_what_is_no_probability_are_refused() -> None:
    with pytest.raises(gl.BlackBoxFailed, match=r"1\.2\d*, which is no probability"):
        explained(lambda masks: masks[:, 0] * 1.25, scale="log-odds")


def test_sums_a_little_above_one_are_probabilities() -> None:
    one = np.float32(1.0000001)
    result = explained(lambda masks: np.where(masks[:, 0], one, np.float32(0.3)), scale="log-odds")
    assert result.answered == "probabilities"


def test_numbers_of_a_known_scale_get_no_word() -> None:
    assert explained(additive, scale="given").notes == ()
    assert explained(lambda masks: 3.0 * masks[:, 0]).notes == ()
    assert explained(lambda masks: np.full(len(masks), 0.5)).notes == ()


def test_another_scale_is_refused() -> None:
    with pytest.raises(gl.InvalidInput, match="choose 'given' or 'log-odds'"):
        gl.FunctionInstance(["a"], additive, scale="percent")  # type: ignore[arg-type]


def test_the_scale_is_part_of_the_identity() -> None:
    identities = {gl.FunctionInstance(["a"], additive, fingerprint="f", scale=scale).identity
                  for scale in (None, "given", "log-odds")}  # fmt: skip
    assert len(identities) == 3
