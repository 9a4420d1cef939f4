"""MADEX: explain one instance, or many at once (Section 3 of Tsang et al. 2020).

Ask the black box about masks of the instance, detect which sets of features its answers need together, keep those that
a linear model with product terms is better for on masks it never saw, and measure each on the black box itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from glider_core.engine.asking import Questions
from glider_core.engine.detectors import DETECTORS
from glider_core.engine.instance import Instance, as_instance
from glider_core.engine.looking import OnProgress, explain_stack
from glider_core.engine.plan import Plan
from glider_core.engine.repeating import with_stability
from glider_core.engine.resuming import explain_resumed
from glider_core.errors import InvalidInput, InvalidSettings
from glider_core.results import Explanation
from glider_core.settings import Settings

MAX_FEATURES = 1000  # beyond, the explainer's first layer and d^2 pairs stop being small
BATCH = 32  # instances explained together


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
        settings: Glider's own by default; `detector="NID"` for the paper's.
        on_progress: called with a stage (`clock.STAGES`; "look" while looks follow each other, "repeat" in repeats) and
            the share of it done, every few milliseconds of our own work and before every batch of the black box's. An
            exception raised in it stops the run and comes out of here; raise `Cancelled` for that.
        on_look: called with what is known so far, each time more masks have come in, and before repeats.

    Raises:
        InvalidInput: no instance, no features, more than 1000, or more than an exact detector can ask about.
        InvalidSettings: a GPU is asked for where there is none.
        BlackBoxFailed: the black box raised, or its answer is not one finite number per mask.
    """
    looked = None if on_look is None else lambda place, explanation: on_look(explanation)
    return _explain([instance], settings, on_progress, None, looked)[0]


def explain_many(
    instances: Sequence[Instance],
    settings: Settings | None = None,
    *,
    on_progress: OnProgress | None = None,
    on_result: Callable[[int, Explanation], None] | None = None,
    resume: str | Path | None = None,
) -> list[Explanation]:
    """Explain many instances, `BATCH` of them together; the same results as one by one.

    Args:
        instances: any mix; those with equally many features share masks and what is computed from them.
        settings: for all of them.
        on_progress: as for `explain`, the share counted within the current stack.
        on_result: called with position and explanation as soon as each is there.
        resume: a file in which each explanation is kept as soon as it is there; a run that was killed goes on from it.

    Returns:
        Explanations in the order given. Timings of what is done for all of a stack are divided among its members.

    Raises:
        InvalidInput, InvalidSettings, BlackBoxFailed: as for `explain`; with `resume`, InvalidInput also for
            an instance without an identity and a file that is of another run, was changed, or cannot be written.
    """
    if resume is None:
        return _explain(instances, settings, on_progress, on_result, None)
    settings, instances = _checked_settings(settings), [as_instance(instance) for instance in instances]

    def explain_rest(positions: Sequence[int], keep: Callable[[int, Explanation], None]) -> None:
        rest = [instances[position] for position in positions]
        _explain(rest, settings, on_progress, lambda place, found: keep(positions[place], found), None)

    return explain_resumed(instances, settings, resume, explain_rest, on_result)


def measure_stability(
    instance: Instance, explanation: Explanation, *, runs: int = 5, on_progress: OnProgress | None = None
) -> Explanation:
    """Run the detector again on other masks, and note in how many of the runs each interaction is found.

    `Settings.repeats` does the same within `explain`; here a result that is shown already is refined.

    Args:
        instance: that was explained.
        explanation: what came out.
        runs: that one among them.
        on_progress: called with "repeat" and the share done; may raise to stop.

    Returns:
        The same explanation with `runs` and with each interaction's `stability`.

    Raises:
        InvalidInput: the explanation is of another instance, or `runs` is below 2.
        BlackBoxFailed: as for `explain`.
    """
    instance = as_instance(instance)
    if runs < 2:
        raise InvalidInput(f"Got {runs} runs; whether an interaction is found again takes 2 or more.")
    settings, identity = _checked_settings(explanation.settings), instance.case(explanation.settings).fingerprint
    if tuple(instance.names) != explanation.names or identity != explanation.fingerprint or not explanation.looks:
        raise InvalidInput("The explanation is of another instance, or of another version; explain this one first.")
    return with_stability(Questions(instance), explanation, settings, runs, on_progress or (lambda stage, share: None))


def _explain(
    instances: Sequence[Instance],
    settings: Settings | None,
    on_progress: OnProgress | None,
    on_result: Callable[[int, Explanation], None] | None,
    on_look: Callable[[int, Explanation], None] | None,
) -> list[Explanation]:
    settings, instances = _checked_settings(settings), [as_instance(instance) for instance in instances]
    report = on_progress or (lambda stage, share: None)
    alike: dict[tuple[int, bool], list[int]] = defaultdict(list)
    for position, instance in enumerate(instances):
        alike[_n_features(instance), instance.stochastic].append(position)
    results: dict[int, Explanation] = {}
    for (d, stochastic), positions in alike.items():
        # One draw of what is random when off is a sample, whatever the number of its masks.
        detector = DETECTORS[settings.detector]
        exhaustive = detector.exhaustive(d, settings) and not stochastic
        if detector.only_exhaustive and not exhaustive:
            raise InvalidInput(
                f"{settings.detector} asks every mask once; what is off is drawn at random here, so that "
                "no answer is exact. Choose Grow."
            )
        if detector.only_deterministic and stochastic:
            raise InvalidInput(
                f"{settings.detector} needs a model that gives one answer to one question; what is off is drawn at "
                "random here. Choose Grow."
            )
        plan = Plan.draw(d, settings, exhaustive=exhaustive)
        for start in range(0, len(positions), BATCH):
            stack = positions[start : start + BATCH]
            questions = [Questions(instances[position]) for position in stack]
            for place, explanation in explain_stack(questions, plan, settings, report, on_look):
                results[stack[place]] = explanation
                if on_result is not None:
                    on_result(stack[place], explanation)
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
    """The given settings, or the default ones.

    Raises:
        InvalidSettings: they are no settings, or ask for a GPU where there is none.
    """
    if settings is None:
        return Settings()
    if not isinstance(settings, Settings):
        raise InvalidSettings(f"Got a {type(settings).__name__} as settings; give Settings(...) or leave them out.")
    if settings.device.startswith("cuda") and not _has_gpu():
        raise InvalidSettings(f"device: got {settings.device!r}, but this machine offers no CUDA GPU; use 'cpu'.")
    return settings


def _has_gpu() -> bool:
    import torch  # heavy, and not needed where nothing is trained

    return torch.cuda.is_available()
