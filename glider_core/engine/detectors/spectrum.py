"""Spectrum: boosted trees learn the answers, and sets are read from them exactly (as ProxySPEX, Butler et al. 2025).

Two things differ from ProxySPEX: the trees learn what a linear model of the features leaves over, since main effects
hide sets of many features from them; and sets are ranked by their Banzhaf interaction, the mean joint effect over all
masks, so that a set stands above its parts.
"""

from __future__ import annotations

from functools import partial

from glider_core.engine.boosting import boost, spectrum
from glider_core.engine.choosing import choose
from glider_core.engine.clock import Clock
from glider_core.engine.design import Design
from glider_core.engine.detectors.base import N_CANDIDATES, Detected, Report, Sample
from glider_core.engine.detectors.grow import Grow
from glider_core.engine.exhaustive import parities
from glider_core.results import Candidate
from glider_core.settings import Settings

_DEPTH = 6  # of the trees, and so the most features of a set
_CANDIDATES = 100  # sets that are given to the linear model


class Spectrum(Grow):
    """Sets of up to six features, from the Walsh coefficients of boosted trees."""

    name = "Spectrum"
    title = "Spectrum"
    note = "Sets of up to six features: boosted trees learn the answers, and their sum is read as products, exactly."
    max_order = _DEPTH

    def detect_one(self, design: Design, sample: Sample, settings: Settings, clock: Clock, report: Report) -> Detected:
        """The sets of the trees by mean joint effect, and those of them that a linear model needs."""
        depth = min(_DEPTH, settings.max_order or _DEPTH, design.d)
        with clock("train"):
            model = sample.model(design)
            # What the features alone leave over; nothing where that is rounding.
            left = model.target / design.root
            step = partial(report, "train")
            if not model.rss:
                found = {}
            elif len(design.masks) == 2**design.d:  # nothing is left for trees to foretell
                found = parities(design.masks, left)
            else:
                found = spectrum(boost(design.masks, left, design.weights, depth=depth, step=step))
        with clock("detect"):
            ranking = [
                Candidate(features=features, strength=abs(2.0 ** len(features) * coefficient))
                for features, coefficient in found.items()
                if 1 < len(features) <= depth and coefficient
            ]
            # Sets of equal strength: the smaller, then by content, so that two runs are equal.
            ranking.sort(key=lambda c: (-c.strength, len(c.features), c.features))
            report("detect", 0.0)
            choose(model, [c.features for c in ranking[:_CANDIDATES]], max_terms=settings.max_interactions)
            return Detected(model, tuple(ranking[:N_CANDIDATES]))


DETECTOR = Spectrum()
