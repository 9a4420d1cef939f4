"""Stability: the detector again on other masks, within a run and behind it."""

from types import SimpleNamespace

import numpy as np
import pytest

import glider_core as gl
from glider_core.engine import repeating
from glider_core.engine.planted import planted_family

SETTINGS = gl.Settings.with_masks(300, grow_questions=False)


def faint(seed: int = 0) -> gl.FunctionInstance:
    """A pair that is there, and one so faint in noise that other masks often miss it."""
    key = np.random.default_rng(seed).integers(1, 2**40, 20)

    def function(m: np.ndarray) -> np.ndarray:
        noise = np.sin((m @ key).astype(np.float64) * 12.9898)  # the same for equal masks
        return 2.0 * m[:, 0] * m[:, 1] + 0.3 * m[:, 2] * m[:, 3] + m @ np.linspace(-1, 1, 20) + 0.25 * noise

    return gl.FunctionInstance([f"x{i}" for i in range(20)], function)


def test_what_is_measured_behind_a_result_is_what_the_run_itself_measures() -> None:
    instance = faint()
    plain, whole = (gl.explain(instance, SETTINGS.model_copy(update={"repeats": n})) for n in (1, 6))
    assert plain.runs == 1
    assert all(interaction.stability is None for interaction in plain.interactions)
    refined = gl.measure_stability(instance, plain, runs=6)
    assert refined.runs == whole.runs == 6
    found = {interaction.features: interaction.stability for interaction in refined.interactions}
    assert found == {interaction.features: interaction.stability for interaction in whole.interactions}
    assert found[0, 1] == 1.0
    assert 1 / 6 <= min(stability or 0.0 for stability in found.values()) < 1.0  # and not all are found again
    assert refined.fingerprint == plain.fingerprint
    assert refined.n_evaluations > plain.n_evaluations + 5 * 200
    assert [i.effect for i in refined.interactions] == [i.effect for i in plain.interactions]


def test_a_set_inside_another_or_around_it_is_of_its_family(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = gl.FunctionInstance([f"x{i}" for i in range(20)], lambda m: 2.0 * m[:, 0] * m[:, 1] * m[:, 2] + m[:, 5])
    explanation = gl.explain(instance, SETTINGS)
    assert [i.features for i in explanation.interactions] == [(0, 1, 2)]
    runs = iter([[(0, 1)], [(0, 1, 2, 5), (3, 4)], [(0, 5)], [(0, 1, 2), (0, 1)]])  # inside, around, beside, the same
    monkeypatch.setattr(
        repeating,
        "judge",
        lambda *told: SimpleNamespace(findings=[SimpleNamespace(features=features) for features in next(runs)]),
    )
    (refined,) = gl.measure_stability(instance, explanation, runs=5).interactions
    assert (refined.stability, refined.family_stability) == (2 / 5, 4 / 5)


def test_where_nothing_is_left_to_chance_nothing_more_is_asked() -> None:
    asked = []
    instance = gl.FunctionInstance(list("abcd"), lambda m: asked.append(len(m)) or 2.0 * m[:, 0] * m[:, 2])
    explanation = gl.explain(instance)
    before = len(asked)
    refined = gl.measure_stability(instance, explanation)
    assert [i.stability for i in refined.interactions] == [1.0]
    assert (refined.runs, refined.n_evaluations, len(asked)) == (5, explanation.n_evaluations, before)


def test_a_saved_result_says_whether_stability_was_measured() -> None:
    instance, _ = planted_family("products", 20, 3)
    plain = gl.explain(instance, SETTINGS)
    refined = gl.measure_stability(instance, plain, runs=2)
    for explanation, runs in ((plain, 1), (refined, 2)):
        text = explanation.to_json()
        assert f'"runs": {runs}' in text
        assert gl.Explanation.from_json(text) == explanation


def test_an_explanation_of_something_else_is_refused() -> None:
    explanation = gl.explain(faint(), SETTINGS)
    other = gl.FunctionInstance(list("abcdefghijklmnopqrst"), lambda m: m @ np.ones(20))
    with pytest.raises(gl.InvalidInput, match="of another instance"):
        gl.measure_stability(other, explanation)
    with pytest.raises(gl.InvalidInput, match="takes 2 or more"):
        gl.measure_stability(faint(), explanation, runs=1)


def test_a_report_that_raises_stops_it() -> None:
    def stop(stage: str, share: float) -> None:
        assert stage == "repeat"
        if share > 0.5:
            raise gl.Cancelled("enough")

    with pytest.raises(gl.Cancelled):
        gl.measure_stability(faint(), gl.explain(faint(), SETTINGS), on_progress=stop)
