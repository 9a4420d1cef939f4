"""Runs that look, ask more and stop; black boxes of any scale, noisy ones, and ones that hardly react."""

from __future__ import annotations

import numpy as np
import pytest

import glider_core as gl
from glider_core.domains import DOMAINS
from glider_core.domains.dna import EXAMPLES
from glider_core.engine.planted import planted_family


@pytest.mark.parametrize(("factor", "level"), [(1e-8, 0.0), (1e12, 0.0), (1.0, 1e8), (-3.0, -5.0)])
@pytest.mark.parametrize("d", [8, 20])
def test_scale_and_level_change_nothing_that_is_found(d: int, factor: float, level: float) -> None:
    def answer(masks):
        return masks @ np.linspace(-1, 1, d) + 2.0 * masks[:, 0] * masks[:, 1] - 3.0 * masks[:, [2, 3, 4]].all(axis=1)

    names = [f"x{i}" for i in range(d)]
    plain = gl.explain(gl.FunctionInstance(names, answer))
    other = gl.explain(gl.FunctionInstance(names, lambda masks: factor * answer(masks) + level))
    assert [i.features for i in other.interactions] == [i.features for i in plain.interactions]
    assert len(plain.interactions) == 2
    for one, two in zip(plain.interactions, other.interactions, strict=True):
        assert two.effect == pytest.approx(factor * one.effect, rel=1e-5)
        assert two.gain == pytest.approx(one.gain, abs=1e-6)


def test_a_run_stops_when_more_questions_would_change_nothing() -> None:
    instance, planted = planted_family("products", 20, 3)
    looks: list[gl.Explanation] = []
    explanation = gl.explain(instance, on_look=looks.append)
    assert explanation.looks == (300, 500)
    assert [look.looks for look in looks] == [(300,)]
    assert {i.features for i in explanation.interactions} == set(planted)
    assert explanation.n_evaluations < 1000
    whole = gl.explain(instance, gl.Settings(grow_questions=False))
    assert whole.looks == (6000,)
    assert [i.features for i in whole.interactions] == [i.features for i in explanation.interactions]


def test_which_of_many_tiny_sets_comes_first_keeps_no_run_going() -> None:
    # Every look puts another set of this node's neighbours first, none of which is worth half a per cent.
    examples = DOMAINS["graph"].examples("graph/karate")
    explanation = gl.explain(gl.load_model("graph/karate").instance(examples["The officer"]))
    assert explanation.looks == (300, 500)
    assert explanation.verdict == "additive"
    assert 0 < explanation.interactions[0].gain < 0.01


def test_a_black_box_that_does_not_repeat_itself_is_recognised() -> None:
    rng = np.random.default_rng(0)
    instance = gl.FunctionInstance(list("abcd"), lambda m: m @ np.arange(4.0) + rng.normal(size=len(m)))
    explanation = gl.explain(instance)
    assert explanation.noise == pytest.approx(1.0, rel=0.6)
    assert explanation.interactions == ()  # before, a four-way interaction of 6.7


def test_a_found_effect_of_a_noisy_black_box_has_an_interval() -> None:
    rng = np.random.default_rng(1)
    instance = gl.FunctionInstance(list("abcd"), lambda m: 3.0 * m[:, 0] * m[:, 1] + 0.2 * rng.normal(size=len(m)))
    (interaction,) = gl.explain(instance).interactions
    assert interaction.features == (0, 1)
    assert interaction.interval is not None
    assert interaction.interval[0] < 3.0 < interaction.interval[1]
    assert 0.01 < interaction.interval[1] - interaction.interval[0] < 1.0


def test_stability_is_the_share_of_runs_with_new_masks() -> None:
    instance, planted = planted_family("products", 20, 3)
    explanation = gl.explain(instance, gl.Settings(repeats=3))
    assert [i.stability for i in explanation.interactions] == [1.0] * len(planted)
    assert explanation.n_evaluations > gl.explain(instance).n_evaluations + 500


