"""MADEX: explain one instance, or many at once (Section 3 of Tsang et al. 2020).

Ask the black box about masks of the instance, train a small explainer on the answers, read interactions out of it,
keep those that a linear model needs, and check them on the black box.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import torch

from glider_core.engine.asking import Questions
from glider_core.engine.early import explain_until_stable
from glider_core.engine.instance import Instance, as_instance
from glider_core.engine.plan import Plan
from glider_core.engine.stack import OnProgress, explain_stack
from glider_core.errors import InvalidInput, InvalidSettings
from glider_core.results import Explanation
from glider_core.settings import Settings

MAX_FEATURES = 1000  # beyond, the explainer's first layer and d^2 pairs stop being small
BATCH = 32  # instances asked, then trained together


def explain(
    instance: Instance,
    settings: Settings | None = None,
    *,
    on_progress: OnProgress | None = None,
    on_look: Callable[[Explanation], None] | None = None,
) -> Explanation:
    """Explain one instance: its main effects, its interactions, and the evidence for them.

    Args:
        instance: d named features and a black box.
        settings: the paper's by default.
        on_progress: called with a stage (see `stack.STAGES`; "look" with `stop_when_stable`) and the share of it done,
            every few milliseconds of our own work and before every batch of the black box's. An exception raised in it
            stops the run and comes out of here; raise `Cancelled` for that.
        on_look: with `Settings.stop_when_stable`, called with what is known so far, each time more masks have come in.

    Raises:
        InvalidInput: no instance, no features, or more than 1000.
        InvalidSettings: a GPU is asked for where there is none.
        BlackBoxFailed: the black box raised, or its answer is not one finite number per mask.
    """
    settings, instance = _checked_settings(settings), as_instance(instance)
    if settings.stop_when_stable is None:
        return explain_many([instance], settings, on_progress=on_progress)[0]
    report = on_progress or (lambda stage, share: None)
    plan = Plan.draw(_n_features(instance), settings)
    return explain_until_stable(instance, plan, settings, report, on_look)


def explain_many(
    instances: Sequence[Instance],
    settings: Settings | None = None,
    *,
    on_progress: OnProgress | None = None,
    on_result: Callable[[int, Explanation], None] | None = None,
) -> list[Explanation]:
    """Explain many instances, their explainers trained in stacks of `BATCH`; the same results as one by one.

    Args:
        instances: any mix; those with equally many features share their stack.
        settings: for all of them.
        on_progress: as for `explain`, the share counted within the current stack.
        on_result: called with position and explanation as soon as each is there.

    Returns:
        Explanations in the order given. Timings of a stack's training are divided among its members.

    Raises:
        InvalidInput, InvalidSettings, BlackBoxFailed: as for `explain`.
    """
    settings, instances = _checked_settings(settings), [as_instance(instance) for instance in instances]
    report = on_progress or (lambda stage, share: None)
    by_size: dict[int, list[int]] = defaultdict(list)
    for position, instance in enumerate(instances):
        by_size[_n_features(instance)].append(position)
    results: dict[int, Explanation] = {}
    for d, positions in by_size.items():
        plan = Plan.draw(d, settings)
        per_stack = max(1, BATCH // settings.repeats) if settings.stop_when_stable is None else 1
        for start in range(0, len(positions), per_stack):
            stack = positions[start : start + per_stack]
            if settings.stop_when_stable is None:
                explanations = explain_stack([Questions(instances[p]) for p in stack], plan, settings, report)
            else:  # each stops when it is ready
                explanations = (explain_until_stable(instances[p], plan, settings, report) for p in stack)
            for position, explanation in zip(stack, explanations, strict=True):
                results[position] = explanation
                if on_result is not None:
                    on_result(position, explanation)
    return [results[position] for position in range(len(instances))]


def _n_features(instance: Instance) -> int:
    d = len(instance.names)
    if not 1 <= d <= MAX_FEATURES:
        raise InvalidInput(
            f"The instance has {d} features; MADEX explains 1 to {MAX_FEATURES}. "
            "Group features that belong together and switch each group as one."
        )
    return d


def _checked_settings(settings: Settings | None) -> Settings:
    """The given settings, or the paper's.

    Raises:
        InvalidSettings: they are no settings, or ask for a GPU where there is none.
    """
    if settings is None:
        return Settings()
    if not isinstance(settings, Settings):
        raise InvalidSettings(f"Got a {type(settings).__name__} as settings; give Settings(...) or leave them out.")
    if settings.device.startswith("cuda") and not torch.cuda.is_available():
        raise InvalidSettings(f"device: got {settings.device!r}, but this machine offers no CUDA GPU; use 'cpu'.")
    return settings
