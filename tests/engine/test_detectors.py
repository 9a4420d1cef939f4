import sys

import numpy as np
import pytest
import torch

import glider_core as gl
from glider_core.engine import detectors
from glider_core.engine.detectors import DETECTORS
from glider_core.engine.detectors.gradient_nid import gradient_nid_rankings, hessians
from glider_core.engine.detectors.nid import aggregate_influence, nid_ranking, nid_strengths
from glider_core.engine.explainer import Explainers


def strengths_of(weights, influence, **options) -> dict[tuple[int, ...], float]:
    sets, strengths = nid_strengths(np.array(weights), np.array(influence), **options)
    return {tuple(np.flatnonzero(row).tolist()): float(s) for row, s in zip(sets, strengths, strict=True)}


def test_nid_ranks_the_planted_pair_first() -> None:
    # The first unit reads features 0 and 1 strongly; the second reads feature 2 alone.
    strengths = strengths_of([[3.0, 2.0, 0.1], [0.0, 0.0, 5.0]], np.ones(2))
    assert max(strengths, key=strengths.__getitem__) == (0, 1)
    assert strengths[0, 1] == pytest.approx(2.0)  # the weaker of the two weights


def test_nid_equals_the_slow_way() -> None:
    rng = np.random.default_rng(0)
    weights, influence = rng.normal(size=(30, 9)), rng.random(30)
    slow: dict[tuple[int, ...], float] = {}
    for row, reach in zip(np.abs(weights), influence, strict=True):
        strongest_first = np.argsort(-row, kind="stable")
        for order in range(2, 10):
            features = tuple(sorted(strongest_first[:order].tolist()))
            slow[features] = slow.get(features, 0.0) + row[strongest_first[order - 1]] * reach
    fast = strengths_of(weights, influence)
    assert fast.keys() == slow.keys()
    assert [fast[features] for features in slow] == pytest.approx(list(slow.values()))


def test_max_order_bounds_the_sets() -> None:
    assert {len(features) for features in strengths_of(np.eye(5) + 0.1, np.ones(5), max_order=3)} == {2, 3}


def test_influence_is_the_product_of_absolute_weights() -> None:
    first, last = np.array([[1.0, -2.0], [0.0, 3.0]]), np.array([[-1.0], [0.5]])
    assert aggregate_influence([first, last]).tolist() == [2.0, 1.5]


def test_a_subset_below_a_stronger_superset_is_dropped() -> None:
    # Two units: both see {0, 1, 2}, by different prefixes, so the triple outweighs each pair.
    layers = [np.array([[2.0, 1.0], [1.9, 2.0], [1.8, 1.9], [0.0, 0.0]]), np.ones((2, 1))]
    ranking = nid_ranking(layers)
    assert ranking[0].features == (0, 1, 2)
    assert {c.features for c in ranking} == {(0, 1, 2)}


def test_three_hundred_features_and_one() -> None:
    rng = np.random.default_rng(0)
    assert nid_ranking([rng.normal(size=(300, 64)), rng.normal(size=(64, 1))])
    assert nid_ranking([rng.normal(size=(1, 64)), rng.normal(size=(64, 1))]) == []


def softplus_members(d: int = 5, seed: int = 0) -> Explainers:
    generator = torch.Generator().manual_seed(seed)
    sizes = [(d, 12), (12, 7), (7, 1)]
    return Explainers(
        weights=tuple(torch.randn(2, i, o, generator=generator, dtype=torch.float64) * 0.4 for i, o in sizes),
        biases=tuple(torch.randn(2, o, generator=generator, dtype=torch.float64) * 0.2 for _, o in sizes),
        linear=torch.randn(2, d, generator=generator, dtype=torch.float64),
        activation="softplus",
        epochs=np.zeros(2, dtype=int),
        validation_loss=np.zeros(2),
    )


def test_hessian_agrees_with_finite_differences() -> None:
    members, d, h = softplus_members(), 5, 1e-4
    exact = hessians(members)
    for i in range(d):
        for j in range(d):
            corners = []
            for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                point = torch.ones(d, dtype=torch.float64)
                point[i] += a * h
                point[j] += b * h
                corners.append(members.predict(point[None, None])[:, 0])
            difference = (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * h * h)
            assert exact[:, i, j].numpy() == pytest.approx(difference.numpy(), abs=1e-5)


def test_hessian_agrees_with_autograd() -> None:
    members = softplus_members(seed=3)
    for member in range(2):

        def output(x: torch.Tensor, member: int = member) -> torch.Tensor:
            return members.predict(x[None, None])[member, 0]

        expected = torch.autograd.functional.hessian(output, torch.ones(5, dtype=torch.float64))
        assert isinstance(expected, torch.Tensor)
        assert hessians(members)[member].numpy() == pytest.approx(
            expected.numpy(), abs=1e-7
        )  # torch cuts softplus off far out


def test_gradient_nid_ranks_by_squared_mixed_derivative() -> None:
    members = softplus_members()
    exact = hessians(members)
    for ranking, hessian in zip(gradient_nid_rankings(members), exact, strict=True):
        assert len(ranking) == 10
        assert [c.strength for c in ranking] == sorted((c.strength for c in ranking), reverse=True)
        assert ranking[0].strength == pytest.approx(float(hessian[ranking[0].features].square()))


def test_every_detector_says_what_it_is() -> None:
    assert set(DETECTORS) == {"NID", "GradientNID"}
    for name, detector in DETECTORS.items():
        assert detector.name == name
        assert detector.title
        assert detector.note.endswith(".")


def test_a_new_detector_is_one_file(tmp_path, monkeypatch) -> None:
    """A file in the package's folder is all that settings and engine need."""
    (tmp_path / "loudest.py").write_text(
        "from glider_core.engine.detectors.nid import NID\n"
        "from glider_core.results import Candidate\n\n\n"
        "class Loudest(NID):\n"
        "    name = title = 'Loudest'\n\n"
        "    def rank(self, explainers, settings, report):\n"
        "        return [[Candidate(features=(0, 1), strength=1.0)] for _ in explainers.weights[0]]\n\n\n"
        "DETECTOR = Loudest()\n"
    )
    monkeypatch.setattr(detectors, "__path__", [*detectors.__path__, str(tmp_path)])
    monkeypatch.setattr(detectors, "DETECTORS", detectors._Detectors())
    monkeypatch.setattr("glider_core.engine.stack.DETECTORS", detectors.DETECTORS)
    instance = gl.FunctionInstance(list("abcd"), lambda m: 1.0 * m[:, 0] * m[:, 1])
    settings = gl.Settings.with_masks(600, detector="Loudest")
    explanation = gl.explain(instance, settings)
    assert [candidate.features for candidate in explanation.ranking] == [(0, 1)]
    assert gl.Settings.from_query(settings.to_query()) == settings
    sys.modules.pop(f"{detectors.__name__}.loudest", None)


def test_a_strength_is_in_logits_whatever_the_answers_spread() -> None:
    def scaled(factor: float, detector: str) -> float:
        instance = gl.FunctionInstance(list("abcd"), lambda m: factor * (1.0 * m[:, 0] * m[:, 1] + m[:, 2]))
        return gl.explain(instance, gl.Settings.with_masks(600, detector=detector)).ranking[0].strength

    assert scaled(10.0, "NID") / scaled(1.0, "NID") == pytest.approx(10.0, rel=1e-3)
    assert scaled(10.0, "GradientNID") / scaled(1.0, "GradientNID") == pytest.approx(100.0, rel=1e-3)
