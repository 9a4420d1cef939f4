"""The early stop: look at the first masks, ask more, and stop once the top interactions stay the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from glider_core.engine.asking import Questions
from glider_core.engine.check import averaged
from glider_core.engine.instance import Instance
from glider_core.engine.plan import Plan
from glider_core.engine.stack import STAGES, OnProgress, explain_stack
from glider_core.results import Explanation
from glider_core.settings import Settings

FIRST_LOOK, NEXT_LOOK = 1000, 500  # masks before the first look, and from each look to the next
LOOKS = 3  # looks in a row that must agree


def explain_until_stable(
    instance: Instance,
    plan: Plan,
    settings: Settings,
    report: OnProgress,
    on_look: Callable[[Explanation], None] | None = None,
) -> Explanation:
    """Look at 1000 masks, then at 500 more each time, until the first `stop_when_stable` sets and their order stay.

    Where what is off is random, effects are averaged over many draws in the last look only: the others need none to say
    whether the top has changed.
    """
    questions, seconds = Questions(instance), dict.fromkeys(STAGES, 0.0)
    tops: list[list[tuple[int, ...]]] = []
    looks = plan.looks(FIRST_LOOK, NEXT_LOOK, settings)
    for number, n in enumerate(looks):

        def step(stage: str, share: float, done: int = number) -> None:
            report("look", (done + (STAGES.index(stage) + share) / len(STAGES)) / len(looks))

        (explanation,) = explain_stack([questions], plan.beginning(n, settings), settings, step, draws=1)
        seconds = {stage: seconds[stage] + explanation.timings[stage] for stage in STAGES}
        explanation = replace(explanation, timings=seconds)
        tops.append([interaction.features for interaction in explanation.interactions[: settings.stop_when_stable]])
        if n == looks[-1] or (len(tops) >= LOOKS and all(top == tops[-1] for top in tops[-LOOKS:])):
            return averaged(questions, explanation, lambda share: step("check", share))
        if on_look is not None:
            on_look(explanation)
    raise AssertionError("the last look returns")
