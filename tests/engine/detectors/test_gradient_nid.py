"""Second derivatives against finite differences and autograd."""

import numpy as np
import pytest
import torch

from glider_core.engine.detectors.gradient_nid import gradient_nid_rankings, hessians
from glider_core.engine.explainer import Explainers


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
