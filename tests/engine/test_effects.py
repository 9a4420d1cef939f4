"""Joint effects against functions whose interaction terms are known, in contexts and at the input."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import glider_core as gl
from glider_core.domains.dna import EXAMPLES
from glider_core.engine.asking import Questions
from glider_core.engine.effects import Effect, check_masks, effects, joint_coefficients


def measure(instance: gl.Instance, *sets: tuple[int, ...], contexts: int = 20, **options) -> list[Effect]:
    return effects(Questions(instance), sets, contexts=contexts, seed=0, **options)


def moebius(order: int, seed: int) -> dict[tuple[int, ...], float]:
    rng = np.random.default_rng(seed)
    features = range(order)
    return {part: rng.normal() for size in range(order + 1) for part in itertools.combinations(features, size)}


def of_terms(terms: dict[tuple[int, ...], float], d: int) -> gl.FunctionInstance:
    def predict(masks):
        return np.array([sum(v for part, v in terms.items() if row[list(part)].all()) for row in masks])

    return gl.FunctionInstance([f"x{i}" for i in range(d)], predict)


@pytest.mark.parametrize("order", [2, 3, 6, 7])
def test_the_joint_effect_sums_all_interaction_terms_inside(order: int) -> None:
    terms = moebius(order, order)
    (effect,) = measure(of_terms(terms, order + 8), tuple(range(order)))
    expected = sum(value for part, value in terms.items() if len(part) >= 2)
    assert effect.mean == pytest.approx(expected)
    assert effect.at_input == pytest.approx(expected)
    assert effect.interval == pytest.approx((expected, expected))  # no other feature matters, so contexts agree
    assert (effect.answers is None) == (order > 6)


def test_the_corner_is_not_the_mean_where_a_third_feature_saturates_a_pair() -> None:
    """As in "tedious, badly acted and pointless": with the third word on, the other two add nothing to each other."""
    instance = gl.FunctionInstance(list("abcdefgh"), lambda m: 1.0 * m[:, :3].any(axis=1))
    (effect,) = measure(instance, (0, 1), contexts=64)
    assert effect.at_input == 0.0
    off = 0.5  # of the contexts the third is off in half, whether how many are off is drawn first or not
    assert effect.mean == pytest.approx(-off, abs=1e-9)  # 2^6 contexts are all there are
    assert effect.interval == (effect.mean, effect.mean)
    assert effect.same_sign == pytest.approx(off)


def test_what_a_set_adds_leaves_out_its_parts() -> None:
    terms = moebius(4, 1)
    whole, left, right = measure(of_terms(terms, 12), (0, 1, 2, 3), (0, 1, 2), (1, 2, 3))
    inside = [part for part in terms if len(part) >= 2 and (3 not in part or 0 not in part)]
    assert whole.mean - whole.adds == pytest.approx(sum(terms[part] for part in inside))
    assert left.adds == left.mean
    assert right.adds == right.mean


def test_overlapping_parts_are_counted_once() -> None:
    assert joint_coefficients((0, 1, 2), []) == {(0, 1, 2): 1, (0,): -1, (1,): -1, (2,): -1, (): 2}
    # f(012) - f(01) - f(12) + f(1): what neither pair says.
    assert joint_coefficients((0, 1, 2), [(0, 1), (1, 2)]) == {(0, 1, 2): 1, (0, 1): -1, (1, 2): -1, (1,): 1}


def test_the_masks_at_the_input_are_all_combinations() -> None:
    masks = check_masks(4, (1, 3))
    assert masks.tolist() == [[True, on1, True, on3] for on3 in (False, True) for on1 in (False, True)]


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Effects of a noisy black box; the noise is fixed per mask."""
    held = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        noise: dict[bytes, float] = {}

        def predict(masks, rng=rng, noise=noise):
            extra = [noise.setdefault(row.tobytes(), rng.normal()) for row in masks]
            return 2.0 * masks[:, 0] * masks[:, 1] + masks @ np.arange(12.0) + extra

        questions = Questions(gl.FunctionInstance([f"x{i}" for i in range(12)], predict))
        (effect,) = effects(questions, [(0, 1)], contexts=20, seed=seed)
        assert effect.interval is not None
        held += effect.interval[0] <= 2.0 <= effect.interval[1]
    assert 0.92 * 300 <= held <= 0.98 * 300


