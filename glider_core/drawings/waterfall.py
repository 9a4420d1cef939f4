"""An answer as a sum: from everything off, feature by feature and set by set, to the answer itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from glider_core.drawings.families import families
from glider_core.drawings.layers import own_effects
from glider_core.drawings.sentences import short_name
from glider_core.results import Explanation

Kind = Literal["base", "feature", "others", "set", "rest", "answer"]
MAX_FEATURES, MAX_SETS = 8, 6  # that get a step of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From one sum to the next; "base" and "answer" run from zero."""

    kind: Kind
    name: str
    start: float
    end: float
    number: int | None = None  # position of the feature, or of the set that heads the family


def waterfall_steps(explanation: Explanation, answer: Callable[[float], float] | None = None) -> list[Step]:
    """The steps, each beginning where the one before ends; the last but one ends at the answer, whatever is shown.

    The base is the model's own answer with everything off. A feature adds its effect beside the sets, a family of sets
    what its members add beyond those inside them. What that leaves of the answer is the "rest": contexts in which the
    input differs from the mean, sets that were not kept, and chance.

    Args:
        explanation: to be summed up; of what could not be read, only features are shown.
        answer: turns the model's answer into what is shown, such as a probability; None: shown as it is.
    """
    shown = answer or float
    effects = own_effects(explanation)
    by_size = sorted(range(len(effects)), key=lambda i: (-abs(effects[i]), i))
    first, others = by_size[:MAX_FEATURES], by_size[MAX_FEATURES:]
    if len(others) == 1:
        first, others = by_size, []
    changes: list[tuple[Kind, str, float, int | None]] = [
        ("feature", explanation.names[i], effects[i], i) for i in sorted(first)
    ]
    if others:
        changes.append(("others", f"{len(others)} other features", sum(effects[i] for i in others), None))
    if explanation.verdict != "unreadable":
        folded = families(explanation.interactions)
        adds = [sum(explanation.interactions[n].adds for n in family.members) for family in folded]
        for family, added in list(zip(folded, adds, strict=True))[:MAX_SETS]:
            changes.append(("set", short_name(explanation, family.head), added, family.head))
        if len(folded) > MAX_SETS:
            changes.append(("others", f"{len(folded) - MAX_SETS} other sets", sum(adds[MAX_SETS:]), None))
    level = explanation.prediction_off
    steps = [Step(kind="base", name="everything off", start=0.0, end=shown(level))]
    for kind, name, change, number in changes:
        step = Step(kind=kind, name=name, start=shown(level), end=shown(level + change), number=number)
        level += change
        steps.append(step)
    end = shown(explanation.prediction)
    steps.append(Step(kind="rest", name="neither", start=shown(level), end=end))
    steps.append(Step(kind="answer", name="the answer", start=0.0, end=end))
    return steps
