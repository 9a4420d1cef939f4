import json

import numpy as np
import pytest

import glider_core as gl
from glider_core.engine.madex import STAGES
from glider_core.engine.planted import planted_instance, r_precision
from tests.conftest import additive

ALL = [pytest.param(d, 20, marks=pytest.mark.slow) for d in (10, 20, 40)]  # as README's table has them
THOROUGH = gl.Settings(n_train=1000, n_validation=100, n_test=100, max_epochs=30)


@pytest.mark.parametrize(("d", "n"), [(10, 10), (20, 10), (40, 10), *ALL])
def test_nid_finds_every_planted_set(d: int, n: int) -> None:
    cases = [planted_instance(d, seed, orders=(2, 2, 3)) for seed in range(n)]
    explanations = gl.explain_many([instance for instance, _ in cases])
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


@pytest.mark.parametrize("detector", ["NID", "GradientNID"])
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


def test_stability_is_the_share_of_repeats() -> None:
    instance, planted = planted_instance(8, 1, orders=(2,))
    explanation = gl.explain(instance, gl.Settings(n_train=1000, n_validation=100, n_test=100, repeats=3))
    by_set = {i.features: i.stability for i in explanation.interactions}
    assert by_set[planted[0]] == 1.0


def test_the_same_seed_gives_the_same_explanation(quick: gl.Settings) -> None:
    instance, _ = planted_instance(9, 2)
    first, second = gl.explain(instance, quick), gl.explain(instance, quick)
    assert first.interactions == second.interactions
    assert first.ranking == second.ranking
    other = gl.explain(instance, quick.model_copy(update={"seed": 1}))
    assert other.ranking != first.ranking


def test_json_goes_both_ways(quick: gl.Settings) -> None:
    explanation = gl.explain(planted_instance(7, 0)[0], quick)
    assert gl.Explanation.from_json(explanation.to_json()) == explanation
    assert json.loads(explanation.to_json())["settings"]["n_train"] == 400


@pytest.mark.parametrize("text", ["", "nonsense", "{}", '{"names": 3}', "[]", '{"settings": {"seed": -1}}'])
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(gl.InvalidInput, match="not a saved explanation"):
        gl.Explanation.from_json(text)


def test_progress_goes_through_all_stages_in_order(quick: gl.Settings) -> None:
    seen: list[tuple[str, float]] = []
    gl.explain(planted_instance(7, 0)[0], quick, on_progress=lambda stage, share: seen.append((stage, share)))
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
        gl.explain(planted_instance(7, 0)[0], quick, on_progress=stop)


def test_equal_masks_are_asked_once(quick: gl.Settings) -> None:
    asked: list[bytes] = []

    def black_box(masks: np.ndarray) -> np.ndarray:
        asked.extend(row.tobytes() for row in masks)
        return additive(masks)

    explanation = gl.explain(gl.FunctionInstance(list("abcde"), black_box), quick)
    assert len(asked) == explanation.n_evaluations
    assert len(set(asked)) == 32  # all there are


def test_an_additive_black_box_has_no_interactions() -> None:
    explanation = gl.explain(gl.FunctionInstance([f"x{i}" for i in range(12)], additive))
    assert explanation.interactions == ()
    assert explanation.scores[0] > 0.999


def test_a_constant_black_box_is_explained_by_nothing(quick: gl.Settings) -> None:
    explanation = gl.explain(gl.FunctionInstance(["a", "b", "c"], lambda m: np.full(len(m), 4.2)), quick)
    assert explanation.interactions == ()
    assert explanation.main_effects == pytest.approx((0, 0, 0), abs=1e-12)
    assert explanation.scores == (1.0,)


@pytest.mark.parametrize("detector", ["NID", "GradientNID"])
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


@pytest.mark.parametrize(
    ("black_box", "message"),
    [
        (lambda m: np.full(len(m), np.nan), "finite"),
        (lambda m: np.full(len(m), np.inf), "finite"),
        (lambda m: np.zeros((len(m), 2)), "shape"),
        (lambda m: np.zeros(3), "shape"),
        (lambda m: 1.0, "shape"),
        (lambda m: "hello", "not with numbers"),
        (lambda m: None, "not with numbers|finite|shape"),
        (lambda m: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_a_broken_black_box_gets_a_clear_error(quick: gl.Settings, black_box, message: str) -> None:
    with pytest.raises(gl.BlackBoxFailed, match=message):
        gl.explain(gl.FunctionInstance(list("abc"), black_box), quick)


def test_features_out_of_bounds_are_refused(quick: gl.Settings) -> None:
    with pytest.raises(gl.InvalidInput, match="1001 features"):
        gl.explain(gl.FunctionInstance(["x"] * 1001, additive), quick)
    for names in ([], "abc", [1, 2]):
        with pytest.raises(gl.InvalidInput, match="feature names"):
            gl.FunctionInstance(names, additive)  # type: ignore[arg-type]
    with pytest.raises(gl.InvalidInput, match="function"):
        gl.FunctionInstance(["a"], 3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"n_train": 0}, "n_train"),
        ({"kernel_width": -1.0}, "kernel_width"),
        ({"detector": "magic"}, "detector"),
        ({"seed": -1}, "seed"),
        ({"hidden": ()}, "hidden"),
        ({"hidden": (0,)}, "hidden"),
        ({"repeats": 0}, "repeats"),
        ({"device": "toaster"}, "device"),
        ({"n_train": "many"}, "n_train"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_settings_out_of_range_are_named(values: dict, name: str) -> None:
    with pytest.raises(gl.InvalidSettings, match=name):
        gl.Settings(**values)


def test_a_missing_gpu_is_said() -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(gl.InvalidSettings, match="GPU"):
        gl.explain(planted_instance(5, 0, orders=(2,))[0], gl.Settings(device="cuda"))


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


def test_an_early_stop_that_never_settles_asks_all() -> None:
    rng = np.random.default_rng(0)
    noise: dict[bytes, float] = {}
    instance = gl.FunctionInstance(
        list("abcdefghijkl"),
        lambda masks: np.array([noise.setdefault(row.tobytes(), float(rng.normal())) for row in masks]),
    )
    settings = gl.Settings(n_train=1500, n_validation=150, n_test=150, stop_when_stable=50)
    shares: list[float] = []
    found = gl.explain(instance, settings, on_progress=lambda stage, share: shares.append(share))
    assert len(found.scores) >= 1
    assert shares == sorted(shares)
    assert shares[-1] <= 1.0
