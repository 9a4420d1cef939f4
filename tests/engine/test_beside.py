"""What the paper's detectors find on the questions of a result."""

import numpy as np
import pytest

import glider_core as gl
from glider_core.engine.beside import find_beside
from glider_core.engine.planted import planted_family


class Counting(gl.FunctionInstance):
    """Notes every mask that it is asked about."""

    def __init__(self, other: gl.FunctionInstance) -> None:
        self.asked: set[bytes] = set()
        super().__init__(other.names, lambda m: (self.asked.update(row.tobytes() for row in m), other.predict(m))[1])


def test_they_ask_nothing_that_the_run_has_not_asked() -> None:
    d = 8  # all of whose masks are asked
    instance = Counting(gl.FunctionInstance([f"x{i}" for i in range(d)], lambda m: 2.0 * m[:, 1] * m[:, 4] + m[:, 0]))
    explanation = gl.explain(instance, gl.Settings.with_masks(400))
    before = set(instance.asked)
    both = find_beside(instance, explanation)
    assert instance.asked == before
    assert [beside.detector for beside in both] == ["NID", "GradientNID"]
    assert both[0].ranking[0].features == (1, 4)
    assert both[0].kept == ((1, 4),)
    assert min(beside.score for beside in both) > 0.95


def test_they_find_what_a_run_of_their_own_on_as_many_masks_finds() -> None:
    instance, _ = planted_family("products", 20, 3)
    explanation = gl.explain(instance, gl.Settings.with_masks(600, grow_questions=False))
    (beside,) = find_beside(instance, explanation, ("NID",))
    alone = gl.explain(instance, gl.Settings.with_masks(600, detector="NID"))
    assert beside.ranking == alone.ranking
    assert beside.kept == tuple(interaction.features for interaction in alone.interactions)


@pytest.mark.slow
def test_as_published_weighs_masks_alike_and_trains_otherwise() -> None:
    instance, _ = planted_family("products", 20, 3)
    explanation = gl.explain(instance, gl.Settings.with_masks(600, grow_questions=False))
    (published,) = find_beside(instance, explanation, ("NID",), as_published=True)
    settings = gl.Settings.with_masks(600, detector="NID", schedule="plateau", kernel_width=None)
    assert published.ranking == gl.explain(instance, settings).ranking


def test_what_asks_of_its_own_and_other_instances_are_refused() -> None:
    instance, _ = planted_family("products", 20, 3)
    explanation = gl.explain(instance, gl.Settings.with_masks(600, grow_questions=False))
    with pytest.raises(gl.InvalidInput, match="questions of its own"):
        find_beside(instance, explanation, ("ArchDetect",))
    with pytest.raises(gl.InvalidInput, match="of another instance"):
        find_beside(gl.FunctionInstance(list("abc"), lambda m: m @ np.ones(3)), explanation)
