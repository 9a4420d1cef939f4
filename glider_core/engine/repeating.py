"""Repeating: the detector once more on other masks, to see which interactions are found again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from glider_core.engine.asking import Questions
from glider_core.engine.blas import one_blas_thread
from glider_core.engine.clock import STAGES, Clock
from glider_core.engine.detectors import DETECTORS
from glider_core.engine.detectors.base import Sample
from glider_core.engine.judge import judge
from glider_core.engine.plan import Look, Plan
from glider_core.results import Explanation
from glider_core.settings import Settings

_ANSWERS_TO_AVERAGE = 600  # of a black box that does not repeat itself, where all masks are asked

Report = Callable[[str, float], None]


def sample(
    questions: Questions, look: Look, settings: Settings, noise: float, report: Callable[[float], None]
) -> Sample:
    """The answers to a look, as a detector takes them; asked now, where they are not known.

    Args:
        questions: to the black box.
        look: the masks.
        settings: of the run.
        noise: variance of an answer.
        report: called with the share done; may raise to stop.
    """
    answers, times = questions(look.distinct, report), 0
    if noise and look.plan.exhaustive:
        times = min(20, max(2, _ANSWERS_TO_AVERAGE // len(look.distinct)))
        answers = questions.average(look.distinct, times, report)
    own = questions(DETECTORS[settings.detector].own_masks(look.masks.shape[1], settings))
    return Sample(answers, noise / times if times else None, questions.rounding(answers), own)


def with_stability(
    questions: Questions, explanation: Explanation, settings: Settings, runs: int, report: Report
) -> Explanation:
    """The explanation, each interaction with the share of runs that find it: this one, and others with new masks.

    Where a run finds not the very same set but one inside it or around it, the two say much the same: this is counted
    beside, as `family_stability`.

    Args:
        questions: to the black box; they are added to.
        explanation: of a run with these settings.
        settings: of the run.
        runs: this one among them.
        report: called with "repeat" and the share done; may raise to stop.
    """
    d, n, asked = len(explanation.names), explanation.looks[-1], len(questions)
    noise, detector = explanation.noise**2, DETECTORS[settings.detector]
    exhaustive = detector.exhaustive(d, settings) and not questions.instance.stochastic
    again = 0 if exhaustive and not noise else runs - 1  # of what leaves nothing to chance a run is as good as many
    sets = [frozenset(interaction.features) for interaction in explanation.interactions]
    times, nested = dict.fromkeys(sets, 1), dict.fromkeys(sets, 1)
    clock = Clock()
    for number in range(again):
        step = _part(report, number, again)
        look = Plan.draw(d, settings, repeat=number + 1, exhaustive=exhaustive).look(n)
        with clock("ask"):
            answered = sample(questions, look, settings, noise, lambda share, step=step: step("ask", share))
        with one_blas_thread():
            (detected,) = detector.detect(look, [answered], settings, clock, step)
            with clock("detect"):
                findings = judge(detected, settings, explanation.resolution).findings
        there = [frozenset(finding.features) for finding in findings]
        for known in sets:
            times[known] += known in there
            nested[known] += any(known <= other or other <= known for other in there)
    interactions = tuple(
        replace(
            interaction,
            stability=times[known] / runs if again else 1.0,
            family_stability=nested[known] / runs if again else 1.0,
        )
        for known, interaction in zip(sets, explanation.interactions, strict=True)
    )
    seconds = {stage: explanation.timings.get(stage, 0.0) + more for stage, more in clock.seconds.items()}
    return replace(
        explanation,
        interactions=interactions,
        runs=runs,
        n_evaluations=explanation.n_evaluations + len(questions) - asked,
        timings=explanation.timings | seconds,
    )


def _part(report: Report, number: int, total: int) -> Report:
    """Progress within one repeat as progress of them all."""

    def step(stage: str, share: float) -> None:
        report("repeat", (number + (STAGES.index(stage) + share) / len(STAGES)) / total)

    return step
