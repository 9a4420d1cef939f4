"""Beside a result: what other detectors find in the same answers, such as the paper's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from glider_core.engine.asking import Questions
from glider_core.engine.blas import one_blas_thread
from glider_core.engine.clock import STAGES, Clock
from glider_core.engine.detectors import DETECTORS
from glider_core.engine.instance import Instance, as_instance
from glider_core.engine.interaction_sets import Features
from glider_core.engine.judge import judge
from glider_core.engine.plan import Plan
from glider_core.engine.repeating import sample
from glider_core.errors import InvalidInput
from glider_core.results import Candidate, Explanation

PAPER = ("NID", "GradientNID")
# How the authors' code trains and weighs, where Glider does otherwise: at a constant rate until validation stops
# improving, and all masks alike.
AS_PUBLISHED = {"schedule": "plateau", "kernel_width": None}


@dataclass(frozen=True, slots=True)
class Beside:
    """What one detector finds."""

    detector: str
    ranking: tuple[Candidate, ...]  # its own, the strongest first; NID's without sets below a stronger superset
    kept: tuple[Features, ...]  # what passes the gates that hold for every detector, in forward order
    score: float  # R2 of all that it learned, on masks that it never saw


def find_beside(
    instance: Instance,
    explanation: Explanation,
    detectors: Sequence[str] = PAPER,
    *,
    as_published: bool = False,
    on_progress: Callable[[str, float], None] = lambda stage, share: None,
) -> list[Beside]:
    """What these detectors find in the answers that the explanation stands on: the same masks, and no others.

    Args:
        instance: that was explained.
        explanation: that came out.
        detectors: names.
        as_published: whether a network trains, and masks are weighed, as in the authors' code.
        on_progress: called with a stage and the share of it done; may raise to stop.

    Raises:
        InvalidInput: the explanation is of another instance, or a detector needs questions of its own.
        BlackBoxFailed: as for `explain`.
    """
    instance = as_instance(instance)
    if tuple(instance.names) != explanation.names or not explanation.looks:
        raise InvalidInput("The explanation is of another instance, or of another version; explain this one first.")
    d, noise, before = len(explanation.names), explanation.noise**2, explanation.settings
    everything_asked = DETECTORS[before.detector].exhaustive(d, before) and not instance.stochastic
    n = before.n_masks if everything_asked else explanation.looks[-1]
    questions, found = Questions(instance), []
    for number, name in enumerate(detectors):
        settings = before.model_copy(update={"detector": name} | (AS_PUBLISHED if as_published else {}))
        detector, step = DETECTORS[name], _part(on_progress, number, len(detectors))
        if detector.only_exhaustive or len(detector.own_masks(d, settings)):
            raise InvalidInput(f"{name} asks questions of its own; run it by itself.")
        look = Plan.draw(d, settings).look(n)
        answered = sample(questions, look, settings, noise, lambda share, step=step: step("ask", share))
        with one_blas_thread():
            (detected,) = detector.detect(look, [answered], settings, Clock(), step)
            judged = judge(detected, settings, explanation.resolution)
        kept = tuple(finding.features for finding in judged.findings)
        score = judged.grown if detected.score is None else detected.score
        found.append(Beside(name, detected.ranking, kept, score))
    return found


def _part(report: Callable[[str, float], None], number: int, total: int) -> Callable[[str, float], None]:
    """Progress of one detector as progress of them all."""

    def step(stage: str, share: float) -> None:
        report("look", (number + (STAGES.index(stage) + share) / len(STAGES)) / total)

    return step
