"""What NID and GradientNID share: an explainer network is trained, read, and a ridge path keeps what it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.clock import Clock
from glider_core.engine.detectors.base import BasicDetector, Detected, Report, Sample
from glider_core.engine.grow import weed
from glider_core.engine.linear import r2, select
from glider_core.engine.plan import Look
from glider_core.engine.recipe import Recipe
from glider_core.engine.term_model import TermModel
from glider_core.engine.terms import Term
from glider_core.results import Candidate
from glider_core.settings import Settings

if TYPE_CHECKING:  # brings torch, which the names of detectors do without
    from glider_core.engine.explainer import Explainers

_DEAD = 0.02  # R2 by which a network may stand below the linear model before it counts as dead
_RETRY_L1 = (0.1, 0.0)  # parts of the settings' L1 that a dead network is trained with again


class NetworkDetector(BasicDetector):
    """A detector that reads trained explainers; a subclass says how they are built and read."""

    # A set's strength is read from explainers of standardised answers. In logits it is larger by the answers' spread to
    # this power.
    spread_power = 1

    def recipe(self, settings: Settings, n_train: int) -> Recipe:
        """How the explainers of n_train masks are built and trained."""
        raise NotImplementedError

    def read(
        self, explainers: Explainers, settings: Settings, report: Callable[[float], None]
    ) -> list[list[Candidate]]:
        """Per explainer at most `N_CANDIDATES` sets of features, strongest first."""
        raise NotImplementedError

    def detect(
        self,
        look: Look,
        samples: Sequence[Sample],
        settings: Settings,
        clock: Clock,
        report: Report,
    ) -> list[Detected]:
        """Per instance the explainer's ranking, and the sets of it that a linear model needs."""
        targets = np.stack([sample.answers[look.which] for sample in samples])
        rounding = np.array([sample.rounding for sample in samples])
        rankings, scores = self._read(look, targets, rounding, settings, clock, report)
        linear = self._linear_scores(look, targets)
        for part in _RETRY_L1:
            # An L1 term that suits one instance can empty the network of another.
            dead = [i for i in range(len(samples)) if scores[i] < linear[i] - _DEAD]
            if not dead or not settings.l1 or not self.recipe(settings, len(look.split.train)).l1:
                break
            gentle = settings.model_copy(update={"l1": settings.l1 * part})
            again, again_scores = self._read(look, targets[dead], rounding[dead], gentle, clock, report)
            for place, ranking, score in zip(dead, again, again_scores, strict=True):
                if score > scores[place]:
                    rankings[place], scores[place] = ranking, score
        found = []
        with clock("detect"):
            for number, sample in enumerate(samples):
                report("detect", number / len(samples))
                model = self._needed(look, sample, targets[number], rankings[number], settings)
                found.append(Detected(model, tuple(rankings[number]), scores[number]))
        return found

    def _read(
        self,
        look: Look,
        targets: NDArray[np.float64],
        rounding: NDArray[np.float64],
        settings: Settings,
        clock: Clock,
        report: Report,
    ) -> tuple[list[list[Candidate]], list[float]]:
        """Rankings in the answers' own unit, and R2 of each explainer on the test masks."""
        import torch

        from glider_core.engine.explainer import train_explainers

        train, test = look.split.train, look.split.test
        weights = look.weights[train] / look.weights[train].sum()
        level = targets[:, train] @ weights
        spread = np.sqrt(((targets[:, train] - level[:, None]) ** 2) @ weights)
        spread[spread <= rounding] = 0.0
        standardised = (targets - level[:, None]) / np.where(spread, spread, 1.0)[:, None]
        standardised[spread == 0] = 0.0
        recipe = self.recipe(settings, len(train))
        with clock("train"):
            explainers = train_explainers(
                look.masks,
                standardised,
                look.weights,
                [look.split] * len(targets),
                [look.plan.seed] * len(targets),
                recipe,
                device=settings.device,
                on_progress=lambda share: report("train", share),
            )
        report("train", 1.0)
        with clock("detect"):
            rankings = self.read(explainers, settings, lambda share: report("detect", share))
            units = [float(s) ** self.spread_power for s in spread]
            rankings = [
                [replace(c, strength=c.strength * unit) for c in ranking] if unit else []
                for ranking, unit in zip(rankings, units, strict=True)
            ]
            masks = torch.as_tensor(look.masks[test], device=explainers.weights[0].device).float()
            outputs = explainers.predict(masks[None]).double().cpu().numpy()
            scores = [
                r2(targets[i, test], level[i] + spread[i] * outputs[i], look.weights[test]) for i in range(len(targets))
            ]
        return rankings, scores

    @staticmethod
    def _linear_scores(look: Look, targets: NDArray[np.float64]) -> list[float]:
        return [
            select(look.masks, target, look.weights, look.split, [], max_interactions=0, basis=look.basis).scores[0]
            for target in targets
        ]

    @staticmethod
    def _needed(
        look: Look, sample: Sample, target: NDArray[np.float64], ranking: list[Candidate], settings: Settings
    ) -> TermModel:
        """The linear model with products of those sets that the ridge path keeps and that pass the test of Grow."""
        selection = select(
            look.masks,
            target,
            look.weights,
            look.split,
            [candidate.features for candidate in ranking],
            max_interactions=settings.max_interactions,
            basis=look.basis,
        )
        model = sample.model(look.design)
        for position in selection.selected:
            model.add(Term(ranking[position].features, "all"))
        weed(model)
        return model
