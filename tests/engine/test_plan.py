"""Who trains, validates and tests, when all masks are there and when only the first are."""

import numpy as np
import pytest

import glider_core as gl
from glider_core.engine.plan import Plan


@pytest.mark.parametrize("parts", [(2000, 1000, 1000), (5000, 500, 500), (50, 20, 20), (1000, 21, 300)])
def test_the_last_look_divides_the_masks_as_the_settings_say(parts: tuple[int, int, int]) -> None:
    settings = gl.Settings(n_train=parts[0], n_validation=parts[1], n_test=parts[2], repeats=2)
    for split in Plan.draw(10, settings).beginning(sum(parts), settings).splits:
        rows = [split.train, split.validation, split.test]
        assert tuple(map(len, rows)) == parts
        assert sorted(np.concatenate(rows).tolist()) == list(range(sum(parts)))
        assert 0 in split.train


def test_a_mask_keeps_its_part_when_more_are_asked() -> None:
    settings = gl.Settings(n_train=2000, n_validation=1000, n_test=1000)
    plan = Plan.draw(10, settings)
    all_of_it = plan.beginning(4000, settings).splits[0]
    beginning = plan.beginning(1000, settings).splits[0]
    for part in ("train", "validation", "test"):
        whole = getattr(all_of_it, part)
        assert getattr(beginning, part).tolist() == whole[whole < 1000].tolist()
    assert [len(beginning.train), len(beginning.validation), len(beginning.test)] == pytest.approx(
        [500, 250, 250], abs=2
    )


def test_beginnings_have_enough_masks_of_each_part() -> None:
    def looks(train: int, validation: int, test: int) -> list[int]:
        return Plan.looks(1000, 500, gl.Settings(n_train=train, n_validation=validation, n_test=test))

    assert looks(1700, 150, 150) == [1000, 1500, 2000]
    assert looks(50, 20, 20) == [90]
    assert looks(5000, 50, 500) == [2500, 3000, 3500, 4000, 4500, 5000, 5500, 5550]
    assert looks(100_000, 20, 20)[-1] == 100_040
    for sizes in ((5000, 50, 500), (100_000, 20, 20), (3000, 100, 20)):
        settings = gl.Settings(n_train=sizes[0], n_validation=sizes[1], n_test=sizes[2])
        plan = Plan.draw(10, settings)
        (split,) = plan.beginning(looks(*sizes)[0], settings).splits
        assert min(len(split.validation), len(split.test)) >= 20
