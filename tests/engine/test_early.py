import numpy as np
import pytest

import glider_core as gl
from glider_core.engine.early import FIRST_LOOK, NEXT_LOOK
from glider_core.engine.plan import Plan
from glider_core.engine.planted import planted_instance


class Counting(gl.FunctionInstance):
    """Counts the masks it is asked, and lets none be asked twice."""

    def __init__(self, names, predict) -> None:
        super().__init__(names, self._count)
        self.seen: set[bytes] = set()
        self._inner = predict

    def _count(self, masks):
        keys = {row.tobytes() for row in masks}
        assert not keys & self.seen
        self.seen |= keys
        return self._inner(masks)


def test_an_early_stop_asks_less_and_nothing_twice() -> None:
    plain, planted = planted_instance(12, 3, orders=(2, 2))
    instance = Counting(plain.names, plain.predict)
    looks: list[gl.Explanation] = []
    settings = gl.Settings(stop_when_stable=2)
    found = gl.explain(instance, settings, on_look=looks.append)
    assert {one.features for one in found.interactions[:2]} == set(planted)
    assert found.n_evaluations == len(instance.seen) < 3000
    assert len(looks) >= 2  # the last of the three is the result
    assert [look.n_evaluations for look in looks] == sorted(look.n_evaluations for look in looks)
    again = gl.explain_many([plain], settings)[0]
    assert again.interactions == found.interactions
    assert found.settings == settings


def test_few_masks_to_test_on_make_the_first_look_later() -> None:
    """Of a thousand masks of these, none would test."""
    instance = gl.FunctionInstance(list("abcdefghijkl"), lambda m: 1.0 * m[:, 0] * m[:, 1])
    looks: list[gl.Explanation] = []
    settings = gl.Settings(n_train=3000, n_validation=100, n_test=20, stop_when_stable=1)
    explanation = gl.explain(instance, settings, on_look=looks.append)
    assert explanation.interactions[0].features == (0, 1)
    assert not looks


def test_an_early_stop_that_never_settles_asks_all() -> None:
    """An answer of noise for each mask: the top changes from look to look."""
    rng = np.random.default_rng(0)
    noise: dict[bytes, float] = {}

    def black_box(masks):
        return np.array([noise.setdefault(row.tobytes(), float(rng.normal())) for row in masks])

    instance = gl.FunctionInstance(list("abcdefghijkl"), black_box)
    settings = gl.Settings(n_train=1700, n_validation=150, n_test=150, stop_when_stable=10)
    shares: list[float] = []
    looks: list[gl.Explanation] = []
    explanation = gl.explain(
        instance, settings, on_progress=lambda stage, share: shares.append(share), on_look=looks.append
    )
    all_masks = {row.tobytes() for row in Plan.draw(12, settings).masks}
    assert all_masks <= noise.keys()
    assert explanation.n_evaluations == len(noise)
    assert len(looks) == len(range(FIRST_LOOK, settings.n_masks, NEXT_LOOK))
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_an_early_stop_averages_over_draws_once(cnn: gl.Model) -> None:
    """Every look would ask its own sets thirty times over, and cost more than the full run."""
    instance = cnn.instance("CGTTAATTACTCCTCCACGTGTTGTCCTACACTACC")
    settings = gl.Settings.with_masks(3000, l1=5e-3, stop_when_stable=3)
    looks: list[gl.Explanation] = []
    explanation = gl.explain(instance, settings, on_look=looks.append)
    assert looks
    assert all(i.effect_deviation is None for look in looks for i in look.interactions)
    assert all(i.effect_deviation is not None for i in explanation.interactions)
    whole = gl.explain(instance, gl.Settings.with_masks(3000, l1=5e-3))
    assert explanation.n_evaluations <= whole.n_evaluations + 500
