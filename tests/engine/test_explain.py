import numpy as np
import pytest
import torch

import glider_core as gl
from glider_core.engine.clock import STAGES
from glider_core.engine.planted import planted_instance, r_precision
from tests.conftest import additive

ALL = [pytest.param(d, 20, marks=pytest.mark.slow) for d in (10, 20, 40)]  # as README's table has them
THOROUGH = gl.Settings(n_train=1000, n_validation=100, n_test=100, max_epochs=30)


@pytest.mark.parametrize(("d", "n"), [(10, 10), (20, 10), (40, 10), *ALL])
def test_nid_finds_every_planted_set(d: int, n: int) -> None:
    cases = [planted_instance(d, seed, orders=(2, 2, 3)) for seed in range(n)]
    explanations = gl.explain_many([instance for instance, _ in cases], gl.Settings(detector="NID"))
    precision = [
        r_precision(explanation.interactions, planted)
        for explanation, (_, planted) in zip(explanations, cases, strict=True)
    ]
    assert np.mean(precision) >= 0.95


@pytest.mark.parametrize(("d", "n"), [(10, 8), (20, 8), (40, 8), *ALL])
def test_gradient_nid_finds_every_planted_pair(d: int, n: int) -> None:
    cases = [planted_instance(d, seed, orders=(2, 2, 2)) for seed in range(n)]
    explanations = gl.explain_many([instance for instance, _ in cases], gl.Settings(detector="GradientNID"))
    precision = [
        r_precision(explanation.ranking, planted) for explanation, (_, planted) in zip(explanations, cases, strict=True)
    ]
    assert np.mean(precision) >= 0.95


@pytest.mark.parametrize("detector", ["Grow", "NID", "GradientNID"])
def test_many_equal_one_by_one(quick: gl.Settings, detector: str) -> None:
    settings = quick.model_copy(update={"detector": detector, "repeats": 2})
    instances = [planted_instance(d, seed)[0] for seed, d in enumerate([8, 11, 8, 8])]
    seen: list[int] = []
    many = gl.explain_many(instances, settings, on_result=lambda position, _: seen.append(position))
    assert sorted(seen) == [0, 1, 2, 3]
    for instance, explanation in zip(instances, many, strict=True):
        alone = gl.explain(instance, settings)
        # The explainers are equal bit for bit; the double-precision Hessian after them rounds by batch.
        assert [c.features for c in alone.ranking] == [c.features for c in explanation.ranking]
        assert [c.strength for c in alone.ranking] == pytest.approx([c.strength for c in explanation.ranking])
        assert alone.main_effects == explanation.main_effects
        assert alone.scores == explanation.scores
        for one, other in zip(alone.interactions, explanation.interactions, strict=True):
            assert one.answers == other.answers
            assert (one.features, one.effect, one.gain, one.stability) == (
                other.features,
                other.effect,
                other.gain,
                other.stability,
            )


def test_effects_are_the_black_boxes_own() -> None:
    instance = gl.FunctionInstance(list("abcdef"), lambda m: 2.0 * m[:, 0] * m[:, 1] - m[:, 2] + 0.5 * m[:, 3])
    explanation = gl.explain(instance, THOROUGH)
    top = explanation.interactions[0]
    assert (top.features, top.names, top.order) == ((0, 1), ("a", "b"), 2)
    assert top.effect == pytest.approx(2.0)
    assert top.answers == pytest.approx((-0.5, -0.5, -0.5, 1.5))
    assert explanation.prediction == pytest.approx(1.5)
    assert explanation.prediction_off == pytest.approx(0.0)
    assert explanation.main_effects[2] == pytest.approx(-1.0, abs=0.1)


def test_the_same_seed_gives_the_same_explanation(quick: gl.Settings) -> None:
    instance, _ = planted_instance(14, 2)
    first, second = gl.explain(instance, quick), gl.explain(instance, quick)
    assert first.interactions == second.interactions
    assert first.ranking == second.ranking
    other = gl.explain(instance, quick.model_copy(update={"seed": 1}))
    assert other.scores != first.scores


