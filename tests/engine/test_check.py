"""What an interaction is worth, asked of the black box; also of one whose off state is random."""

from __future__ import annotations

import numpy as np
import pytest

import glider_core as gl
from glider_core.domains.dna import EXAMPLES
from glider_core.engine.asking import Questions
from glider_core.engine.check import DRAWS, checked
from glider_core.engine.effects import check_masks, joint_effect
from glider_core.engine.linear import Selection
from glider_core.results import Candidate

NOISY_SETTINGS = gl.Settings.with_masks(2600, detector="GradientNID", kernel_width=None)


def selection(*selected: int) -> Selection:
    scores = tuple(0.1 * k for k in range(len(selected) + 1))
    return Selection(main_effects=np.zeros(4), selected=selected, scores=scores, validation_scores=scores)


def candidates(*sets: tuple[int, ...]) -> list[Candidate]:
    return [Candidate(features=features, strength=1.0) for features in sets]


def check(instance: gl.Instance, rankings: list[list[Candidate]], selections: list[Selection]):
    return checked(Questions(instance), rankings, selections, lambda share: None)


def test_stability_is_the_share_of_repeats_that_selected_the_set() -> None:
    instance = gl.FunctionInstance(list("abcd"), lambda m: 1.0 * m[:, 0] * m[:, 1])
    rankings = [candidates((0, 1), (2, 3)), candidates((2, 3), (0, 1)), candidates((0, 2), (0, 1))]
    interactions = check(instance, rankings, [selection(0, 1), selection(0), selection(0, 1)])
    assert [(i.features, i.stability) for i in interactions] == [((0, 1), 2 / 3), ((2, 3), 2 / 3)]
    (alone,) = check(instance, rankings[:1], [selection(0)])
    assert alone.stability is None


class Noisy(gl.Instance):
    """a and b add 2 together; a feature that is off adds noise, drawn anew by mask and draw."""

    stochastic = True

    def __init__(self, draw: int = 0, asked: list[tuple[int, ...]] | None = None) -> None:
        super().__init__(list("abcd"))
        self.draw = draw
        self.asked = [] if asked is None else asked  # of all draws

    def redrawn(self, draw: int, /) -> Noisy:
        return Noisy(draw, self.asked)

    def predict(self, masks, /):
        self.asked += [(self.draw, *row) for row in masks.astype(int).tolist()]
        noise = [np.random.default_rng([self.draw, *row]).normal() for row in masks.astype(int)]
        return 2.0 * masks[:, 0] * masks[:, 1] + np.where(masks.all(axis=1), 0.0, noise)


def test_a_random_off_state_is_averaged_over_and_its_deviation_told() -> None:
    instance = Noisy()
    questions = Questions(instance)
    (interaction,) = checked(questions, [candidates((0, 1))], [selection(0)], lambda share: None)
    # Three of the four answers carry noise of deviation 1, so one draw of the effect deviates by the root of three.
    assert interaction.effect_deviation == pytest.approx(np.sqrt(3), rel=0.35)
    assert interaction.effect == pytest.approx(2.0, abs=3 * np.sqrt(3 / DRAWS))
    assert interaction.answers is not None
    assert interaction.answers[-1] == 2.0
    assert len(questions) == 4 * DRAWS
    (again,) = checked(questions, [candidates((0, 1))], [selection(0)], lambda share: None)
    assert again == interaction
    assert len(questions) == 4 * DRAWS


@pytest.mark.parametrize("stop_when_stable", [None, 1])
def test_a_run_asks_each_mask_once_in_each_draw(stop_when_stable: int | None) -> None:
    instance = Noisy()
    looks: list[gl.Explanation] = []
    settings = NOISY_SETTINGS.model_copy(update={"stop_when_stable": stop_when_stable})
    explanation = gl.explain(instance, settings, on_look=looks.append)
    assert explanation.interactions[0].effect_deviation is not None
    assert bool(looks) == (stop_when_stable is not None)
    assert len(instance.asked) == len(set(instance.asked)) == explanation.n_evaluations > 16


def test_a_run_can_be_cancelled_between_the_draws() -> None:
    instance = Noisy()

    def stop(stage: str, share: float) -> None:
        if stage == "check" and max(instance.asked)[0] >= 3:
            raise gl.Cancelled("stop")

    with pytest.raises(gl.Cancelled):
        gl.explain(instance, NOISY_SETTINGS, on_progress=stop)
    assert max(instance.asked)[0] == 3


def test_a_steady_black_box_is_asked_once_and_has_no_deviation() -> None:
    instance = gl.FunctionInstance(list("abcd"), lambda m: 2.0 * m[:, 0] * m[:, 1])
    questions = Questions(instance)
    (interaction,) = checked(questions, [candidates((0, 1))], [selection(0)], lambda share: None)
    assert interaction.effect == 2.0
    assert interaction.effect_deviation is None
    assert len(questions) == 4


def test_a_dna_motif_has_the_same_effect_from_seed_to_seed(cnn: gl.Model) -> None:
    """A single draw of the E-box's effect says little; the truth is the mean over many draws, the slow way."""
    sequence = EXAMPLES["E-box in the centre"]
    motif = tuple(range(sequence.index("CACGTG"), sequence.index("CACGTG") + 6))
    effects, deviations = [], []
    for seed in range(6):
        instance = cnn.instance(sequence, seed=seed)
        (interaction,) = check(instance, [candidates(motif)], [selection(0)])
        effects.append(interaction.effect)
        deviations.append(interaction.effect_deviation)
    assert np.std(effects, ddof=1) < 2 * np.mean(deviations) / np.sqrt(DRAWS)
    instance, masks = cnn.instance(sequence, seed=99), check_masks(36, motif)
    truth = [joint_effect(motif, instance.redrawn(draw).predict(masks).tolist()) for draw in range(200)]
    assert np.mean(effects) == pytest.approx(np.mean(truth), abs=0.25)
    assert np.mean(deviations) == pytest.approx(np.std(truth, ddof=1), rel=0.2)


def test_other_draws_change_letters_and_keep_the_sequence(cnn: gl.Model) -> None:
    instance = cnn.instance(EXAMPLES["No motif"])
    again = instance.redrawn(3)
    everything, nothing = np.ones((1, 36), bool), np.zeros((1, 36), bool)
    assert instance.redrawn(0) is instance
    assert again.predict(everything) == instance.predict(everything)
    assert again.predict(nothing) != instance.predict(nothing)
    assert again.predict(nothing) == instance.redrawn(3).predict(nothing)
