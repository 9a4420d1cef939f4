"""Grow: product terms added to a linear model while the answers need them; the default."""

from __future__ import annotations

from glider_core.engine.clock import Clock
from glider_core.engine.design import Design
from glider_core.engine.detectors.base import BasicDetector, Detected, Report, Sample
from glider_core.engine.grow import Limits, grow
from glider_core.engine.term_model import TermModel
from glider_core.results import Candidate
from glider_core.settings import Settings

_ALL_MASKS_UP_TO = 9  # features whose 512 masks are about as many as are asked of larger instances


class Grow(BasicDetector):
    """Sets of up to ten features, found with few questions."""

    name = "Grow"
    title = "Grow"
    note = (
        "Sets of any size, with few questions: Grow adds product terms to a linear model while the answers need them."
    )
    max_order = 10
    grows = True

    def exhaustive(self, d: int, settings: Settings) -> bool:
        """Whether all masks are about as few as it would ask anyway."""
        return d <= _ALL_MASKS_UP_TO and 2**d <= settings.n_masks

    def detect_one(self, design: Design, sample: Sample, settings: Settings, clock: Clock, report: Report) -> Detected:
        """Its sets. Each look begins anew: grown on from the sets of 300 masks, a model stays at what these told."""
        limits = Limits(max_terms=settings.max_interactions, max_order=settings.max_order or self.max_order)
        with clock("detect"):
            report("detect", 0.0)
            model = sample.model(design)
            grow(model, limits, step=lambda share: report("detect", share))
            return Detected(model, ranking(model))


DETECTOR = Grow()


def ranking(model: TermModel) -> tuple[Candidate, ...]:
    """The model's sets in forward order; strength is the deviation of the answers that each explains, in their unit."""
    per_weight = model.total / float(model.design.weights.sum())
    return tuple(
        Candidate(features=features, strength=float((max(share, 0.0) * per_weight) ** 0.5))
        for features, share in model.forward()
    )
