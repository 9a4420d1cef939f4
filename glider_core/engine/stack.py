"""A stack: instances with equally many features, explained together: ask, train, detect, select, check."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from glider_core.engine.asking import Questions
from glider_core.engine.check import DRAWS, checked
from glider_core.engine.detectors import DETECTORS
from glider_core.engine.detectors.base import Detector
from glider_core.engine.explainer import Explainers, train_explainers
from glider_core.engine.linear import Selection, r2, select
from glider_core.engine.plan import Plan
from glider_core.provenance import versions
from glider_core.results import Candidate, Explanation
from glider_core.settings import Settings

OnProgress = Callable[[str, float], None]

STAGES = ("ask", "train", "detect", "select", "check")


@dataclass(slots=True)
class _Clock:
    """Seconds per stage."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[stage] += time.perf_counter() - start


def explain_stack(
    stack: Sequence[Questions], plan: Plan, settings: Settings, report: OnProgress, *, draws: int = DRAWS
) -> Iterator[Explanation]:
    """The explanations of the instances behind these questions, in order.

    Args:
        stack: one for each instance; what was asked before is not asked again.
        plan: for as many features as each of them has.
        settings: of the run.
        report: called with a stage and the share of it done; may raise to stop.
        draws: of what is random when off, over which effects are averaged.
    """
    clocks = [_Clock() for _ in stack]
    detector = DETECTORS[settings.detector]
    answers = []
    for number, (questions, clock) in enumerate(zip(stack, clocks, strict=True)):
        with clock("ask"):
            answers.append(
                questions(plan.distinct, lambda share, done=number: report("ask", (done + share) / len(stack)))
            )
    targets = np.stack([answer[plan.which] for answer in answers])

    started = time.perf_counter()
    explainers, spreads = _train(plan, targets, detector, settings, report)
    for clock in clocks:
        clock.seconds["train"] = (time.perf_counter() - started) / len(stack)

    started = time.perf_counter()
    report("detect", 0.0)
    rankings = detector.rank(explainers, settings, lambda share: report("detect", share))
    scores = _explainer_scores(explainers, plan, targets, spreads)
    for clock in clocks:
        clock.seconds["detect"] = (time.perf_counter() - started) / len(stack)

    for number, (questions, clock) in enumerate(zip(stack, clocks, strict=True)):
        mine = slice(number * settings.repeats, (number + 1) * settings.repeats)
        ranked = [_in_logits(ranking, spreads[number] ** detector.spread_power) for ranking in rankings[mine]]
        with clock("select"):
            selections = []
            for repeat, ranking in enumerate(ranked):
                report("select", (number + repeat / settings.repeats) / len(stack))
                selections.append(_select(plan, targets[number], repeat, ranking, settings))
        with clock("check"):
            report("check", number / len(stack))
            instance = questions.instance
            interactions = checked(
                questions,
                ranked,
                selections,
                lambda share, done=number: report("check", (done + share) / len(stack)),
                draws=draws,
            )
            ends = np.repeat([[True], [False]], plan.masks.shape[1], axis=1)
            prediction, prediction_off = questions(ends).tolist()
        report("check", (number + 1) / len(stack))
        case = instance.case(settings)
        yield Explanation(
            case=case,
            payload=instance.payload,
            fingerprint=case.fingerprint,
            names=instance.names,
            explained=instance.explained,
            prediction=prediction,
            prediction_off=prediction_off,
            main_effects=tuple(selections[0].main_effects.tolist()),
            interactions=interactions,
            ranking=tuple(ranked[0]),
            scores=selections[0].scores,
            validation_scores=selections[0].validation_scores,
            explainer_score=scores[number],
            n_evaluations=len(questions),
            timings=clock.seconds,
            versions=versions(),
        )


def _train(
    plan: Plan, targets: NDArray[np.float64], detector: Detector, settings: Settings, report: OnProgress
) -> tuple[Explainers, NDArray[np.float64]]:
    """Members in the order instance by instance, repeat by repeat; and each instance's spread of targets, logits."""
    train = plan.splits[0].train
    weights = plan.weights[train] / plan.weights[train].sum()
    level = targets[:, train] @ weights
    spread = np.sqrt(((targets[:, train] - level[:, None]) ** 2) @ weights)
    # Against a large level a tiny spread is rounding of the black box, not an effect of features.
    spread[spread <= 1e-7 * np.maximum(1.0, np.abs(level))] = 0.0
    standardised = (targets - level[:, None]) / np.where(spread, spread, 1.0)[:, None]
    standardised[spread == 0] = 0.0
    explainers = train_explainers(
        plan.masks,
        standardised.repeat(settings.repeats, axis=0),
        plan.weights,
        plan.splits * len(targets),
        plan.seeds * len(targets),
        detector.recipe(settings, len(train)),
        device=settings.device,
        on_progress=lambda share: report("train", share),
    )
    report("train", 1.0)
    return explainers, spread


def _in_logits(ranking: Sequence[Candidate], unit: float) -> list[Candidate]:
    """A ranking of standardised answers in the answers' own unit; none where the answers do not vary."""
    if not unit:
        return []
    return [Candidate(features=c.features, strength=c.strength * float(unit)) for c in ranking]


def _select(
    plan: Plan, targets: NDArray[np.float64], repeat: int, ranking: Sequence[Candidate], settings: Settings
) -> Selection:
    return select(
        plan.masks,
        targets,
        plan.weights,
        plan.splits[repeat],
        [candidate.features for candidate in ranking],
        max_interactions=settings.max_interactions,
        basis=plan.bases[repeat],
    )


def _explainer_scores(
    explainers: Explainers, plan: Plan, targets: NDArray[np.float64], spreads: NDArray[np.float64]
) -> list[float]:
    """R2 of each instance's first explainer on the test masks."""
    rows = plan.splits[0].test
    masks = torch.as_tensor(plan.masks[rows], device=explainers.weights[0].device).float()
    outputs = explainers.predict(masks[None]).double().cpu().numpy()[:: len(plan.splits)]
    weights = plan.weights[plan.splits[0].train]
    level = np.average(targets[:, plan.splits[0].train], axis=1, weights=weights)
    return [r2(targets[i, rows], level[i] + spreads[i] * outputs[i], plan.weights[rows]) for i in range(len(targets))]