def test_progress_goes_through_all_stages_in_order(quick: gl.Settings) -> None:
    seen: list[tuple[str, float]] = []
    settings = quick.model_copy(update={"detector": "NID"})
    gl.explain(planted_instance(7, 0)[0], settings, on_progress=lambda stage, share: seen.append((stage, share)))
    stages = [stage for stage, _ in seen]
    assert list(dict.fromkeys(stages)) == list(STAGES)
    assert stages == sorted(stages, key=STAGES.index)
    assert all(0 <= share <= 1 for _, share in seen)


@pytest.mark.parametrize("stage", STAGES)
def test_a_run_can_be_cancelled_in_any_stage(quick: gl.Settings, stage: str) -> None:
    def stop(current: str, share: float) -> None:
        if current == stage:
            raise gl.Cancelled("stop")

    with pytest.raises(gl.Cancelled):
        gl.explain(planted_instance(7, 0)[0], quick.model_copy(update={"detector": "NID"}), on_progress=stop)


def test_an_additive_black_box_has_no_interactions() -> None:
    explanation = gl.explain(gl.FunctionInstance([f"x{i}" for i in range(12)], additive))
    assert explanation.interactions == ()
    assert explanation.scores[0] > 0.999


def test_a_constant_black_box_is_explained_by_nothing(quick: gl.Settings) -> None:
    explanation = gl.explain(gl.FunctionInstance(["a", "b", "c"], lambda m: np.full(len(m), 4.2)), quick)
    assert explanation.interactions == ()
    assert explanation.main_effects == pytest.approx((0, 0, 0), abs=1e-12)
    assert explanation.scores == (1.0,)


@pytest.mark.parametrize("detector", ["Grow", "NID", "GradientNID"])
@pytest.mark.parametrize("d", [1, 2, 300])
def test_few_and_many_features(quick: gl.Settings, detector: str, d: int) -> None:
    instance = gl.FunctionInstance([f"x{i}" for i in range(d)], lambda m: m[:, 0] * m[:, -1] * 2.0)
    settings = THOROUGH if d < 10 else quick
    explanation = gl.explain(instance, settings.model_copy(update={"detector": detector}))
    assert len(explanation.main_effects) == d
    if d == 2:
        assert explanation.interactions[0].features == (0, 1)
    if d == 1:
        assert explanation.interactions == ()


def test_features_out_of_bounds_are_refused(quick: gl.Settings) -> None:
    with pytest.raises(gl.InvalidInput, match="1001 features"):
        gl.explain(gl.FunctionInstance(["x"] * 1001, additive), quick)


def test_a_missing_gpu_is_said() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(gl.InvalidSettings, match="GPU"):
        gl.explain(planted_instance(5, 0, orders=(2,))[0], gl.Settings(device="cuda"))


def test_the_number_of_threads_changes_nothing(quick: gl.Settings) -> None:
    instance, _ = planted_instance(9, 4)
    before = torch.get_num_threads()
    explanations = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            explanations.append(gl.explain(instance, quick.model_copy(update={"repeats": 3})))
    finally:
        torch.set_num_threads(before)
    first, second = explanations
    assert first.ranking == second.ranking
    assert first.interactions == second.interactions


def test_a_run_leaves_the_callers_random_numbers_alone(quick: gl.Settings) -> None:
    instance, _ = planted_instance(6, 0, orders=(2,))
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    gl.explain(instance, quick)
    assert torch.equal(torch.rand(3), expected)


def test_settings_must_be_settings() -> None:
    instance, _ = planted_instance(5, 0, orders=(2,))
    with pytest.raises(gl.InvalidSettings, match="dict"):
        gl.explain(instance, {"seed": 1})  # type: ignore[arg-type]
