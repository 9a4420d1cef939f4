"""Which masks are asked about at each look, and who trains, validates and tests on them."""

import numpy as np
import pytest

import glider_core as gl
from glider_core.engine.masks import chances, sample_masks
from glider_core.engine.plan import LOOKS, Plan


@pytest.mark.parametrize("parts", [(2000, 1000, 1000), (5000, 500, 500), (50, 20, 20), (1000, 21, 300)])
def test_the_last_look_divides_the_masks_as_the_settings_say(parts: tuple[int, int, int]) -> None:
    settings = gl.Settings(n_train=parts[0], n_validation=parts[1], n_test=parts[2])
    split = Plan.draw(10, settings).look(sum(parts)).split
    rows = [split.train, split.validation, split.test]
    assert tuple(map(len, rows)) == parts
    assert sorted(np.concatenate(rows).tolist()) == list(range(sum(parts)))
    assert 0 in split.train


def test_every_look_divides_its_masks_in_the_settings_proportions() -> None:
    split = Plan.draw(10, gl.Settings(n_train=2000, n_validation=1000, n_test=1000)).look(1000).split
    assert [len(split.train), len(split.validation), len(split.test)] == pytest.approx([500, 250, 250], abs=2)
    assert 0 in split.train


def test_looks_grow_and_end_with_all_masks() -> None:
    def looks(d: int, masks: int, *, growing: bool = True) -> list[int]:
        return Plan.draw(d, gl.Settings.with_masks(masks)).looks(growing=growing)

    assert looks(20, 6000) == [300, 500, 1000, 2000, 4000, 6000]
    assert looks(20, 6000, growing=False) == [6000]
    assert looks(20, 400) == [300, 400]
    assert looks(20, 100) == [100]
    assert looks(300, 6000) == [1000, 2000, 4000, 6000]  # with fewer, a linear model takes most of the masks
    assert looks(20, 300_000)[-2:] == [LOOKS[-1], 300_000]


def test_a_look_is_the_beginning_of_the_next() -> None:
    plan = Plan.draw(12, gl.Settings(seed=4))
    assert np.array_equal(plan.look(600).masks, plan.look(6000).masks[:600])
    assert np.array_equal(plan.look(600).distinct, plan.look(6000).distinct[: len(plan.look(600).distinct)])


def test_a_repeat_has_masks_of_its_own() -> None:
    first, second = (Plan.draw(12, gl.Settings(), repeat=repeat) for repeat in (0, 1))
    assert not np.array_equal(first.masks, second.masks)
    assert np.array_equal(second.masks, Plan.draw(12, gl.Settings(), repeat=1).masks)


def test_an_exhaustive_plan_weighs_every_mask_by_the_chance_of_drawing_it() -> None:
    plan = Plan.draw(6, gl.Settings(kernel_width=None), exhaustive=True)
    assert len(np.unique(plan.masks, axis=0)) == 64
    assert plan.masks[0].all()
    assert plan.weights == pytest.approx(chances(plan.masks))
    assert plan.weights.sum() == pytest.approx(1.0)
    # Against the sampler itself, which puts the whole instance in the first row instead.
    drawn = sample_masks(6, 200_000, np.random.default_rng(0))[1:]
    others = plan.weights[1:] / plan.weights[1:].sum()
    seen = [np.mean((drawn == mask).all(axis=1)) for mask in plan.masks[1:]]
    assert seen == pytest.approx(others, abs=0.004)
