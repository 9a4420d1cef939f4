"""GradientNID: pairs, from a softplus explainer's second derivatives at the instance (Section 3.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from glider_core.engine.detectors.base import N_CANDIDATES
from glider_core.engine.detectors.network import NetworkDetector
from glider_core.engine.recipe import SOFTPLUS_BETA, Recipe, enough_epochs
from glider_core.results import Candidate
from glider_core.settings import Settings

if TYPE_CHECKING:
    from torch import Tensor

    from glider_core.engine.explainer import Explainers


class GradientNID(NetworkDetector):
    """Pairs, from the curvature of a softplus network beside a linear term."""

    name = "GradientNID"
    title = "GradientNID"
    note = "Pairs, as in the paper: GradientNID takes the second derivatives of a small network at this instance."
    max_order = 2
    spread_power = 2

    def recipe(self, settings: Settings, n_train: int) -> Recipe:
        """Softplus beside a linear term, without L1.

        Curvature is noise at a constant rate of 1e-2: on the paper's schedule, "plateau", 3e-3 is the default.
        """
        return Recipe(
            hidden=settings.hidden,
            activation="softplus",
            linear=True,
            l1=0.0,
            learning_rate=settings.learning_rate or (3e-3 if settings.schedule == "plateau" else 1e-2),
            batch_size=settings.batch_size,
            schedule=settings.schedule,
            epochs=settings.epochs or enough_epochs(12, n_train),
            patience=settings.patience,
            max_epochs=settings.max_epochs,
        )

    def read(
        self, explainers: Explainers, settings: Settings, report: Callable[[float], None]
    ) -> list[list[Candidate]]:
        """Per explainer the pairs by squared mixed partial derivative at the instance."""
        report(0.0)
        return gradient_nid_rankings(explainers)


DETECTOR = GradientNID()


def gradient_nid_rankings(explainers: Explainers, at: Tensor | None = None) -> list[list[Candidate]]:
    """Per member the pairs by squared mixed partial derivative, strongest first, ties by content.

    Args:
        explainers: softplus members.
        at: (d,) where to differentiate; the instance itself (all ones) by default.
    """
    import torch

    strengths = hessians(explainers, at).square()
    d = strengths.shape[1]
    first, second = torch.triu_indices(d, d, offset=1)
    rankings = []
    for member in strengths[:, first, second]:
        strongest_first = torch.argsort(member, descending=True, stable=True)[:N_CANDIDATES].tolist()
        rankings.append(
            [
                Candidate(features=(int(first[pair]), int(second[pair])), strength=float(member[pair]))
                for pair in strongest_first
                if member[pair] > 0
            ]
        )
    return rankings


def hessians(explainers: Explainers, at: Tensor | None = None) -> Tensor:
    """Second derivatives (B, d, d), float64, of each member's output, in closed form and in one pass over all pairs.

    With z_l the inputs of layer l's units, s their softplus and g_l the output's gradient with respect to s(z_l), the
    chain rule gives H = sum over layers of J_l^T diag(g_l * s''(z_l)) J_l, with J_l = dz_l/dx: no term is left out,
    since z_l is linear in s(z_(l-1)). The linear term has no curvature.

    Args:
        explainers: softplus members.
        at: (d,) where to differentiate; the instance itself (all ones) by default.
    """
    import torch

    weights = [weight.double() for weight in explainers.weights]
    members, d, _ = weights[0].shape
    point = torch.ones(d, dtype=torch.float64, device=weights[0].device) if at is None else at.double()
    value = point.expand(members, d)
    jacobian = torch.eye(d, dtype=torch.float64, device=point.device).expand(members, d, d)  # d value_i / d x_j
    slopes, jacobians = [], []
    for weight, bias in zip(weights[:-1], explainers.biases[:-1], strict=True):
        z = torch.baddbmm(bias.double()[:, None], value[:, None], weight)[:, 0]
        jacobians.append(torch.bmm(weight.transpose(1, 2), jacobian))
        slopes.append(torch.sigmoid(SOFTPLUS_BETA * z))
        value = torch.nn.functional.softplus(z, beta=SOFTPLUS_BETA)
        jacobian = slopes[-1][..., None] * jacobians[-1]

    hessian = torch.zeros(members, d, d, dtype=torch.float64, device=point.device)
    gradient = weights[-1][..., 0]  # of the output with respect to the last hidden layer
    for layer in reversed(range(len(slopes))):
        curvature = gradient * SOFTPLUS_BETA * slopes[layer] * (1 - slopes[layer])
        hessian += torch.bmm(jacobians[layer].transpose(1, 2), curvature[..., None] * jacobians[layer])
        gradient = torch.bmm(weights[layer], (gradient * slopes[layer])[..., None])[..., 0]
    return hessian
