"""Detection in many instances at once, on all of the settings' masks, and what the paper's rule keeps of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from glider_core.engine.asking import Questions
from glider_core.engine.blas import one_blas_thread
from glider_core.engine.clock import Clock
from glider_core.engine.detectors import DETECTORS
from glider_core.engine.interaction_sets import Features
from glider_core.engine.linear import first_that_help
from glider_core.engine.plan import Plan
from glider_core.engine.repeating import sample
from glider_core.settings import Settings

_MOST = 50  # sets that the paper's rule may keep


@dataclass(frozen=True, slots=True)
class Detection:
    """What was detected in one instance."""

    ranking: list[Features]  # the detector's own, the strongest first
    by_paper: list[Features]  # its beginning, as long as a linear model's validation score rises


def by_features(stack: Sequence[Questions]) -> dict[int, list[int]]:
    """Places of the instances behind these questions, by their numbers of features: those of one number share masks."""
    alike: dict[int, list[int]] = defaultdict(list)
    for place, questions in enumerate(stack):
        alike[len(questions.instance.names)].append(place)
    return dict(alike)


@one_blas_thread()
def detect(stack: Sequence[Questions], settings: Settings) -> list[Detection]:
    """What the settings' detector finds in the instances behind these questions; what was asked is not asked again."""
    found: dict[int, Detection] = {}
    for d, places in by_features(stack).items():
        look = Plan.draw(d, settings).look(settings.n_masks)
        samples = [sample(stack[place], look, settings, 0.0, _quiet) for place in places]
        detected = DETECTORS[settings.detector].detect(look, samples, settings, Clock(), _quiet)
        for place, own, answered in zip(places, detected, samples, strict=True):
            ranking = [candidate.features for candidate in own.ranking]
            answers = answered.answers[look.which]
            first = first_that_help(look.masks, answers, look.weights, look.split, ranking[:_MOST], basis=look.basis)
            found[place] = Detection(ranking, ranking[:first])
    return [found[place] for place in range(len(stack))]


def _quiet(*_: object) -> None:
    pass