def test_a_model_that_hardly_reacts_has_no_findings() -> None:
    class Faint(gl.FunctionInstance):
        resolution = 0.05

    instance = Faint(list("abcdef"), lambda m: 0.01 * m[:, 0] * m[:, 1])
    explanation = gl.explain(instance)
    assert explanation.interactions == ()
    assert not explanation.reacts
    assert explanation.verdict == "additive"
    assert gl.explain(gl.FunctionInstance(list("abcdef"), lambda m: 0.01 * m[:, 0] * m[:, 1])).verdict == "strong"


def test_another_off_state_confirms_a_set_or_does_not() -> None:
    def instance(size: float) -> gl.FunctionInstance:
        made = gl.FunctionInstance(list("abcdef"), lambda m: 2.0 * m[:, 0] * m[:, 1] + 1.5 * m[:, 2] * m[:, 3])
        return made.beside(
            lambda: gl.FunctionInstance(list("abcdef"), lambda m: 1.0 * m[:, 0] * m[:, 1] - size * m[:, 2] * m[:, 3])
        )

    explanation = gl.explain(instance(1.0), gl.Settings(both_off_states=True))
    assert {i.features: i.survives for i in explanation.interactions} == {(0, 1): True, (2, 3): False}
    assert all(i.survives is None for i in gl.explain(instance(1.0)).interactions)


def test_memory_that_does_not_hold_a_batch_is_asked_for_half() -> None:
    sizes: list[int] = []

    def small(masks):
        sizes.append(len(masks))
        if len(masks) > 64:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return 2.0 * masks[:, 0] * masks[:, 1]

    explanation = gl.explain(gl.FunctionInstance([f"x{i}" for i in range(12)], small))
    assert [i.features for i in explanation.interactions] == [(0, 1)]
    assert max(sizes[sizes.index(next(s for s in sizes if s <= 64)) :]) <= 64
    with pytest.raises(gl.BlackBoxFailed, match="out of memory on 1 mask at once"):
        gl.explain(gl.FunctionInstance(list("abc"), lambda m: (_ for _ in ()).throw(MemoryError())))


def test_answers_whose_squares_overflow_are_refused() -> None:
    with pytest.raises(gl.BlackBoxFailed, match="1e\\+200"):
        gl.explain(gl.FunctionInstance(list("abc"), lambda m: 1e200 * m[:, 0]))


def test_what_libraries_return_is_taken() -> None:
    class Output:
        def __init__(self, logits):
            self.logits = logits

    for wrap in (Output, lambda answers: (answers,), lambda answers: [answers], lambda answers: answers[:, None]):
        instance = gl.FunctionInstance(list("abc"), lambda m, wrap=wrap: wrap(2.0 * m[:, 0] * m[:, 1]))
        assert gl.explain(instance).interactions[0].effect == pytest.approx(2.0)


def test_a_set_of_little_gain_is_left_out_unless_asked_for() -> None:
    def answer(masks):
        return masks @ np.linspace(-1, 1, 12) + 2.0 * masks[:, 0] * masks[:, 1] + 0.1 * masks[:, 2] * masks[:, 3]

    instance = gl.FunctionInstance([f"x{i}" for i in range(12)], answer)
    assert [i.features for i in gl.explain(instance).interactions] == [(0, 1)]
    few = gl.explain(instance, gl.Settings(min_gain=1e-4)).interactions
    assert [i.features for i in few] == [(0, 1), (2, 3)]
    assert 1e-4 < few[1].gain < 1e-3


def test_a_run_goes_on_while_more_questions_change_what_is_found(cnn: gl.Model) -> None:
    """Of the noisy answers of DNA a few hundred do not tell enough."""
    looks: list[gl.Explanation] = []
    explanation = gl.explain(cnn.instance(EXAMPLES["E-box in the centre"]), on_look=looks.append)
    assert explanation.looks[-1] >= 1000
    assert [look.looks for look in looks] == [explanation.looks[: n + 1] for n in range(len(explanation.looks) - 1)]


def test_what_is_random_when_off_is_sampled_however_few_its_features() -> None:
    class Drawn(gl.FunctionInstance):
        stochastic = True

    instance = Drawn(list("abcd"), lambda m: 2.0 * m[:, 0] * m[:, 1])
    assert gl.explain(instance).looks[-1] != 2**4  # one draw of all masks is a sample of the draws
    with pytest.raises(gl.InvalidInput, match="at random"):
        gl.explain(instance, gl.Settings(detector="Exact"))
