"""Spectrum: boosted trees learn the answers, and sets are read from them exactly (as ProxySPEX, Butler et al. 2025).

Two things differ from ProxySPEX: the trees learn what a linear model of the features leaves over, since main effects
hide sets of many features from them; and sets are ranked by their Banzhaf interaction, the mean joint effect over all
masks, so that a set stands above its parts.
"""

from __future__ import annotations

from collections.abc import Sequence

from glider_core.engine.boosting import boost, spectrum
from glider_core.engine.choosing import choose
from glider_core.engine.clock import Clock
from glider_core.engine.detectors.base import N_CANDIDATES, Detected, Report, Sample
from glider_core.engine.detectors.grow import Grow
from glider_core.engine.plan import Look
from glider_core.engine.term_model import TermModel
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

    def detect(
        self,
        look: Look,
        samples: Sequence[Sample],
        settings: Settings,
        clock: Clock,
        report: Report,
    ) -> list[Detected]:
        """Per instance the sets of the trees by mean joint effect, and those of them that a linear model needs."""
        design, found = look.design, []
        depth = min(_DEPTH, settings.max_order or _DEPTH, design.d)
        for number, sample in enumerate(samples):

            def step(share: float, done: int = number) -> None:
                report("train", (done + share) / len(samples))

            with clock("train"):
                model = TermModel(design, sample.answers, noise=sample.noise, rounding=sample.rounding)
                # What the features alone leave over; nothing where that is rounding.
                left = model.target / design.root
                trees = boost(design.masks, left, design.weights, depth=depth, step=step) if model.rss else []
            with clock("detect"):
                ranking = [
                    Candidate(features=features, strength=abs(2.0 ** len(features) * coefficient))
                    for features, coefficient in spectrum(trees).items()
                    if len(features) > 1 and coefficient
                ]
                # Sets of equal strength: the smaller, then by content, so that two runs are equal.
                ranking.sort(key=lambda c: (-c.strength, len(c.features), c.features))
                report("detect", number / len(samples))
                choose(model, [c.features for c in ranking[:_CANDIDATES]], max_terms=settings.max_interactions)
                found.append(Detected(model, tuple(ranking[:N_CANDIDATES])))
        report("detect", 1.0)
        return found


DETECTOR = Spectrum()