def test_fewer_contexts_are_the_first_of_more() -> None:
    instance = gl.FunctionInstance([f"x{i}" for i in range(12)], lambda m: 1.0 * m[:, 0] * m[:, 1] * m[:, 2])
    questions = Questions(instance)
    effects(questions, [(0, 1)], contexts=20, seed=3)
    asked = len(questions)
    effects(questions, [(0, 1)], contexts=5, seed=3)
    assert len(questions) == asked


class Noisy(gl.Instance):
    """a and b add `joint` together; a feature that is off adds noise, drawn anew by mask and draw."""

    stochastic = True

    def __init__(self, draw: int = 0, asked: list[tuple[int, ...]] | None = None, joint: float = 2.0) -> None:
        super().__init__(list("abcdefghijklmnop"))
        self.draw, self.joint = draw, joint
        self.asked = [] if asked is None else asked  # of all draws

    def redrawn(self, draw: int, /) -> Noisy:
        return Noisy(draw, self.asked, self.joint)

    def predict(self, masks, /):
        self.asked += [(self.draw, *row) for row in masks.astype(int).tolist()]
        noise = [np.random.default_rng([self.draw, *row]).normal() for row in masks.astype(int)]
        return self.joint * masks[:, 0] * masks[:, 1] + np.where(masks.all(axis=1), 0.0, noise)


def test_a_random_off_state_gives_every_context_a_draw_of_its_own() -> None:
    instance = Noisy()
    questions = Questions(instance)
    (effect,) = effects(questions, [(0, 1)], contexts=20, seed=0)
    assert effect.interval is not None
    # Four answers with noise of deviation 1 each, averaged over 20 draws.
    half = (effect.interval[1] - effect.interval[0]) / 2
    assert half == pytest.approx(2.09 * 2 / np.sqrt(20), rel=0.5)
    assert effect.mean == pytest.approx(2.0, abs=4 * 2 / np.sqrt(20))
    assert effect.answers is not None
    assert effect.answers[-1] == 2.0
    assert effect.answers[0] == pytest.approx(0.0, abs=4 / np.sqrt(20))
    assert {draw for draw, *_ in instance.asked} == set(range(20))
    assert len(instance.asked) == len(set(instance.asked)) == len(questions)


def test_a_run_asks_each_mask_once_in_each_draw_but_those_that_show_whether_it_repeats_itself() -> None:
    instance = Noisy(joint=6.0)
    explanation = gl.explain(instance, gl.Settings.with_masks(2600, grow_questions=False))
    assert explanation.interactions[0].interval is not None
    assert len(instance.asked) == explanation.n_evaluations == len(set(instance.asked)) + 20


def test_a_dna_motif_has_the_same_effect_from_seed_to_seed(cnn: gl.Model) -> None:
    """One draw of the E-box's effect says little; the truth is the mean over many draws and contexts."""
    sequence = EXAMPLES["E-box in the centre"]
    motif = tuple(range(sequence.index("CACGTG"), sequence.index("CACGTG") + 6))
    measured = []
    for seed in range(6):
        (effect,) = effects(Questions(cnn.instance(sequence, seed=seed)), [motif], contexts=20, seed=seed)
        measured.append(effect)
    (truth,) = effects(Questions(cnn.instance(sequence, seed=99)), [motif], contexts=600, seed=99)
    halves = [(e.interval[1] - e.interval[0]) / 2 for e in measured if e.interval]
    assert np.std([e.mean for e in measured], ddof=1) < 2 * np.mean(halves)
    assert np.mean([e.mean for e in measured]) == pytest.approx(truth.mean, abs=1.5 * np.mean(halves) / np.sqrt(6))
    assert sum(abs(e.mean - truth.mean) <= half for e, half in zip(measured, halves, strict=True)) >= 4


def test_other_draws_change_letters_and_keep_the_sequence(cnn: gl.Model) -> None:
    instance = cnn.instance("GATTCCTAGGATTCAAGCTTACGGATTACCTTAGGA")
    again = instance.redrawn(3)
    everything, nothing = np.ones((1, 36), bool), np.zeros((1, 36), bool)
    assert instance.redrawn(0) is instance
    assert again.predict(everything) == instance.predict(everything)
    assert again.predict(nothing) != instance.predict(nothing)
    assert again.predict(nothing) == instance.redrawn(3).predict(nothing)
